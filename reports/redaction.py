"""The document that is published: the parts chosen, what is hidden blacked out.

Pure: a ReportDocument in, a ReportDocument out, which the usual renderers print. What
is hidden is nowhere in it, neither are fields that none of the chosen parts prints.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from indicators.schemes import Scheme
from reports.document import (
    Figures,
    Funds,
    Goal,
    Indicator,
    People,
    Release,
    ReportDocument,
    Section,
)
from reports.document_texts import with_texts

# The same for whatever it hides: its length tells nothing.
BLACK = "■■■■"
TABLES = ("form", "score")
COVER_PEOPLE = ("project_leader", "filler", "contact")

Spans = Mapping[str, Iterable[tuple[int, int]]]


def public_part(
    document: ReportDocument, scheme: Scheme, parts: Iterable[str]
) -> ReportDocument:
    """Return what these parts print, and nothing else that the document knows.

    Without attachments: which annexes there are, the renderers say (copies.py).
    """
    chosen = set(parts)
    has_tables = bool(chosen & set(TABLES))
    shown = replace(
        document,
        sections=_sections(document, scheme, chosen),
        indicators=tuple(_row(x, chosen) for x in document.indicators)
        if has_tables
        else (),
        figures=Figures(),
        review_total=None,
        people=_people(document, scheme, chosen),
        evidence=document.evidence if "evidence" in chosen else (),
        opinions=document.opinions if "opinions" in chosen else (),
        reading_notes=(),
        attachments=(),
        parts=tuple(part for part in ("form", "report", "score") if part in chosen),
        release=Release(
            state="approved",
            version=document.release.version,
            submission=document.release.submission,
            approved_at=document.release.approved_at,
        ),
    )
    if not has_tables:
        shown = replace(
            shown,
            funds=Funds(unit=document.funds.unit),
            goal=Goal(),
            goals=(),
            total=None,
            max_total=None,
            grade=None,
            conclusion="",
            remarks="",
        )
    return shown


def redacted(document: ReportDocument, hidden: Spans) -> ReportDocument:
    """Return the document with these characters blacked out, touching ones as one."""
    spans = {path: _joined(each) for path, each in hidden.items()}

    def blacked_out(path: str, text: str) -> str:
        for start, end in reversed(spans.get(path, [])):
            text = f"{text[:start]}{BLACK}{text[end:]}"
        return text

    return with_texts(document, blacked_out)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _sections(
    document: ReportDocument, scheme: Scheme, chosen: set[str]
) -> tuple[Section, ...]:
    if "report" in chosen:
        return document.sections
    boxes = {box.text for box in scheme.layout.boxes} if "form" in chosen else set()
    # Blank ones keep their places: what is hidden is known by the place of its text.
    return tuple(
        each if each.key in boxes else Section(key=each.key, title="", text="")
        for each in document.sections
        if boxes
    )


def _row(row: Indicator, chosen: set[str]) -> Indicator:
    """Return an indicator as the tables print it: no word of a reviewer."""
    with_basis = "score" in chosen or not row.actual
    return replace(
        row,
        review_points=None,
        review_note="",
        deduction=None,
        data_source="",
        basis=row.basis if with_basis else "",
    )


def _people(document: ReportDocument, scheme: Scheme, chosen: set[str]) -> People:
    printed: set[str] = set()
    if chosen & set(TABLES):
        printed |= set(scheme.layout.people)
    if "cover" in chosen:
        printed |= set(COVER_PEOPLE)
    return People(**{name: getattr(document.people, name) for name in printed})
