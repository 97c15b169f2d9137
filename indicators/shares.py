"""An indicator shared by several units: each unit's value, and how they make the whole.

Sums and averages are exact (Decimal) and explained: 甲 12 + 乙 8 = 20.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, prefetch_related_objects

from indicators.models import (
    Combination,
    Indicator,
    IndicatorResult,
    SelfAssessment,
    ShareResult,
)
from indicators.scoring_rules import plain
from perfeval.numbers import Quantity, is_blank, normal_unit, read_value, unit_factor
from projects.models import BudgetProject, Department

# An average that does not end is rounded half up here; a sum never is.
AVERAGE_PLACES = Decimal("0.0001")


class ShareError(ValueError):
    """A unit's value cannot be added to the others'; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one unit fills in of one indicator; actual "" where it has not yet."""

    unit: Department
    actual: str


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What the parts come to: actual "" as long as a unit is missing or unreadable.

    working: how it was computed, or what it waits for.
    """

    parts: list[Part]
    actual: str
    working: str


def units_of(project: BudgetProject) -> list[Department]:
    """Return the lead and the units that share a project, [] where it has one unit.

    Uses prefetched shares.
    """
    shares = [share.unit for share in project.shares.all()]
    return [project.unit, *shares] if shares else []


def wholes_of(assessment: SelfAssessment) -> dict[int, Whole]:
    """Return what is combined in a self-assessment: {key of result: whole}.

    assessment: loaded with_content(). Reads nothing more where nothing is combined.
    """
    results = [each for each in assessment.results.all() if each.indicator.is_combined]
    if not results:
        return {}
    prefetch_related_objects([assessment.project], "shares__unit")
    units = units_of(assessment.project)
    if not units:
        return {}
    stored = ShareResult.objects.filter(result__in=results)
    actuals = {(x.result_id, x.unit_id): x.actual for x in stored}
    return {
        result.pk: combine(
            result.indicator,
            [Part(unit=x, actual=actuals.get((result.pk, x.pk), "")) for x in units],
        )
        for result in results
    }


def combine(indicator: Indicator, parts: Sequence[Part]) -> Whole:
    """Return the whole of an indicator that is summed or averaged over its units."""
    missing = [each.unit.name for each in parts if is_blank(each.actual)]
    given = [each for each in parts if not is_blank(each.actual)]
    try:
        values = [read_part(indicator, each.actual) for each in given]
    except ShareError as error:
        return Whole(parts=list(parts), actual="", working=str(error))
    told = " + ".join(
        f"{each.unit.name} {plain(value)}"
        for each, value in zip(given, values, strict=True)
    )
    if missing:
        waiting = f"待填：{'、'.join(missing)}"
        working = f"{told}，{waiting}" if told else waiting
        return Whole(parts=list(parts), actual="", working=working)
    total = sum(values, Decimal(0))
    if indicator.combination == Combination.SUM:
        actual = plain(total)
        return Whole(parts=list(parts), actual=actual, working=f"{told} = {actual}")
    return _averaged(parts, told, total)


def _averaged(parts: Sequence[Part], told: str, total: Decimal) -> Whole:
    exact = total / len(parts)
    mean = exact.quantize(AVERAGE_PLACES, ROUND_HALF_UP)
    note = "" if mean * len(parts) == total else "（四舍五入）"
    working = f"（{told}）÷ {len(parts)} = {plain(mean)}{note}"
    return Whole(parts=list(parts), actual=plain(mean), working=working)


def read_part(indicator: Indicator, text: str) -> Decimal:
    """Return a unit's value in the indicator's own unit; raise ShareError."""
    read = read_value(text)
    if not isinstance(read, Quantity) or read.sign not in (None, "="):
        raise ShareError(f"“{text[:30]}”不是一个确定的数，不能汇总")
    unit = normal_unit(indicator.unit)
    if not read.unit or read.unit == unit:
        return read.value
    factor = unit_factor(read.unit, unit)
    if factor is None:
        own = f"“{unit}”" if unit else "（无单位）"
        raise ShareError(
            f"“{text[:30]}”的单位“{read.unit}”与度量单位{own}不同，不能汇总"
        )
    return read.value * factor


def recombine(assessment: SelfAssessment) -> None:
    """Bring the actual values that are made from units' parts in line with them.

    assessment: loaded with_content(), as rescore has it; its rows follow as well.
    """
    wholes = wholes_of(assessment)
    for result in assessment.results.all():
        whole = wholes.get(result.pk)
        if whole and whole.actual != result.actual:
            rows = IndicatorResult.objects.filter(pk=result.pk)
            rows.update(actual=whole.actual, version=F("version") + 1)
            result.actual = whole.actual
