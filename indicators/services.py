"""Writes of indicators, results and texts, each with its audit event and the score.

Every function is one transaction, locks the self-assessment it writes to, and refuses
(ClosedError) where that is no longer open to the unit: what was sent up stays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from indicators.deleted_rows import rows_of
from indicators.models import (
    EDITABLE,
    SECTION_KEYS,
    Comparator,
    EvaluationTask,
    Indicator,
    IndicatorResult,
    Material,
    Narrative,
    NarrativeKey,
    SelfAssessment,
    VersionKind,
)
from indicators.narrative_versions import digest, keep, keep_first, keep_rejected
from indicators.scheme_store import scheme_of
from indicators.score_sheet import automatic_points, score_of, settled_grade
from indicators.scoring_rules import band_range, in_band
from indicators.shares import recombine
from perfeval.audit import Change, keeping_rejected, record, record_many, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError as ClosedError
from perfeval.versions import StaleError, save_versioned
from projects.models import BudgetProject

# What approval closes; how it comes about is the lead's to say.
APPROVED_FIELDS = (
    "level1",
    "level2",
    "level3",
    "comparator",
    "target",
    "unit",
    "max_points",
    "standard",
)
APPROVED_CLOSED = "该指标的指标值和分值已批复，不能直接修改"


@transaction.atomic
def start_assessment(
    user: User | None,
    project: BudgetProject,
    task: EvaluationTask,
    *,
    material: Material = Material.FORM_REPORT,
    due_at: datetime | None = None,
) -> SelfAssessment:
    """Give a project its self-assessment in a task, with all rows to be filled in.

    Raises ValidationError: a classified project has none here, or it has one already.
    """
    if project.is_classified:
        raise ValidationError("涉密项目不在本系统自评")
    assessment = SelfAssessment(
        project=project, task=task, material=material, due_at=due_at
    )
    assessment.full_clean()
    assessment.save()
    results = [
        IndicatorResult(
            assessment=assessment, indicator=each, max_points=each.max_points
        )
        for each in project.indicators.all()
    ]
    IndicatorResult.objects.bulk_create(results)
    texts = [
        Narrative(assessment=assessment, key=key) for key in narrative_keys(material)
    ]
    Narrative.objects.bulk_create(texts)
    rescore(assessment)
    summary = f"下达“{project.shown_name}”的绩效自评"
    _record(user, assessment, "assessment.started", summary, after={"task": task.title})
    return assessment


def narrative_keys(material: str) -> list[NarrativeKey]:
    """Return the texts that the material required asks for."""
    of_form = [NarrativeKey.GOAL, NarrativeKey.FUNDS, NarrativeKey.REMARKS]
    return of_form if material == Material.FORM else [*SECTION_KEYS, *of_form]


def record_result(
    user: User | None,
    result: IndicatorResult,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Change what the unit writes in a result row; return whether any field differed.

    Raises ClosedError, ValidationError, or StaleError where somebody saved meanwhile:
    then an event keeps what was not taken over.
    """
    with keeping_rejected(
        user,
        "result.rejected",
        result,
        f"指标“{result.indicator.level3}”的完成情况已另有保存，所填内容没有采用",
        changes,
        version=version,
        chain=result.assessment.chain,
    ):
        return _record_result(user, result, changes, version)


@transaction.atomic
def _record_result(
    user: User | None,
    result: IndicatorResult,
    changes: Mapping[str, Any],
    version: int,
) -> bool:
    assessment = lock_open(result.assessment_id)
    change = _save_result(result, changes, version)
    if change is None:
        return False
    rescore(assessment)
    record(user, change, chain=assessment.chain)
    return True


@transaction.atomic
def record_results(
    user: User | None,
    assessment: SelfAssessment,
    entries: Sequence[tuple[IndicatorResult, Mapping[str, Any]]],
) -> int:
    """Change many rows of a self-assessment, scored once; return how many differed.

    entries: a row, with the version it was read with, and its changes. Raises
    ClosedError, ValidationError, or StaleError where somebody saved meanwhile.
    """
    locked = lock_open(assessment.pk)
    saved = [_save_result(row, changes, row.version) for row, changes in entries]
    told = [change for change in saved if change is not None]
    if told:
        rescore(locked)
        record_many(user, told, chain=locked.chain)
    return len(told)


def write_narrative(
    user: User | None,
    narrative: Narrative,
    text: str,
    *,
    version: int,
    kind: VersionKind = VersionKind.SAVED,
) -> bool:
    """Save one text; return whether it differed from the stored one.

    Raises ClosedError, ValidationError, or StaleError where somebody saved meanwhile:
    then the text is kept among the versions, as not taken over.
    """
    try:
        return _write_narrative(user, narrative, text, version, kind)
    except StaleError as error:
        keep_rejected(user, narrative, text, version=version)
        error.is_kept = True
        raise


