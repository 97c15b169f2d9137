"""The two tables of the paper form, as screens show them: money and results.

Plain rows for the templates; every figure comes from the funding lines or the scoring
engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.form_order import in_form_order
from indicators.models import (
    Comparator,
    Evidence,
    IndicatorResult,
    ItemComment,
    SelfAssessment,
    Status,
)
from indicators.progress import missing_in_row
from indicators.proofs import proofs_of
from indicators.scheme_store import scheme_of
from indicators.schemes import MoneyUnit
from indicators.score_sheet import automatic_points, execution_result
from indicators.scoring import RowScore, Score
from indicators.scoring_rules import band_range, round_ratio
from indicators.shares import Whole, wholes_of
from perfeval.amounts import from_yuan
from perfeval.numbers import with_unit
from projects.models import FundingLine

AMOUNTS = ("initial", "adjusted", "received", "executed")


@dataclass(frozen=True, kw_only=True)
class FundsRow:
    """One row of 项目资金; amounts in the scheme's unit, ratio as a fraction."""

    label: str
    initial: Decimal | None
    adjusted: Decimal | None
    received: Decimal | None
    executed: Decimal | None
    ratio: Decimal | None


@dataclass(frozen=True, kw_only=True)
class FundsTable:
    """total: 年度资金总额; rows: its sources; unit: of all amounts.

    with_received: whether any source names 到位数, which the paper form has no column
    for.
    """

    unit: MoneyUnit
    total: FundsRow
    rows: list[FundsRow]
    with_received: bool


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """One indicator with its result.

    level1_rows, level2_rows: how many rows the cell at the left spans, 0 where the row
    above spans this one. lacks: what is missing, in words. by_money: points follow from
    the execution ratio. auto_points: by the rule alone. whole: where the actual value
    is made from several units'.
    """

    result: IndicatorResult
    score: RowScore
    level1_rows: int
    level2_rows: int
    lacks: list[str]
    by_money: bool
    comments: list[ItemComment]
    auto_points: Decimal | None
    evidence: list[Evidence]
    whole: Whole | None = None

    @property
    def lacks_unsaid(self) -> list[str]:
        """What is missing, less what the explanation of the points says already."""
        return [each for each in self.lacks if each != self.score.explanation]

    @property
    def review_told(self) -> IndicatorResult | None:
        """The result with what reviewers gave it, None while they still decide.

        What is not decided yet is nobody else's to see.
        """
        in_review = self.result.assessment.status == Status.IN_REVIEW
        return None if in_review else self.result

    @property
    def points_apart(self) -> list[tuple[str, Decimal]]:
        """Automatic, own and reviewed points; [] where only the automatic ones are."""
        result = self.result
        reviewed = self.review_told.review_points if self.review_told else None
        if result.self_points is None and reviewed is None:
            return []
        named = (
            ("自动", self.auto_points),
            ("自评", result.self_points),
            ("复核", reviewed),
        )
        return [(name, points) for name, points in named if points is not None]

    @property
    def actual(self) -> str:
        """The actual value as written, with the unit after a plain number."""
        return with_unit(self.result.actual, self.result.indicator.unit)


def funds_table(assessment: SelfAssessment) -> FundsTable:
    """Return the money of a self-assessment loaded with_content()."""
    scheme = scheme_of(assessment.task.scheme)
    project, unit = assessment.project, scheme.money_unit
    labels = scheme.layout.funds_labels
    lines = project.funding_by_source()
    order = list(labels)
    lines.sort(key=lambda each: _place(each.source, order))
    return FundsTable(
        unit=unit,
        total=_funds_row(
            labels.get("total", "年度资金总额"),
            {name: project.funding_total(name) for name in AMOUNTS},
            unit,
        ),
        rows=[_line_row(each, labels.get(each.source, ""), unit) for each in lines],
        with_received=project.funding_total("received") is not None,
    )


def _line_row(line: FundingLine, label: str, unit: MoneyUnit) -> FundsRow:
    amounts = {name: getattr(line, name) for name in AMOUNTS}
    return _funds_row(label or line.get_source_display(), amounts, unit)


def _funds_row(
    label: str, yuan: dict[str, Decimal | None], unit: MoneyUnit
) -> FundsRow:
    executed, adjusted = yuan["executed"], yuan["adjusted"]
    known = executed is not None and adjusted
    shown = {
        name: None if value is None else from_yuan(value, unit)
        for name, value in yuan.items()
    }
    ratio = round_ratio(executed / adjusted) if known else None  # type: ignore[operator]
    return FundsRow(label=label, ratio=ratio, **shown)


def result_rows(
    assessment: SelfAssessment, score: Score, comments: Sequence[ItemComment] = ()
) -> list[ResultRow]:
    """Return the rows of a self-assessment loaded with_content(), as the form has them.

    Rows of one level 1 and one level 2 stand together, in the order of the scheme's
    layout, others after them as they appear. comments: those on the assessment.
    """
    scheme = scheme_of(assessment.task.scheme)
    by_money = execution_result(assessment)
    wholes = wholes_of(assessment)
    proven = proofs_of(assessment).by_indicator
    remarks: dict[int, list[ItemComment]] = {}
    for comment in comments:
        if comment.indicator_id:
            remarks.setdefault(comment.indicator_id, []).append(comment)
    rows = [
        ResultRow(
            result=result,
            score=row,
            level1_rows=0,
            level2_rows=0,
            lacks=missing_in_row(result, row, by_money=result == by_money),
            by_money=result == by_money,
            comments=remarks.get(result.indicator_id, []),
            auto_points=automatic_points(result, row, scheme),
            evidence=proven.get(result.indicator_id, []),
            whole=wholes.get(result.pk),
        )
        for result, row in zip(assessment.results.all(), score.rows, strict=True)
    ]
    by_indicator = {row.result.indicator: row for row in rows}
    ordered = in_form_order([*by_indicator], scheme.layout)
    return _with_spans([by_indicator[each] for each in ordered])


def _with_spans(rows: list[ResultRow]) -> list[ResultRow]:
    """Return the rows with the spans of their level cells."""
    names = [(row.result.indicator.level1, row.result.indicator.level2) for row in rows]
    spanned = []
    for index, row in enumerate(rows):
        level1, level2 = names[index]
        above = names[index - 1] if index else (None, None)
        in_level1 = sum(name[0] == level1 for name in names)
        in_level2 = names.count((level1, level2))
        spanned.append(
            replace(
                row,
                level1_rows=0 if above[0] == level1 else in_level1,
                level2_rows=0 if above == (level1, level2) else in_level2,
            )
        )
    return spanned


def bands_of(assessment: SelfAssessment, result: IndicatorResult) -> dict[str, str]:
    """Return {achievement: points in words} of a qualitative row, {} of others."""
    indicator = result.indicator
    if indicator.comparator != Comparator.QUALITATIVE:
        return {}
    scheme = scheme_of(assessment.task.scheme)
    return {
        band.achievement: band_range(band, indicator.max_points)
        for band in scheme.bands
    }


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
