"""The annex (自评表, 评分表) as a workbook: one page wide, as offices print it.

Made of the same table as page and PDF, so that all three say the same. Text stays text
whatever it begins with; figures are numbers shown with the decimals that are printed.
"""

import io
import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.writer.excel import ExcelWriter

from indicators.schemes import Scheme
from reports.document import ReportDocument
from reports.rendering.annex_parts import Cell, Row, Table
from reports.rendering.annexes import OWN_PART, Annex, annexes
from reports.rendering.characters import unprintable_problems
from reports.rendering.column_widths import capacity, column_widths, placed
from reports.rendering.errors import RenderError
from reports.rendering.html import marks_of
from reports.rendering.release import release_line
from reports.rendering.titles import width

FORMS = ("form", "score")
# As offices have them installed; their programs show a like font where one is missing.
BODY, HEADING, TITLE = "宋体", "黑体", "方正小标宋简体"
LINE = 15.0  # pt of one line of 10.5 pt
MARGIN = 4.0  # pt above and below the text of a row
# What Excel takes in a cell and for a row.
LONGEST_TEXT = 32_767
TALLEST_ROW = 409.0
# A taller one is made of such rows, small enough to fill the foot of a page.
PIECE = 90.0
FEET = 25.4  # mm of an inch
GB_MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
NUMBER = re.compile(r"-?[0-9]+(?:\.([0-9]+))?(%?)", re.ASCII)
# Excel keeps so many digits; a longer number stays text.
DIGITS = 15
# Not the clock: a file made again of the same document is the same.
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
THIN = Side(style="thin")
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class FormBook:
    """A workbook with the annex; numbers of its rows count from 1, as Excel's do.

    head, rows, remarks: the sheet's row of each row of the table; columns_row: that of
    the head of the indicators; end: the first row below everything.
    """

    book: Workbook
    sheet: Any
    table: Table
    widths: tuple[float, ...]
    head: tuple[int, ...]
    columns_row: int
    rows: tuple[int, ...]
    remarks: tuple[int, ...]
    end: int


def render_xlsx(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    parts: tuple[str, ...] = (),
) -> bytes:
    """Return the annex of a document as an .xlsx file; raise RenderError.

    draft: 草稿 in the head of each printed page. parts: of which form or score is
    taken; without them the scheme's own annex.
    """
    return packed(form_book(document, scheme, draft=draft, parts=parts).book)


class _Archive(ZipFile):
    """A zip whose entries bear no date of the clock."""

    def writestr(  # type: ignore[override]  # openpyxl gives a name and the data
        self, name: str, data: bytes
    ) -> None:
        entry = ZipInfo(name, date_time=MADE.timetuple()[:6])
        super().writestr(entry, data, compress_type=ZIP_DEFLATED)

    def write(  # type: ignore[override]  # and a sheet as a file
        self, filename: str, arcname: str
    ) -> None:
        self.writestr(arcname, Path(filename).read_bytes())


def packed(book: Workbook) -> bytes:
    """Return a workbook as the bytes of its file, the same for the same workbook."""
    stream = io.BytesIO()
    with _Archive(stream, "w") as archive:
        ExcelWriter(book, archive).write_data()
    return stream.getvalue()


def form_book(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    parts: tuple[str, ...] = (),
) -> FormBook:
    """Return the workbook of a document's annex; raise RenderError.

    Refused: characters that no program shows, text longer than a cell holds, and a
    document whose parts leave the annex out.
    """
    own = OWN_PART[scheme.layout.annex]
    asked = parts or document.parts or (own,)
    part = next((each for each in (own, *FORMS) if each in asked), None)
    if part is None:
        title = scheme.layout.annex_title
        raise RenderError([f"这份材料不含{title}，没有 Excel 文件"])
    (annex,) = annexes(document, scheme, (part,))
    # Only what the annex prints can stand against it.
    printed = replace(document, sections=(), attachments=(), title="")
    problems = unprintable_problems(printed)
    problems += _long_problems(annex.table)
    if problems:
        raise RenderError(problems)
    made = _lay_out(annex)
    _set_page(made, annex, marks_of(document, draft=draft), release_line(document))
    return made


def _long_problems(table: Table) -> list[str]:
    cells = (
        cell for row in (*table.head, *table.rows, *table.remarks) for cell in row.cells
    )
    return [
        f"“{cell.text[:20]}…”有 {len(cell.text)} 字，"
        f"超过 Excel 单元格的 {LONGEST_TEXT} 字"
        for cell in cells
        if len(cell.text) > LONGEST_TEXT
    ]


