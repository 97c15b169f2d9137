"""结果应用: what is suggested at a grade, what was decided, when the unit is told.

Every function is one transaction with its audit event. A decision that is not sent out
yet is told to the auditor alone (site chain): the unit reads its report's trail.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from indicators.access import may_decide_use
from indicators.models import (
    FINAL,
    EvaluationTask,
    ResultUse,
    SelfAssessment,
    UseRule,
)
from indicators.outcome import Outcome
from indicators.recipients import holders
from perfeval.audit import SITE_CHAIN, Change, record, subject_of
from perfeval.models import User
from perfeval.notices import notify, telling
from perfeval.versions import ClosedError, StaleError, save_versioned
from projects.models import Role

TOLD = ("use", "note", "amount", "grade", "score", "edition", "suggested", "reason")


def rules_of(tasks: Iterable[int]) -> dict[tuple[int, str], UseRule]:
    """Return {(task, grade): what is suggested}, its own or what is said for all."""
    keys = list(tasks)
    found = list(UseRule.objects.filter(Q(task__in=keys) | Q(task__isnull=True)))
    common = {each.grade: each for each in found if each.task_id is None}
    rules = {(key, grade): rule for key in keys for grade, rule in common.items()}
    return rules | {(x.task_id, x.grade): x for x in found if x.task_id is not None}


def suggestion_for(assessment: SelfAssessment) -> UseRule | None:
    """Return what is suggested at the grade of one, None where no rule speaks of it."""
    rules = rules_of([assessment.task_id])
    return rules.get((assessment.task_id, assessment.final_grade))


@transaction.atomic
def decide_use(
    user: User,
    assessment: SelfAssessment,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Decide, or change what was decided (version 0: nothing was); whether it differs.

    changes: use, note, amount (元 or None), reason (asked for once it was sent out).
    Raises ClosedError, ValidationError, StaleError.
    """
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    against = why_not_decide(user, locked)
    if against:
        raise ClosedError(against)
    stored = ResultUse.objects.filter(assessment=locked).first()
    if (stored.version if stored else 0) != version:
        raise StaleError(stored or ResultUse(assessment=locked, version=0))
    given = {"reason": "", **changes}
    row = stored or ResultUse(assessment=locked)
    before = {name: getattr(row, name) for name in TOLD} if stored else {}
    if stored and stored.is_sent:
        if all(getattr(stored, x) == y for x, y in changes.items() if x != "reason"):
            return False
        if not given["reason"].strip():
            raise ValidationError({"reason": "已发给单位的决定，修改时请写明原因"})
    basis = _basis(locked, user)
    if stored is None:
        for name, value in (given | basis).items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
    elif not save_versioned(row, given, version=version):
        return False
    else:
        for name, value in basis.items():
            setattr(row, name, value)
        row.save(update_fields=list(basis))
    _tell(user, row, "resultuse.decided", f"结果应用：{row}", before)
    if row.is_sent:
        _tell_unit(row, f"结果应用已修改（{row.reason}）：{row}", user)
    return True


def _basis(assessment: SelfAssessment, user: User) -> dict[str, Any]:
    """Return what a decision made now rests on, and who makes it."""
    rule = suggestion_for(assessment)
    return {
        "grade": assessment.final_grade,
        "score": assessment.final_score,
        "edition": assessment.edition,
        "suggested": rule.use if rule else "",
        "decided_by": user,
        "decided_at": timezone.now(),
    }


def why_not_decide(user: User, assessment: SelfAssessment) -> str:
    """Return in one sentence why a person may not decide now, "" where they may."""
    if not may_decide_use(user, assessment):
        return "结果应用由绩效科和归口业务科室决定"
    if assessment.status not in FINAL:
        state = assessment.get_status_display()
        return f"该自评现在是“{state}”，审定后才能决定结果应用"
    return ""


def adopt_suggestions(user: User, chosen: Iterable[SelfAssessment]) -> Outcome:
    """Decide as suggested (采用建议) wherever nothing was decided yet, one by one."""
    return _one_by_one(chosen, lambda each: _adopt(user, each))


