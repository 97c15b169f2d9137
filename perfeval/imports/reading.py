"""A workbook becomes rows of the tables asked for, and all that is wrong with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Any, NamedTuple

from perfeval.amounts import AmountError, MoneyUnit, read_amount
from perfeval.imports.heading_words import plain
from perfeval.imports.headings import (
    Heading,
    find_heading,
    heading_at,
    heading_keys,
    heading_problems,
)
from perfeval.imports.tables import (
    PART,
    Column,
    Problem,
    Table,
    Value,
    fault_of,
    refusal,
)
from perfeval.numbers import is_blank
from perfeval.workbooks.cell_values import clean_text, make_cell
from perfeval.workbooks.grid import Cell, Sheet, column_letters
from perfeval.workbooks.sheet_scan import Limits
from perfeval.workbooks.workbook import MOST_SHEETS, Workbook, open_workbook
from perfeval.workbooks.xls import is_xls, open_xls

# Styled cells without a value count as elements: openpyxl makes an object of each.
LIMITS = Limits(rows=5_000, columns=100, elements=150_000)

# Rows that are read together, column by column.
PORTION = 500
# Values of a column whose meaning is kept while it is read.
MOST_KNOWN = 20_000


class _Nothing(Enum):
    NOTHING = auto()


NOTHING = _Nothing.NOTHING
# None: wrong, or perhaps no value at all; to be looked at in its row.
Meaning = Value | _Nothing | None

AS_TEXT = "把该列单元格格式设为“文本”，再重新填写"
SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE][+]?[0-9]+")
DAY = re.compile(r"([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?")
PACKED_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
TOTALS = frozenset(("合计", "总计", "小计", "共计", "累计", "本页小计", "本页合计"))
# What stands below a table: who filled it in, what is to be said of it.
FOOTER = re.compile(
    r"(填表|制表|填报|编制|审核|复核|经办|财务|单位|联系|日期|备注|附?注|说明)"
    r"[^：:\s]{0,6}[：:]"
)


@dataclass(frozen=True)
class Frame:
    """What the rows below the same headings have in common.

    above: what stands over the headings, and the sheet's name.
    """

    table: Table
    sheet: Sheet
    places: Mapping[str, int]
    above: str = ""


class Row(NamedTuple):
    """A row with something in it; number: as the program counts, from 1.

    values: {column key: text, day or amount in 元} of what is filled in and right.
    """

    number: int
    values: Mapping[str, Value]
    frame: Frame

    @property
    def table(self) -> Table:
        return self.frame.table

    @property
    def places(self) -> Mapping[str, int]:
        return self.frame.places

    @property
    def above(self) -> str:
        return self.frame.above

    def cell(self, key: str) -> Cell:
        """Return the cell of a column; an empty one where there is no such column."""
        place = self.frame.places.get(key)
        if place is None:
            return Cell(self.number - 1, 0)
        return self.frame.sheet.block(self.number - 1, place).cell

    def text(self, key: str) -> str:
        return str(self.values.get(key, ""))

    def day(self, key: str) -> date | None:
        found = self.values.get(key)
        return found if isinstance(found, date) else None

    def amount(self, key: str) -> Decimal | None:
        found = self.values.get(key)
        return found if isinstance(found, Decimal) else None

    def problem(self, key: str, reason: str, remedy: str) -> Problem:
        return _problem(self.frame.sheet.name, self.cell(key), reason, remedy)


@dataclass
class Reading:
    """rows: {table name: its rows}; notes: what was left aside, for the person."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def opened(data: bytes, limits: Limits) -> Workbook:
    """Return the sheets of a workbook of either format; raise ReadingError."""
    if is_xls(data):
        return open_xls(data, limits)
    return open_workbook(data, limits)


