"""Points that a level of review gives, beside the unit's own (复核得分).

Own points stand until a reviewer changes them; what is changed asks for a reason. They
become final with the approval of the level that gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.models import IndicatorResult, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.score_sheet import row_facts, score_of
from indicators.scoring import RowScore, Score, score_reviewed
from indicators.threads import lock_reviewed
from indicators.workflow import TransitionError
from perfeval.audit import Change, keeping_rejected, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError, save_versioned

FIELDS = ("review_points", "review_actual", "review_note")
# What a judgement of points was made on: where it differs, it is made anew.
JUDGED_ON = ("actual", "achievement", "basis", "points", "max_points", "target")


@dataclass(frozen=True, kw_only=True)
class ReviewTotals:
    """Both totals and grades of a sheet; gap: reviewed less own, in points."""

    own: Score
    reviewed: Score
    lacking: list[str]

    @property
    def gap(self) -> Decimal | None:
        if self.own.total is None or self.reviewed.total is None:
            return None
        return self.reviewed.total - self.own.total


def reviewed_score(assessment: SelfAssessment, own: Score) -> Score:
    """Return the score with the reviewer's points; own: of the same, with_content()."""
    results = assessment.results.all()
    return score_reviewed(
        [row_facts(each) for each in results],
        own,
        [each.review_points for each in results],
        scheme_of(assessment.task.scheme),
    )


def review_totals(assessment: SelfAssessment, own: Score) -> ReviewTotals:
    """Return what the page shows of both scores, and the rows that lack a reason."""
    results = assessment.results.all()
    return ReviewTotals(
        own=own,
        reviewed=reviewed_score(assessment, own),
        lacking=[
            each.indicator.level3
            for each, row in zip(results, own.rows, strict=True)
            if lacks_reason(each, row)
        ],
    )


def lacks_reason(result: IndicatorResult, row: RowScore) -> bool:
    """Whether other points than the unit's own were given without a word why."""
    given = result.review_points
    return given is not None and given != row.points and not result.review_note.strip()


def record_review(
    user: User, result: IndicatorResult, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Save what a reviewer gives a row; return whether anything differed.

    Raises ClosedError, ValidationError, or StaleError where somebody saved meanwhile:
    then what was typed is kept in the audit trail.
    """
    with keeping_rejected(
        user,
        "review.rejected",
        result,
        f"指标“{result.indicator.level3}”的复核已另有保存，所写内容留在这里",
        changes,
        version=version,
        chain=result.assessment.chain,
    ):
        return _record_review(user, result, changes, version)


@transaction.atomic
def _record_review(
    user: User, result: IndicatorResult, changes: Mapping[str, Any], version: int
) -> bool:
    assessment = lock_scored(user, result.assessment_id)
    given, most = changes.get("review_points"), result.indicator.max_points
    if given is not None and not 0 <= given <= most:
        raise ValidationError({"review_points": f"复核得分应在 0 与分值 {most:f} 之间"})
    before = {name: getattr(result, name) for name in changes}
    if not save_versioned(result, changes, version=version):
        return False
    change = Change(
        action="review.scored",
        subject=subject_of(result),
        summary=f"复核指标“{result.indicator.level3}”",
        before=before,
        after=changes,
    )
    record(user, change, chain=assessment.chain)
    return True


@transaction.atomic
def accept_all(user: User, assessment: SelfAssessment) -> int:
    """Take own points in every row not judged yet (全部认可); return how many.

    Raises ClosedError where the person gives no points now.
    """
    locked = lock_scored(user, assessment.pk)
    return len(_fill_in(user, locked, "全部认可"))


def settle_review(user: User, assessment: SelfAssessment) -> None:
    """Make the review points of a level that gives some final, with total and grade.

    Within the transaction of the approval, self-assessment locked. Raises
    TransitionError where points were changed without a reason.
    """
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    lacking = review_totals(loaded, score_of(loaded)).lacking
    if lacking:
        names = "、".join(lacking)
        raise TransitionError(f"改了得分还没有写理由：{names}")
    _fill_in(user, loaded, "复核得分确定")
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    score = reviewed_score(loaded, score_of(loaded))
    assessment.review_total = score.total
    assessment.review_grade = score.grade or ""
    assessment.save(update_fields=["review_total", "review_grade"])


def clear_outdated(
    assessment: SelfAssessment, judged_on: Mapping[str, Mapping[str, Any]]
) -> None:
    """Take back the review points of rows that say something else than they did.

    judged_on: {name of row: its values when it was returned}; see JUDGED_ON and
    row_key. What is taken back stands in the snapshot of the return.
    """
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    score = score_of(loaded)
    outdated = [
        result
        for result, row in zip(loaded.results.all(), score.rows, strict=True)
        if has_review(result) and judged_on.get(row_key(result)) != facts(result, row)
    ]
    for result in outdated:
        result.review_points, result.review_actual, result.review_note = None, "", ""
    IndicatorResult.objects.bulk_update(outdated, FIELDS)
    assessment.review_total, assessment.review_grade = None, ""
    assessment.save(update_fields=["review_total", "review_grade"])


def has_review(result: IndicatorResult) -> bool:
    return result.review_points is not None or bool(
        result.review_note or result.review_actual
    )


def row_key(result: IndicatorResult) -> str:
    """Return the name by which a row is found in a snapshot."""
    indicator = result.indicator
    return f"{indicator.level1}/{indicator.level2}/{indicator.level3}"


def facts(result: IndicatorResult, row: RowScore) -> dict[str, Any]:
    """Return what points are judged on, as a document holds it."""
    return {
        "actual": result.actual or None,
        "achievement": result.achievement or None,
        "basis": result.basis,
        "points": row.points,
        "max_points": result.indicator.max_points,
        "target": result.indicator.target or None,
    }


def lock_scored(user: User, pk: int) -> SelfAssessment:
    """Return a self-assessment locked while a person gives it points; ClosedError."""
    assessment = lock_reviewed(user, pk)
    level = assessment.current_level
    if level is None or not level.gives_points:
        raise ClosedError("本级审核只作通过或退回，不打分")
    return assessment


def _fill_in(
    user: User, assessment: SelfAssessment, summary: str
) -> Sequence[IndicatorResult]:
    """Give rows without review points the unit's own; return those rows."""
    loaded = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    filled = []
    for result, row in zip(loaded.results.all(), score_of(loaded).rows, strict=True):
        if result.review_points is None and row.points is not None:
            result.review_points = row.points
            result.version += 1
            filled.append(result)
    IndicatorResult.objects.bulk_update(filled, ["review_points", "version"])
    if filled:
        change = Change(
            action="review.accepted",
            subject=subject_of(assessment),
            summary=f"{summary}：{len(filled)} 项按自评得分",
            after={row_key(each): each.review_points for each in filled},
        )
        record(user, change, chain=assessment.chain)
    return filled
