"""The report as HTML: one file for the screen, and the source of the print.

Both are made of the same view of the document and the same section partials, so that
they cannot differ. Django's template engine is all of Django that is used here.
"""

from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import get_template

from indicators.schemes import Scheme
from perfeval.templatetags.units import iso_date
from reports.document import ReportDocument
from reports.rendering.annexes import (
    TITLE_CAPACITY,
    Annex,
    annexes,
    printed_parts,
)
from reports.rendering.characters import unprintable_problems
from reports.rendering.cover import Cover, cover
from reports.rendering.errors import RenderError
from reports.rendering.figures import report_figures
from reports.rendering.narrow_labels import with_narrow_labels
from reports.rendering.outline import (
    AnnexNote,
    SectionOutline,
    Signature,
    annex_notes,
    section_outlines,
    signature,
)
from reports.rendering.release import release_line
from reports.rendering.titles import report_title, title_lines

if TYPE_CHECKING:
    from reports.rendering.qr import QrCode

STATIC = Path(__file__).resolve().parents[2] / "static"


@dataclass(frozen=True)
class ReportView:
    """What the templates of a report print; made once, without any figure computed.

    contents: whether a page with a table of contents is printed before the text.
    release: what stands at the foot of every page of a frozen file; qr: beside it,
    where the page on which it is verified has an address.
    """

    title: str
    broken_title: str
    sections: tuple[SectionOutline, ...]
    notes: tuple[AnnexNote, ...]
    signature: Signature | None
    annexes: tuple[Annex, ...]
    cover: Cover | None
    contents: bool
    issuer: str
    date: str
    draft: bool
    marks: tuple[str, ...]
    release: str
    qr: "QrCode | None"


def report_view(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
    parts: tuple[str, ...] = (),
) -> ReportView:
    """Return the view of a document; without indicators it has no form.

    parts: what alone is shown (annexes.PARTS); else the material required.
    """
    title = report_title(document)
    shown = printed_parts(document, scheme, parts)
    has_report = "report" in shown
    return ReportView(
        title=title,
        broken_title="\n".join(title_lines(title, document, TITLE_CAPACITY)),
        sections=section_outlines(document, renumber=renumber) if has_report else (),
        notes=annex_notes(document) if has_report else (),
        signature=signature(document) if has_report else None,
        annexes=annexes(document, scheme, shown),
        cover=cover(document) if "cover" in shown else None,
        contents="contents" in shown,
        issuer=document.issuer.strip(),
        date=iso_date(document.date),
        draft=draft,
        marks=marks_of(document, draft=draft),
        release=release_line(document),
        qr=_qr(document),
    )


def _qr(document: ReportDocument) -> "QrCode | None":
    if not (document.release.code and document.release.url):
        return None
    # Only here: few documents have an address.
    from reports.rendering.qr import qr_code

    return qr_code(document.release.url)


def marks_of(document: ReportDocument, *, draft: bool) -> tuple[str, ...]:
    """Return what every page carries across its text."""
    marks = ("草稿" if draft else "", document.watermark.strip())
    return tuple(filter(None, marks))


def render_html(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
    parts: tuple[str, ...] = (),
) -> str:
    """Return the report for reading on a screen: one HTML file with its styles.

    Raises RenderError: a control character, or a mark that turns the text around.
    """
    if problems := unprintable_problems(document):
        raise RenderError(problems)
    view = report_view(document, scheme, draft=draft, renumber=renumber, parts=parts)
    return get_template("reports/report.html").render(
        {**_context(view), "css": _screen_css(), "figures": report_figures(document)}
    )


@cache
def _screen_css() -> str:
    return (STATIC / "css/report_screen.css").read_text(encoding="utf-8")


def print_html(view: ReportView) -> str:
    """Return the HTML that pdf.py lays out on paper."""
    narrowed = tuple(
        replace(each, table=with_narrow_labels(each.table, landscape=each.landscape))
        for each in view.annexes
    )
    return get_template("reports/report_print.html").render(
        _context(replace(view, annexes=narrowed))
    )


def _context(view: ReportView) -> dict[str, Any]:
    return {spec.name: getattr(view, spec.name) for spec in fields(view)}
