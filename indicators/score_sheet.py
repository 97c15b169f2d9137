"""The score of a self-assessment in the database, by the one scoring engine."""

from typing import cast

from indicators.models import IndicatorResult, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.scoring import (
    Comparator,
    FundsFacts,
    RowFacts,
    Score,
    score_sheet,
)
from projects.models import BudgetProject


def score_of(assessment: SelfAssessment) -> Score:
    """Return the score of a self-assessment loaded with_content(); rows in its order.

    Nothing is written: services.rescore stores what follows from it.
    """
    rows = [row_facts(result) for result in assessment.results.all()]
    scheme = scheme_of(assessment.task.scheme)
    return score_sheet(rows, funds_facts(assessment.project), scheme)


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


def funds_facts(project: BudgetProject) -> FundsFacts:
    """Return the sums over a project's funding lines, in 元."""
    return FundsFacts(
        adjusted=project.funding_total("adjusted"),
        received=project.funding_total("received"),
        executed=project.funding_total("executed"),
    )
