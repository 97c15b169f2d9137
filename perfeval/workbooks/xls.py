"""Opening a workbook of the old format (.xls): its sheets as grids.

xlrd, not calamine: it tells formats, errors and hidden rows, and being pure Python it
can't take the process down whatever a file says.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import xlrd

from perfeval.workbooks.archive import ReadingError
from perfeval.workbooks.cell_values import error_cell, make_cell
from perfeval.workbooks.grid import Area, Cell, Sheet
from perfeval.workbooks.number_formats import GENERAL, NumberFormat, parse_format
from perfeval.workbooks.sheet_scan import USUAL, Limits
from perfeval.workbooks.workbook import ANSWERS, MOST_SHEETS, Workbook

LONG_NUMBER = re.compile(r"\.[0-9]{9}")
# What every file of the old Office begins with, also .doc, .ppt and .et.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "这个文件加了密码，请打开后去掉密码，再另存为 .xlsx"


def is_xls(data: bytes) -> bool:
    """Whether a file is an old workbook: its directory names what is inside."""
    names = ("Workbook", "Book\0")
    return data.startswith(OLE) and any(
        name.encode("utf-16-le") in data for name in names
    )


def open_xls(data: bytes, limits: Limits = USUAL) -> Workbook:
    """Return the sheets of an .xls; raise ReadingError: broken or with a password."""
    try:
        book = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
        return _sheets(book, limits)
    except xlrd.XLRDError as error:
        answer = ENCRYPTED if "encrypted" in str(error) else ANSWERS.broken
        raise ReadingError(answer) from None
    except ReadingError:
        raise
    except Exception:
        # xlrd checks little: a broken file raises anything from struct.error
        # to KeyError.
        raise ReadingError(ANSWERS.broken) from None


def _sheets(book: Any, limits: Limits) -> Workbook:
    workbook = Workbook([], [])
    for index in range(min(book.nsheets, MOST_SHEETS)):
        sheet = book.sheet_by_index(index)
        cells = list(_cells(book, sheet))
        merges = [_area(each, limits) for each in sheet.merged_cells]
        if _is_too_large(cells, merges, limits):
            workbook.too_large.append(sheet.name)
        else:
            hidden_rows = (n for n, row in sheet.rowinfo_map.items() if row.hidden)
            workbook.sheets.append(
                Sheet(
                    sheet.name,
                    cells,
                    merges,
                    hidden=bool(sheet.visibility),
                    hidden_rows=hidden_rows,
                )
            )
        book.unload_sheet(index)
    return workbook


def _is_too_large(cells: list[Cell], merges: list[Area], limits: Limits) -> bool:
    places = sum((m[2] - m[0] + 1) * (m[3] - m[1] + 1) for m in merges)
    return (
        len(cells) > limits.values
        or places > limits.merged
        or any(e.row >= limits.rows or e.column >= limits.columns for e in cells)
    )


def _area(merged: tuple[int, int, int, int], limits: Limits) -> Area:
    top, after_bottom, left, after_right = merged
    return (
        top,
        left,
        min(after_bottom - 1, limits.rows),
        min(after_right - 1, limits.columns),
    )


def _cells(book: Any, sheet: Any) -> Iterator[Cell]:
    """Yield the filled cells.

    xlrd doesn't say whether a formula made a number; nobody types nine decimals.
    """
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            if cell.ctype == xlrd.XL_CELL_ERROR:
                error = xlrd.error_text_from_code.get(cell.value, "#N/A")
                yield error_cell(row, column, error)
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                yield make_cell(row, column, bool(cell.value))
            elif cell.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                shown_as = _format(book, cell.xf_index)
                yield make_cell(
                    row,
                    column,
                    cell.value,
                    shown_as,
                    computed=bool(LONG_NUMBER.search(str(cell.value))),
                    since_1904=book.datemode == 1,
                )


def _format(book: Any, index: int | None) -> NumberFormat:
    if index is None or index >= len(book.xf_list):
        return GENERAL
    found = book.format_map.get(book.xf_list[index].format_key)
    return parse_format(found.format_str) if found else GENERAL
