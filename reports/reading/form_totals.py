"""The row 总分 of a form, as far as it is printed: points, their maximum, the grade."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from perfeval.numbers import Quantity, read_value
from perfeval.workbooks.grid import Block
from reports.document import Grade
from reports.reading.form_cells import CellReader
from reports.reading.form_columns import Columns
from reports.reading.form_labels import TOTAL, label_key

GRADES: dict[str, Grade] = {
    **dict.fromkeys(("优", "优秀"), "优"),
    **dict.fromkeys(("良", "良好"), "良"),
    **dict.fromkeys(("中", "中等"), "中"),
    "差": "差",
}
# 总分：96 in one cell.
GLUED = re.compile(r"(?:自评)?总得?分:?([0-9]+(?:\.[0-9]+)?)分?")


@dataclass(frozen=True)
class Totals:
    """None for what isn't printed."""

    max_total: Decimal | None = None
    total: Decimal | None = None
    review_total: Decimal | None = None
    grade: Grade | None = None


def is_total(columns: Columns, block: Block) -> bool:
    """Whether a cell is the label of a row of totals."""
    key = label_key(block.text)
    return block.first <= columns.names_end and bool(
        TOTAL.fullmatch(key) or GLUED.fullmatch(key)
    )


def read_totals(
    columns: Columns, label: Block, filled: list[Block], reader: CellReader
) -> Totals:
    """Return the totals of a row; filled: its blocks, label among them."""
    beside = [each for each in filled if each is not label]

    def under(kind: str) -> Decimal | None:
        first, last = columns.spans.get(kind, (0, -1))
        cells = (each.cell for each in beside if first <= each.first <= last)
        return next(map(reader.points, cells), None)

    found = Totals(
        max_total=under("max_points"),
        total=under("points"),
        review_total=under("review_points"),
        grade=next((GRADES[e.text] for e in beside if e.text in GRADES), None),
    )
    glued = GLUED.fullmatch(label_key(label.text))
    if glued:
        return replace(found, total=Decimal(glued[1]))
    # Where 总分 is merged over the column 分值 too, the figures are one column late.
    column = columns.spans.get("max_points", (-1,))[0]
    late = label.first <= column <= label.last
    if late or (found.total is None and found.max_total is None):
        return _in_order(found, beside)
    return found


def _in_order(found: Totals, beside: list[Block]) -> Totals:
    """Take figures that stand under no heading of theirs: 100, 96, or 96 alone."""
    values = (read_value(e.text) for e in beside if e.text not in GRADES)
    numbers = [
        each.value
        for each in values
        if isinstance(each, Quantity) and each.unit in ("", "分")
    ]
    if len(numbers) == 1:
        return replace(found, total=numbers[0])
    if len(numbers) > 1:
        return replace(found, max_total=numbers[0], total=numbers[1])
    return found
