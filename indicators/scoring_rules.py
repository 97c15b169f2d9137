"""The rules by which one row earns points: pure functions on Decimal.

Each returns Earned: the exact points before rounding and the working a clerk can repeat
with a calculator. Which rule a row falls under is decided in scoring.py; the figures of
a rule stand in the scheme. Rule numbers: docs/rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from indicators.schemes import (
    FULL_POINTS,
    Band,
    OvershootStep,
    ReverseMethod,
    Step,
)
from perfeval.numbers import Deadline

CENT = Decimal("0.01")
RATIO_PLACES = Decimal("0.0001")
# Room for the ratio of the longest figures that are scored.
WIDE = Context(prec=100)
ZERO = Decimal(0)
ONE = Decimal(1)


class ScoringError(ValueError):
    """A row cannot be scored; the message says why, in Chinese."""


@dataclass(frozen=True)
class Earned:
    """exact: points before rounding; working: how they came about, in Chinese.

    computed: working is a calculation, to which “= points” can be added. exact is
    always multiplied first and divided last, so that a tie stays a tie.
    because: why a reason is asked for although no point was lost, or "".
    """

    exact: Decimal
    working: str
    computed: bool = True
    because: str = ""


def round_points(points: Decimal) -> Decimal:
    """Return points rounded half up to 0.01 (R-11); the one place where rounding is."""
    return points.quantize(CENT, ROUND_HALF_UP)


def round_ratio(ratio: Decimal) -> Decimal:
    """Return a ratio (fraction) as it is printed and stored: half up to 0.0001."""
    return ratio.quantize(RATIO_PLACES, ROUND_HALF_UP, WIDE)


def round_within(points: Decimal, max_points: Decimal) -> Decimal:
    """Return points rounded (R-11), kept between 0 and max_points (R-07).

    A maximum finer than 0.01 is not passed by rounding up.
    """
    rounded = round_points(min(max(points, ZERO), max_points))
    if rounded > max_points:
        return max_points.quantize(CENT, ROUND_DOWN)
    return rounded


def positive_points(target: Decimal, actual: Decimal, max_points: Decimal) -> Earned:
    """Return the points of an indicator where more is better (R-04).

    Reached: all points; else in proportion. A target of 0 is met by anything; a
    negative actual counts as 0. Raises ScoringError: target negative.
    """
    _refuse_negative(target)
    if actual >= target or target == 0:
        return _full(f"完成值 {plain(actual)} 达到指标值 {plain(target)}", max_points)
    return _proportion(target, actual, max_points)


def equal_points(target: Decimal, actual: Decimal, max_points: Decimal) -> Earned:
    """Return the points of an indicator that should equal its target (R-05).

    Target 0: all points up to 0, none above. Else as positive_points.
    """
    if target == 0 and actual > 0:
        return _none(f"指标值为 0，完成值 {plain(actual)} 大于 0")
    return positive_points(target, actual, max_points)


def reverse_points(
    target: Decimal, actual: Decimal, max_points: Decimal, method: ReverseMethod
) -> Earned:
    """Return the points of an indicator where less is better (R-06).

    Not above the target: all points. Beyond it by method: linear loses the share by
    which it is exceeded, ratio gives target ÷ actual, zero gives nothing. A target of 0
    that is exceeded gives nothing in all three. Raises ScoringError: target negative.
    """
    _refuse_negative(target)
    shown, goal = plain(actual), plain(target)
    if actual <= target:
        return _full(f"完成值 {shown} 未超过指标值 {goal}", max_points)
    if target == 0 or method == "zero":
        return _none(f"完成值 {shown} 超过指标值 {goal}")
    maximum = plain(max_points)
    if method == "ratio":
        working = f"指标值 {goal} ÷ 完成值 {shown} × 分值 {maximum}"
        return Earned(target * max_points / actual, working)
    if actual >= 2 * target:
        return _none(f"完成值 {shown} 达到指标值 {goal} 的 2 倍以上")
    working = f"[1 −（完成值 {shown} − 指标值 {goal}）÷ 指标值 {goal}] × 分值 {maximum}"
    return Earned((2 * target - actual) * max_points / target, working)


def satisfaction_points(
    target: Decimal, actual: Decimal, max_points: Decimal, floor: Decimal
) -> Earned:
    """Return the points of a graded satisfaction indicator (R-09); all in percent.

    Reached: all points; from floor to target in proportion; below floor none.
    Raises ScoringError: target negative.
    """
    _refuse_negative(target)
    shown, low = plain(actual), plain(floor)
    if actual >= target:
        return _full(f"满意度 {shown}% 达到指标值 {plain(target)}%", max_points)
    if actual < floor:
        return _none(f"满意度 {shown}% 低于 {low}%")
    return Earned(
        (actual - floor) * max_points / (target - floor),
        f"（满意度 {shown} − {low}）÷（指标值 {plain(target)} − {low}）"
        f"× 分值 {plain(max_points)}",
    )


def deadline_points(target: Deadline, actual: Deadline, max_points: Decimal) -> Earned:
    """Return the points of an indicator whose target is a date (R-12).

    On time: all points; late: none, as no rule says how lateness is measured. Raises
    ScoringError where the two are written too roughly to be told apart.
    """
    latest, goal = actual.last.isoformat(), target.last.isoformat()
    if actual.last <= target.first or (
        actual.last <= target.last and not target.before
    ):
        return _full(f"不晚于 {latest} 完成，在期限 {goal} 之内", max_points)
    if actual.first > target.last and not actual.before:
        return _none(f"完成时间晚于期限 {goal}")
    raise ScoringError(
        f"完成时间写到 {latest}，期限为 {goal}，无法判断是否按时，请写明到日"
    )


def qualitative_points(
    band: Band, given: Decimal | None, max_points: Decimal
) -> Earned:
    """Return the points of a qualitative indicator at one level of achievement (R-08).

    given: points set by hand, which stand inside the band; outside it, or without them,
    the band's default stands and a reason is asked for.
    """
    allowed = f"“{band.label}”的 {band_range(band, max_points)}"
    given = None if given is None else round_points(given)
    if given is not None and in_band(given, band, max_points):
        return Earned(given, f"在{allowed}之内评定", computed=False)
    shown = plain(band.default_share * 100)
    working = f"“{band.label}”，按默认 {shown}% × 分值 {plain(max_points)}"
    because = f"未填得分，按默认 {shown}% 计，须确认"
    if given is not None:
        because = f"所填 {given} 分不在{allowed}之内，按默认 {shown}% 计"
    return Earned(band.default_share * max_points, working, because=because)


def band_points(band: Band, max_points: Decimal) -> tuple[Decimal, Decimal]:
    """Return from and to which points a band goes (R-08), both rounded.

    The upper border belongs to the band only where the band ends at the maximum.
    """
    return (
        round_within(band.from_share * max_points, max_points),
        round_within(band.to_share * max_points, max_points),
    )


def in_band(points: Decimal, band: Band, max_points: Decimal) -> bool:
    """Whether points stand inside a band (R-08)."""
    low, high = band_points(band, max_points)
    return low <= points and (points <= high if band.to_share == 1 else points < high)


def band_range(band: Band, max_points: Decimal) -> str:
    """Return the points of a band in words: 6.00—7.99 分."""
    low, high = band_points(band, max_points)
    top = high if band.to_share == 1 else high - CENT
    return f"{low}—{top} 分"


def rubric_points(
    given: Decimal | None, deduction: Decimal | None, max_points: Decimal
) -> Earned:
    """Return the points given against a written standard, or maximum less deductions.

    Rule R-14. Raises ScoringError where neither is there.
    """
    if given is None and deduction is None:
        raise ScoringError("未填得分或扣分，按评分标准评定后计分")
    maximum = plain(max_points)
    if given is None:
        assert deduction is not None
        return Earned(
            max_points - deduction, f"分值 {maximum} − 扣分 {plain(deduction)}"
        )
    because = ""
    if not 0 <= given <= max_points:
        because = f"所填 {plain(given)} 分不在 0 与分值 {maximum} 之间"
    elif deduction is not None and given != max_points - deduction:
        because = (
            f"所填 {plain(given)} 分与分值 {maximum} 减扣分 {plain(deduction)} 不等"
        )
    return Earned(given, "按评分标准评定", computed=False, because=because)


def step_points(ratio: Decimal, steps: Sequence[Step], max_points: Decimal) -> Earned:
    """Return the points of the step a ratio (fraction) reaches (R-15), 0 below all."""
    reached = next((step for step in steps if ratio >= step.from_ratio), None)
    if reached is None:
        low = percent(steps[-1].from_ratio)
        return _none(f"支出率 {percent(ratio)} 低于 {low}")
    working = f"支出率 {percent(ratio)} 达到 {percent(reached.from_ratio)} 一档"
    return Earned(min(reached.points, max_points), working, computed=False)


def with_overshoot_deducted(
    earned: Earned, ratio: Decimal, steps: Sequence[OvershootStep], max_points: Decimal
) -> Earned:
    """Return the points less what a completion ratio far above 1 costs (R-10)."""
    share = max(
        (step.deduct_share for step in steps if ratio >= step.from_ratio), default=ZERO
    )
    if not share:
        return earned
    return Earned(
        earned.exact - share * max_points,
        f"完成值为指标值的 {percent(ratio)}，超额扣 {percent(share)}："
        f"（1 − {plain(share)}）× 分值 {plain(max_points)}",
    )


def with_floor(earned: Earned, floor: Decimal | None, max_points: Decimal) -> Earned:
    """Return no points for a proportional row below the pass mark (R-18)."""
    if floor is None or earned.exact >= floor * max_points:
        return earned
    return _none(f"完成程度低于 {percent(floor)}")


def rescaled(points: Decimal, applicable: Decimal) -> Decimal:
    """Return points out of the applicable maximum on the scale of 100 (R-13)."""
    return round_points(points * FULL_POINTS / applicable) if applicable else ZERO


def plain(value: Decimal) -> str:
    """Return a number as it is written by hand: 8.00 → 8, no exponent."""
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(ratio: Decimal) -> str:
    """Return a fraction in percent with 2 decimals at most: 0.5791 → 57.91%."""
    return f"{plain(round_points(ratio * 100))}%"


def _proportion(target: Decimal, actual: Decimal, max_points: Decimal) -> Earned:
    counted = max(actual, ZERO)
    note = " " if counted == actual else "（负数按 0 计）"
    return Earned(
        counted * max_points / target,
        f"完成值 {plain(counted)}{note}÷ 指标值 {plain(target)} "
        f"× 分值 {plain(max_points)}",
    )


def _full(working: str, max_points: Decimal) -> Earned:
    return Earned(max_points, working, computed=False)


def _none(working: str) -> Earned:
    return Earned(ZERO, working, computed=False)


def _refuse_negative(target: Decimal) -> None:
    if target < 0:
        raise ScoringError(f"指标值 {plain(target)} 为负数，不能计分")