@transaction.atomic
def _write_narrative(
    user: User | None, narrative: Narrative, text: str, version: int, kind: VersionKind
) -> bool:
    assessment = lock_open(narrative.assessment_id)
    keep_first(narrative)
    if not save_versioned(narrative, {"text": text}, version=version):
        return False
    narrative.saved_at, narrative.saved_by = timezone.now(), user
    narrative.save(update_fields=["saved_at", "saved_by"])
    keep(narrative, kind)
    touch(assessment)
    change = Change(
        action="narrative.changed",
        subject=subject_of(narrative),
        summary=f"修改“{narrative.get_key_display()}”（{kind.label}）",
        before={"version": version},
        after={"version": narrative.version, "sha256": digest(text)},
    )
    record(user, change, chain=assessment.chain)
    return True


@transaction.atomic
def save_indicator(
    user: User | None, indicator: Indicator, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Create (no pk) or change an indicator; return whether any field differed.

    Its rows in open self-assessments follow. Raises ClosedError, ValidationError, or
    StaleError where somebody saved meanwhile.
    """
    if indicator.project.is_classified:
        raise ClosedError("涉密项目在本系统只登记编码和状态，不填绩效指标")
    check_open(indicator.project)
    _check_approved(indicator, changes)
    check_own_points(indicator, changes.get("max_points"))
    created = indicator.pk is None
    before = {} if created else {name: getattr(indicator, name) for name in changes}
    if created:
        for name, value in changes.items():
            setattr(indicator, name, value)
        indicator.full_clean()
        indicator.save()
    elif not save_versioned(indicator, changes, version=version):
        return False
    verb = "新增" if created else "修改"
    change = Change(
        action="indicator.created" if created else "indicator.changed",
        subject=subject_of(indicator.project),
        summary=f"{verb}指标“{indicator.level3}”",
        before=before,
        after=changes,
    )
    record(user, change)
    carry_into_assessments(indicator)
    return True


@transaction.atomic
def delete_indicator(user: User | None, indicator: Indicator, *, version: int) -> None:
    """Remove an indicator with its result rows.

    Raises ClosedError, or StaleError where somebody saved meanwhile.
    """
    check_open(indicator.project)
    stored = Indicator.objects.select_for_update().get(pk=indicator.pk)
    if stored.version != version:
        raise StaleError(stored)
    if stored.is_approved:
        raise ClosedError(f"{APPROVED_CLOSED}，也不能删除")
    if stored.adjustments.exists():
        raise ClosedError("该指标有绩效目标调整记录，不能删除")
    project = indicator.project
    kept = ("level1", "level2", "level3", "comparator", "target", "unit", "max_points")
    results = list(
        indicator.results.values("assessment_id", "actual", "deviation_note")
    )
    change = Change(
        action="indicator.deleted",
        subject=subject_of(project),
        summary=f"删除指标“{indicator.level3}”",
        before={
            **{name: getattr(indicator, name) for name in kept},
            "results": results,
            # All of it, so that restoring.py can bring it back.
            "rows": rows_of(stored),
        },
    )
    try:
        indicator.results.all().delete()
        indicator.delete()
    except ProtectedError:
        raise ClosedError("该指标已有审核评语等记录，不能删除") from None
    record(user, change)
    rescore_project(project)


def rescore(assessment: SelfAssessment) -> None:
    """Bring automatic points, total and grade in line with results and money."""
    fresh = SelfAssessment.objects.with_content().get(pk=assessment.pk)
    recombine(fresh)
    score, scheme = score_of(fresh), scheme_of(fresh.task.scheme)
    changed = []
    for result, row in zip(fresh.results.all(), score.rows, strict=True):
        points = automatic_points(result, row, scheme)
        weight = result.indicator.max_points
        if (result.auto_points, result.max_points) != (points, weight):
            result.auto_points, result.max_points = points, weight
            # Given when the row had another weight; the snapshot keeps them.
            if result.review_points is not None and result.review_points > weight:
                result.review_points = None
            changed.append(result)
    IndicatorResult.objects.bulk_update(
        changed, ["auto_points", "max_points", "review_points"]
    )
    assessment.total, assessment.grade = score.total, settled_grade(score)
    touch(assessment, "total", "grade")


def rescore_project(project: BudgetProject) -> None:
    """Rescore the open self-assessments of a project."""
    for assessment in project.assessments.filter(status__in=EDITABLE):
        rescore(assessment)


def follow_project(*, project: BudgetProject, **_: object) -> None:
    """Hear that a project or its money changed: refuse it or score again."""
    check_open(project)
    rescore_project(project)


def touch(assessment: SelfAssessment, *fields: str) -> None:
    """Save these fields and when the self-assessment was last changed."""
    assessment.changed_at = timezone.now()
    assessment.save(update_fields=[*fields, "changed_at"])


def lock_open(pk: int) -> SelfAssessment:
    """Return a self-assessment locked for writing; raise ClosedError if not open."""
    rows = SelfAssessment.objects.select_for_update(of=("self",))
    # With the project: one cancelled meanwhile is no longer to be filled in.
    assessment: SelfAssessment = rows.select_related("project").get(pk=pk)
    if assessment.is_exempt or not assessment.is_editable:
        state = "免报" if assessment.is_exempt else assessment.get_status_display()
        raise ClosedError(f"该自评现在是“{state}”，内容不能修改")
    return assessment


def check_open(project: BudgetProject) -> None:
    """Raise ClosedError where a project stands in a report that was sent up.

    Locks its self-assessments: none is sent up between this check and the write.
    """
    locked = list(project.assessments.select_for_update().order_by("pk"))
    closed = next((each for each in locked if each.is_sent_up), None)
    if closed:
        state = closed.get_status_display()
        raise ClosedError(
            f"本项目的绩效自评（{closed.task}）现在是“{state}”，项目信息、资金和指标不能修改"
        )


def _save_result(
    result: IndicatorResult, changes: Mapping[str, Any], version: int
) -> Change | None:
    """Save a row's fields; return what to record, None where none differed."""
    check_given_points(result, changes)
    _check_not_combined(result, changes)
    before = {name: getattr(result, name) for name in changes}
    if not save_versioned(result, changes, version=version):
        return None
    return Change(
        action="result.changed",
        subject=subject_of(result),
        summary=f"填报指标“{result.indicator.level3}”完成情况",
        before=before,
        after=changes,
    )


def _check_not_combined(result: IndicatorResult, changes: Mapping[str, Any]) -> None:
    """Refuse to type what is made from several units' parts."""
    indicator = result.indicator
    if changes.get("actual", result.actual) == result.actual:
        return
    if indicator.is_combined and indicator.project.shares.exists():
        how = indicator.get_combination_display()
        raise ValidationError(
            {"actual": f"该指标的完成值由{how}得出，请在“各单位填报情况”中填写"}
        )


def check_given_points(result: IndicatorResult, changes: Mapping[str, Any]) -> None:
    """Refuse points of the unit's own outside 分值 or the band they are given in."""
    points = changes.get("self_points", result.self_points)
    if points is None:
        return
    indicator, maximum = result.indicator, result.indicator.max_points
    if not 0 <= points <= maximum:
        raise ValidationError({"self_points": f"自评得分应在 0 与分值 {maximum} 之间"})
    if indicator.comparator != Comparator.QUALITATIVE:
        return
    achievement = changes.get("achievement", result.achievement)
    if not achievement:
        raise ValidationError({"achievement": "填了自评得分，请选择达成程度"})
    band = scheme_of(result.assessment.task.scheme).band(achievement)
    if not in_band(points, band, maximum):
        raise ValidationError(
            {"self_points": f"“{band.label}”应得 {band_range(band, maximum)}"}
        )


def _check_approved(indicator: Indicator, changes: Mapping[str, Any]) -> None:
    """Refuse to change what stays approved; changes may take the mark off."""
    stored = Indicator.objects.filter(pk=indicator.pk, is_approved=True).first()
    if stored is None or not changes.get("is_approved", True):
        return
    told = changes.keys() & set(APPROVED_FIELDS)
    if any(changes[name] != getattr(stored, name) for name in told):
        raise ClosedError(f"{APPROVED_CLOSED}；需要改变时请办理绩效目标调整")


def check_own_points(indicator: Indicator, max_points: Decimal | None) -> None:
    """Refuse a weight below points that the unit has given itself already."""
    if indicator.pk is None or max_points is None:
        return
    above = indicator.results.filter(self_points__gt=max_points).first()
    if above:
        raise ValidationError(
            {
                "max_points": f"该指标已填自评得分 {above.self_points}，"
                "分值不能低于它；请先修改自评得分"
            }
        )


def carry_into_assessments(indicator: Indicator) -> None:
    """Give an indicator its row in every open self-assessment, then score again."""
    for assessment in indicator.project.assessments.filter(status__in=EDITABLE):
        IndicatorResult.objects.get_or_create(
            assessment=assessment,
            indicator=indicator,
            defaults={"max_points": indicator.max_points},
        )
        rescore(assessment)


def _record(
    user: User | None,
    assessment: SelfAssessment,
    action: str,
    summary: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    change = Change(
        action=action,
        subject=subject_of(assessment),
        summary=summary,
        before=before or {},
        after=after or {},
    )
    record(user, change, chain=assessment.chain)
