"""Checks of the form's points: weights, rules, totals, grade, ceiling."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from indicators.row_scoring import score_row
from indicators.schemes import FULL_POINTS, ReverseMethod, Scheme
from indicators.scoring_rules import band_range, in_band, percent, plain, rescaled
from perfeval.numbers import Deadline, Words, is_blank, read_value
from reports.checks.case import Case, in_row, row_name
from reports.checks.findings import InField, InFunds, Where
from reports.checks.registry import Found, check
from reports.document import Achievement, Indicator

ZERO = Decimal(0)
WEIGHTS_RULE = "docs/rules.md R-01、R-03、R-16"
LEVEL1_POINTS = re.compile(r"[（(]\s?([0-9]{1,3}(?:\.[0-9]{1,2})?)\s?分?\s?[)）]")
EXECUTION_NAME = re.compile("执行率|支出率|支付率|预算执行")


@check(
    "weights-not-100",
    group="form",
    severity="error",
    source=WEIGHTS_RULE,
    help="各指标分值与预算执行率分值相加应为 100",
)
def weights_not_100(case: Case) -> Found:
    document = case.document
    if not case.wants_form or _has_weighted_goals(case):
        return
    if not document.indicators:
        yield (
            InField(field="indicators"),
            "自评表没有绩效指标，分值合计不是 100；请填写指标",
        )
        return
    if all(row.max_points is None for row in document.indicators):
        return
    execution = case.execution_points
    every = sum((row.max_points or ZERO for row in document.indicators), ZERO)
    applying = sum((row.max_points or ZERO for _, row in case.applicable()), ZERO)
    named = any(EXECUTION_NAME.search(row.level3) for row in document.indicators)
    allowed = {every + execution, applying + execution}
    if named or _funds_weight(case) is None:
        allowed |= {every, applying}
    if FULL_POINTS in allowed:
        return
    blank = [
        str(index + 1) for index, row in case.applicable() if row.max_points is None
    ]
    missing = f"（第 {'、'.join(blank)} 行没有填分值）" if blank else ""
    beside = f" + 预算执行率 {plain(execution)}" if execution else ""
    yield (
        InField(field="indicators"),
        f"自评表各指标分值相加 {plain(every)}{beside} = {plain(every + execution)}，"
        f"应为 100{missing}；请调整分值",
    )


def _has_weighted_goals(case: Case) -> bool:
    """Whether several goals are each scored for themselves and then weighted."""
    return any(goal.ratio is not None for goal in case.document.goals)


def _funds_weight(case: Case) -> Decimal | None:
    return case.total_row[1].max_points if case.total_row else None


@check(
    "level-weights-mismatch",
    group="form",
    severity="warning",
    source=WEIGHTS_RULE,
    help="一级指标下各行分值之和，应等于一级指标标明的分值或方案规定的权重",
)
def level_weights_mismatch(case: Case) -> Found:
    if _has_weighted_goals(case):
        return
    sums: dict[str, Decimal] = {}
    first: dict[str, int] = {}
    for index, row in enumerate(case.document.indicators):
        if row.max_points is None:
            return
        sums[row.level1] = sums.get(row.level1, ZERO) + row.max_points
        first.setdefault(row.level1, index)
    expected = _printed_weights(sums) or _scheme_weights(sums, case)
    for name, found in sums.items():
        wanted = expected.get(name)
        if wanted is not None and wanted != found:
            yield (
                in_row(first[name], "max_points"),
                f"“{name}”各行分值相加 {plain(found)}，应为 {plain(wanted)}；"
                "请调整分值，确有特殊情况的请说明",
            )


def _printed_weights(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return the weights that level-1 names carry themselves: 产出指标（50分）."""
    found = {name: LEVEL1_POINTS.search(name) for name in sums}
    return {name: Decimal(match[1]) for name, match in found.items() if match}


def _scheme_weights(sums: dict[str, Decimal], case: Case) -> dict[str, Decimal]:
    """Return what the scheme gives each level 1, {} where the form's are others."""
    plain_names = {_level1(name): name for name in sums}
    for weights in case.scheme.weights:
        given = {_level1(name): value for name, value in weights.level1.items()}
        # A scheme's weights are for its own weight of execution.
        own = case.execution_points == weights.execution
        if set(given) == set(plain_names) and own:
            return {plain_names[name]: value for name, value in given.items()}
    return {}


def _level1(name: str) -> str:
    return LEVEL1_POINTS.sub("", name).strip().removesuffix("指标")


