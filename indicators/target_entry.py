"""A target as people write it in one cell (≥50个) becomes sign, target and unit."""

import re
from dataclasses import dataclass

from indicators.models import Comparator
from perfeval.numbers import (
    SIGNS,
    Deadline,
    Quantity,
    Span,
    is_blank,
    normal_text,
    normal_unit,
    read_value,
)

LONGEST_SIGN = max(map(len, SIGNS))
# What a column 指标性质 says beside the signs; "" tells the kind, not the comparison.
NATURES = {
    **dict.fromkeys(("定性", "定性指标"), Comparator.QUALITATIVE),
    **dict.fromkeys(("按评分标准", "评分标准"), Comparator.RUBRIC),
    **dict.fromkeys(("正向", "正向指标", "正指标"), Comparator.AT_LEAST),
    **dict.fromkeys(("反向", "反向指标", "负向", "逆向"), Comparator.AT_MOST),
    **dict.fromkeys(("定量", "定量指标", "约束性", "预期性"), ""),
}


@dataclass(frozen=True)
class TargetEntry:
    """comparator: one of Comparator, "" where nothing tells it."""

    comparator: str
    target: str
    unit: str


def read_nature(text: str) -> str | None:
    """Return the comparator a cell of 指标性质 names, "" for none; None: not read."""
    plain = normal_text(text)
    if not plain:
        return ""
    if plain in SIGNS:
        return SIGNS[plain]
    return NATURES.get(plain) if plain not in Comparator.values else plain


def understand(text: str, comparator: str, unit: str) -> TargetEntry:
    """Return what a target just typed says; comparator, unit: of the cells beside it.

    A sign or unit in the text counts, being what was written last. What is no number at
    all makes the target 定性; a vague one (约50) stays, to be told of by its reading.
    """
    target = text.strip()
    if comparator == Comparator.RUBRIC or is_blank(target):
        return TargetEntry(comparator, target, unit)
    if normal_text(target) in SIGNS:
        return TargetEntry(SIGNS[normal_text(target)], "", unit)
    value = read_value(target)
    if isinstance(value, Quantity):
        number = format(value.value, "f")
        sign = value.sign or _compared(comparator)
        return TargetEntry(sign, number, value.unit or unit)
    if isinstance(value, Span):
        sign = value.sign or _compared(comparator)
        return TargetEntry(sign, without_sign(target), unit or value.unit)
    if isinstance(value, Deadline):
        upward = comparator not in (Comparator.EQUAL, Comparator.LESS)
        sign = value.sign or (Comparator.AT_MOST if upward else comparator)
        return TargetEntry(sign, without_sign(target), "")
    if re.search("[0-9]", normal_text(target)):
        return TargetEntry(comparator or Comparator.AT_LEAST, target, unit)
    return TargetEntry(Comparator.QUALITATIVE, target, unit)


def understand_columns(target: str, nature: str, unit: str) -> TargetEntry:
    """Return what a row of a table says whose sign and unit may have own columns.

    nature: as read_nature gives it. Where target and columns contradict each other both
    stay as written: the reading of the target tells of it.
    """
    value = read_value(target)
    sign = getattr(value, "sign", None)
    written = getattr(value, "unit", "")
    contradicts = bool(sign and nature and sign != nature) or bool(
        written and unit and written != normal_unit(unit)
    )
    if contradicts or nature in (Comparator.QUALITATIVE, Comparator.RUBRIC):
        return TargetEntry(nature or sign or Comparator.AT_LEAST, target.strip(), unit)
    return understand(target, nature, unit)


def without_sign(text: str) -> str:
    """Return a target without the sign in front of it."""
    text = text.strip()
    ends = range(min(LONGEST_SIGN, len(text)), 0, -1)
    end = next((end for end in ends if normal_text(text[:end]) in SIGNS), 0)
    return text[end:].strip()


def _compared(comparator: str) -> str:
    """Return how a number is compared: a judged or unnamed one counts upward."""
    is_sign = comparator in SIGNS.values()
    return comparator if is_sign else Comparator.AT_LEAST
