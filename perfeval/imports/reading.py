"""A workbook becomes rows of the tables asked for, and all that is wrong with them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from perfeval.imports.tables import Column, Problem, Table, Value, refusal
from perfeval.workbooks.grid import Cell, Sheet, column_letters
from perfeval.workbooks.sheet_scan import Limits
from perfeval.workbooks.workbook import MOST_SHEETS, open_workbook

# Styled cells without a value count as elements: openpyxl makes an object of each.
LIMITS = Limits(rows=5_000, columns=100, elements=150_000)
# Titles and notes may stand above the headings.
HEADING_ROWS = 20

AS_TEXT = "把该列单元格格式设为“文本”，再重新填写"
SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE][+]?[0-9]+")
DAY = re.compile(r"([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?")
PACKED_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True)
class Row:
    """A row with something in it; number: as the program counts, from 1.

    values: {column key: text or day} of what is filled in and right.
    """

    table: Table
    sheet: str
    number: int
    cells: Mapping[str, Cell]
    values: Mapping[str, Value]

    def text(self, key: str) -> str:
        return str(self.values.get(key, ""))

    def day(self, key: str) -> date | None:
        found = self.values.get(key)
        return found if isinstance(found, date) else None

    def problem(self, key: str, reason: str, remedy: str) -> Problem:
        cell = self.cells[key]
        return _problem(self.sheet, cell, reason, remedy)


@dataclass
class Reading:
    """rows: {table name: its rows}; notes: what was left aside, for the person."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_tables(data: bytes, tables: Sequence[Table]) -> Reading:
    """Return the rows of the tables in an .xlsx; raise ReadingError: not to be opened.

    Sheets are found by name, else by their headings; hidden ones are left aside.
    """
    book = open_workbook(data, LIMITS)
    reading = Reading()
    for name in book.too_large:
        reason = (
            f"工作表“{name}”超过 {LIMITS.rows} 行、{LIMITS.columns} 列"
            f"或 {LIMITS.elements // 10_000} 万个单元格"
        )
        remedy = "删去多余的行、列和空白格式，或分成几个文件导入"
        reading.problems.append(Problem(name, "", "", reason, remedy))
    if len(book.sheets) >= MOST_SHEETS:
        reading.notes.append(f"工作表过多，只看了前 {MOST_SHEETS} 张")
    left = [sheet for sheet in book.sheets if not sheet.hidden]
    for table in tables:
        sheet = _sheet_of(table, left)
        if sheet is None:
            reading.rows[table.name] = []
            continue
        left.remove(sheet)
        _read_sheet(table, sheet, reading)
    _note_what_is_left(book.sheets, left, reading)
    _ask_for_tables(tables, reading, found=len(left) < len(book.sheets))
    return reading


def _sheet_of(table: Table, sheets: Sequence[Sheet]) -> Sheet | None:
    named = [each for each in sheets if _plain(each.name) == _plain(table.name)]
    required = {column.key for column in table.columns if column.required}
    fitting = [each for each in sheets if required <= set(_headings(table, each)[1])]
    return next(iter([*named, *fitting]), None)


def _ask_for_tables(tables: Sequence[Table], reading: Reading, *, found: bool) -> None:
    if reading.problems:
        return
    missing = [each for each in tables if not reading.rows[each.name]]
    needed = [each.name for each in missing if not each.optional]
    if needed or len(missing) == len(tables):
        names = "、".join(needed or [each.name for each in tables])
        reason = f"没有找到“{names}”的内容"
        remedy = "请用模板填写：工作表照模板命名，表头照模板填写，表头下至少一行内容"
        reading.problems.append(Problem(names, "", "", reason, remedy))


def _note_what_is_left(
    sheets: Sequence[Sheet], left: Sequence[Sheet], reading: Reading
) -> None:
    hidden = [each.name for each in sheets if each.hidden and each.height]
    others = [each.name for each in left if each.height]
    for names, why in ((hidden, "已隐藏"), (others, "不是模板中的工作表")):
        if names:
            reading.notes.append(f"工作表“{'”“'.join(names)}”{why}，没有读取")


