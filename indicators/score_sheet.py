"""The score of a self-assessment in the database, by the one scoring engine."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from indicators.models import IndicatorResult, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from indicators.scoring import (
    Comparator,
    FundsFacts,
    RowFacts,
    RowScore,
    Score,
    execution_row,
    score_row,
    score_sheet,
)
from perfeval.amounts import MoneyUnit, from_yuan
from projects.models import BudgetProject


def score_of(assessment: SelfAssessment) -> Score:
    """Return the score of a self-assessment loaded with_content(); rows in its order.

    Nothing is written: services.rescore stores what follows from it.
    """
    scheme = scheme_of(assessment.task.scheme)
    return score_rows(assessment.project, assessment.results.all(), scheme)


def score_rows(
    project: BudgetProject, results: Iterable[IndicatorResult], scheme: Scheme
) -> Score:
    """Return the score of rows that need not be stored yet, indicators loaded."""
    rows = [row_facts(result) for result in results]
    return score_sheet(rows, funds_facts(project, scheme.money_unit), scheme)


def score_with(
    assessment: SelfAssessment, result: IndicatorResult, typed: Mapping[str, Any]
) -> Score:
    """Return the score as if these values stood in one row; nothing is changed."""
    tried = copy.copy(result)
    for name, value in typed.items():
        setattr(tried, name, value)
    rows = [tried if each == result else each for each in assessment.results.all()]
    return score_rows(assessment.project, rows, scheme_of(assessment.task.scheme))


def row_score(
    assessment: SelfAssessment, score: Score, result: IndicatorResult
) -> RowScore:
    """Return the score of one row out of that of its self-assessment."""
    rows = zip(assessment.results.all(), score.rows, strict=True)
    return next(row for each, row in rows if each == result)


def settled_grade(score: Score) -> str:
    """Return the grade (R-17) once money and every row have points, "" before.

    A sheet barely begun has few points: 差 would be said of what nobody judged yet.
    """
    parts = (*score.rows, score.execution)
    return "" if any(each.points is None for each in parts) else score.grade or ""


def shown_grade(assessment: SelfAssessment, score: Score) -> str:
    """Return the grade to be shown: while the unit writes, the settled one."""
    return settled_grade(score) if assessment.is_editable else score.grade or ""


def automatic_points(
    result: IndicatorResult, row: RowScore, scheme: Scheme
) -> Decimal | None:
    """Return the points by the rule alone, whatever the unit gives itself.

    row: the score of this result. Qualitative: the band's default (R-08); a rubric row
    has none, its points are given by hand (R-14).
    """
    facts = row_facts(result)
    if facts.points is None or facts.comparator not in ("qualitative", "rubric"):
        return row.points
    return score_row(replace(facts, points=None), scheme).points


def execution_result(assessment: SelfAssessment) -> IndicatorResult | None:
    """Return the row whose points follow from the money, None where there is none."""
    results = list(assessment.results.all())
    scheme = scheme_of(assessment.task.scheme)
    place = execution_row([row_facts(each) for each in results], scheme)
    return None if place is None else results[place]


def row_facts(result: IndicatorResult) -> RowFacts:
    """Return what the engine must know of one result row, its indicator loaded."""
    indicator = result.indicator
    return RowFacts(
        level1=indicator.level1,
        level2=indicator.level2,
        level3=indicator.level3,
        comparator=cast(Comparator, indicator.comparator),
        target=indicator.target or None,
        unit=indicator.unit,
        actual=result.actual or None,
        achievement=result.achievement or None,  # type: ignore[arg-type]  # TextChoices
        max_points=indicator.max_points,
        points=result.self_points,
    )


def funds_facts(project: BudgetProject, unit: MoneyUnit) -> FundsFacts:
    """Return the sums over a project's funding lines, in the unit people read."""
    return FundsFacts(
        adjusted=_in_unit(project.funding_total("adjusted"), unit),
        received=_in_unit(project.funding_total("received"), unit),
        executed=_in_unit(project.funding_total("executed"), unit),
    )


def _in_unit(yuan: Decimal | None, unit: MoneyUnit) -> Decimal | None:
    return None if yuan is None else from_yuan(yuan, unit)
