"""Which scheme a project is assessed by, also before it has a self-assessment."""

from typing import Any

from indicators.models import EvaluationTask, TaskState
from indicators.scheme_store import scheme_of
from indicators.schemes import DEFAULT_SCHEME, Scheme, load_scheme
from perfeval.amounts import MoneyUnit
from projects.models import BudgetProject


def scheme_for(project: BudgetProject) -> Scheme:
    """Return the scheme a project is assessed by, also before it has any task."""
    return scheme_and_standing(project)[0]


def scheme_and_standing(project: BudgetProject) -> tuple[Scheme, bool]:
    """Return a project's scheme and whether it holds only until a task comes.

    It is that of its newest self-assessment. Before there is one, as for a new
    project: that of its year's newest task that was sent out, else of one that is not
    yet, else the national form. Uses prefetched assessments.
    """
    started = project.assessments.all() if project.pk else ()
    newest = max(started, key=lambda each: (each.task.year, each.pk), default=None)
    if newest:
        return scheme_of(newest.task.scheme), False
    tasks = EvaluationTask.objects.filter(year=project.year).select_related("scheme")
    task = min(tasks, key=lambda each: each.state == TaskState.DRAFT, default=None)
    return (scheme_of(task.scheme) if task else load_scheme(DEFAULT_SCHEME)), True


def tell_money_unit(*, project: BudgetProject, **_: Any) -> MoneyUnit:
    """Answer projects.signals.asking_money_unit."""
    return scheme_for(project).money_unit
