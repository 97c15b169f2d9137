"""Marking targets and weights as approved (已批复), many projects at once."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from indicators.models import Indicator
from perfeval.audit import Change, record_many
from perfeval.models import User
from projects.models import BudgetProject, ProjectStatus

# Under what SQLite takes as parameters of one statement in any version.
AT_ONCE = 900


@transaction.atomic
def approve_targets(user: User, projects: Sequence[int]) -> tuple[int, int]:
    """Mark all indicators of these projects; return how many projects and indicators.

    What is marked already stays as it is: done twice it marks nothing.
    """
    found: dict[int, list[str]] = {}
    for first in range(0, len(projects), AT_ONCE):
        batch = projects[first : first + AT_ONCE]
        _approve(batch, found)
    changes = [
        Change(
            action="targets.approved",
            subject=f"{BudgetProject._meta.label_lower}:{pk}",
            summary=f"批复 {len(names)} 项绩效指标的指标值和分值",
            after={"level3": names},
        )
        for pk, names in found.items()
    ]
    if changes:
        record_many(user, changes)
    return len(found), sum(len(names) for names in found.values())


def _approve(projects: Sequence[int], found: dict[int, list[str]]) -> None:
    """Mark the indicators of a few projects and add their names to found."""
    waiting = Indicator.objects.filter(project__in=projects, is_approved=False)
    open_ones = waiting.exclude(project__status=ProjectStatus.CLASSIFIED)
    rows = open_ones.select_for_update(of=("self",)).order_by("project_id", "pk")
    for each in rows.only("project_id", "level3"):
        found.setdefault(each.project_id, []).append(each.level3)
    marked = [key for key in projects if key in found]
    Indicator.objects.filter(project__in=marked, is_approved=False).update(
        is_approved=True, version=F("version") + 1
    )