def _lay_out(annex: Annex) -> FormBook:
    table = annex.table
    widths = column_widths(table, landscape=annex.landscape)
    book = Workbook()
    # Also what programs measure columns by.
    book._named_styles["Normal"].font = Font(name=BODY, size=11)  # type: ignore[attr-defined]
    sheet: Any = book.active
    sheet.title = "自评表" if table.layout == "form" else "评分表"
    for place, points in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _characters(points)
    writer = _SheetWriter(sheet, widths)
    writer.heading(annex)
    head = writer.add(table.head)
    (columns_row,) = writer.add([_columns(table)])
    rows = writer.add([_without_side(row) for row in table.rows])
    if table.side:
        # The last row is the total's, which begins in the first column.
        writer.write(columns_row, 1, table.side, "side", rows[-1] - columns_row, 1)
    remarks = writer.add(table.remarks)
    if table.people:
        writer.people("　　".join(f"{label}：{name}" for label, name in table.people))
    return FormBook(
        book, sheet, table, widths, head, columns_row, rows, remarks, writer.row
    )


def _characters(points: float) -> float:
    """Return a width as Excel counts it: digits of 宋体 11, 8 pixels each; edges 5."""
    return round((points * 96 / 72 - 5) / 8, 2)


def _columns(table: Table) -> Row:
    return Row(tuple(Cell(name, "label") for name in table.columns))


def _without_side(row: Row) -> Row:
    """Leave out the label of the whole table: on paper it begins beside the head."""
    return replace(row, cells=tuple(c for c in row.cells if c.kind != "side"))


class _SheetWriter:
    """Writes rows from top to bottom; row: the next one that is free."""

    def __init__(self, sheet: Any, widths: tuple[float, ...]) -> None:
        self._sheet = sheet
        self._widths = widths
        self._count = len(widths)
        self._styles: dict[tuple[str, int], Any] = {}
        model: Any = SheetCell(sheet, row=1, column=1)
        model.border = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
        self._bordered = model._style
        self.row = 1

    def heading(self, annex: Annex) -> None:
        """Write label, title and year as lines of their own, without borders."""
        self._line(annex.label, Font(name=HEADING, size=16), "left", 30)
        lines = annex.broken_title.count("\n") + 1
        self._line(annex.broken_title, Font(name=TITLE, size=22), "center", 34 * lines)
        if annex.subtitle:
            self._line(annex.subtitle, Font(name=BODY, size=12), "center", 22)

    def people(self, text: str) -> None:
        lines = self._lines(text, 0, self._count)
        height = MARGIN + 18 * lines
        self._line(text, Font(name=BODY, size=10.5), "left", height)

    def _line(self, text: str, font: Font, side: str, height: float) -> None:
        cell = self._merge(self.row, 1, 1, self._count)
        put(cell, text)
        cell.font = font
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
        self._sheet.row_dimensions[self.row].height = min(height, TALLEST_ROW)
        self.row += 1

    def add(self, rows: Sequence[Row]) -> tuple[int, ...]:
        """Write rows of the table and return the number of each.

        A row taller than Excel's takes several of the sheet's, merged.
        """
        heights = [self._height(row) for row in rows]
        counts = [
            1 if height <= TALLEST_ROW else ceil(height / PIECE) for height in heights
        ]
        starts = list(accumulate(counts, initial=self.row))
        for place, row in enumerate(rows):
            number = starts[place]
            for start, cell in placed(row, self._count):
                span = starts[min(place + cell.rows, len(rows))] - number
                self.write(number, start + 1, cell.text, cell.kind, span, cell.columns)
                if counts[place] > 1 and not cell.is_label:
                    self._begin_at_the_top(number, start + 1)
            for line in range(number, starts[place + 1]):
                height = heights[place] / counts[place]
                self._sheet.row_dimensions[line].height = round(height, 2)
        self.row = starts[-1]
        return tuple(starts[:-1])

    def _begin_at_the_top(self, row: int, column: int) -> None:
        cell = self._sheet.cell(row, column)
        place = cell.alignment.horizontal
        cell.alignment = Alignment(place, vertical="top", wrap_text=True)

    def _height(self, row: Row) -> float:
        lines = [
            self._lines(cell.text, start, cell.columns)
            for start, cell in placed(row, self._count)
            if cell.rows == 1
        ]
        return max([1.4, *lines]) * LINE + MARGIN

    def write(
        self, row: int, column: int, text: str, kind: str, rows: int, columns: int
    ) -> None:
        cell = self._merge(row, column, rows, columns)
        put(cell, text, is_figure="number" in kind)
        is_text = kind == "text" or kind.startswith("name")
        side, indent = "left" if is_text else "center", int(kind == "name inner")
        style = self._style(side, indent)
        for name in ("fontId", "alignmentId"):
            setattr(cell._style, name, getattr(style, name))

    def _style(self, side: str, indent: int) -> Any:
        """Return the style of a text's cell, made at its first use.

        Of each style that is set openpyxl looks whether the workbook has it: for every
        cell of a form that takes longer than all the rest.
        """
        key = (side, indent)
        if key not in self._styles:
            model: Any = SheetCell(self._sheet, row=1, column=1)
            model.font = Font(name=BODY, size=10.5)
            model.alignment = Alignment(
                side, vertical="center", wrap_text=True, indent=indent
            )
            self._styles[key] = model._style
        return self._styles[key]

    def _merge(self, row: int, column: int, rows: int, columns: int) -> Any:
        last, right = row + rows - 1, column + columns - 1
        is_table = not (column == 1 and columns == self._count and rows == 1)
        if is_table:
            for line in range(row, last + 1):
                for place in range(column, right + 1):
                    self._sheet.cell(line, place)._style = copy(self._bordered)
        if rows > 1 or columns > 1:
            # merge_cells() would work out the borders that all cells have already.
            area = CellRange(None, column, row, right, last)
            self._sheet.merged_cells.add(area)
        return self._sheet.cell(row, column)

    def _lines(self, text: str, start: int, columns: int) -> float:
        """Return how many lines a text takes in a cell."""
        room = max(capacity(self._widths, start, columns), 1)
        return sum(max(1, ceil(width(line) / room)) for line in text.split("\n"))


