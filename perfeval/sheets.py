"""A plain table as an .xlsx file: a head, rows, text that is never a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | Decimal | date | None


def table_workbook(
    title: str,
    head: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
) -> bytes:
    """Return a workbook of one sheet; head: name and width in characters per column."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, (_, width) in enumerate(head, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    names = [_cell(sheet, name) for name, _ in head]
    for cell in names:
        cell.font = Font(bold=True)
    sheet.append(names)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(sheet: Any, value: Value) -> Any:
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # takes these too
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    # openpyxl takes what begins with “=” for a formula: a name could run one.
    cell.data_type = "s"
    return cell
