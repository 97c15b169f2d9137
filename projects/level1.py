"""A 一级项目: the projects of one year under one heading, their money and scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from perfeval.templatetags.units import amount
from projects.models import BudgetProject, ratio_of, sum_known

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean score, None where nothing is scored; working: how it was computed."""

    points: Decimal | None
    working: str


@dataclass(frozen=True, kw_only=True)
class Level1:
    """Sums and scores over projects; money in 元, states: (words, how many)."""

    initial: Decimal | None
    adjusted: Decimal | None
    executed: Decimal | None
    ratio: Decimal | None
    states: list[tuple[str, int]]
    average: Mean
    weighted: Mean


def level1_of(projects: Sequence[BudgetProject]) -> Level1:
    """Return what projects, loaded with money and assessments, come to together."""
    adjusted = sum_known(each.adjusted for each in projects)
    executed = sum_known(each.executed for each in projects)
    counted = Counter(_state(each) for each in projects)
    scored = [(each, _points(each)) for each in projects]
    known = [(each, points) for each, points in scored if points is not None]
    return Level1(
        initial=sum_known(each.funding_total("initial") for each in projects),
        adjusted=adjusted,
        executed=executed,
        ratio=ratio_of(executed, adjusted),
        states=counted.most_common(),
        average=average_of([points for _, points in known]),
        weighted=weighted_of([(points, each.adjusted) for each, points in known]),
    )


def average_of(points: Sequence[Decimal]) -> Mean:
    """Return the plain mean of scores, to 0.01, rounded half up."""
    if not points:
        return Mean(points=None, working="还没有已计分的项目")
    total, count = sum(points, Decimal(0)), len(points)
    mean = (total / count).quantize(CENT, ROUND_HALF_UP)
    return Mean(
        points=mean, working=f"{count} 个项目得分合计 {total:f} ÷ {count} = {mean}"
    )


def weighted_of(scores: Sequence[tuple[Decimal, Decimal | None]]) -> Mean:
    """Return the mean of scores weighted by 全年预算数 (元), to 0.01.

    A project without budget has no weight.
    """
    known = [(points, adjusted) for points, adjusted in scores if adjusted]
    if not known:
        return Mean(points=None, working="已计分的项目还没有全年预算数")
    weights = sum((adjusted for _, adjusted in known), Decimal(0))
    products = sum((points * adjusted for points, adjusted in known), Decimal(0))
    mean = (products / weights).quantize(CENT, ROUND_HALF_UP)
    working = (
        f"{len(known)} 个项目的得分×全年预算数（万元）合计 {_in_wan(products)}"
        f" ÷ 全年预算数合计 {_in_wan(weights)} = {mean}"
    )
    return Mean(points=mean, working=working)


def _in_wan(yuan: Decimal) -> str:
    return amount((yuan / 10_000).quantize(CENT, ROUND_HALF_UP))


def _points(project: BudgetProject) -> Decimal | None:
    """Return the score of the newest self-assessment of a project that reports."""
    assessments = project.assessments.all()
    newest = assessments[0] if assessments and project.is_reporting else None
    total: Decimal | None = newest.total if newest else None
    return total


def _state(project: BudgetProject) -> str:
    if not project.is_reporting:
        return project.get_status_display()
    assessments = project.assessments.all()
    return assessments[0].get_status_display() if assessments else "未下达"
