"""Labels for the narrow columns of a printed form, and rows kept together for them.

Layout alone would break 产出指标 after three characters where three fit. And a label
of several lines beside rows of one line needs some of them on each page it is printed.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from reports.rendering.annex_parts import Cell, Row, Table
from reports.rendering.column_widths import (
    NUMBER,
    broken,
    capacity,
    column_widths,
    placed,
)
from reports.rendering.titles import NEVER_FIRST, NEVER_LAST, balanced_lines, width

# Heights in report.css, pt: a line of a cell, and its padding with the border.
LINE, PADDING = 13.0, 3.1
LONGEST_VALUE = 40  # characters of a value whose lines are balanced


def with_narrow_labels(
    table: Table, *, landscape: bool = False, values: bool = True
) -> Table:
    """Return the table with its widths and a newline wherever a label breaks.

    values: also where a value breaks; not in a file that somebody goes on editing.
    """
    widths = column_widths(table, landscape=landscape)
    first = len(widths) - len(table.columns)
    rows = [_row(row, widths, values=values) for row in table.rows]
    kept = _kept_rows(rows, widths)
    return replace(
        table,
        widths=widths,
        head=tuple(_row(row, widths, values=values) for row in table.head),
        columns=tuple(
            broken(text, capacity(widths, column, 1))
            for column, text in enumerate(table.columns, start=first)
        ),
        rows=tuple(
            replace(row, kind=f"{row.kind} keep") if index in kept else row
            for index, row in enumerate(rows)
        ),
    )


def _kept_rows(rows: Sequence[Row], widths: Sequence[float]) -> set[int]:
    """Return the indexes of rows that must not be last on their page.

    The first and the last rows of each label stay together in such a number that the
    label has room beside them wherever the page ends.
    """
    kept: set[int] = set()
    for start, row in enumerate(rows):
        for column, cell in placed(row, len(widths)):
            if cell.rows > 1:
                own = rows[start : start + cell.rows]
                place = range(start, start + len(own))
                need = _height(cell, capacity(widths, column, cell.columns))
                kept.update(place[: _rows_beside(need, own, widths) - 1])
                kept.update(place[-_rows_beside(need, own[::-1], widths) : -1])
    return kept


def _rows_beside(need: float, rows: Sequence[Row], widths: Sequence[float]) -> int:
    """Return how many of the rows, from the first, are as high as needed.

    Rows are at least as high as this says: rows kept together that are higher than a
    page would cost its head.
    """
    height = 0.0
    for count, row in enumerate(rows, start=1):
        height += max(
            (
                _height(cell, capacity(widths, column, cell.columns) + 1)
                for column, cell in placed(row, len(widths))
                if cell.rows == 1
            ),
            default=LINE + PADDING,
        )
        if height >= need:
            return count
    return len(rows)


def _height(cell: Cell, most: int) -> float:
    """Return how high a cell is whose lines hold this many characters."""
    lines = sum(max(1, ceil(width(line) / most)) for line in cell.text.split("\n"))
    return lines * LINE + PADDING


def _row(row: Row, widths: Sequence[float], *, values: bool) -> Row:
    return replace(
        row,
        cells=tuple(
            _cell(cell, capacity(widths, column, cell.columns), values=values)
            for column, cell in placed(row, len(widths))
        ),
    )


def _cell(cell: Cell, most: int, *, values: bool) -> Cell:
    if cell.is_label:
        return replace(cell, text=broken(cell.text, most))
    if values and cell.kind == "value":
        return replace(cell, text=_with_whole_numbers(cell.text, most))
    return cell


def _with_whole_numbers(text: str, most: int) -> str:
    """Return a value in balanced lines that leave each number beside its unit.

    One that has no such lines is left to the layout.
    """
    if not most < width(text) <= LONGEST_VALUE or not text.isprintable():
        return text
    costs = {
        place: 1.0
        for place in range(1, len(text))
        if text[place] not in NEVER_FIRST and text[place - 1] not in NEVER_LAST
    }
    for number in NUMBER.finditer(text):
        for place in range(number.start() + 1, number.end()):
            costs.pop(place, None)
    return "\n".join(balanced_lines(text, costs, most))
