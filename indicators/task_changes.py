"""After a task was sent out: taken back, given back, extended, passed down.

Nothing typed is deleted. Each act has its reason and an event in the chain of every
self-assessment it touches; what it cannot touch is told, with why.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from indicators.holidays import calendar
from indicators.models import (
    FINAL,
    EvaluationTask,
    SelfAssessment,
    TaskPassing,
    TaskState,
)
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.audit import Change, record, record_across, subject_of
from perfeval.deadlines import is_overdue, moved
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError, save_versioned
from projects.models import Department


@dataclass(frozen=True, kw_only=True)
class Done:
    """What an act on many did: how many changed, and who was left, each with why."""

    changed: list[SelfAssessment]
    left: list[tuple[SelfAssessment, str]]


def why_not_taken_back(assessment: SelfAssessment) -> str:
    if assessment.exempt_since is not None:
        return "已经收回"
    if assessment.status in FINAL:
        return f"{assessment.get_status_display()}，不能收回"
    return ""


def why_not_given_back(assessment: SelfAssessment) -> str:
    return "" if assessment.exempt_since is not None else "没有收回过"


def why_not_extended(assessment: SelfAssessment) -> str:
    if assessment.is_sent_up:
        return f"{assessment.get_status_display()}，不需要延期"
    return "免报，不需要延期" if assessment.is_exempt else ""


@transaction.atomic
def take_back(
    user: User | None, task: EvaluationTask, ids: Collection[int], reason: str
) -> Done:
    """Take self-assessments back (收回): they count as 免报 and are closed to the unit.

    What was typed stays, and give_back opens it again. Raises ValidationError without a
    reason.
    """
    reason = _checked(reason)
    now = timezone.now()
    return _act(
        user,
        _chosen(task, ids),
        why_not_taken_back,
        {"exempt_since": now, "exempt_reason": reason},
        ("assessment.taken_back", f"收回绩效自评：{reason}"),
    )


@transaction.atomic
def give_back(
    user: User | None, task: EvaluationTask, ids: Collection[int], reason: str
) -> Done:
    """Ask again for self-assessments that were taken back; each is where it was."""
    reason = _checked(reason)
    return _act(
        user,
        _chosen(task, ids),
        why_not_given_back,
        {"exempt_since": None, "exempt_reason": ""},
        ("assessment.given_back", f"恢复绩效自评：{reason}"),
    )


@transaction.atomic
def extend(
    user: User | None,
    task: EvaluationTask,
    chosen: Collection[int] | Department,
    due_at: datetime,
    reason: str,
) -> Done:
    """Give self-assessments, or all of a department and below it, a later due time.

    A day off moves it as the task says. Those that have as late a one keep it. Raises
    ValidationError: no reason, or the time is past.
    """
    reason = _checked(reason)
    due = _later(task, due_at)
    if isinstance(chosen, Department):
        asked = _below(task, chosen).select_for_update(of=("self",))
        found = _locked(asked)
    else:
        found = _chosen(task, chosen)
    day = timezone.localtime(due)
    words = f"延期到{day.year}年{day.month}月{day.day}日 {day:%H:%M}：{reason}"
    why_not = partial(_why_not_until, due)
    return _act(user, found, why_not, {"due_at": due}, ("assessment.extended", words))


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What extending a department would do: to whom it applies, who keeps what, why.

    due_at: as a day off moves it; rows: with the reason against it, "" where none.
    """

    due_at: datetime
    rows: list[tuple[SelfAssessment, str]]

    @property
    def extended(self) -> int:
        return sum(not against for _, against in self.rows)


def extension_of(
    task: EvaluationTask, department: Department, due_at: datetime
) -> Extension:
    """Return what extend() would do now; raise ValidationError: the time is past."""
    due = _later(task, due_at)
    rows = _below(task, department).order_by("project__code", "pk")
    told = [(each, _why_not_until(due, each)) for each in rows]
    # Those that are extended first: the others are often many more.
    return Extension(due_at=due, rows=sorted(told, key=lambda row: bool(row[1])))


def _later(task: EvaluationTask, due_at: datetime) -> datetime:
    """Return a new due time as the task's rule moves it; refuse one that is past."""
    due = moved(due_at, task.due_rule, calendar())
    if is_overdue(due, timezone.now()):
        raise ValidationError({"due_at": "延期后的截止时间已经过去"})
    return due


def _why_not_until(due: datetime, assessment: SelfAssessment) -> str:
    if assessment.deadline >= due:
        return "原截止时间不早于所填时间"
    return why_not_extended(assessment)


