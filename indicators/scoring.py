"""Points, execution ratio, totals, grades and ceilings of one score sheet.

Pure functions on Decimal, called alike for rows of the database, of a form while it is
typed, and of a document. Every result carries its explanation as a Chinese sentence.
One row: row_scoring.py; how one rule computes: scoring_rules.py; its figures: the
scheme; its number and source: docs/rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from indicators.row_scoring import (
    EXACT,
    Comparator,
    RowFacts,
    RowScore,
    figure,
    finish,
    optional_figure,
    score_row,
)
from indicators.schemes import Scheme
from indicators.scoring_rules import (
    ONE,
    ZERO,
    Earned,
    ScoringError,
    percent,
    plain,
    rescaled,
    round_points,
    step_points,
)

__all__ = [
    "Comparator",
    "ExecutionScore",
    "FundsFacts",
    "RowFacts",
    "RowScore",
    "Score",
    "execution_row",
    "score_execution",
    "score_reviewed",
    "score_row",
    "score_sheet",
]


@dataclass(frozen=True, kw_only=True)
class FundsFacts:
    """年度资金总额: 全年预算数, 到位数, 全年执行数, all in one unit of money."""

    adjusted: Decimal | None = None
    received: Decimal | None = None
    executed: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ExecutionScore(RowScore):
    """Points of the execution ratio; ratio: a fraction, None where unknown."""

    ratio: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Score:
    """The score of a whole sheet; ceiling: highest total at this execution ratio.

    total, grade and ceiling are None for a sheet without rows and money.
    """

    execution: ExecutionScore
    rows: tuple[RowScore, ...]
    total: Decimal | None
    grade: str | None
    ceiling: Decimal | None
    explanation: str


@dataclass(frozen=True, kw_only=True)
class _Ratio:
    """Execution ratio: executed ÷ base (named name); None where base is 0."""

    executed: Decimal
    base: Decimal
    name: str

    @property
    def value(self) -> Decimal | None:
        return self.executed / self.base if self.base else None

    @property
    def working(self) -> str:
        return f"执行数 {plain(self.executed)} ÷ {self.name} {plain(self.base)}"


def score_sheet(rows: Sequence[RowFacts], funds: FundsFacts, scheme: Scheme) -> Score:
    """Return the score of a sheet under a scheme; nothing is refused or judged."""
    with localcontext(EXACT):
        scores = [score_row(row, scheme) for row in rows]
        place = execution_row(rows, scheme)
        maximum = None if place is None else most(rows[place])
        execution = score_execution(funds, scheme, maximum)
        if place is not None and maximum and execution.points is not None:
            scores[place] = _execution_in_row(execution, rows[place])
        return _sum_up(rows, scores, execution, place, scheme)


def execution_row(rows: Sequence[RowFacts], scheme: Scheme) -> int | None:
    """Return the index of the row in which execution is scored (R-15).

    None: the scheme scores it in the funds block, or the sheet has no such row; then it
    counts beside the rows.
    """
    for name in scheme.execution.names:
        for index, row in enumerate(rows):
            if name in row.level3:
                return index
    return None


def score_execution(
    funds: FundsFacts, scheme: Scheme, max_points: Decimal | None = None
) -> ExecutionScore:
    """Return ratio and points of budget execution (R-02 in proportion, R-15 by steps).

    max_points: of the row it is scored in, None: the scheme's. The ratio is computed
    from money, never from a rounded percentage.
    """
    maximum = scheme.execution.max_points if max_points is None else max_points
    with localcontext(EXACT):
        try:
            ratio = _execution_ratio(funds, scheme)
        except ScoringError as error:
            return ExecutionScore(
                ratio=None, points=None, max_points=maximum, explanation=str(error)
            )
        because = _execution_because(ratio, scheme)
        row = finish(_execution_earned(ratio, scheme, maximum), None, maximum)
        return ExecutionScore(
            ratio=ratio.value,
            points=row.points,
            max_points=maximum,
            explanation=row.explanation,
            needs_reason=bool(because),
            reason_because=because,
        )


def _execution_ratio(funds: FundsFacts, scheme: Scheme) -> _Ratio:
    by_received = scheme.execution.base == "received" and funds.received is not None
    name = "到位数" if by_received else "全年预算数"
    base = figure(funds.received if by_received else funds.adjusted, name)
    executed = figure(funds.executed, "全年执行数")
    if base < 0:
        raise ScoringError(f"{name} {plain(base)} 为负数，不能计算执行率")
    return _Ratio(executed=executed, base=base, name=name)


def _execution_because(ratio: _Ratio, scheme: Scheme) -> str:
    """Return why low, impossible or excessive execution has to be explained, or ""."""
    below = scheme.execution.reason_below
    if ratio.value is None:
        return f"{ratio.name}为 0，执行率无法计算"
    if ratio.executed > ratio.base:
        return f"执行数 {plain(ratio.executed)} 大于{ratio.name} {plain(ratio.base)}"
    if below is not None and ratio.executed < below * ratio.base:
        return f"执行率 {percent(ratio.value)} 低于 {percent(below)}"
    return ""


def _execution_earned(ratio: _Ratio, scheme: Scheme, max_points: Decimal) -> Earned:
    value = ratio.value
    if value is None:
        return Earned(ZERO, f"{ratio.name}为 0，执行率无法计算", computed=False)
    rate = f"{ratio.working} = {percent(value)}"
    if scheme.execution.method == "steps":
        earned = step_points(value, scheme.execution.steps, max_points)
        return replace(earned, working=f"{rate}；{earned.working}")
    if value > ONE:
        return Earned(max_points, f"{rate}，超过 100% 按 100% 计", computed=False)
    if value < 0:
        return Earned(ZERO, f"{rate}，负数按 0 计", computed=False)
    # Multiplied first, so that a tie stays a tie (see Earned).
    exact = ratio.executed * max_points / ratio.base
    return Earned(exact, f"{ratio.working} × 分值 {plain(max_points)}")


def _execution_in_row(execution: ExecutionScore, row: RowFacts) -> RowScore:
    """Return the row in which execution is scored; below its maximum it asks why."""
    assert execution.points is not None
    assert execution.max_points is not None
    try:
        deduction = optional_figure(row.deduction, "扣分")
    except ScoringError as error:
        return RowScore(points=None, max_points=row.max_points, explanation=str(error))
    if not deduction:
        earned = Earned(execution.points, "", because=execution.reason_because)
        score = finish(earned, None, execution.max_points)
        return replace(score, explanation=execution.explanation)
    earned = Earned(
        execution.points,
        f"{execution.explanation}；{execution.points}",
        because=execution.reason_because,
    )
    return finish(earned, deduction, execution.max_points)


def _sum_up(
    rows: Sequence[RowFacts],
    scores: Sequence[RowScore],
    execution: ExecutionScore,
    place: int | None,
    scheme: Scheme,
) -> Score:
    """Add the rounded rows (R-11), rescale (R-13), grade (R-17), find the ceiling."""
    if not rows and execution.points is None:
        return _nothing(execution)
    parts = [score.points or ZERO for score in scores]
    maxima = [most(row) for row in rows]
    reachable = list(maxima)
    if place is None:
        parts.append(execution.points or ZERO)
        maxima.append(scheme.execution.max_points)
        reachable.append(_reachable(execution, scheme.execution.max_points))
    else:
        reachable[place] = _reachable(execution, reachable[place])
    total, ceiling = round_points(sum(parts, ZERO)), round_points(sum(reachable, ZERO))
    explanation = f"各项得分相加 = {total}"
    without = any(not row.applicable for row in rows)
    if without and scheme.rules.not_applicable == "rescale":
        applicable = sum(maxima, ZERO)
        start = f"各项得分相加 {total} ÷ 适用各项分值 {plain(applicable)} × 100"
        total, ceiling = rescaled(total, applicable), rescaled(ceiling, applicable)
        explanation = f"{start} = {total}（不适用的指标不计）"
    return Score(
        execution=execution,
        rows=tuple(scores),
        total=total,
        grade=scheme.grade(total).name,
        ceiling=ceiling,
        explanation=explanation,
    )


def _nothing(execution: ExecutionScore) -> Score:
    return Score(
        execution=execution,
        rows=(),
        total=None,
        grade=None,
        ceiling=None,
        explanation="没有可以计分的内容",
    )


def most(row: RowFacts) -> Decimal:
    """Return the most points a row can give; one that can't be scored gives none."""
    try:
        value = optional_figure(row.max_points, "分值") if row.applicable else None
    except ScoringError:
        return ZERO
    return max(value or ZERO, ZERO)


def _reachable(execution: ExecutionScore, maximum: Decimal) -> Decimal:
    """At an unknown execution ratio every point can still be reached (R-20)."""
    return maximum if execution.points is None else execution.points


def score_reviewed(
    rows: Sequence[RowFacts],
    own: Score,
    given: Sequence[Decimal | None],
    scheme: Scheme,
) -> Score:
    """Return a sheet's score with a reviewer's points in place of its own (R-11).

    own: the score of these rows; given: in their order, None where own points stand.
    Budget execution in the funds block keeps its points.
    """
    with localcontext(EXACT):
        scores = [
            row if points is None else replace(row, points=points)
            for row, points in zip(own.rows, given, strict=True)
        ]
        place = execution_row(rows, scheme)
        return _sum_up(rows, scores, own.execution, place, scheme)
