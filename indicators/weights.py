"""分值 summed per level 1 against the scheme, with what is missing in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.models import Indicator
from indicators.schemes import FULL_POINTS, Scheme, WeightSet
from perfeval.templatetags.units import max_points as shown


@dataclass(frozen=True, kw_only=True)
class LevelWeight:
    """One level 1: its indicators' points, and those wanted (None: not in the scheme).

    words: what is missing, "" where nothing is.
    """

    level1: str
    count: int
    points: Decimal
    wanted: Decimal | None
    words: str


@dataclass(frozen=True, kw_only=True)
class Weights:
    """All levels of a table; execution: points of 预算执行率 beside the indicators.

    alternatives: other divisions that the scheme allows, one sentence each.
    """

    levels: tuple[LevelWeight, ...]
    execution: Decimal
    total: Decimal
    words: str
    alternatives: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not self.words and not any(level.words for level in self.levels)


def weigh(indicators: Sequence[Indicator], scheme: Scheme) -> Weights:
    """Return the sums of 分值 of a project's indicators against a scheme."""
    points: dict[str, Decimal] = {}
    counts: dict[str, int] = {}
    for each in indicators:
        points[each.level1] = points.get(each.level1, Decimal(0)) + each.max_points
        counts[each.level1] = counts.get(each.level1, 0) + 1
    chosen, *others = _by_fit(points, scheme)
    names = [*chosen.level1, *(name for name in points if name not in chosen.level1)]
    levels = tuple(
        LevelWeight(
            level1=name,
            count=counts.get(name, 0),
            points=points.get(name, Decimal(0)),
            wanted=chosen.level1.get(name),
            words=_words(points.get(name), chosen.level1.get(name), chosen),
        )
        for name in names
    )
    total = sum(points.values(), chosen.execution)
    right = not any(level.words for level in levels)
    return Weights(
        levels=levels,
        execution=chosen.execution,
        total=total,
        words=_total_words(total),
        alternatives=() if right else tuple(map(_alternative, others)),
    )


def _by_fit(points: dict[str, Decimal], scheme: Scheme) -> list[WeightSet]:
    """Return the scheme's weight sets, one that is kept exactly in front."""
    return sorted(scheme.weights, key=lambda each: dict(each.level1) != points)


def _words(points: Decimal | None, wanted: Decimal | None, chosen: WeightSet) -> str:
    if wanted is None:
        return f"不是本方案的一级指标，本方案有：{'、'.join(chosen.level1)}"
    if points is None:
        return f"还没有指标，应为 {shown(wanted)} 分"
    if points < wanted:
        return f"还差 {shown(wanted - points)} 分"
    if points > wanted:
        return f"多出 {shown(points - wanted)} 分"
    return ""


def _total_words(total: Decimal) -> str:
    if total < FULL_POINTS:
        return f"合计还差 {shown(FULL_POINTS - total)} 分"
    return f"合计多出 {shown(total - FULL_POINTS)} 分" if total > FULL_POINTS else ""


def _alternative(weights: WeightSet) -> str:
    parts = "、".join(
        f"{name} {shown(points)} 分" for name, points in weights.level1.items()
    )
    without = "、".join(weights.without)
    condition = f"不设{without}时" if without else "也可以"
    return f"{condition}：{parts}"