@transaction.atomic
def _adopt(user: User, assessment: SelfAssessment) -> None:
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    if ResultUse.objects.filter(assessment=locked).exists():
        raise ClosedError("已有决定")
    rule = suggestion_for(locked)
    if rule is None:
        grade = locked.final_grade
        raise ClosedError(f"等级“{grade}”没有参考意见" if grade else "没有等级")
    decide_use(user, locked, {"use": rule.use, "note": rule.note}, version=0)


def send_uses(user: User, chosen: Iterable[SelfAssessment]) -> Outcome:
    """Send decisions to the units (发给单位), one by one."""
    return _one_by_one(chosen, lambda each: _send(user, each))


@transaction.atomic
def _send(user: User, assessment: SelfAssessment) -> None:
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    against = why_not_decide(user, locked)
    row = ResultUse.objects.filter(assessment=locked).first()
    if not against and row is None:
        against = "还没有决定"
    elif row and row.is_sent:
        against = "已经发给单位"
    elif row and row.edition < locked.edition:
        against = f"决定依据第 {row.edition} 版报告，请按第 {locked.edition} 版重新决定"
    if against or row is None:
        raise ClosedError(against)
    row.assessment = locked
    row.sent_at, row.sent_by = timezone.now(), user
    row.version += 1
    row.save(update_fields=["sent_at", "sent_by", "version"])
    _tell(user, row, "resultuse.sent", f"发出结果应用：{row}", {})
    _tell_unit(row, f"结果应用：{row}", user)


def _one_by_one(
    chosen: Iterable[SelfAssessment], act: Callable[[SelfAssessment], None]
) -> Outcome:
    outcome = Outcome()
    for each in chosen:
        try:
            act(each)
        except (ClosedError, StaleError) as error:
            outcome.left.append((each, str(error)))
        else:
            outcome.done.append(each)
    return outcome


@transaction.atomic
def save_rule(
    user: User,
    task: EvaluationTask,
    grade: str,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Say what a task suggests at a grade (version 0: as for all); whether it differs.

    Raises ValidationError, StaleError.
    """
    EvaluationTask.objects.select_for_update().get(pk=task.pk)
    stored = UseRule.objects.filter(task=task, grade=grade).first()
    shown = stored or common_rule(task, grade)
    if shown.version != version:
        raise StaleError(shown)
    before = {name: getattr(shown, name) for name in changes}
    if before == dict(changes):
        return False
    if stored is None:
        for name, value in changes.items():
            setattr(shown, name, value)
        shown.version = 1
        shown.full_clean()
        shown.save()
    else:
        save_versioned(stored, changes, version=version)
    change = Change(
        action="userule.changed",
        subject=subject_of(task),
        summary=f"修改“{task}”等级“{grade}”的结果应用参考",
        before=before,
        after=changes,
    )
    record(user, change)
    return True


def common_rule(task: EvaluationTask, grade: str) -> UseRule:
    """Return a task's own rule, not stored yet, that says what is said for all."""
    common = UseRule.objects.filter(task__isnull=True, grade=grade).first()
    use, note = (common.use, common.note) if common else ("", "")
    return UseRule(task=task, grade=grade, use=use, note=note, version=0)


def task_rules(task: EvaluationTask, grades: Sequence[str]) -> list[UseRule]:
    """Return what a task suggests at each grade; version 0 is what is said for all."""
    own = {each.grade: each for each in UseRule.objects.filter(task=task)}
    return [own.get(grade) or common_rule(task, grade) for grade in grades]


def _tell_unit(row: ResultUse, words: str, user: User) -> None:
    """Tell the unit's fillers, in the transaction of what is told."""
    assessment = row.assessment
    with telling(row):
        notify(
            holders(assessment.project, Role.FILLER) - {user.pk},
            key=f"result-use:{row.pk}:{row.version}",
            text=f"“{assessment.project.shown_name}”的{words}",
            address=reverse("indicators:result_use", args=[assessment.pk]),
        )


def _tell(
    user: User, row: ResultUse, action: str, words: str, before: Mapping[str, Any]
) -> None:
    change = Change(
        action=action,
        subject=subject_of(row),
        summary=f"{words}（{row.assessment.project.shown_name}）",
        before=before,
        after={name: getattr(row, name) for name in TOLD},
    )
    record(user, change, chain=row.assessment.chain if row.is_sent else SITE_CHAIN)
