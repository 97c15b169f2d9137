"""Writes of a task itself: notice, times, levels, material, attachments, state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from indicators.holidays import calendar
from indicators.models import (
    EvaluationTask,
    MaterialRule,
    TaskLevel,
    TaskState,
)
from perfeval.audit import Change, record, subject_of
from perfeval.deadlines import moved
from perfeval.files import store_file
from perfeval.models import StoredFile, User
from perfeval.versions import ClosedError, StaleError
from projects.models import Role

# The levels a task may have, in their order, by the names the field has for them.
LEVEL_NAMES = {
    Role.UNIT_REVIEWER: "单位审核",
    Role.DEPARTMENT_REVIEWER: "主管部门审核",
    Role.SECTION_REVIEWER: "归口业务科室审核",
    Role.PERFORMANCE_SECTION: "绩效科复核",
}
# Fixed once self-assessments stand in the task: their score and flow rest on them.
FIXED_IN_USE = ("year", "scheme")


@dataclass(frozen=True, kw_only=True)
class LevelPlan:
    """One level as it is asked for; due_at: as typed."""

    role: Role
    opens_at: datetime | None = None
    due_at: datetime | None = None
    gives_points: bool = False


@dataclass(frozen=True, kw_only=True)
class RulePlan:
    """One material rule as it is asked for; from_amount in 元."""

    material: str
    from_amount: Decimal | None = None
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """What a task's form says; values: fields of EvaluationTask, due_at as typed."""

    values: Mapping[str, Any]
    levels: Sequence[LevelPlan]
    rules: Sequence[RulePlan] = field(default=())


def is_in_use(task: EvaluationTask) -> bool:
    """Whether self-assessments stand in a task."""
    return task.pk is not None and task.assessments.exists()


@transaction.atomic
def save_task(
    user: User | None, task: EvaluationTask, plan: TaskPlan, *, version: int = 1
) -> EvaluationTask:
    """Create (no pk) or change a task with its levels and rules; return the stored row.

    A day off moves due times as the task says. Raises ValidationError with every
    problem, ClosedError, or StaleError where somebody saved meanwhile.
    """
    created = task.pk is None
    if not created:
        task = _locked(task.pk, version)
    in_use = is_in_use(task)
    before = _told(task) if not created else {}
    for name, value in plan.values.items():
        if not (in_use and name in FIXED_IN_USE):
            setattr(task, name, value)
    task.typed_due_at = plan.values["due_at"]
    task.due_at = moved(task.typed_due_at, task.due_rule, calendar())
    if not plan.levels:
        raise ValidationError("请至少选择一个审核级次")
    task.full_clean()
    if not created:
        task.version += 1
    task.save()
    (_change_levels if in_use else _replace_levels)(task, plan.levels)
    _replace_rules(task, plan.rules)
    change = Change(
        action="task.created" if created else "task.changed",
        subject=subject_of(task),
        summary=f"{'新建' if created else '修改'}自评任务“{task}”",
        before=before,
        after=_told(task),
    )
    record(user, change)
    return task


def _locked(pk: int, version: int) -> EvaluationTask:
    stored = EvaluationTask.objects.select_for_update().get(pk=pk)
    if stored.version != version:
        raise StaleError(stored)
    if stored.state == TaskState.CLOSED:
        raise ClosedError("该任务已结束，不能修改")
    return stored


def _replace_levels(task: EvaluationTask, plans: Sequence[LevelPlan]) -> None:
    task.levels.all().delete()
    for position, plan in enumerate(plans, start=1):
        level = TaskLevel(
            task=task,
            position=position,
            name=LEVEL_NAMES[plan.role],
            role=plan.role,
            gives_points=plan.gives_points,
        )
        _time_level(level, plan, task)


def _change_levels(task: EvaluationTask, plans: Sequence[LevelPlan]) -> None:
    """Change the times of levels in use; which there are, stays."""
    planned = {plan.role: plan for plan in plans}
    for level in task.levels.all():
        plan = planned.get(Role(level.role))
        if plan:
            _time_level(level, plan, task)


def _time_level(level: TaskLevel, plan: LevelPlan, task: EvaluationTask) -> None:
    level.opens_at, level.typed_due_at = plan.opens_at, plan.due_at
    due = plan.due_at
    level.due_at = moved(due, task.due_rule, calendar()) if due else None
    level.full_clean()
    level.save()


def _replace_rules(task: EvaluationTask, plans: Sequence[RulePlan]) -> None:
    task.material_rules.all().delete()
    rows = [
        MaterialRule(
            task=task,
            position=position,
            from_amount=plan.from_amount,
            category=plan.category,
            material=plan.material,
        )
        for position, plan in enumerate(plans, start=1)
    ]
    MaterialRule.objects.bulk_create(rows)


def _told(task: EvaluationTask) -> dict[str, Any]:
    """Return what an event keeps of a task."""
    names = (
        "year",
        "title",
        "notice_number",
        "notice",
        "contact",
        "phone",
        "opens_at",
        "due_at",
        "due_rule",
        "default_material",
        "needs_sealed_scan",
    )
    levels = task.levels.values("role", "opens_at", "due_at", "gives_points")
    rules = task.material_rules.values("from_amount", "category", "material")
    return {
        **{name: getattr(task, name) for name in names},
        "scheme": task.scheme.reference,
        "levels": list(levels),
        "rules": list(rules),
    }


@transaction.atomic
def attach(
    user: User | None, task: EvaluationTask, upload: "UploadedFile[Any]"
) -> StoredFile:
    """Keep a file with a task's notice; raise ValidationError where it is refused."""
    # Two at once must see each other's file.
    EvaluationTask.objects.select_for_update().get(pk=task.pk)
    stored = store_file(user, upload)
    same = task.attachments.filter(sha256=stored.sha256).first()
    if same:
        raise ValidationError(f"“{same.name}”就是这个文件，不用再上传")
    task.attachments.add(stored)
    change = Change(
        action="task.attached",
        subject=subject_of(task),
        summary=f"为“{task}”上传附件“{stored.name}”",
        after={"sha256": stored.sha256},
    )
    record(user, change)
    return stored


@transaction.atomic
def detach(user: User | None, task: EvaluationTask, file: StoredFile) -> None:
    """Take a file from a notice that nobody has had yet; its content stays stored.

    Raises ClosedError: the task was sent out.
    """
    task = EvaluationTask.objects.select_for_update().get(pk=task.pk)
    if task.state != TaskState.DRAFT:
        raise ClosedError("任务已下达，附件不能删除；可以补充新的附件")
    change = Change(
        action="task.detached",
        subject=subject_of(task),
        summary=f"从“{task}”删除附件“{file.name}”",
        before={"sha256": file.sha256},
    )
    task.attachments.remove(file)
    record(user, change)


@transaction.atomic
def set_state(user: User | None, task: EvaluationTask, state: TaskState) -> bool:
    """End a running task (CLOSED) or take an ended one up again (SENT).

    Return whether it changed. Raises ClosedError: it was never sent out.
    """
    stored = EvaluationTask.objects.select_for_update().get(pk=task.pk)
    if stored.state == TaskState.DRAFT:
        raise ClosedError("任务还没有下达")
    if stored.state == state:
        return False
    before = stored.state
    EvaluationTask.objects.filter(pk=task.pk).update(
        state=state, version=F("version") + 1
    )
    verb = "结束" if state == TaskState.CLOSED else "恢复"
    change = Change(
        action="task.state_changed",
        subject=subject_of(task),
        summary=f"{verb}自评任务“{task}”",
        before={"state": before},
        after={"state": state},
    )
    record(user, change)
    return True