@check(
    "points-exceed-weight",
    group="form",
    severity="error",
    source="docs/rules.md R-07",
    help="得分应在 0 与分值之间",
)
def points_exceed_weight(case: Case) -> Found:
    for index, row in enumerate(case.document.indicators):
        yield from _outside(in_row(index, "points"), row_name(index, row), row)
    if case.total_row:
        place, funds = case.total_row
        where = InFunds(row=place, column="points")
        if funds.points is not None and funds.max_points is not None:
            yield from _not_within(
                where, "预算执行率", "得分", funds.points, funds.max_points
            )


def _outside(where: Where, name: str, row: Indicator) -> Found:
    for label, points in (("得分", row.points), ("复核得分", row.review_points)):
        if points is not None and row.max_points is not None:
            yield from _not_within(where, name, label, points, row.max_points)


def _not_within(
    where: Where, name: str, label: str, points: Decimal, most: Decimal
) -> Found:
    if points > most:
        yield (
            where,
            f"{name}{label} {plain(points)} 分超过分值 {plain(most)} 分；"
            "请改得分或分值",
        )
    elif points < 0:
        yield where, f"{name}{label} {plain(points)} 分为负数；得分最低为 0"


@check(
    "points-differ-from-rule",
    group="form",
    severity="error",
    source="docs/rules.md R-04—R-06、R-09、R-10、R-12",
    help="定量指标的得分应按方案的规则由指标值和实际完成值算出",
)
def points_differ_from_rule(case: Case) -> Found:
    for index, row in case.applicable():
        if row.points is None or index == case.execution_index or not _counts(row):
            continue
        scored = case.score.rows[index]
        if scored.points in (None, row.points) or _is_allowed(index, case):
            continue
        yield (
            in_row(index, "points"),
            f"{row_name(index, row)}得分 {plain(row.points)} 分，按规则应为 "
            f"{scored.points} 分（{scored.explanation}）；请改为 {scored.points}，"
            "或核对指标值和完成值",
        )


def _counts(row: Indicator) -> bool:
    """Whether a row is scored by a rule, not by judgement."""
    if row.comparator in ("qualitative", "rubric") or row.max_points is None:
        return False
    return not isinstance(read_value(row.target or ""), Words)


def _is_allowed(index: int, case: Case) -> bool:
    """Whether other points are right too: a cut for a target far exceeded, with its
    note, or a method of another scheme where nobody named one."""
    row, scored = case.row_of(index), case.score.rows[index]
    assert row.points is not None
    assert scored.points is not None
    if isinstance(read_value(row.target or ""), Deadline) and not scored.points:
        # What is lost by being late is not settled; something must be.
        return row.max_points is None or row.points < row.max_points
    cut = row.points < scored.points == row.max_points
    if cut and scored.needs_reason and not is_blank(row.deviation_note):
        return True
    if case.scheme_given:
        return False
    facts = case.rows[index]
    return any(
        score_row(facts, scheme).points == row.points
        for scheme in _with_other_methods(case.scheme)
    )


def _with_other_methods(scheme: Scheme) -> Iterator[Scheme]:
    for method in get_args(ReverseMethod):
        yield replace(scheme, rules=replace(scheme.rules, reverse=method))
    yield replace(scheme, rules=replace(scheme.rules, satisfaction="graded"))


@check(
    "band-violated",
    group="form",
    severity="error",
    source="docs/rules.md R-08",
    help="定性指标的得分应在所选达成程度的区间之内",
)
def band_violated(case: Case) -> Found:
    for index, row in case.applicable():
        achievement = _achievement(row, case.scheme)
        if achievement is None or row.points is None or row.max_points is None:
            continue
        band = case.scheme.band(achievement)
        if row.points > row.max_points or in_band(row.points, band, row.max_points):
            continue
        yield (
            in_row(index, "points"),
            f"{row_name(index, row)}达成程度为“{band.label}”，得分应为 "
            f"{band_range(band, row.max_points)}，填的是 {plain(row.points)} 分；"
            "请改得分或达成程度",
        )


def _achievement(row: Indicator, scheme: Scheme) -> Achievement | None:
    """Return the level of achievement of a row that is judged, None for others."""
    words = isinstance(read_value(row.target or ""), Words)
    if row.comparator not in ("qualitative", None) or (
        row.comparator is None and not words
    ):
        return None
    written = (row.actual or "").strip()
    named = (each.achievement for each in scheme.bands if written in each.words)
    return row.achievement or next(named, None)