def _below(task: EvaluationTask, department: Department) -> SelfAssessmentQuerySet:
    below = task.assessments.filter(project__unit__path__startswith=department.path)
    return below.with_facts().required()


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "请填写原因"})
    return reason


def _chosen(task: EvaluationTask, ids: Collection[int]) -> list[SelfAssessment]:
    rows = task.assessments.filter(pk__in=ids).with_facts()
    return _locked(rows.select_for_update(of=("self",)))


def _locked(rows: SelfAssessmentQuerySet) -> list[SelfAssessment]:
    # In one order: two acts on the same rows never wait for each other.
    return list(rows.order_by("pk"))


def _act(
    user: User | None,
    found: Sequence[SelfAssessment],
    why_not: Callable[[SelfAssessment], str],
    values: Mapping[str, Any],
    told: tuple[str, str],
) -> Done:
    """Set values in those nothing stands against, in one statement; record each."""
    reasons = [(each, why_not(each)) for each in found]
    fitting = [each for each, against in reasons if not against]
    before = {
        each.pk: {name: getattr(each, name) for name in values} for each in fitting
    }
    _write(fitting, values)
    action, words = told
    changes = {
        each.chain: Change(
            action=action,
            subject=subject_of(each),
            summary=f"{words}（{each.project.shown_name}）",
            before=before[each.pk],
            after=values,
        )
        for each in fitting
    }
    record_across(user, changes)
    return Done(
        changed=fitting, left=[(each, against) for each, against in reasons if against]
    )


def _write(rows: Sequence[SelfAssessment], values: Mapping[str, Any]) -> None:
    # The version moves on: a page that was open before must not decide on it.
    stored = SelfAssessment.objects.filter(pk__in=[each.pk for each in rows])
    stored.update(**values, version=F("version") + 1, changed_at=timezone.now())
    for each in rows:
        for name, value in values.items():
            setattr(each, name, value)
        each.version += 1


@transaction.atomic
def pass_down(
    user: User,
    task: EvaluationTask,
    department: Department,
    *,
    due_at: datetime | None,
    remarks: str,
    version: int | None,
) -> TaskPassing:
    """Pass a task down to a department and all below it; return the stored row.

    version: of the passing that the page showed, None where there was none. Raises
    ClosedError, ValidationError (a time past, or later than the task's), StaleError.
    """
    task = EvaluationTask.objects.select_for_update().get(pk=task.pk)
    if task.state != TaskState.SENT:
        raise ClosedError(f"该任务{task.get_state_display()}，不能转发")
    due = moved(due_at, task.due_rule, calendar()) if due_at else None
    stored = TaskPassing.objects.filter(task=task, department=department).first()
    if stored and version is None:
        raise StaleError(stored)
    _check_passed(due, task, stored)
    row = stored or TaskPassing(task=task, department=department)
    before = {"due_at": row.due_at, "remarks": row.remarks} if stored else {}
    values = {"due_at": due, "remarks": remarks}
    if stored:
        if not save_versioned(row, values, version=version or 0):
            return row
    else:
        row.due_at, row.remarks = due, remarks
    row.passed_at, row.passed_by = timezone.now(), user
    row.full_clean()
    row.save()
    apply_passings(task, department.path)
    change = Change(
        action="task.passed_down",
        subject=subject_of(task),
        summary=f"{department}转发自评任务“{task}”",
        before=before,
        after=values,
    )
    record(user, change)
    return row


def _check_passed(
    due: datetime | None, task: EvaluationTask, stored: TaskPassing | None
) -> None:
    if due is None or (stored and stored.due_at == due):
        return
    if due > task.due_at:
        raise ValidationError({"due_at": "本部门截止时间不能晚于任务的截止时间"})
    if is_overdue(due, timezone.now()):
        raise ValidationError({"due_at": "本部门截止时间已经过去"})


def apply_passings(task: EvaluationTask, path: str) -> None:
    """Bring passed_due_at below a department in line with what was passed down.

    The earliest of the bodies above a unit counts.
    """
    below = task.assessments.filter(project__unit__path__startswith=path)
    below.update(passed_due_at=None)
    for each in _from_late_to_early(task.passings.select_related("department")):
        own = each.department.path
        if own.startswith(path) or path.startswith(own):
            deeper = max(own, path, key=len)
            reached = task.assessments.filter(project__unit__path__startswith=deeper)
            reached.update(passed_due_at=each.due_at)


def _from_late_to_early(passings: Iterable[TaskPassing]) -> list[TaskPassing]:
    timed = [each for each in passings if each.due_at]
    return sorted(timed, key=lambda each: each.due_at or timezone.now(), reverse=True)
