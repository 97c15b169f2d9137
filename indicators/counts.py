"""Where a task stands, counted live: 应报 = 已报 + 未报 + 免报, per body and over all.

已报 left the unit, 未报 is with it, 免报 was taken back or belongs to a project that
does not report. What was sent up counts as 已报 whatever became of the project.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from indicators.models import (
    EDITABLE,
    EvaluationTask,
    SelfAssessment,
    Status,
    TaskExemption,
    TaskState,
)
from indicators.querysets import is_exempt, is_overdue
from perfeval.models import User
from projects.access import scope_of
from projects.models import Department

COUNTED = ("reported", "unreported", "exempt", "overdue")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many self-assessments stand where; overdue ones are among the unreported."""

    reported: int = 0
    unreported: int = 0
    exempt: int = 0
    overdue: int = 0

    @property
    def required(self) -> int:
        """应报."""
        return self.reported + self.unreported + self.exempt

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in COUNTED}
        )


@dataclass(frozen=True, kw_only=True)
class DepartmentTally:
    """What stands at a body and below it; depth: how many rows it is set in by."""

    department: Department
    depth: int
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class TaskCounts:
    """The bodies a person sees, in the order of the tree, and the sum over all."""

    rows: list[DepartmentTally]
    total: Tally


def count_task(task: EvaluationTask, user: User) -> TaskCounts:
    """Count what a person sees of a task, in three queries whatever its size."""
    by_unit = _by_unit(task, user)
    departments = list(Department.objects.visible_to(user).order_by("path"))
    sums: dict[str, Tally] = defaultdict(Tally)
    for path, tally in by_unit.items():
        for above in _paths_above(path):
            sums[above] += tally
    shown = [each for each in departments if sums[each.path].required]
    paths = {each.path for each in shown}
    rows = [
        DepartmentTally(
            department=each,
            depth=sum(path in paths for path in _paths_above(each.path)) - 1,
            tally=sums[each.path],
        )
        for each in shown
    ]
    return TaskCounts(rows=rows, total=sum(by_unit.values(), Tally()))


def count_tasks(user: User) -> dict[int, Tally]:
    """Return {task: what a person sees of it over all}, in two queries."""
    found: dict[int, Tally] = defaultdict(Tally)
    seen = SelfAssessment.objects.visible_to(user).order_by()
    grouped: Any = seen.values("task_id").annotate(**_tallied())
    for row in grouped:
        found[row["task_id"]] += Tally(**{name: row[name] for name in COUNTED})
    exempt = TaskExemption.objects.filter(scope_of(user).projects("project__"))
    for task, count in exempt.order_by().values_list("task_id").annotate(Count("pk")):
        found[task] += Tally(exempt=count)
    return found


def _by_unit(task: EvaluationTask, user: User) -> dict[str, Tally]:
    """Return {path of a unit: its own tally}."""
    seen = SelfAssessment.objects.visible_to(user).filter(task=task).order_by()
    found: dict[str, Tally] = defaultdict(Tally)
    grouped: Any = seen.values("project__unit__path").annotate(**_tallied())
    for row in grouped:
        counts = {name: row[name] for name in COUNTED}
        found[row["project__unit__path"]] += Tally(**counts)
    exempt = seen_exemptions(task, user).order_by()
    paths = exempt.values_list("project__unit__path").annotate(Count("pk"))
    for path, count in paths:
        found[path] += Tally(exempt=count)
    return found


def seen_exemptions(task: EvaluationTask, user: User) -> Any:
    """Return the projects recorded as 免报 in a task that a person may see."""
    return task.exemptions.filter(scope_of(user).projects("project__"))


def _tallied() -> dict[str, Count]:
    with_unit = Q(status__in=EDITABLE)
    return {
        "reported": Count("pk", filter=~with_unit & ~is_exempt()),
        "unreported": Count("pk", filter=with_unit & ~is_exempt()),
        "exempt": Count("pk", filter=is_exempt()),
        "overdue": Count("pk", filter=is_overdue()),
    }


def _paths_above(path: str) -> Iterator[str]:
    """Yield the paths from the root to this one: 100/, 100/118/."""
    parts = path.rstrip("/").split("/")
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth]) + "/"


@dataclass(frozen=True, kw_only=True)
class DepartmentProgress:
    """One supervising department in a running task: its counts by state.

    counts: required, one for each state, exempt, overdue; required is the sum of the
    states and exempt.
    """

    department_id: int
    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class TaskProgress:
    task: EvaluationTask
    rows: list[DepartmentProgress]


def running_progress() -> list[TaskProgress]:
    """Return the running tasks with their counts per supervising department.

    In three queries whatever the size. Newest year first; over all there is, so for
    the 绩效科 alone.
    """
    tasks = EvaluationTask.objects.filter(state=TaskState.SENT)
    ordered = list(tasks.order_by("-year", "pk"))
    states: dict[str, Any] = {
        state: Count("pk", filter=Q(status=state) & ~is_exempt())
        for state in Status.values
    }
    rows = _supervised(
        SelfAssessment.objects.filter(task__state=TaskState.SENT),
        **states,
        exempt=Count("pk", filter=is_exempt()),
        overdue=Count("pk", filter=is_overdue()),
    )
    recorded = _supervised(
        TaskExemption.objects.filter(task__state=TaskState.SENT), exempt=Count("pk")
    )
    found: dict[int, dict[int, DepartmentProgress]] = {}
    for key, row in _merged(rows, recorded):
        found.setdefault(key, {})[row.department_id] = row
    return [
        TaskProgress(task=each, rows=list(found[each.pk].values()))
        for each in ordered
        if each.pk in found
    ]


def _supervised(rows: Any, **counted: Any) -> list[dict[str, Any]]:
    """Return the counts of rows that hold a project, per task and department."""
    named = {
        "department": "project__supervising_department_id",
        "code": "project__supervising_department__code",
        "name": "project__supervising_department__name",
    }
    grouped = rows.order_by().values("task_id", *named.values()).annotate(**counted)
    return [
        {**row, **{key: row[path] for key, path in named.items()}} for row in grouped
    ]


def _merged(
    rows: Iterable[dict[str, Any]], recorded: Iterable[dict[str, Any]]
) -> Iterator[tuple[int, DepartmentProgress]]:
    """Yield each task's departments, by code, the exemptions recorded added."""
    names = (*Status.values, "exempt", "overdue")
    counts: dict[tuple[int, str], dict[str, Any]] = {}
    for row in (*rows, *recorded):
        key = (row["task_id"], row["code"])
        stored = counts.setdefault(key, {**row, **dict.fromkeys(names, 0)})
        for name in names:
            stored[name] += row.get(name, 0)
    for (task, _), row in sorted(counts.items()):
        found = {name: row[name] for name in names}
        found["required"] = sum(found[name] for name in (*Status.values, "exempt"))
        yield (
            task,
            DepartmentProgress(
                department_id=row["department"], name=row["name"], counts=found
            ),
        )