@check(
    "total-mismatch",
    group="form",
    severity="error",
    source="docs/rules.md R-11、R-13",
    help="总分应等于各行得分之和",
)
def total_mismatch(case: Case) -> Found:
    document = case.document
    if document.total is not None and not _has_weighted_goals(case):
        points = [row.points for _, row in case.applicable()]
        yield from _wrong_total("total", "总分", document.total, points, case)
    if document.review_total is not None and not _has_weighted_goals(case):
        review = [row.review_points for _, row in case.applicable()]
        yield from _wrong_total(
            "review_total", "复核总分", document.review_total, review, case
        )


def _wrong_total(
    field: str, name: str, total: Decimal, points: list[Decimal | None], case: Case
) -> Found:
    known = [each for each in points if each is not None]
    if not known or len(known) < len(points):
        return
    rows = sum(known, ZERO)
    if total in totals_of(rows, case):
        return
    beside = _execution_points(case)
    written = f"各指标得分相加 {plain(rows)}"
    if beside is not None and case.execution_index is None:
        written += f" + 执行率得分 {plain(beside)}"
        rows += beside
    yield (
        InField(field=field),
        f"自评表{name} {plain(total)} 分，{written} = {plain(rows)} 分，两者不一致；"
        "请核对各行得分和总分",
    )


def _execution_points(case: Case) -> Decimal | None:
    return case.total_row[1].points if case.total_row else None


def totals_of(rows: Decimal, case: Case) -> set[Decimal]:
    """Return every total that the form's own points can stand for; rows: their sum."""
    written = _execution_points(case)
    named = any(EXECUTION_NAME.search(row.level3) for row in case.document.indicators)
    totals = {rows} if written is None or named else set()
    if written is not None:
        totals.add(rows + written)
    elif case.score.execution.points is not None:
        totals.add(rows + case.score.execution.points)
    if len(case.applicable()) < len(case.document.indicators):
        most = sum((row.max_points or ZERO for _, row in case.applicable()), ZERO)
        for beside in (case.execution_points, ZERO):
            if most + beside > 0:
                totals |= {rescaled(each, most + beside) for each in set(totals)}
    return totals


@check(
    "grade-mismatch",
    group="form",
    severity="error",
    source="docs/rules.md R-17",
    help="等级应与自评表总分相符",
)
def grade_mismatch(case: Case) -> Found:
    document = case.document
    if document.grade is None or document.total is None:
        return
    if not 0 <= document.total <= FULL_POINTS:
        return
    expected = case.scheme.grade(document.total)
    if expected.name == document.grade:
        return
    yield (
        InField(field="grade"),
        f"自评表等级“{document.grade}”，总分 {plain(document.total)} 分应为"
        f"“{expected.name}”（{plain(expected.from_points)} 分起）；请改等级或核对总分",
    )


@check(
    "total-above-ceiling",
    group="form",
    severity="error",
    source="docs/rules.md R-20",
    help="在这个执行率下，按方案满打满算也到不了这个总分",
)
def total_above_ceiling(case: Case) -> Found:
    execution, money = case.execution, case.money
    if execution is None or execution.points is None or execution.ratio is None:
        return
    ceiling, total = _ceiling(case), case.document.total
    where: Where = InField(field="total")
    name = "自评表总分"
    if total is None:
        total, name = case.figures.score, "报告自评得分"
        where = InField(field="figures.score")
    if total is None or money is None or ceiling is None or total <= ceiling:
        return
    yield (
        where,
        f"{name} {plain(total)} 分，超过执行率 {percent(execution.ratio)}"
        f"（{plain(money.executed)} ÷ {plain(money.budget)} {money.unit}）下可达的"
        f"最高分 {ceiling} 分（方案 {case.scheme.id}）；请核对总分、金额或评分方案",
    )


def _ceiling(case: Case) -> Decimal | None:
    """Return the highest total; without weights of rows, of a full sheet."""
    execution, rows = case.execution, case.document.indicators
    assert execution is not None
    assert execution.points is not None
    if case.execution_index is not None or len(case.applicable()) < len(rows):
        return case.score.ceiling
    if rows and all(row.max_points is not None for row in rows):
        most = sum((row.max_points or ZERO for row in rows), ZERO)
        return most + execution.points
    return FULL_POINTS - case.execution_points + execution.points
