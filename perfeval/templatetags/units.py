"""Numbers become text here and nowhere else: amounts, points, ratios, dates.

Each filter also works as a plain function. None becomes "". No digit is lost: these
only pad, separate and leave out idle zeros.
"""

from datetime import date
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

from django import template

register = template.Library()

# A document may hold numbers of any length: none of their digits is rounded away.
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _at_least_cents(value: Decimal) -> Decimal:
    """Return the value with two decimals, or its own number of them if larger."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        return value.quantize(Decimal("0.01"), context=EXACT)
    return value


def _without_idle_zeros(value: Decimal) -> Decimal:
    exact = value.normalize(EXACT)
    if exact == exact.to_integral():
        return exact.quantize(Decimal(1), context=EXACT)
    return exact


@register.filter
def in_unit(yuan: Decimal | None, unit: str) -> Decimal | None:
    """元 in the unit that is shown, exact: 133200.00 in 万元 → 13.32. Also for sums."""
    if yuan is None:
        return None
    return _without_idle_zeros(yuan.scaleb(-4, EXACT) if unit == "万元" else yuan)


@register.filter
def amount(value: Decimal | None) -> str:
    """Money for the screen, in its own unit: 1234.5 → 1,234.50."""
    return "" if value is None else f"{_at_least_cents(value):,f}"


@register.filter
def form_amount(value: Decimal | None) -> str:
    """Money in a printed form, unseparated as forms write it: 1234.5 → 1234.50."""
    return "" if value is None else f"{_at_least_cents(value):f}"


@register.filter
def points(value: Decimal | None) -> str:
    """Points earned (得分): 8 → 8.00."""
    return "" if value is None else f"{_at_least_cents(value):f}"


@register.filter
def max_points(value: Decimal | None) -> str:
    """Points that can be earned (分值): 10.00 → 10, 22.50 → 22.5."""
    return "" if value is None else f"{_without_idle_zeros(value):f}"


@register.filter
def percent(value: Decimal | None) -> str:
    """A ratio, fraction of 1, in percent: 0.92 → 92.00%."""
    return "" if value is None else f"{_at_least_cents(value.scaleb(2, EXACT)):f}%"


@register.filter
def chinese_date(value: str | None) -> str:
    """An ISO date as documents write it: 2023-03-05 → 2023年3月5日; else as it is."""
    if not iso_date(value):
        return value or ""
    day = date.fromisoformat(iso_date(value))
    return f"{day.year}年{day.month}月{day.day}日"


def iso_date(value: str | None) -> str:
    """Return an ISO date as it is (2023-03-05), "" for any other text."""
    try:
        return date.fromisoformat(value or "").isoformat()
    except ValueError:
        return ""