def read_tables(
    data: bytes, tables: Sequence[Table], limits: Limits = LIMITS
) -> Reading:
    """Return the rows of the tables in an .xlsx or .xls; raise ReadingError.

    Sheets are found by name, else by their headings; hidden ones are left aside.
    """
    book = opened(data, limits)
    reading = Reading()
    for name in book.too_large:
        reason = (
            f"工作表“{name}”超过 {limits.rows} 行、{limits.columns} 列"
            f"或 {limits.elements // 10_000} 万个单元格"
        )
        remedy = "删去多余的行、列和空白格式，或分成几个文件导入"
        reading.problems.append(Problem(name, "", "", reason, remedy))
    if len(book.sheets) >= MOST_SHEETS:
        reading.notes.append(f"工作表过多，只看了前 {MOST_SHEETS} 张")
    left = [sheet for sheet in book.sheets if not sheet.hidden]
    for table in tables:
        sheet = _sheet_of(table, left, alone=len(tables) == 1)
        if sheet is None:
            reading.rows[table.name] = []
            continue
        left.remove(sheet)
        _SheetReader(table, sheet, reading).read()
    _note_what_is_left(book.sheets, left, reading)
    _ask_for_tables(tables, reading)
    return reading


def _sheet_of(table: Table, sheets: Sequence[Sheet], *, alone: bool) -> Sheet | None:
    """Return the sheet of a table; where it is the only one, also one half right."""
    named = [each for each in sheets if plain(each.name) == plain(table.name)]
    found = {each.name: find_heading(table, each) for each in sheets}
    required = {column.key for column in table.columns if column.required}
    fitting = [each for each in sheets if required <= set(found[each.name].places)]
    if not named and not fitting and alone:
        half = [each for each in sheets if len(found[each.name].places) > 1]
        return max(half, key=lambda each: len(found[each.name].places), default=None)
    return next(iter([*named, *fitting]), None)


def _ask_for_tables(tables: Sequence[Table], reading: Reading) -> None:
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


