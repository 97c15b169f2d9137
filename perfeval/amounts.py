"""Money in 元 and 万元, exact both ways: Decimal of 15 digits, 2 after the point.

Stored in 元; shown in the scheme's unit without losing a 分.
"""

import re
from decimal import Decimal
from typing import Literal

from perfeval.numbers import (
    LONGEST,
    Quantity,
    is_split,
    normal_unit,
    read_value,
    unit_factor,
)

MoneyUnit = Literal["元", "万元"]
CENT = Decimal("0.01")
YUAN_SIGN = re.compile(r"^\s*(?:[¥￥]|RMB|人民币)(?=\s*[0-9０-９.．])")


class AmountError(ValueError):
    """A text or number is no amount; the message says why, in Chinese."""


def to_yuan(amount: Decimal, unit: MoneyUnit) -> Decimal:
    """Return an amount in 元 with 2 decimals: 13.32 万元 → 133200.00.

    Raises AmountError: finer than a 分, or more than 15 digits.
    """
    return _checked(amount, Decimal(10_000) if unit == "万元" else Decimal(1), unit)


def from_yuan(yuan: Decimal, unit: MoneyUnit) -> Decimal:
    """Return 元 in the unit, exact and without idle zeros: 133200.00 → 13.32 万元.

    Raises AmountError as to_yuan does.
    """
    exact = _checked(yuan, Decimal(1), "元")
    shown = exact.scaleb(-4) if unit == "万元" else exact
    shown = shown.normalize()
    # normalize() turns 100 into 1E+2.
    return shown.quantize(Decimal(1)) if shown == shown.to_integral() else shown


def read_amount(text: str, unit: MoneyUnit) -> Decimal:
    """Return in 元 what a cell says; unit: that of a number written without one.

    A ￥ in front, as Excel's currency format copies it, tells nothing of the unit.
    Raises AmountError: not one amount of money, finer than a 分, or too large.
    """
    if len(text) <= LONGEST and is_split(text):
        reason = f"“{_shown(text)}”的数字中间有空格，看不出是一个数还是几个数"
        raise AmountError(f"{reason}，请只填一个数，如 13.32")
    value = read_value(YUAN_SIGN.sub("", text, count=1))
    if not isinstance(value, Quantity) or value.sign is not None:
        raise AmountError(f"“{_shown(text)}”不是金额，请只填数字，如 13.32")
    factor = unit_factor(value.unit or unit, "元")
    if factor is None:
        raise AmountError(
            f"“{_shown(text)}”的单位“{normal_unit(value.unit)}”不是元或万元"
        )
    return _checked(value.value, factor, value.unit or unit)


def _checked(amount: Decimal, factor: Decimal, unit: str) -> Decimal:
    """Return amount times factor with 2 decimals; raise AmountError."""
    if not amount.is_finite():
        raise AmountError(f"金额 {amount} 不是数字")
    # Counted before computing: the context would silently round a number of 30 digits.
    digits, exponent = _digits(amount)
    power = factor.adjusted()
    if digits + exponent + power > 13:
        raise AmountError(
            f"金额 {_shown(str(amount))} {unit}过大，最多 13 位整数（元）"
        )
    if exponent + power < -2:
        raise AmountError(f"金额 {_shown(str(amount))} {unit}精确到了分以下，最小到分")
    return (amount * factor).quantize(CENT)


def _digits(amount: Decimal) -> tuple[int, int]:
    """Return the count of digits and the exponent, trailing zeros not counted."""
    _, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    return (len(kept), exponent + len(text) - len(kept)) if kept else (0, 0)


def _shown(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
