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

MARK = PatternFill("solid", fgColor="FFFFC7CE")
AUTHOR = "绩效自评系统"
LIST = "导入问题"
HEAD = ("工作表", "单元格", "填写内容", "问题", "怎样改")
WIDTHS = (14, 10, 24, 48, 48)


def marked_workbook(data: bytes, problems: Sequence[Problem]) -> bytes:
    """Return an .xlsx that read_tables opened, its bad cells red and commented.

    All problems stand on a sheet of their own at the end. What an earlier round marked
    is cleared. Raises ReadingError where the file cannot be written again.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
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