def put(cell: Any, text: str, *, is_figure: bool = False) -> None:
    """Write a text into a cell: a figure as a number, all else as text for good."""
    figure = _figure(text) if is_figure else None
    if figure:
        cell.value, cell.number_format = figure
        return
    cell.value = ESCAPED.sub("_x005F_", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text:
        # openpyxl takes what begins with “=” for a formula, and Excel does so when the
        # cell is edited, but for a text that is marked as one.
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@'"
    cell.number_format = "@"


def _figure(text: str) -> tuple[Decimal, str] | None:
    """Return number and format of a figure as printed; None: it must stay text."""
    found = NUMBER.fullmatch(text)
    if not found or len(text.strip("-0.%").replace(".", "")) > DIGITS:
        return None
    decimals = found[1] or ""
    shown = "0." + "0" * len(decimals) if decimals else "0"
    if found[2]:
        return Decimal(text[:-1]).scaleb(-2), f"{shown}%"
    return Decimal(text), shown


def _set_page(
    made: FormBook, annex: Annex, marks: tuple[str, ...], release: str
) -> None:
    sheet, last = made.sheet, get_column_letter(len(made.widths))
    setup = sheet.page_setup
    setup.paperSize = sheet.PAPERSIZE_A4
    setup.orientation = "landscape" if annex.landscape else "portrait"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.print_area = f"A1:{last}{made.end - 1}"
    sheet.print_title_rows = f"{made.columns_row}:{made.columns_row}"
    sheet.print_options.horizontalCentered = True
    for side, millimetres in _margins(annex):
        setattr(sheet.page_margins, side, round(millimetres / FEET, 3))
    sheet.page_margins.header = sheet.page_margins.footer = round(25 / FEET, 3)
    footer = sheet.HeaderFooter
    footer.differentOddEven = True
    for part, place in ((footer.oddFooter, "right"), (footer.evenFooter, "left")):
        getattr(part, place).text = f'&"{BODY}"&14— &P —'
        if release:
            part.center.text = f'&"{BODY}"&9{release.replace("&", "&&")}'
    for part in (footer.oddHeader, footer.evenHeader):
        part.center.text = "  ".join(marks).replace("&", "&&") or None
    properties = made.book.properties
    properties.creator, properties.title = "绩效自评", annex.title
    properties.created = properties.modified = MADE


def _margins(annex: Annex) -> Iterator[tuple[str, float]]:
    """Yield the margins of the standard; a landscape page is bound at its top."""
    turned = {"top": "left", "right": "top", "bottom": "right", "left": "bottom"}
    for side, millimetres in GB_MARGINS.items():
        yield turned[side] if annex.landscape else side, millimetres
