"""The value that a workbook holds for a cell becomes the Cell that people see."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from perfeval.numbers import SIGNS
from perfeval.workbooks.grid import Cell
from perfeval.workbooks.number_formats import GENERAL, NumberFormat

Raw = int | float | str | bool | time | date | datetime | timedelta

# Excel keeps 15 digits of a number: of a longer code the rest is lost.
EXACT_LIMIT = 10**15
EPOCH = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001
# Beyond it lies no date that Excel knows: 31 December 9999.
LAST_DAY = 2_958_466

BAD_RESULT = "单元格里是错误值 {}，请改正公式或直接填写内容，保存后再上传"
NO_RESULT = "公式没有保存计算结果，请用 WPS 或 Excel 打开后重新保存"
LOST_DIGITS = "超过 15 位的数字，Excel 只保留前 15 位，请把单元格设为文本后重新填写"
MADE_DATE = "Excel 把填写的内容当成了日期，请把单元格设为文本后重新填写"
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def make_cell(
    row: int,
    column: int,
    value: Raw,
    shown_as: NumberFormat = GENERAL,
    *,
    computed: bool = False,
    since_1904: bool = False,
) -> Cell:
    """Return the cell of a value; shown_as: its number format; computed: by a formula.

    since_1904: the workbook counts its days from 1904.
    """
    if isinstance(value, str):
        return Cell(row, column, clean_text(value))
    if isinstance(value, bool):
        return Cell(row, column, "TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        if shown_as.date and 0 <= value < LAST_DAY:
            value = EPOCH[since_1904] + timedelta(days=value)
        else:
            return _number(row, column, value, shown_as, computed)
    if isinstance(value, date):
        return _date(row, column, value, shown_as)
    return Cell(row, column, str(value), doubt=MADE_DATE, original=str(value))


def lost_result(row: int, column: int) -> Cell:
    """Return the cell of a formula whose result is not in the file."""
    return Cell(row, column, doubt=NO_RESULT)


def error_cell(row: int, column: int, error: str) -> Cell:
    """Return the cell of a formula that came to an error, #REF! for example."""
    return Cell(row, column, doubt=BAD_RESULT.format(error), original=error)


def clean_text(text: str) -> str:
    """Return text without invisible characters and blanks at the ends of its lines."""
    text = text.replace("_x000D_", "").translate(INVISIBLE)
    lines = (line.strip() for line in text.splitlines())
    # A lone surrogate of an old file is no character and could not be written.
    return "\n".join(lines).strip().encode(errors="replace").decode()


def _number(
    row: int, column: int, value: float, shown_as: NumberFormat, computed: bool
) -> Cell:
    number = Decimal(f"{value:.15g}")
    if not number.is_finite():
        return Cell(row, column, str(value))
    if shown_as.percent:
        number = number.scaleb(2)
    text = _digits(_as_shown(number, shown_as) if computed else number)
    doubt = LOST_DIGITS if abs(value) >= EXACT_LIMIT else ""
    before = shown_as.before if shown_as.before in SIGNS else ""
    after = "%" if shown_as.percent else shown_as.after
    return Cell(
        row, column, f"{before}{text}{after}", number, doubt, text * bool(doubt)
    )


def _as_shown(number: Decimal, shown_as: NumberFormat) -> Decimal:
    if shown_as.decimals is None or abs(number) >= EXACT_LIMIT:
        return number
    step = Decimal(1).scaleb(-shown_as.decimals)
    return number.quantize(step, ROUND_HALF_UP)


def _digits(number: Decimal) -> str:
    """Return a number as digits without idle zeros: 50.0 → 50, 1E+3 → 1000."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _date(row: int, column: int, value: date, shown_as: NumberFormat) -> Cell:
    whole = f"{value.year}年{value.month}月{value.day}日"
    if shown_as.date and not shown_as.year:
        return Cell(
            row,
            column,
            f"{value.month}月{value.day}日",
            doubt=MADE_DATE,
            original=f"{value.month}/{value.day}",
        )
    if shown_as.date and not shown_as.day:
        whole = f"{value.year}年{value.month}月"
    return Cell(row, column, whole)
