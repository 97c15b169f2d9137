"""The empty workbook to fill in: headings, lists to choose from, instructions."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from perfeval.imports.reading import LIMITS
from perfeval.imports.tables import Column, Table

INSTRUCTIONS = "填写说明"
HEAD = PatternFill("solid", fgColor="FFDCE6F1")
AUTHOR = "绩效自评系统"
# A list written into the sheet itself may have so many characters.
LONGEST_LIST = 255


def empty_workbook(
    title: str,
    tables: tuple[Table, ...],
    sample: Mapping[str, Sequence[Sequence[str]]] | None = None,
    *,
    rows: int = LIMITS.rows,
) -> bytes:
    """Return an .xlsx with one sheet for each table and one that explains them.

    sample: {table name: rows} to fill in; rows: how many each sheet may have.
    """
    book = Workbook()
    first: Any = book.active
    book.remove(first)
    for table in tables:
        sheet = book.create_sheet(table.name)
        _add_table(sheet, table, rows)
        for row in (sample or {}).get(table.name, ()):
            sheet.append(row)
            for cell, column in zip(sheet[sheet.max_row], table.columns, strict=False):
                if column.kind != "amount":
                    cell.number_format = "@"
    _add_instructions(book.create_sheet(INSTRUCTIONS), title, tables)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _add_table(sheet: Any, table: Table, rows: int) -> None:
    sheet.freeze_panes = "A2"
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        unit = "（万元）" if column.kind == "amount" else ""
        mark = "*" if column.required else ""
        cell = sheet.cell(1, place, f"{column.heading}{unit}{mark}")
        cell.font = Font(bold=True)
        cell.fill = HEAD
        cell.comment = Comment(column.help, AUTHOR, width=260, height=90)
        sheet.column_dimensions[letter].width = column.width
        if column.kind != "amount":
            # Text: Excel keeps all digits of a code, and turns nothing into a date.
            sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            _offer(sheet, letter, column, rows)


def _offer(sheet: Any, letter: str, column: Column, rows: int) -> None:
    choices = ",".join(column.choices)
    assert len(choices) <= LONGEST_LIST
    offered = DataValidation(
        type="list",
        formula1=f'"{choices}"',
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=column.heading,
        error="请从列表中选择",
    )
    offered.add(f"{letter}2:{letter}{rows}")
    sheet.add_data_validation(offered)


def _add_instructions(sheet: Any, title: str, tables: tuple[Table, ...]) -> None:
    lines: list[tuple[str, ...]] = [(f"{title}：填写说明",), ()]
    for table in tables:
        lines += [(f"工作表“{table.name}”", "", table.note), _NAMES]
        lines += [_explained(column) for column in table.columns]
        lines.append(())
    for number, line in enumerate(lines, start=1):
        for place, text in enumerate(line, start=1):
            cell = sheet.cell(number, place, text)
            cell.alignment = Alignment(wrap_text=place > 1, vertical="top")
            if len(line) == 1 or line == _NAMES:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (24, 8, 64, 24), strict=True):
        sheet.column_dimensions[letter].width = width


_NAMES = ("列", "必填", "怎样填", "例")


def _explained(column: Column) -> tuple[str, ...]:
    required = "是" if column.required else "否"
    return column.heading, required, column.remedy, column.example
