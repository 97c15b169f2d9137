"""The workbook somebody handed in, given back with its bad cells marked."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from perfeval.imports.tables import Problem
from perfeval.workbooks.archive import ReadingError
from perfeval.workbooks.grid import Block, Sheet
from perfeval.workbooks.sheet_scan import USUAL, Limits
from perfeval.workbooks.xls import is_xls, open_xls

MARK = PatternFill("solid", fgColor="FFFFC7CE")
AUTHOR = "绩效自评系统"
LIST = "导入问题"
HEAD = ("工作表", "单元格", "填写内容", "问题", "怎样改")
WIDTHS = (14, 10, 24, 48, 48)


def marked_workbook(
    data: bytes, problems: Sequence[Problem], limits: Limits = USUAL
) -> bytes:
    """Return a workbook that read_tables opened as .xlsx, its bad cells red, commented.

    All problems stand on a sheet of their own at the end. What an earlier round marked
    is cleared. Of an .xls the contents come back, without its formats. Raises
    ReadingError where the file cannot be written again.
    """
    try:
        book = (
            _copied(open_xls(data, limits).sheets)
            if is_xls(data)
            else openpyxl.load_workbook(io.BytesIO(data))
        )
    except ReadingError:
        raise
    except Exception:
        # openpyxl asks more of a file than its readers do, and raises whatever comes.
        raise ReadingError("不能在原文件上标注，请照页面上的表更正") from None
    if LIST in book.sheetnames:
        book.remove(book[LIST])
    for sheet in book.worksheets:
        _clear(sheet)
    for problem in problems:
        if problem.place and problem.sheet in book.sheetnames:
            _mark(book[problem.sheet][problem.place], problem)
    _add_list(book.create_sheet(LIST), problems)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def problem_list(problems: Sequence[Problem], place: str) -> bytes:
    """Return an .xlsx of the problems alone; place: what a problem's sheet is."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = LIST
    _add_list(sheet, problems, (place, *HEAD[1:]))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _copied(sheets: Sequence[Sheet]) -> Any:
    """Return an openpyxl workbook with what stands in the cells of these sheets."""
    book = openpyxl.Workbook()
    first: Any = book.active
    book.remove(first)
    for sheet in sheets:
        copy = book.create_sheet(sheet.name)
        for row in range(sheet.height):
            for block in sheet.filled(row):
                if block.area[0] == row:
                    _copy(block, copy)
    return book


def _copy(block: Block, sheet: Any) -> None:
    top, left, bottom, right = (each + 1 for each in block.area)
    source = block.cell
    cell = sheet.cell(top, left)
    if source.number is not None and str(source.number) == source.text:
        cell.value = source.number
    else:
        cell.value = _printable(source.original or source.text)
        cell.number_format = "@"
        cell.data_type = "s"
    if (top, left) != (bottom, right):
        sheet.merge_cells(
            start_row=top, start_column=left, end_row=bottom, end_column=right
        )


def _clear(sheet: Any) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment and cell.comment.author == AUTHOR and cell.fill == MARK:
                cell.comment = None
                cell.fill = PatternFill()


def _mark(cell: Any, problem: Problem) -> None:
    said = f"{cell.comment.text}\n" if cell.comment else ""
    text = _printable(f"{said}{problem.reason}。{problem.remedy}")
    cell.comment = Comment(text, AUTHOR, width=320, height=120)
    cell.fill = MARK


def _add_list(
    sheet: Any, problems: Sequence[Problem], head: tuple[str, ...] = HEAD
) -> None:
    sheet.freeze_panes = "A2"
    sheet.append(head)
    for cell, width in zip(sheet[1], WIDTHS, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for each in problems:
        texts = (each.sheet, each.place, each.value, each.reason, each.remedy)
        sheet.append([_printable(text) for text in texts])
        for cell in sheet[sheet.max_row]:
            # A text that begins with “=” would become a formula.
            cell.data_type = "s"


def _printable(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)