class _SheetReader:
    """Reads one table from one sheet into a Reading."""

    def __init__(self, table: Table, sheet: Sheet, reading: Reading) -> None:
        self.table, self.sheet, self.reading = table, sheet, reading
        self.keys = heading_keys(table)
        self.required = [each.key for each in table.columns if each.required]
        # Words that stand in headings and sums: such rows are looked at as a whole.
        self.asides = {*self.keys, *TOTALS}
        self.rows: list[Row] = []
        self.skipped: list[str] = []

    def read(self) -> None:
        heading = find_heading(self.table, self.sheet)
        self.reading.rows[self.table.name] = self.rows
        number: int | None = heading.first_row
        if not self._take_heading(heading):
            number = None
        while number is not None:
            number = self._read_below(number)
        self._tell()

    def _take_heading(self, heading: Heading) -> bool:
        """Read by these headings from now on; return whether they are right."""
        problems = list(heading_problems(self.table, self.sheet, heading))
        self.reading.problems += problems
        self.heading = heading
        self.places = {key: found[0] for key, found in heading.places.items()}
        self.frame = Frame(self.table, self.sheet, self.places, heading.above)
        self.columns = [each for each in self.table.columns if each.key in self.places]
        self.columns += [self.table.column(key) for key in self.places if PART in key]
        self.quick_places = [self.places[each.key] for each in self.columns]
        self.known: list[dict[Any, Meaning]] = [{} for _ in self.columns]
        if not problems and heading.unused:
            self._note(f"没有用到的列：{'、'.join(heading.unused)}")
        return not problems

    def _read_below(self, first: int) -> int | None:
        """Read rows until the end or other headings; return where to go on."""
        after_gap = False
        rows = range(first, self.sheet.height)
        for number, quick in zip(rows, self._in_portions(rows), strict=True):
            if quick:
                after_gap = False
                self.rows.append(Row(number + 1, quick, self.frame))
                continue
            if self._is_heading(number):
                return self._next_table(number)
            cells = {key: self._cell(number, at) for key, at in self.places.items()}
            if not any(each.text or each.doubt for each in cells.values()):
                after_gap = True
                continue
            if self._is_aside(number):
                continue
            values, problems = self._values(cells)
            if after_gap and self._is_other_table(number, values):
                self._refuse_other_table(number)
                return None
            after_gap = False
            self.reading.problems += problems
            self.rows.append(Row(number + 1, values, self.frame))
        return None

    def _in_portions(self, rows: range) -> Iterator[dict[str, Value] | None]:
        for start in range(rows.start, rows.stop, PORTION):
            yield from self._quick_rows(rows[start - rows.start :][:PORTION])

    def _quick_rows(self, rows: range) -> list[dict[str, Value] | None]:
        """Return what rows of plain values mean, None for any other and for wrong ones.

        Column by column: a long list repeats its units, kinds and years, and what each
        value means is found once. Nothing of it needs a Cell.
        """
        lines = list(self.sheet.plain_lines(rows, self.quick_places))
        plain_ones = [each for each in lines if each is not None]
        meant = zip(
            *map(
                self._meanings, self.columns, self.known, zip(*plain_ones, strict=True)
            ),
            strict=True,
        )
        keys = [each.key for each in self.columns]
        return [None if line is None else _named(keys, next(meant)) for line in lines]

    def _meanings(
        self, column: Column, known: dict[Any, Meaning], raw: Sequence[Any]
    ) -> list[Meaning]:
        """Return what the values of one column mean."""
        if column.kind == "amount":
            in_wan = self.heading.units.get(column.key) == "万元"
            amounts = [_plain_amount(each, in_wan=in_wan) for each in raw]
            return [
                self._meaning(column, value) if amount is None else amount
                for value, amount in zip(raw, amounts, strict=True)
            ]
        if len(known) > MOST_KNOWN:
            known.clear()
        for each in {*raw}.difference(known):
            known[each] = self._meaning(column, each)
        return [known[each] for each in raw]

    def _meaning(self, column: Column, raw: Any) -> Meaning:
        """Return what one value means."""
        if raw == "":
            return None if column.required else NOTHING
        if type(raw) is str and (FOOTER.match(raw) or plain(raw) in self.asides):
            return None
        if type(raw) is str and column.kind in ("text", "code"):
            is_clean = raw.isprintable() and "_x000D_" not in raw
            text = raw if is_clean else clean_text(raw)
            reason, _, value = _text(column, " ".join(text.split()))
        elif type(raw) in (str, float, int):
            unit = self.heading.units.get(column.key, "元")
            reason, _, value = _value(column, make_cell(0, 0, raw), unit)
        else:
            return None
        return None if reason else NOTHING if value == "" else value

    def _cell(self, row: int, column: int) -> Cell:
        return self.sheet.block(row, column).cell

    def _is_heading(self, number: int) -> bool:
        """Whether the row repeats most of the headings."""
        first = self._cell(number, self.places[self.required[0]]).text
        if plain(first) not in self.keys:
            return False
        again = heading_at(self.table, self.sheet, number, self.keys)
        return 2 * len(again.places) > len(self.places)

    def _next_table(self, number: int) -> int | None:
        """Go on below headings that stand in the middle of the sheet."""
        again = heading_at(self.table, self.sheet, number, self.keys)
        self._note(f"第 {number + 1} 行又是表头，按它接着读取下面的内容")
        return again.first_row if self._take_heading(again) else None

    def _is_aside(self, number: int) -> bool:
        """Whether a row is a sum, a title or a footer, which are left aside."""
        filled = self.sheet.filled(number)
        words = [plain(block.text) for block in filled[:3]]
        is_sum = not TOTALS.isdisjoint(words) and any(
            self._cell(number, self.places[key]).text in ("", *words)
            for key in self.required
        )
        is_title = len(filled) == 1 and filled[0].first < filled[0].last
        is_footer = bool(filled) and FOOTER.match(filled[0].text) is not None
        if is_sum or is_title or is_footer:
            self.skipped.append(str(number + 1))
        return is_sum or is_title or is_footer

    def _is_other_table(self, number: int, values: Mapping[str, Value]) -> bool:
        right = any(key in values for key in self.required)
        return not right and len(self.sheet.filled(number)) > 1

    def _refuse_other_table(self, number: int) -> None:
        cell = self.sheet.filled(number)[0].cell
        reason = f"从第 {number + 1} 行起像是另一张表，不能和上面的表一起读取"
        remedy = "一张工作表只放一张表：把另一张表移到别的工作表，或删去后再导入"
        problem = _problem(self.sheet.name, cell, reason, remedy)
        self.reading.problems.append(problem)

    def _values(
        self, cells: Mapping[str, Cell]
    ) -> tuple[dict[str, Value], list[Problem]]:
        values: dict[str, Value] = {}
        problems: list[Problem] = []
        for column in self.columns:
            cell = cells[column.key]
            reason, remedy, value = _value(
                column, cell, self.heading.units.get(column.key, "元")
            )
            if reason:
                problems.append(_problem(self.sheet.name, cell, reason, remedy))
            elif value != "":
                values[column.key] = value
        return values, problems

    def _tell(self) -> None:
        """Note what of the sheet was read although hidden, and what was not."""
        head = self.heading.row
        hidden = [str(row + 1) for row in self.sheet.hidden_rows if row > head]
        if self.skipped:
            self._note(f"合计、标题和落款（第 {_few(self.skipped)} 行）没有读取")
        if hidden:
            self.reading.notes.append(
                f"工作表“{self.sheet.name}”的隐藏行（第 {_few(hidden)} 行）也已读取"
            )

    def _note(self, text: str) -> None:
        self.reading.notes.append(f"工作表“{self.sheet.name}”：{text}")


