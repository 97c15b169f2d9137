"""A sheet as a plain grid of cells, merged cells resolved. Rows, columns count from 0.

Every place inside merged cells gives the cell at their top left, the only one seen.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# first row, first column, last row, last column
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as its reader sees it.

    text: what it reads, without blanks at its ends; a number without idle zeros, with
    its % if it is shown as percent, rounded as shown if a formula made it.
    number: its exact value (percent: times 100), None where it holds text.
    doubt: why its value is missing or may not be what was meant; original: what stood
    there instead.
    """

    row: int
    column: int
    text: str = ""
    number: Decimal | None = None
    doubt: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A cell with the area it covers in its sheet: one place, or merged places."""

    cell: Cell
    area: Area

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def first(self) -> int:
        return self.area[1]

    @property
    def last(self) -> int:
        return self.area[3]


class LazyCells:
    """The cells of a sheet, each made when it is asked for.

    lines: values as read, from the place first on, "" where nothing stands; make: what
    makes a cell of a value; odd: cells that are not made of their value alone.
    """

    def __init__(
        self,
        lines: list[list[Any]],
        first: tuple[int, int],
        make: Callable[[int, int, Any], Cell],
        odd: Iterable[Cell] = (),
    ) -> None:
        self.lines = lines
        self.top, self.left = first
        self._make = make
        self._made = {(each.row, each.column): each for each in odd}
        self.odd_rows = {row for row, _ in self._made}
        filled = [row for row in range(len(lines)) if self._is_filled(row)]
        bottom = self.top + filled[-1] if filled else -1
        right = max((len(lines[row]) for row in filled), default=0)
        while right and not any(lines[row][right - 1] != "" for row in filled):
            right -= 1
        odd_columns = (column for _, column in self._made)
        self.height = 1 + max(bottom, max(self.odd_rows, default=-1))
        self.width = max(self.left + right, 1 + max(odd_columns, default=-1))
        self._rows = {self.top + row for row in filled} | self.odd_rows

    def _is_filled(self, row: int) -> bool:
        line = self.lines[row]
        return line.count("") < len(line)

    @property
    def rows(self) -> set[int]:
        """The rows with something in them."""
        return self._rows

    def get(self, place: tuple[int, int]) -> Cell | None:
        made = self._made.get(place)
        if made is not None:
            return made
        row, column = place
        value = self.value(row, column)
        if value == "":
            return None
        cell = self._made[place] = self._make(row, column, value)
        return cell

    def line(self, row: int, columns: Sequence[int]) -> list[Any]:
        """Return the values of a row in these columns."""
        if not self.top <= row < self.top + len(self.lines):
            return [""] * len(columns)
        line, left = self.lines[row - self.top], self.left
        end = left + len(line)
        return [line[each - left] if left <= each < end else "" for each in columns]

    def value(self, row: int, column: int) -> Any:
        """Return the value at a place as it was read, "" for nothing."""
        row, column = row - self.top, column - self.left
        if not 0 <= row < len(self.lines) or not 0 <= column < len(self.lines[row]):
            return ""
        return self.lines[row][column]


class Sheet:
    """The filled cells of one sheet; hidden_rows: those of the filled rows."""

    def __init__(
        self,
        name: str,
        cells: Iterable[Cell] | LazyCells,
        merges: Iterable[Area] = (),
        *,
        hidden: bool = False,
        hidden_rows: Iterable[int] = (),
    ) -> None:
        self.name = name
        self.hidden = hidden
        self._lazy = cells if isinstance(cells, LazyCells) else None
        self._cells: LazyCells | dict[tuple[int, int], Cell]
        if isinstance(cells, LazyCells):
            self._cells = cells
            self.height, self.width, rows = cells.height, cells.width, cells.rows
        else:
            self._cells = {(each.row, each.column): each for each in cells}
            self.height = 1 + max((row for row, _ in self._cells), default=-1)
            self.width = 1 + max((column for _, column in self._cells), default=-1)
            rows = {row for row, _ in self._cells}
        self._areas = self._resolved(merges)
        self._merged_rows = {row for row, _ in self._areas}
        self.hidden_rows = sorted(rows.intersection(hidden_rows))
        self._blocks: dict[int, tuple[Block, ...]] = {}

    def _resolved(self, merges: Iterable[Area]) -> dict[tuple[int, int], Area]:
        """Return the area of each merged place, up to the last filled ones."""
        areas: dict[tuple[int, int], Area] = {}
        for top, left, bottom, right in merges:
            bottom, right = min(bottom, self.height - 1), min(right, self.width - 1)
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    areas.setdefault((row, column), (top, left, bottom, right))
        return areas

    def plain_lines(
        self, rows: range, columns: Sequence[int]
    ) -> Iterator[Sequence[Any] | None]:
        """Yield the values of rows as they were read, "" for nothing.

        None where a cell is more than its value: merged, formatted, an error.
        """
        lazy = self._lazy
        for row in rows:
            if lazy is None or row in self._merged_rows or row in lazy.odd_rows:
                yield None
            else:
                yield lazy.line(row, columns)

    def block(self, row: int, column: int) -> Block:
        """Return what covers a place; an empty cell where nothing does."""
        area = self._areas.get((row, column), (row, column, row, column))
        top, left = area[:2]
        return Block(self._cells.get((top, left)) or Cell(top, left), area)

    def blocks(self, row: int) -> tuple[Block, ...]:
        """Return the blocks of a row from left to right, empty ones too."""
        if row not in self._blocks:
            self._blocks[row] = tuple(self._across(row))
        return self._blocks[row]

    def _across(self, row: int) -> Iterator[Block]:
        column = 0
        while column < self.width:
            block = self.block(row, column)
            yield block
            column = max(block.last, column) + 1

    def filled(self, row: int) -> list[Block]:
        """Return the blocks of a row that say something."""
        return [each for each in self.blocks(row) if each.text or each.cell.doubt]

    def without(self, places: Collection[tuple[int, int]]) -> "Sheet":
        """Return this sheet with nothing in these places."""
        blocks = (each for row in range(self.height) for each in self.filled(row))
        cells = {(each.cell.row, each.cell.column): each.cell for each in blocks}
        kept = [cell for place, cell in cells.items() if place not in places]
        merges = sorted(set(self._areas.values()))
        return Sheet(
            self.name, kept, merges, hidden=self.hidden, hidden_rows=self.hidden_rows
        )

    def place(self, cell: Cell) -> str:
        """Return a cell's address as people know it: 自评表!C12."""
        return f"{self.name}!{column_letters(cell.column)}{cell.row + 1}"


def column_letters(column: int) -> str:
    """Return the letters of a column: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
