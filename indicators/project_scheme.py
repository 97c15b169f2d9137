"""Which scheme a project is assessed by, also before it has a self-assessment."""

from typing import Any

from indicators.models import EvaluationTask
from indicators.scheme_store import scheme_of
from indicators.schemes import DEFAULT_SCHEME, Scheme, load_scheme
from perfeval.amounts import MoneyUnit
from projects.models import BudgetProject


def scheme_for(project: BudgetProject) -> Scheme:
    """Return the scheme a project is assessed by: that of its newest self-assessment.

    Before there is one, as for a new project: that of its year's newest task, else the
    national form. Uses prefetched assessments.
    """
    started = project.assessments.all() if project.pk else ()
    newest = max(started, key=lambda each: (each.task.year, each.pk), default=None)
    if newest:
        return scheme_of(newest.task.scheme)
    tasks = EvaluationTask.objects.filter(year=project.year).select_related("scheme")
    task = tasks.first()
    return scheme_of(task.scheme) if task else load_scheme(DEFAULT_SCHEME)


def tell_money_unit(*, project: BudgetProject, **_: Any) -> MoneyUnit:
    """Answer projects.signals.asking_money_unit."""
    return scheme_for(project).money_unit
