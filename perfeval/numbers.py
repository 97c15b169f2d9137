"""Numbers, signs and units as people write them: the one reader for all of them.

Forms, imports, scoring and checks read cells through here. What is not a number stays
text (Words): “约50” and “效果明显” are never turned into a figure. Percent and fraction
are never mixed: 98% is 98 of the unit “%”.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Sign = Literal[">=", ">", "=", "<=", "<"]

# A cell longer than this is a sentence, whatever it begins with.
LONGEST = 200

SIGNS: dict[str, Sign] = {
    **dict.fromkeys(("≥", "≧", "⩾", ">=", "=>", "不少于", "不低于", "不小于"), ">="),
    **dict.fromkeys(("大于等于", "大于或等于", "至少"), ">="),
    **dict.fromkeys(("≤", "≦", "⩽", "<=", "=<", "不超过", "不高于", "不大于"), "<="),
    **dict.fromkeys(("小于等于", "小于或等于", "不多于", "至多"), "<="),
    **dict.fromkeys(("=", "═", "==", "等于"), "="),
    **dict.fromkeys((">", "大于", "超过", "高于", "多于"), ">"),
    **dict.fromkeys(("<", "小于", "低于", "少于"), "<"),
}
# “以上”“以内” include the number itself (民法典第一千二百五十九条).
CLOSING_SIGNS: dict[str, Sign] = {
    **dict.fromkeys(("及以上", "以上"), ">="),
    **dict.fromkeys(("及以下", "以下", "以内", "之内"), "<="),
}
SIGN = re.compile("|".join(sorted(map(re.escape, SIGNS), key=len, reverse=True)))
BLANKS = frozenset(("", "-", "--", "—", "——", "–", "－", "－－", "−", "/", "／", "\\"))
# Not one number: “50余个”, “50个左右”; nor a date without its year: “12月底前”.
VAGUE = re.compile(r"^[多余来几]|[万亿千百][多余来几]|左右|上下|不到|约|[多余底前]$")

NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
UNIT = r"(?:[%‰]|(?:°|[^\W\d_])(?:[^\W\d_]|[/·°])*)"
# Digits with blanks between them are one number where the blanks group thousands.
SPACED = re.compile(r"[\d.,，．]*\d[^\S\n]+\d[\d.,，．]*(?:[^\S\n]+\d[\d.,，．]*)*")
IN_THOUSANDS = re.compile(r"\d{1,3}(?:\s\d{3})+(?:[.．]\d+)?")
QUANTITY = re.compile(rf"({NUMBER})({UNIT})?")
SPAN = re.compile(rf"({NUMBER})({UNIT})?(?:[-–—~〜]|——|至|到)({NUMBER})({UNIT})?")
YEAR = r"((?:19|20)[0-9]{2})"
MONTH = r"(1[0-2]|0?[1-9])"
DAY = r"(3[01]|[12][0-9]|0?[1-9])"
DATE = re.compile(
    rf"(?:在|于)?{YEAR}(?:年(?:度)?(?:{MONTH}月(?:份)?(?:{DAY}[日号])?)?|-{MONTH}(?:-{DAY})?"
    rf"|/{MONTH}(?:/{DAY})?|\.{MONTH}\.{DAY})"
)
END = re.compile(r"年?(底|末)?(之前|以前|前)?(?:完成|完工)?")

CHINESE_AMOUNT = re.compile(r"([零〇一二两三四五六七八九十百千万亿点]+)(元)整?")
FORMAL_NUMERALS = str.maketrans(
    "壹贰叁肆伍陆柒捌玖拾佰仟圆", "一二三四五六七八九十百千元"
)
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
TENS = {"十": 10, "百": 100, "千": 1000}

SAME_UNITS = {
    "百分比": "%",
    "元整": "元",
    "万元整": "万元",
    **dict.fromkeys(("m2", "m²", "平米"), "平方米"),
}
MULTIPLIER = re.compile(r"(百|千)?(万|亿)(.*)")


@dataclass(frozen=True)
class Quantity:
    """One number; unit as written, % for all ways to write percent, "" where none."""

    value: Decimal
    unit: str = ""
    sign: Sign | None = None


@dataclass(frozen=True)
class Span:
    """From low to high (90-95%), low not above high."""

    low: Decimal
    high: Decimal
    unit: str = ""
    sign: Sign | None = None


@dataclass(frozen=True)
class Deadline:
    """A day, month or year; the last day meant lies from first to last.

    “2021年12月底前” means exactly 31 December; “2021年12月前” may mean the end of
    November or of December, so first is 30 November. before: written as “…前”.
    """

    first: date
    last: date
    before: bool = False
    sign: Sign | None = None


@dataclass(frozen=True)
class Words:
    """What is not a number, as written but for blanks at its ends."""

    text: str


Value = Quantity | Span | Deadline | Words


def read_value(text: str) -> Value:
    """Return what a cell says; Words where it is no number. Never raises."""
    words = Words(text.strip())
    if len(words.text) > LONGEST or is_split(words.text):
        return words
    plain = normal_text(words.text)
    sign, plain = _split_sign(plain)
    return (
        _read_deadline(plain, sign)
        or _read_span(plain, sign)
        or _read_quantity(plain, sign)
        or _read_chinese_amount(plain, sign)
        or words
    )


def read_number(text: str) -> Decimal | None:
    """Return the number a cell holds, without sign and unit; None for all else."""
    value = read_value(text)
    if isinstance(value, Quantity) and value.sign is None and not value.unit:
        return value.value
    return None


def is_split(text: str) -> bool:
    """Whether blanks part digits that are no thousands: 5 6, but not 1 234.50.

    A number that its cell broke over two lines is not meant.
    """
    return any(not IN_THOUSANDS.fullmatch(each[0]) for each in SPACED.finditer(text))


def is_blank(text: str | None) -> bool:
    """Whether a cell says nothing: empty, or a dash as forms are filled with."""
    return text is None or text.strip() in BLANKS


def with_unit(value: str, unit: str) -> str:
    """Return a value as written, with the unit after a plain number (also １２)."""
    return f"{value}{unit}" if value[-1:].isdecimal() else value


def normal_text(text: str) -> str:
    """Return text with full-width forms as plain ones and without blanks.

    Numbers in circles and superscripts stay: ① is a numeral of a list, not 1.
    """
    return "".join(
        char
        if unicodedata.category(char) == "No"
        else unicodedata.normalize("NFKC", char).replace("−", "-")
        for char in "".join(text.split())
    )


def normal_unit(unit: str) -> str:
    """Return a unit by which two can be compared: ％ and 百分比 are %."""
    plain = normal_text(unit[:LONGEST])
    return SAME_UNITS.get(plain, plain)


def unit_factor(source: str, target: str) -> Decimal | None:
    """Return what a number in source is multiplied by to be in target.

    Only powers of ten are known: 元 and 万元, 人次 and 万人次; a bare 万 counts in
    whatever target counts. None: units differ.
    """
    source, target = normal_unit(source), normal_unit(target)
    if source == target:
        return Decimal(1)
    from_power, from_base = _multiplier(source)
    to_power, to_base = _multiplier(target)
    if from_base != to_base and not (from_power and not from_base and to_base != "%"):
        return None
    return Decimal(1).scaleb(from_power - to_power)


def _multiplier(unit: str) -> tuple[int, str]:
    """万元 → (4, 元): the power of ten and what is left."""
    found = MULTIPLIER.fullmatch(unit)
    if not found:
        return 0, unit
    small = {"百": 2, "千": 3}.get(found[1] or "", 0)
    return small + {"万": 4, "亿": 8}[found[2]], found[3]


def _split_sign(plain: str) -> tuple[Sign | None, str]:
    opening = SIGN.match(plain)
    if opening:
        return SIGNS[opening[0]], plain[opening.end() :]
    for ending, sign in CLOSING_SIGNS.items():
        if plain.endswith(ending):
            return sign, plain.removesuffix(ending)
    return None, plain


def _read_quantity(plain: str, sign: Sign | None) -> Quantity | None:
    found = QUANTITY.fullmatch(plain)
    # “2021年上半年” is no number of 2021, though no day can be read from it either.
    if not found or VAGUE.search(found[2] or "") or DATE.match(plain):
        return None
    return Quantity(_decimal(found[1]), normal_unit(found[2] or ""), sign)


def _read_span(plain: str, sign: Sign | None) -> Span | None:
    found = SPAN.fullmatch(plain)
    if not found:
        return None
    low, high = _decimal(found[1]), _decimal(found[3])
    first, last = normal_unit(found[2] or ""), normal_unit(found[4] or "")
    units_agree = not first or first == last
    if low > high or not units_agree or VAGUE.search(last):
        return None
    return Span(low, high, last, sign)


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _read_deadline(plain: str, sign: Sign | None) -> Deadline | None:
    found = DATE.match(plain)
    ending = found and END.fullmatch(plain, found.end())
    if not found or not ending:
        return None
    year, *rest = (int(each) for each in found.groups() if each)
    try:
        first, last = _period(year, *rest)
    except ValueError:
        return None
    before = bool(ending[2])
    if ending[1] or len(rest) == 2:
        first = last
    elif before:
        first = date.fromordinal(first.toordinal() - 1)
    return Deadline(first, last, before, sign)


def _period(year: int, month: int = 0, day: int = 0) -> tuple[date, date]:
    """Return the first and the last day; ValueError: no such day."""
    if day:
        return date(year, month, day), date(year, month, day)
    until = month or 12
    last = date(year, until, calendar.monthrange(year, until)[1])
    return date(year, month or 1, 1), last


def _read_chinese_amount(plain: str, sign: Sign | None) -> Quantity | None:
    """Read 二十三万元 as 23 of 万元, 三千二百元 as 3200 of 元."""
    found = CHINESE_AMOUNT.fullmatch(plain.translate(FORMAL_NUMERALS))
    if not found:
        return None
    numeral, scale = found[1], found[1][-1]
    # 一亿零五万元 is not (一亿零五)万元: the scale is a unit only where it is alone.
    if scale not in "万亿" or re.search("[万亿]", numeral[:-1]):
        scale = ""
    value = read_chinese_numeral(numeral.removesuffix(scale))
    return None if value is None else Quantity(value, f"{scale}元", sign)


def chinese_numeral(number: int) -> str:
    """Return a number from 1 to 99 as headings count: 十一, 二十."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    lead = "" if tens == 0 else ("十" if tens == 1 else f"{digits[tens]}十")
    return lead + (digits[ones] if ones else "")