def _few(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:10]) + (" 等" if len(numbers) > 10 else "")


def _value(column: Column, cell: Cell, unit: MoneyUnit) -> tuple[str, str, Value]:
    """Return reason and remedy where the cell is wrong, and its value where not."""
    if cell.doubt:
        reason, _, remedy = cell.doubt.partition("，请")
        return reason, f"请{remedy}" if remedy else column.help, ""
    text = " ".join(cell.text.split())
    if not text:
        return _text(column, text)
    if column.kind == "date":
        day = day_of(text)
        if day is None:
            return f"“{text}”不是日期", "照 2024-01-01 的样子填写", ""
        return "", "", day
    if column.kind == "amount":
        return _amount(column, text, unit)
    return _text(column, text)


def _text(column: Column, text: str) -> tuple[str, str, Value]:
    if not text:
        return f"没有填写{column.heading}" * column.required, column.remedy, ""
    if column.kind == "code" and SCIENTIFIC.fullmatch(text):
        return "编码变成了科学计数法，后面的数字已丢失", AS_TEXT, ""
    return refusal(column, text), column.remedy, text


def _plain_amount(raw: Any, *, in_wan: bool) -> Meaning:
    """Return in 元 what a number is, None for all that is to be looked at closely.

    The same as _amount of its cell, without the way over its text: a long list has
    tens of thousands of numbers. Below 10^14 分 a number of whole 分 is the one that
    lies nearest to it, so that dividing gives exactly what was read.
    """
    if raw == "":
        return NOTHING
    if type(raw) is not float:
        return None
    factor = 1_000_000 if in_wan else 100
    if not 0 <= raw * factor < 10**14:
        return None
    cents = round(raw * factor)
    return Decimal(cents).scaleb(-2) if cents / factor == raw else None


def _named(keys: Sequence[str], meant: Sequence[Meaning]) -> dict[str, Value] | None:
    if None in meant:
        return None
    return {
        key: each  # type: ignore[misc]  # None was ruled out above
        for key, each in zip(keys, meant, strict=True)
        if each is not NOTHING
    }


def _amount(column: Column, text: str, unit: MoneyUnit) -> tuple[str, str, Value]:
    if is_blank(text):
        return "", "", ""
    try:
        amount = read_amount(text, unit)
    except AmountError as error:
        return fault_of(str(error)), column.help, ""
    if amount < 0:
        return "金额不能为负数", "核对金额；退回、收回的资金请从预算数中扣减后填写", ""
    return "", "", amount


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
