"""How the system reads an indicator's target, told back while it is typed.

It says what scoring (row_scoring) will make of the target; nothing is refused here.
"""

from dataclasses import dataclass
from decimal import Decimal

from indicators.models import Comparator
from indicators.scoring_rules import plain
from perfeval.numbers import (
    Deadline,
    Quantity,
    Span,
    Words,
    is_blank,
    normal_unit,
    read_value,
    unit_factor,
)
from perfeval.templatetags.units import chinese_date

WORDS = {
    Comparator.AT_LEAST: "不低于",
    Comparator.MORE: "高于",
    Comparator.EQUAL: "等于",
    Comparator.AT_MOST: "不高于",
    Comparator.LESS: "低于",
}
LOWER = (Comparator.AT_MOST, Comparator.LESS)


@dataclass(frozen=True)
class Reading:
    """What a target is read as; is_warning: it cannot be scored as it stands."""

    text: str
    is_warning: bool = False


def read_target(comparator: str, target: str, unit: str) -> Reading:
    """Return the reading of a target under a comparator, in one sentence."""
    if comparator == Comparator.RUBRIC:
        return Reading("按评分标准给分，不需要填指标值")
    if comparator == Comparator.QUALITATIVE:
        return _read_qualitative(target)
    if comparator not in WORDS:
        return Reading("请先选择指标性质", is_warning=True)
    sign = Comparator(comparator)
    if is_blank(target):
        return Reading("请填写指标值，否则不能计分", is_warning=True)
    value = read_value(target)
    if isinstance(value, Words):
        return _warn(
            f"“{_short(target)}”不是确定的数，不能自动计分；"
            "请改填数字，或把指标性质改为“定性”"
        )
    if value.sign and value.sign != sign:
        return _warn("指标值中写的符号与所选指标性质不一致，请删去指标值中的符号")
    if isinstance(value, Deadline):
        return _read_deadline(value, sign, target)
    return _read_amount(value, sign, unit)


def _read_qualitative(target: str) -> Reading:
    if is_blank(target):
        return _warn("请填写应达到的程度，如“明显提高”")
    if isinstance(read_value(target), Quantity):
        return _warn("指标值是数字，指标性质宜选“≥”“≤”等，由系统按完成比例计分")
    return Reading("定性指标，按达成、部分达成、未达成三档给分")


def _read_deadline(value: Deadline, sign: Comparator, target: str) -> Reading:
    if sign in (Comparator.AT_LEAST, Comparator.MORE):
        return _warn("指标值是期限，指标性质请选“≤”")
    last = chinese_date(value.last.isoformat())
    if value.before and value.first != value.last:
        first = chinese_date(value.first.isoformat())
        return _warn(
            f"“{_short(target)}”可以理解为 {first}或 {last}，请写明，如“{last}前”"
        )
    return Reading(f"完成日期不晚于 {last}")


def _read_amount(value: Quantity | Span, sign: Comparator, unit: str) -> Reading:
    goal, note = _goal(value, sign)
    if goal < 0:
        return _warn("指标值为负数，不能按比例计分")
    unit = normal_unit(unit)
    factor = unit_factor(value.unit, unit) if value.unit and unit else Decimal(1)
    if factor is None:
        return _warn(f"指标值的单位“{value.unit}”与度量单位“{unit}”不同，不能计分")
    shown = f"{plain(goal * factor)} {unit or value.unit}".strip()
    return Reading(f"实际完成值{WORDS[sign]} {shown}{note}")


def _goal(value: Quantity | Span, sign: Comparator) -> tuple[Decimal, str]:
    if isinstance(value, Quantity):
        return value.value, ""
    end, word = (value.high, "上") if sign in LOWER else (value.low, "下")
    return end, f"（指标值为区间，取{word}限）"


def _warn(text: str) -> Reading:
    return Reading(text, is_warning=True)


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 20 else f"{text[:19]}…"