def _plain(text: str) -> str:
    """Return a heading without what people write about it: blanks, *, （必填）, ：."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\((必填|选填|可空)\)", "", text)
    return re.sub(r"[\s*:]", "", text)


def _headings(table: Table, sheet: Sheet) -> tuple[int, dict[str, list[int]]]:
    """Return the row with most of the table's headings: {column key: its places}."""
    keys = {
        _plain(name): column.key
        for column in table.columns
        for name in (column.heading, *column.also)
    }
    best: tuple[int, dict[str, list[int]]] = (0, {})
    for row in range(min(sheet.height, HEADING_ROWS)):
        found: dict[str, list[int]] = {}
        for block in sheet.filled(row):
            key = keys.get(_plain(block.text))
            if key:
                found.setdefault(key, []).append(block.first)
        if len(found) > len(best[1]):
            best = (row, found)
    return best


def _read_sheet(table: Table, sheet: Sheet, reading: Reading) -> None:
    head, places = _headings(table, sheet)
    problems = list(_heading_problems(table, sheet, head, places))
    reading.problems += problems
    rows: list[Row] = []
    if not problems:
        first = {key: found[0] for key, found in places.items()}
        for number in range(head + 1, sheet.height):
            rows += _read_row(table, sheet, number, first, reading.problems)
    reading.rows[table.name] = rows
    hidden = [str(row + 1) for row in sheet.hidden_rows if row > head]
    if hidden:
        numbers = "、".join(hidden[:10]) + (" 等" if len(hidden) > 10 else "")
        reading.notes.append(f"工作表“{sheet.name}”的隐藏行（第 {numbers} 行）也已读取")


def _heading_problems(
    table: Table, sheet: Sheet, head: int, places: Mapping[str, list[int]]
) -> Iterator[Problem]:
    known = {place for found in places.values() for place in found}
    unknown = (
        [block.text for block in sheet.filled(head) if block.first not in known]
        if places
        else []
    )
    missing = [
        each.heading
        for each in table.columns
        if each.required and each.key not in places
    ]
    if missing:
        others = f"；表头中没有用到的列：{'、'.join(unknown)}" if unknown else ""
        yield Problem(
            sheet.name,
            "",
            "",
            f"缺少列“{'”“'.join(missing)}”{others}",
            "补上这些列，或把列名改得与模板一致",
        )
    for key, found in places.items():
        if len(found) > 1:
            name = table.column(key).heading
            letters = "、".join(column_letters(each) for each in found)
            reason = f"有两列都叫“{name}”（{letters} 列）"
            yield Problem(sheet.name, "", "", reason, "只保留一列")


def _read_row(
    table: Table,
    sheet: Sheet,
    number: int,
    places: Mapping[str, int],
    problems: list[Problem],
) -> Iterator[Row]:
    """Yield the row, nothing where it is empty; add what is wrong in its cells."""
    cells = {
        column.key: sheet.block(number, places[column.key]).cell
        if column.key in places
        else Cell(number, 0)
        for column in table.columns
    }
    if not any(each.text or each.doubt for each in cells.values()):
        return
    values: dict[str, Value] = {}
    for column in table.columns:
        cell = cells[column.key]
        reason, remedy, value = _value(column, cell)
        if reason:
            problems.append(_problem(sheet.name, cell, reason, remedy))
        elif value != "":
            values[column.key] = value
    yield Row(table, sheet.name, number + 1, cells, values)


def _value(column: Column, cell: Cell) -> tuple[str, str, Value]:
    """Return reason and remedy where the cell is wrong, and its value where not."""
    if cell.doubt:
        reason, _, remedy = cell.doubt.partition("，请")
        return reason, f"请{remedy}" if remedy else column.help, ""
    text = " ".join(cell.text.split())
    if not text:
        reason = f"没有填写{column.heading}" if column.required else ""
        return reason, column.help, ""
    if column.kind == "date":
        day = day_of(text)
        if day is None:
            return f"“{text}”不是日期", "照 2024-01-01 的样子填写", ""
        return "", "", day
    if column.kind == "code" and SCIENTIFIC.fullmatch(text):
        return "编码变成了科学计数法，后面的数字已丢失", AS_TEXT, ""
    reason = refusal(column, text)
    return reason, column.help, text


def day_of(text: str) -> date | None:
    """Return the day a text names: 2024-01-01, 2024年1月1日, 2024.1.1, 20240101."""
    found = DAY.fullmatch(text) or PACKED_DAY.fullmatch(text)
    if not found:
        return None
    try:
        return date(*(int(each) for each in found.groups()))
    except ValueError:
        return None


def _problem(sheet: str, cell: Cell, reason: str, remedy: str) -> Problem:
    place = f"{column_letters(cell.column)}{cell.row + 1}"
    return Problem(sheet, place, cell.original or cell.text, reason, remedy)
