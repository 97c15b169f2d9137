"""The report as HTML: one file for the screen, and the source of the print.

Both are made of the same view of the document and the same section partials, so that
they cannot differ. Django's template engine is all of Django that is used here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import get_template

from indicators.schemes import Scheme
from perfeval.templatetags.units import iso_date
from reports.document import ReportDocument
from reports.rendering.annex_parts import Table
from reports.rendering.figures import report_figures
from reports.rendering.form_table import form_table
from reports.rendering.narrow_labels import with_narrow_labels
from reports.rendering.outline import (
    AnnexNote,
    SectionOutline,
    Signature,
    annex_label,
    annex_notes,
    section_outlines,
    signature,
)
from reports.rendering.score_sheet import score_sheet
from reports.rendering.titles import report_title, title_lines

STATIC = Path(__file__).resolve().parents[2] / "static"
TITLE_CAPACITY = 20  # characters of 22 pt in 156 mm
LANDSCAPE_CAPACITY = 28
UNVERIFIED = "（参考，待核实）"


@dataclass(frozen=True)
class Annex:
    """The annex page: label (附件1), title, title with its line breaks, year, table."""

    label: str
    title: str
    broken_title: str
    subtitle: str
    landscape: bool
    table: Table


@dataclass(frozen=True)
class ReportView:
    """What the templates of a report print; made once, without any figure computed."""

    title: str
    broken_title: str
    sections: tuple[SectionOutline, ...]
    notes: tuple[AnnexNote, ...]
    signature: Signature | None
    annex: Annex | None
    issuer: str
    date: str
    draft: bool
    marks: tuple[str, ...]


def report_view(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
) -> ReportView:
    """Return the view of a document; without indicators it has no annex.

    Of a document that names its parts (material required), only those are shown.
    """
    title = report_title(document)
    has_report = not document.parts or "report" in document.parts
    return ReportView(
        title=title,
        broken_title="\n".join(title_lines(title, document, TITLE_CAPACITY)),
        sections=section_outlines(document, renumber=renumber) if has_report else (),
        notes=annex_notes(document) if has_report else (),
        signature=signature(document) if has_report else None,
        annex=_annex(document, scheme) if _has_annex(document, scheme) else None,
        issuer=document.issuer.strip(),
        date=iso_date(document.date),
        draft=draft,
        marks=tuple(_marks(document, draft=draft)),
    )


def _marks(document: ReportDocument, *, draft: bool) -> Iterator[str]:
    """Yield what every page carries across its text."""
    if draft:
        yield "草稿"
    if document.watermark.strip():
        yield document.watermark.strip()


def _has_annex(document: ReportDocument, scheme: Scheme) -> bool:
    part = "score" if scheme.layout.annex == "score_sheet" else "form"
    return bool(document.indicators) and (not document.parts or part in document.parts)


def _annex(document: ReportDocument, scheme: Scheme) -> Annex:
    layout = scheme.layout
    title = layout.annex_title
    if not scheme.verified and UNVERIFIED not in title:
        title += UNVERIFIED
    table = score_sheet if layout.annex == "score_sheet" else form_table
    capacity = LANDSCAPE_CAPACITY if layout.landscape else TITLE_CAPACITY
    return Annex(
        label=annex_label(document, layout.annex_title, layout.annex_label),
        title=title,
        broken_title="\n".join(title_lines(title, document, capacity)),
        subtitle=f"（{document.year}年度）" if document.year else "",
        landscape=layout.landscape,
        table=table(document, scheme),
    )


def render_html(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
) -> str:
    """Return the report for reading on a screen: one HTML file with its styles."""
    view = report_view(document, scheme, draft=draft, renumber=renumber)
    return get_template("reports/report.html").render(
        {**_context(view), "css": _screen_css(), "figures": report_figures(document)}
    )


@cache
def _screen_css() -> str:
    return (STATIC / "css/report_screen.css").read_text(encoding="utf-8")


def print_html(view: ReportView) -> str:
    """Return the HTML that pdf.py lays out on paper."""
    annex = view.annex
    if annex:
        table = with_narrow_labels(annex.table, landscape=annex.landscape)
        annex = replace(annex, table=table)
    return get_template("reports/report_print.html").render(
        _context(replace(view, annex=annex))
    )


def _context(view: ReportView) -> dict[str, Any]:
    return {spec.name: getattr(view, spec.name) for spec in fields(view)}
