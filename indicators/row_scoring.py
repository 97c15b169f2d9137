"""One row of a score sheet: which rule it falls under, its points, and the sentence.

Target and actual are taken as people wrote them and read by perfeval.numbers. What
cannot be read gets no points and an explanation, never a guess.
"""

import re
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from typing import Literal

from indicators.schemes import Achievement, Scheme
from indicators.scoring_rules import (
    ZERO,
    Earned,
    ScoringError,
    deadline_points,
    equal_points,
    percent,
    plain,
    positive_points,
    qualitative_points,
    reverse_points,
    round_within,
    rubric_points,
    satisfaction_points,
    with_floor,
    with_overshoot_deducted,
)
from perfeval.numbers import (
    Deadline,
    Quantity,
    Sign,
    Span,
    Value,
    Words,
    is_blank,
    normal_unit,
    read_value,
    unit_factor,
)

Comparator = Literal[">=", ">", "=", "<=", "<", "qualitative", "rubric"]

# Longer numbers are no figures of a budget; products of three of them stay exact.
LONGEST_PART = 30
EXACT = Context(prec=250)
SATISFACTION = "满意度"
# Units that leave a number what it is: 48个 can be compared with a target of 50, 48% or
# 48万个 cannot.
COUNTED = re.compile("[^%‰万亿]+")
SHOWN_SIGNS = {">=": "≥", ">": "＞", "=": "＝", "<=": "≤", "<": "＜"}


@dataclass(frozen=True, kw_only=True)
class RowFacts:
    """What is known of one indicator; target and actual as people wrote them.

    points: set by hand (qualitative and rubric rows); deduction: 扣分, in points.
    """

    level1: str = ""
    level2: str = ""
    level3: str = ""
    comparator: Comparator | None = None
    target: str | None = None
    unit: str = ""
    actual: str | None = None
    achievement: Achievement | None = None
    max_points: Decimal | None = None
    points: Decimal | None = None
    deduction: Decimal | None = None
    applicable: bool = True


@dataclass(frozen=True, kw_only=True)
class RowScore:
    """Points of one row, None where it cannot be scored (it then counts 0).

    needs_reason: a text is asked for, whether or not one is there; reason_because: why.
    """

    points: Decimal | None
    max_points: Decimal | None
    explanation: str
    needs_reason: bool = False
    reason_because: str = ""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A quantitative row once it is read: goal and done in one unit."""

    sign: Sign
    goal: Decimal
    done: Decimal
    unit: str
    max_points: Decimal
    satisfaction: bool


def score_row(row: RowFacts, scheme: Scheme) -> RowScore:
    """Return points, explanation and whether a reason is asked for, of one row."""
    with localcontext(EXACT):
        try:
            if not row.applicable:
                raise ScoringError("不适用，不计分")
            max_points = figure(row.max_points, "分值")
            deduction = optional_figure(row.deduction, "扣分")
            if max_points < 0 or (deduction is not None and deduction < 0):
                raise ScoringError("分值、扣分不能为负数")
            earned = _earn(row, scheme, max_points)
        except ScoringError as error:
            return RowScore(
                points=None, max_points=row.max_points, explanation=str(error)
            )
        # A rubric row's deduction is part of its rule already.
        deduction = None if row.comparator == "rubric" else deduction
        return finish(earned, deduction, max_points)


def _earn(row: RowFacts, scheme: Scheme, max_points: Decimal) -> Earned:
    """Find the rule a row falls under and apply it."""
    given = optional_figure(row.points, "得分")
    if row.comparator == "rubric":
        return rubric_points(given, optional_figure(row.deduction, "扣分"), max_points)
    target = read_value(row.target or "")
    sign = _sign(row, target)
    achievement = row.achievement or _written_achievement(row.actual, scheme)
    if row.comparator == "qualitative" or (
        row.comparator is None and isinstance(target, Words) and achievement
    ):
        if achievement is None:
            raise ScoringError("未选达成程度（达成、部分达成、未达成）")
        return qualitative_points(scheme.band(achievement), given, max_points)
    if is_blank(row.target):
        raise ScoringError("未填指标值")
    if is_blank(row.actual):
        raise ScoringError("未填实际完成值")
    actual = read_value(row.actual or "")
    if isinstance(target, Deadline):
        return _earn_by_date(target, actual, sign, row, max_points)
    case, note = _read_case(target, actual, sign, row, max_points)
    earned = _earn_by_quantity(case, scheme)
    return replace(earned, working=f"{note}{earned.working}")


def _written_achievement(actual: str | None, scheme: Scheme) -> Achievement | None:
    """Return the level of achievement that 实际完成值 names (R-08), or None."""
    written = (actual or "").strip()
    found = (band.achievement for band in scheme.bands if written in band.words)
    return next(found, None)


def _sign(row: RowFacts, target: Value) -> Sign | None:
    """Return the sign of the row's own column, else the one written in the target."""
    written = None if isinstance(target, Words) else target.sign
    column = row.comparator
    if column is None or column == "qualitative" or column == "rubric":
        return written
    if written not in (None, column):
        mark = SHOWN_SIGNS[column]
        raise ScoringError(
            f"指标性质 {mark} 与指标值“{shown(row.target)}”中的符号不一致"
        )
    return column