def read_chinese_numeral(text: str) -> Decimal | None:
    """Return the number of a Chinese numeral (二十三, 十三点三二); None for others."""
    whole, point, decimals = text.partition("点")
    value = _scaled(whole, ("亿", 8), ("万", 4))
    if value is None or (point and not all(char in DIGITS for char in decimals)):
        return None
    if point and not decimals:
        return None
    digits = "".join(str(DIGITS[char]) for char in decimals)
    return Decimal(f"{value}.{digits}" if digits else value)


def _scaled(text: str, *scales: tuple[str, int]) -> int | None:
    """Split at 亿, each side at 万, and read what is left below 万."""
    if not scales:
        return _below_ten_thousand(text)
    (mark, power), *smaller = scales
    left, found, right = text.rpartition(mark)
    if not found:
        return _scaled(text, *smaller)
    high = _scaled(left, *smaller)
    low = _scaled(right, *smaller) if right else 0
    if not high or low is None:
        return None
    return int(high * 10**power + low)


def _below_ten_thousand(text: str) -> int | None:
    """Read 三千二百零五; None where the order is not that of a numeral (二三)."""
    total, digit, limit = 0, None, 10_000
    for place, char in enumerate(text):
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in TENS and TENS[char] < limit:
            # 十三 stands for 一十三, but only at the beginning.
            if not digit and (place or char != "十"):
                return None
            limit = TENS[char]
            total, digit = total + (digit or 1) * limit, None
        else:
            return None
    return total + (digit or 0) if text else None
