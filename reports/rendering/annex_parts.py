"""What the two annexes have in common: cells, rows, and the parts both print.

Plain data for the templates of screen and paper. A cell that spans rows is a label; a
print repeats it on each page (merged_cells.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from indicators.schemes import Layout, Scheme
from indicators.scoring_rules import RATIO_PLACES
from perfeval.numbers import with_unit
from perfeval.templatetags.units import EXACT
from reports.document import FundsRow, Goal, Indicator, ReportDocument
from reports.document_texts import PEOPLE

SIGNS = {">=": "≥", ">": "＞", "=": "＝", "<=": "≤", "<": "＜"}
LABELS = frozenset(("side", "level1", "level2", "label"))
# Characters in the indicator's cells beyond which a row may break across pages: a row
# that is taller than a page must, and WeasyPrint loses the head if it may not.
LONG = 120


@dataclass(frozen=True)
class Cell:
    """One cell; columns, rows: its span.

    kind: side, level1, level2 or label (a label of another place), name, value, text,
    number, blank.
    """

    text: str = ""
    kind: str = "text"
    columns: int = 1
    rows: int = 1

    @property
    def is_label(self) -> bool:
        return self.kind in LABELS


@dataclass(frozen=True)
class Row:
    """One row. kind: indicator, long (may break across pages), total, remark or ""."""

    cells: tuple[Cell, ...]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """head: the rows above the indicators; columns: the head repeated on each page.

    layout: form, sheet, evidence or opinions; keys: what each column of the grid is,
    for its width; side: the label merged down the left side, "" without; remarks: rows
    under the total, without a head; widths: of the columns on paper, in pt, which
    narrow_labels.py fills in.
    """

    layout: str
    keys: tuple[str, ...]
    head: tuple[Row, ...]
    columns: tuple[str, ...]
    side: str
    rows: tuple[Row, ...]
    remarks: tuple[Row, ...]
    people: tuple[tuple[str, str], ...]
    widths: tuple[float, ...] = ()


def project_rows(
    document: ReportDocument, *, label: int, name: int, unit: int, value: int
) -> tuple[Row, Row]:
    """Return the rows of project and units; the figures are column spans."""
    project = document.project
    return (
        Row(
            (
                Cell("项目名称", "side", columns=label),
                Cell(project.name, columns=name + unit + value),
            )
        ),
        Row(
            (
                Cell("主管部门", "side", columns=label),
                Cell(project.supervising_department, columns=name),
                Cell("实施单位", "label", columns=unit),
                Cell(project.unit, columns=value),
            )
        ),
    )


def execution_ratio(row: FundsRow) -> Decimal | None:
    """Return the row's ratio as given, else executed / adjusted to 4 decimals."""
    if row.ratio is not None or row.executed is None or not row.adjusted:
        return row.ratio
    return (row.executed / row.adjusted).quantize(RATIO_PLACES, ROUND_HALF_UP, EXACT)


def goals(document: ReportDocument) -> tuple[Goal, ...]:
    return document.goals or (document.goal,)


def target_text(indicator: Indicator) -> str:
    """Return the target as the form prints it: sign, number, unit, or its words.

    Where it was adjusted what it was before follows: ≥40场（原指标值≥50场，…调整）.
    """
    return f"{_with_sign(indicator, indicator.target)}{_adjusted(indicator)}"


def bare_target(indicator: Indicator) -> str:
    """Return the target without sign and unit, for a form that has columns for both."""
    target = indicator.target or ""
    bare = target[1:] if target[:1] in SIGNS.values() else target
    return f"{bare}{_adjusted(indicator)}"


def nature_text(indicator: Indicator) -> str:
    """Return the sign of the target (指标性质): ≥, ＝ or 定性."""
    if indicator.comparator == "qualitative":
        return "定性"
    return SIGNS.get(indicator.comparator or "", "")


def _adjusted(indicator: Indicator) -> str:
    before = _with_sign(indicator, indicator.target_before)
    notes = [f"原指标值{before}" if before else "", indicator.adjustment]
    told = "，".join(note for note in notes if note)
    return f"（{told}）" if told else ""


def _with_sign(indicator: Indicator, target: str | None) -> str:
    if not target or target[0] in SIGNS.values():
        return target or ""
    sign = SIGNS.get(indicator.comparator or "", "")
    return f"{sign}{with_unit(target, indicator.unit)}"


def actual_text(indicator: Indicator) -> str:
    """Return the actual value as written, with the unit after a plain number."""
    if not indicator.applicable and not indicator.actual:
        return "不适用"
    return with_unit(indicator.actual or "", indicator.unit)


def row_kind(cells: Iterable[Cell]) -> str:
    return "long" if any(len(cell.text) > LONG for cell in cells) else "indicator"


def max_total(document: ReportDocument, scheme: Scheme) -> Decimal | None:
    if document.max_total is not None:
        return document.max_total
    total = document.funds.total
    parts = [indicator.max_points for indicator in document.indicators]
    if scheme.execution.place == "funds":
        given = total.max_points if total else None
        parts.append(scheme.execution.max_points if given is None else given)
    return sum((part for part in parts if part is not None), Decimal(0))


def remark_rows(document: ReportDocument, *, label: int, text: int) -> Iterator[Row]:
    """Rows for what the document says beyond the form; none where it says nothing."""
    for title, words in (
        ("评价结论", document.conclusion),
        ("其他需要说明事项", remarks_text(document)),
    ):
        if words:
            yield remark_row(title, words, label=label, text=text)


def remark_row(title: str, words: str, *, label: int, text: int) -> Row:
    return Row(
        (Cell(title, "label", columns=label), Cell(words, columns=text)), "remark"
    )


def remarks_text(document: ReportDocument) -> str:
    """Return what the document remarks, on its money too."""
    notes = (row.note for row in document.funds.rows)
    return "\n".join(each for each in (document.remarks, *notes) if each)


def people_of(document: ReportDocument, layout: Layout) -> tuple[tuple[str, str], ...]:
    return tuple((PEOPLE[key], getattr(document.people, key)) for key in layout.people)
