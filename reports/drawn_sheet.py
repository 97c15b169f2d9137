"""A sheet somebody handed in, as rows of cells that a page can draw."""

from collections.abc import Mapping
from dataclasses import dataclass

from perfeval.workbooks.grid import Sheet, column_letters

# A form is smaller; what stands further out is not drawn.
MOST_ROWS = 300
MOST_COLUMNS = 40


@dataclass(frozen=True)
class DrawnCell:
    """One cell with its span; place: 自评表!F12; doubt: why it is not sure, or ""."""

    text: str
    place: str
    rows: int
    columns: int
    doubt: str

    @property
    def address(self) -> str:
        """The place in its sheet: F12."""
        return self.place.rpartition("!")[2]


@dataclass(frozen=True)
class DrawnSheet:
    """letters: of the columns; rows: (number, cells); is_cut: more was not drawn."""

    name: str
    letters: tuple[str, ...]
    rows: tuple[tuple[int, tuple[DrawnCell, ...]], ...]
    is_cut: bool


def draw(sheet: Sheet, doubts: Mapping[str, str]) -> DrawnSheet:
    """Return a sheet to be drawn up to its last column with something in it.

    doubts: {place: why a cell is not sure}.
    """
    full = _width(sheet)
    height, width = min(sheet.height, MOST_ROWS), min(full, MOST_COLUMNS)
    return DrawnSheet(
        name=sheet.name,
        letters=tuple(column_letters(each) for each in range(width)),
        rows=tuple(
            (row + 1, tuple(_cells(sheet, row, height, width, doubts)))
            for row in range(height)
        ),
        is_cut=height < sheet.height or width < full,
    )


def _width(sheet: Sheet) -> int:
    """Return how many columns there are up to the last one with something in it."""
    ends = (
        block.last
        for row in range(min(sheet.height, MOST_ROWS))
        for block in sheet.filled(row)
    )
    return 1 + max(ends, default=-1)


def _cells(
    sheet: Sheet, row: int, height: int, width: int, doubts: Mapping[str, str]
) -> list[DrawnCell]:
    drawn = []
    for block in sheet.blocks(row):
        top, left, bottom, right = block.area
        if top != row or left >= width:
            continue
        place = sheet.place(block.cell)
        drawn.append(
            DrawnCell(
                text=block.text or block.cell.original,
                place=place,
                rows=min(bottom, height - 1) - top + 1,
                columns=min(right, width - 1) - left + 1,
                doubt=doubts.get(place, ""),
            )
        )
    return drawn
