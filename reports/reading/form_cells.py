"""Cells of a form read as text, figures and dates; what is not sure is noted."""

import re
from decimal import Decimal

from perfeval.amounts import MoneyUnit
from perfeval.numbers import (
    Deadline,
    Quantity,
    is_blank,
    normal_text,
    read_value,
    unit_factor,
)
from perfeval.workbooks.grid import Cell, Sheet
from reports.document import ReadingNote
from reports.reading.lines import excerpt

# What the printed form itself asks to be written in a cell, left standing.
HELP = re.compile(
    r"[(（]?请?(?:填写|填列|简述|简要(?:说明|描述)|概述|描述).{0,60}"
    r"|请?对照.{0,40}说明.{0,40}"
    r"|.{0,6}?(?:说明|分析|总结|概括|反映|根据|结合|针对|围绕).{0,60}"
    r"[(（][^()（）]*\d{2,4}个?字[^()（）]*[)）]。?",
    re.DOTALL,
)
# Longer text is somebody's own.
LONGEST_HELP = 90
# A ratio above it was meant in percent: nobody spends twice the budget.
HIGHEST_RATIO = 2

UNCERTAIN = "cell-uncertain"
LEFTOVER = "template-leftover"
MISSING = "result-missing"
UNIT_DIFFERS = "unit-mismatch"


class CellReader:
    """Reads cells of one sheet; notes: what was not sure, with the cell's address.

    places: {path in the document: address of the cell it was read from}.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.places: dict[str, str] = {}
        # By place in the sheet; the same is said of a cell once.
        self._notes: dict[tuple[int, int, str], ReadingNote] = {}

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        return tuple(self._notes[key] for key in sorted(self._notes))

    def locate(self, path: str, cell: Cell) -> None:
        """Keep where a part of the document stands: indicators[0].actual is at F12."""
        self.places[path] = self.sheet.place(cell)

    def note(self, code: str, cell: Cell, reason: str) -> None:
        """Note a cell; code: a finding code; reason: in Chinese, for the user."""
        self._notes[cell.row, cell.column, reason] = ReadingNote(
            code=code,
            where=self.sheet.place(cell),
            original=excerpt(cell.original or cell.text),
            reason=reason,
        )

    def note_sheet(self, where: str, reason: str) -> None:
        """Note what is said of a whole sheet or of rows of it."""
        self._notes[-1, -1, reason] = ReadingNote(
            code=UNCERTAIN, where=where, original="", reason=reason
        )

    def text(self, cell: Cell) -> str:
        """Return what somebody filled in; "" for nothing, a dash, or a help text."""
        self._note_doubt(cell)
        if is_blank(cell.text):
            return ""
        if is_help(cell.text):
            self.note(LEFTOVER, cell, "这是表格自带的填写说明，按未填写处理")
            return ""
        return cell.text

    def points(self, cell: Cell) -> Decimal | None:
        """Return points (分值, 得分), None where the cell holds none."""
        self._note_doubt(cell)
        if is_blank(cell.text) or is_help(cell.text):
            return None
        value = read_value(cell.text)
        # 权重 written as 10% means 10 points of 100.
        if isinstance(value, Quantity) and value.unit in ("", "分", "%"):
            return value.value
        self.note(UNCERTAIN, cell, "这里应是分数，没有读出数字")
        return None

    def amount(self, cell: Cell, unit: MoneyUnit, scale: Decimal) -> Decimal | None:
        """Return money in unit; scale: what a number without a unit is times."""
        self._note_doubt(cell)
        if is_blank(cell.text) or is_help(cell.text):
            return None
        value = read_value(cell.text)
        if isinstance(value, Quantity):
            written = value.unit
            factor = unit_factor(written, unit) if written else scale
            # The exact number, not the one a formula's cell shows.
            number = value.value if cell.number is None else cell.number
            if factor is not None:
                return _plain(number * factor)
        self.note(UNCERTAIN, cell, "这里应是金额，没有读出数字")
        return None

    def ratio(self, cell: Cell, heading: str) -> Decimal | None:
        """Return a ratio as a fraction of 1 with 4 decimals or more."""
        self._note_doubt(cell)
        if is_blank(cell.text) or is_help(cell.text):
            return None
        value = read_value(cell.text)
        if not isinstance(value, Quantity) or value.unit not in ("", "%"):
            self.note(UNCERTAIN, cell, "这里应是比率，没有读出数字")
            return None
        percent = value.unit == "%" or "%" in normal_text(heading)
        if not percent and abs(value.value) > HIGHEST_RATIO:
            self.note(UNCERTAIN, cell, "比率没有写 %，按百分数理解")
            percent = True
        ratio = value.value.scaleb(-2) if percent else value.value
        return _with_decimals(ratio, 4)

    def day(self, cell: Cell) -> str | None:
        """Return a date in ISO 8601, None where no day is written."""
        text = self.text(cell)
        if not text:
            return None
        value = read_value(normal_text(text))
        if isinstance(value, Deadline) and value.first == value.last:
            return value.last.isoformat()
        self.note(UNCERTAIN, cell, "没有读出日期，请写成 2023年3月20日")
        return None

    def _note_doubt(self, cell: Cell) -> None:
        if cell.doubt:
            self.note(UNCERTAIN if cell.text else MISSING, cell, cell.doubt)


def is_help(text: str) -> bool:
    """Whether a cell still holds what the form asks to be written there."""
    return len(text) <= LONGEST_HELP and bool(HELP.fullmatch(text.strip()))


def _plain(number: Decimal) -> Decimal:
    """Return a number as it is written, not as 1E+2."""
    return Decimal(format(number, "f"))


def _with_decimals(number: Decimal, least: int) -> Decimal:
    text = format(number, "f")
    decimals = len(text.partition(".")[2])
    return Decimal(text if decimals >= least else format(number, f".{least}f"))
