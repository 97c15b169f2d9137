"""The score of a document: its rows become facts, the score becomes JSON. No Django."""

from decimal import Decimal
from typing import Any

from indicators.schemes import DEFAULT_SCHEME, Scheme, load_scheme
from indicators.scoring import FundsFacts, RowFacts, RowScore, Score, score_sheet
from indicators.scoring_rules import round_ratio
from reports.document import Indicator, ReportDocument


def document_scheme(document: ReportDocument, wanted: str = "") -> Scheme:
    """Return the scheme a document is scored by: wanted, its own, or mof-2020.

    Raises SchemeError where there is no such scheme.
    """
    return load_scheme(wanted or document.scheme or DEFAULT_SCHEME)


def score_document(document: ReportDocument, scheme: Scheme) -> Score:
    """Return the score of a document's rows and funds; its own totals don't count."""
    total = document.funds.total
    funds = FundsFacts()
    if total is not None:
        funds = FundsFacts(
            adjusted=total.adjusted, received=total.received, executed=total.executed
        )
    return score_sheet([row_facts(each) for each in document.indicators], funds, scheme)


def row_facts(indicator: Indicator) -> RowFacts:
    """Return what scoring needs of an indicator."""
    return RowFacts(
        level1=indicator.level1,
        level2=indicator.level2,
        level3=indicator.level3,
        comparator=indicator.comparator,
        target=indicator.target,
        unit=indicator.unit,
        actual=indicator.actual,
        achievement=indicator.achievement,
        max_points=indicator.max_points,
        points=indicator.points,
        deduction=indicator.deduction,
        applicable=indicator.applicable,
    )


def scorecard_to_json(score: Score) -> dict[str, Any]:
    """Return the score as JSON data: decimals as strings, ratio a fraction of 1."""
    execution = score.execution
    ratio = None if execution.ratio is None else round_ratio(execution.ratio)
    return {
        "execution": {"ratio": _written(ratio), **_row_to_json(execution)},
        "rows": [
            {"index": index, **_row_to_json(row)}
            for index, row in enumerate(score.rows)
        ],
        "total": _written(score.total),
        "grade": score.grade,
        "ceiling": _written(score.ceiling),
        "explanation": score.explanation,
    }


def _row_to_json(row: RowScore) -> dict[str, Any]:
    return {
        "points": _written(row.points),
        "max_points": _written(row.max_points),
        "explanation": row.explanation,
        "needs_reason": row.needs_reason,
        "reason_because": row.reason_because,
    }


def _written(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
