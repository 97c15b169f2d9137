"""The annexes of a report: which are printed, their labels and titles, their tables."""

from dataclasses import dataclass, replace

from indicators.schemes import Scheme
from reports.document import Attachment, ReportDocument
from reports.rendering.annex_parts import Table
from reports.rendering.blank import is_blank
from reports.rendering.errors import RenderError
from reports.rendering.form_table import form_table
from reports.rendering.list_tables import evidence_table, opinions_table
from reports.rendering.outline import annex_label
from reports.rendering.score_sheet import score_sheet
from reports.rendering.titles import title_lines

# The parts of a print, in its order, as the command line and the pages name them.
PARTS = {
    "cover": "封面",
    "contents": "目录",
    "report": "自评报告",
    "form": "自评表",
    "score": "评分表",
    "evidence": "佐证材料清单",
    "opinions": "审核意见",
}
TABLES = {
    "form": form_table,
    "score": score_sheet,
    "evidence": evidence_table,
    "opinions": opinions_table,
}
TITLES = {
    "form": "项目支出绩效自评表",
    "score": "项目支出绩效自评指标评分表",
    "evidence": "佐证材料清单",
    "opinions": "审核意见",
}
OWN_PART = {"form": "form", "score_sheet": "score"}  # by Layout.annex
TITLE_CAPACITY = 20  # characters of 22 pt in 156 mm
LANDSCAPE_CAPACITY = 28
UNVERIFIED = "（参考，待核实）"


@dataclass(frozen=True)
class Annex:
    """An annex page: label (附件1), title, title with its line breaks, year, table.

    anchor: the id of its element; to_fill: it is filled in by hand.
    """

    anchor: str
    label: str
    title: str
    broken_title: str
    subtitle: str
    landscape: bool
    to_fill: bool
    table: Table


def printed_parts(
    document: ReportDocument, scheme: Scheme, chosen: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the parts (keys of PARTS) to print, in order.

    Those chosen; else the material required, else report and the scheme's own annex,
    with the list of evidence where there is any. Tables that have no rows are left out.
    What is required as 自评表 is the scheme's own annex: a scheme by score sheet has it
    in place of the form, not beside it. Raises RenderError: nothing of what was chosen
    is there.
    """
    own = OWN_PART[scheme.layout.annex]
    required = document.parts or ("report", "form")
    usual = {own if part == "form" else part for part in required}
    wanted = set(chosen) or usual | {"evidence"}
    has_rows = {
        "form": bool(document.indicators),
        "score": bool(document.indicators),
        "evidence": bool(document.evidence),
        "opinions": bool(document.opinions),
    }
    shown = tuple(part for part in PARTS if part in wanted and has_rows.get(part, True))
    if chosen and not shown:
        names = "、".join(PARTS[part] for part in chosen)
        raise RenderError([f"这份材料中没有{names}，没有可输出的内容"])
    return shown


def annexes(
    document: ReportDocument, scheme: Scheme, parts: tuple[str, ...]
) -> tuple[Annex, ...]:
    """Return the annexes among these parts."""
    return tuple(
        _annex(document, scheme, part, place) for part, place in _places(parts)
    )


def annex_attachments(
    document: ReportDocument, scheme: Scheme
) -> tuple[Attachment, ...]:
    """Return the annex note's entries for the annexes that a document is printed with.

    For a document made from data; one that was read keeps what it says itself.
    """
    plain = replace(document, attachments=())
    return tuple(
        Attachment(label=_label(plain, scheme, title, place), title=title)
        for part, place in _places(printed_parts(plain, scheme))
        for title in (_title(scheme, part),)
    )


def _places(parts: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return the annexes among these parts, with their numbers; one alone has 0."""
    tables = [part for part in parts if part in TABLES]
    if len(tables) == 1:
        return [(tables[0], 0)]
    return list(zip(tables, range(1, len(tables) + 1), strict=True))


def _annex(document: ReportDocument, scheme: Scheme, part: str, place: int) -> Annex:
    """place: its number among several, 0 where it is the only one."""
    layout = scheme.layout
    own = part == OWN_PART[layout.annex]
    title = _title(scheme, part)
    landscape = own and layout.landscape
    capacity = LANDSCAPE_CAPACITY if landscape else TITLE_CAPACITY
    shown = title
    if own and not scheme.verified and UNVERIFIED not in title:
        shown += UNVERIFIED
    return Annex(
        anchor="annex" if place < 2 else f"annex-{place}",
        label=_label(document, scheme, title, place),
        title=shown,
        broken_title="\n".join(title_lines(shown, document, capacity)),
        subtitle=f"（{document.year}年度）" if document.year else "",
        landscape=landscape,
        to_fill=is_blank(document),
        table=TABLES[part](document, scheme),
    )


def _title(scheme: Scheme, part: str) -> str:
    own = part == OWN_PART[scheme.layout.annex]
    return scheme.layout.annex_title if own else TITLES[part]


def _label(document: ReportDocument, scheme: Scheme, title: str, place: int) -> str:
    if place == 0:
        return annex_label(
            document, scheme.layout.annex_title, scheme.layout.annex_label
        )
    named = (each.label.strip() for each in document.attachments if title in each.title)
    return next(filter(None, named), f"附件{place}")