def _earn_by_date(
    target: Deadline,
    actual: Value,
    sign: Sign | None,
    row: RowFacts,
    max_points: Decimal,
) -> Earned:
    if sign in (">=", ">"):
        raise ScoringError(f"指标值“{shown(row.target)}”是期限，指标性质不能是 ≥ 或 ＞")
    if not isinstance(actual, Deadline):
        raise ScoringError(f"完成值“{shown(row.actual)}”不是日期，不能与期限比较")
    return deadline_points(target, actual, max_points)


def _read_case(
    target: Value,
    actual: Value,
    sign: Sign | None,
    row: RowFacts,
    max_points: Decimal,
) -> tuple[_Case, str]:
    """Return a quantitative row as figures in one unit, and what was done to get there.

    Of a span the end that must be kept is the goal; a value without unit has the row's,
    one in another unit is converted by powers of ten or refused (R-19).
    """
    if not isinstance(target, Quantity | Span):
        raise ScoringError(f"指标值“{shown(row.target)}”不是数字，不能按比例计分")
    if sign is None:
        raise ScoringError("未填指标性质（≥、≤、＝或定性），不能计分")
    if not isinstance(actual, Quantity) or actual.sign not in (None, "="):
        raise ScoringError(
            f"完成值“{shown(row.actual)}”不是一个确定的数，不能按比例计分"
        )
    unit = normal_unit(row.unit) or target.unit
    written, note = _end_of_span(target, sign)
    goal, goal_note = _in_unit(written, target.unit, unit, "指标值")
    done, done_note = _in_unit(actual.value, actual.unit, unit, "完成值")
    case = _Case(
        sign=sign,
        goal=goal,
        done=done,
        unit=unit,
        max_points=max_points,
        satisfaction=SATISFACTION in f"{row.level1} {row.level2}",
    )
    return case, f"{note}{goal_note}{done_note}"


def _end_of_span(target: Quantity | Span, sign: Sign) -> tuple[Decimal, str]:
    if isinstance(target, Quantity):
        return target.value, ""
    end, word = (target.high, "上") if sign in ("<=", "<") else (target.low, "下")
    return end, f"指标值为区间，取{word}限 {plain(end)}；"


def _in_unit(value: Decimal, written: str, unit: str, name: str) -> tuple[Decimal, str]:
    """Return a value in the row's unit, and a note where it was converted."""
    value = figure(value, name)
    if not written or written == unit:
        return value, ""
    if not unit and COUNTED.fullmatch(written):
        return value, ""
    factor = unit_factor(written, unit)
    if factor is None:
        other = f"“{shown(unit)}”" if unit else "（无单位）"
        raise ScoringError(
            f"{name}的单位“{shown(written)}”与度量单位{other}不同，不能计分"
        )
    converted = value * factor
    return converted, f"{plain(value)} {written} = {plain(converted)} {unit}；"


