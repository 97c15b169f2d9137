"""Labels for the narrow columns of a printed form, and rows kept together for them.

Layout alone would break 产出指标 after three characters where three fit. And a label
of several lines beside rows of one line needs some of them on each page it is printed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from reports.rendering.annex_parts import Cell, Row, Table
from reports.rendering.titles import balanced_lines, width

# Characters that fit into a line of each column.
CAPACITY = {
    "form": {"side": 2, "level1": 3, "level2": 4},
    "sheet": {"side": 6, "level1": 2, "level2": 4},
}
# No column holds more in a line, lying pages included: rows are at least as high as
# this says. Rows kept together that are higher than a page would cost its head.
WIDEST = 20
HEAD_CAPACITY = {"form": (3, 4, 6, 5, 5, 2, 4, 99), "sheet": (2, 4, 6, 2, 99, 4, 99)}
# Heights in report.css, pt: a line of a cell, and its padding with the border.
LINE, PADDING = 13.0, 3.1
WORDS = re.compile(
    "指标|满意度|影响|效益|总体|目标|对象|资金|名称|部门|得分|管理|落实|立项|（"
)


def with_narrow_labels(table: Table) -> Table:
    """Return the table with a newline at each place where a label breaks."""
    capacity = CAPACITY[table.layout]
    columns = zip(table.columns, HEAD_CAPACITY[table.layout], strict=True)
    rows = [_row(row, capacity) for row in table.rows]
    kept = _kept_rows(rows, capacity)
    return replace(
        table,
        head=tuple(_row(row, capacity) for row in table.head),
        columns=tuple(broken(text, most) for text, most in columns),
        rows=tuple(
            replace(row, kind=f"{row.kind} keep") if index in kept else row
            for index, row in enumerate(rows)
        ),
    )


def _kept_rows(rows: Sequence[Row], capacity: Mapping[str, int]) -> set[int]:
    """Return the indexes of rows that must not be last on their page.

    The first and the last rows of each label stay together in such a number that the
    label has room beside them wherever the page ends.
    """
    kept: set[int] = set()
    for start, row in enumerate(rows):
        for cell in row.cells:
            if cell.rows > 1:
                own = rows[start : start + cell.rows]
                place = range(start, start + len(own))
                need = _height(cell, capacity.get(cell.kind, len(cell.text) or 1))
                kept.update(place[: _rows_beside(need, own) - 1])
                kept.update(place[-_rows_beside(need, own[::-1]) : -1])
    return kept


def _rows_beside(need: float, rows: Sequence[Row]) -> int:
    """Return how many of the rows, from the first, are as high as needed."""
    height = 0.0
    for count, row in enumerate(rows, start=1):
        own = (cell for cell in row.cells if cell.rows == 1)
        height += max(
            (_height(cell, WIDEST * cell.columns) for cell in own),
            default=LINE + PADDING,
        )
        if height >= need:
            return count
    return len(rows)


def _height(cell: Cell, most: int) -> float:
    """Return how high a cell is whose lines hold this many characters."""
    lines = sum(max(1, ceil(width(line) / most)) for line in cell.text.split("\n"))
    return lines * LINE + PADDING


def _row(row: Row, capacity: dict[str, int]) -> Row:
    if not any(cell.kind in capacity for cell in row.cells):
        return row
    return replace(row, cells=tuple(_cell(cell, capacity) for cell in row.cells))


def _cell(cell: Cell, capacity: dict[str, int]) -> Cell:
    most = capacity.get(cell.kind)
    return cell if most is None else replace(cell, text=broken(cell.text, most))


def broken(text: str, most: int) -> str:
    """Return the text with newlines so that no line holds more than most characters.

    A text that has no good break is left to the layout.
    """
    if len(text) <= most or not text.isprintable():
        return text
    costs = {place: 6.0 for place in range(1, len(text)) if text[place] not in "）)"}
    for word in WORDS.finditer(text):
        for place in word.span():
            costs[place] = 0.0
    costs.pop(0, None)
    costs.pop(len(text), None)
    return "\n".join(balanced_lines(text, costs, most))
