"""What a unit is told of a task: the notice, its files, its department's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, prefetch_related_objects

from indicators.models import (
    EvaluationTask,
    SelfAssessment,
    TaskPassing,
    TaskState,
)
from perfeval.models import User
from projects.access import memberships_of
from projects.models import Role


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A task, loaded with_notice(), and what the bodies above a unit passed down."""

    task: EvaluationTask
    passings: list[TaskPassing]


def notice_of(assessment: SelfAssessment) -> Notice:
    """Return what the unit of one self-assessment is told, in two queries."""
    task = assessment.task
    prefetch_related_objects([task], "attachments")
    passings = _passings([task], [assessment.project.unit.path])
    return Notice(task=task, passings=passings)


def notices_for(user: User) -> list[Notice]:
    """Return what a filler is told of the tasks that run in the own units.

    In three queries; tasks in which there is nothing of theirs are left out.
    """
    held = [each for each in memberships_of(user) if each.role == Role.FILLER]
    own = SelfAssessment.objects.filled_by(user).required().values("task")
    running = EvaluationTask.objects.filter(pk__in=own, state=TaskState.SENT)
    tasks = list(running.with_notice().order_by("due_at", "pk"))
    passings = _passings(tasks, [each.department.path for each in held])
    return [
        Notice(
            task=task,
            passings=[each for each in passings if each.task_id == task.pk],
        )
        for task in tasks
    ]


def _passings(
    tasks: Iterable[EvaluationTask], paths: Iterable[str]
) -> list[TaskPassing]:
    """Return what was passed down by these bodies or one above them, topmost first."""
    above = {path[: place + 1] for path in paths for place in _ends(path)}
    reached = Q(department__path__in=above)
    found = TaskPassing.objects.filter(reached, task__in=list(tasks))
    return list(found.select_related("department").order_by("department__path"))


def _ends(path: str) -> list[int]:
    return [place for place, sign in enumerate(path) if sign == "/"]