def _earn_by_quantity(case: _Case, scheme: Scheme) -> Earned:
    rules, sign, maximum = scheme.rules, case.sign, case.max_points
    if sign in ("<=", "<"):
        earned = reverse_points(case.goal, case.done, maximum, rules.reverse)
        return with_floor(earned, rules.floor, maximum)
    if rules.satisfaction == "graded" and case.satisfaction:
        if case.unit != "%":
            raise ScoringError("满意度指标的度量单位应为 %，不能计分")
        floor = rules.satisfaction_floor * 100
        return satisfaction_points(case.goal, case.done, maximum, floor)
    if sign == "=":
        earned = equal_points(case.goal, case.done, maximum)
    elif sign == ">" and case.goal == 0 and case.done <= 0:
        working = f"完成值 {plain(case.done)} 不大于指标值 0"
        earned = Earned(ZERO, working, computed=False)
    else:
        earned = positive_points(case.goal, case.done, maximum)
    return _with_overshoot(with_floor(earned, rules.floor, maximum), case, scheme)


def _with_overshoot(earned: Earned, case: _Case, scheme: Scheme) -> Earned:
    """Ask for a reason, or deduct, where a target is far exceeded (R-10)."""
    rules = scheme.rules
    at = rules.overshoot_at
    if rules.overshoot == "none" or at is None or case.goal <= 0:
        return earned
    if case.done < at * case.goal:
        return earned
    ratio = case.done / case.goal
    if rules.overshoot == "deduct":
        steps = rules.overshoot_steps
        earned = with_overshoot_deducted(earned, ratio, steps, case.max_points)
    because = f"完成值为指标值的 {percent(ratio)}，达到 {percent(at)}"
    return replace(earned, because=because)


def finish(earned: Earned, deduction: Decimal | None, max_points: Decimal) -> RowScore:
    """Deduct, round once, write the sentence, and say why a reason is asked for."""
    exact = earned.exact - (deduction or ZERO)
    points = round_within(exact, max_points)
    because = [earned.because] if earned.because else []
    if points < max_points:
        because.append(f"得分 {points} 低于分值 {plain(max_points)}")
    return RowScore(
        points=points,
        max_points=max_points,
        explanation=_sentence(earned, deduction, points, max_points),
        needs_reason=bool(because),
        reason_because="；".join(because),
    )


def _sentence(
    earned: Earned, deduction: Decimal | None, points: Decimal, max_points: Decimal
) -> str:
    working = earned.working
    if deduction and not earned.computed:
        working = f"{working}，得 {plain(earned.exact)} 分；{plain(earned.exact)}"
    if deduction:
        working = f"{working} − 扣分 {plain(deduction)}"
    note = _adjustment(earned.exact - (deduction or ZERO), points, max_points)
    if deduction or earned.computed:
        return f"{working} = {points}{note}"
    # What a row of 分值 0 earns is nothing to call a full mark.
    word = "满分 " if points == max_points > 0 else " "
    return f"{working}，得{word}{points} 分{note}"


def _adjustment(exact: Decimal, points: Decimal, max_points: Decimal) -> str:
    if exact < 0:
        return "（不低于 0 分）"
    if exact > max_points:
        return "（不超过分值）"
    return "" if exact == points else "（四舍五入）"


def figure(value: Decimal | None, name: str) -> Decimal:
    """Return a figure short enough to compute with; raise ScoringError naming it."""
    if value is None:
        raise ScoringError(f"未填{name}")
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ScoringError(f"{name}不是数字")
    if len(digits) + exponent > LONGEST_PART or -exponent > LONGEST_PART:
        raise ScoringError(f"{name}的位数过多，不能计分")
    return value


def optional_figure(value: Decimal | None, name: str) -> Decimal | None:
    """Return None for None, else as figure."""
    return None if value is None else figure(value, name)


def shown(text: str | None) -> str:
    """Return what a message shows of a text: 30 characters at most."""
    text = (text or "").strip()
    return text if len(text) <= 30 else f"{text[:29]}…"
