"""Fetching the project of a page: 404 where it is not to be seen, 403 where closed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.shortcuts import get_object_or_404

from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from projects.access import may_edit, why_not_edit
from projects.models import (
    AmountCorrection,
    BudgetProject,
    StatusChange,
    UnitShare,
)


class Flags(TypedDict):
    """What a project has; most have none of it, and then nothing more is read."""

    has_shares: bool
    has_merged: bool
    has_changes: bool
    has_corrections: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    LoadedProject = WithAnnotations[BudgetProject, Flags]
else:
    LoadedProject = BudgetProject


def loaded(request: AuthenticatedRequest, pk: int) -> LoadedProject:
    """Return a project with all that its page shows, or answer 404."""
    seen = BudgetProject.objects.visible_to(request.user).select_related(
        "unit", "supervising_department", "section", "merged_into"
    )
    own = OuterRef("pk")
    rows = seen.prefetch_related("funding_lines", "indicators").annotate(
        has_shares=Exists(UnitShare.objects.filter(project=own)),
        has_merged=Exists(BudgetProject.objects.filter(merged_into=own)),
        has_changes=Exists(StatusChange.objects.filter(project=own)),
        has_corrections=Exists(AmountCorrection.objects.filter(line__project=own)),
    )
    seen_with = rows.with_assessments(request.user, "task__scheme")
    project = get_object_or_404(seen_with, pk=pk)
    return cast(LoadedProject, project)


def shared(request: AuthenticatedRequest, pk: int) -> LoadedProject:
    """Return the same with the units that share it; 403 for a classified project."""
    project = loaded(request, pk)
    if project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，不填资金")
    prefetch_related_objects([project], "shares__unit")
    return project


def editable(request: AuthenticatedRequest, pk: int) -> LoadedProject:
    """Return a project that the person may edit, or answer 404 or 403."""
    project = loaded(request, pk)
    if not may_edit(request.user, project):
        raise PermissionDenied(why_not_edit(request.user, project))
    return project


def changes_of(project: LoadedProject) -> list[StatusChange]:
    """Return the changes of status of a loaded project, the newest first."""
    if not project.has_changes:
        return []
    people = ("requested_by", "decided_by", "merged_into", "attachment")
    return list(project.status_changes.select_related(*people))


def corrections_of(project: LoadedProject) -> list[AmountCorrection]:
    """Return the corrections of a loaded project's money, the newest first."""
    if not project.has_corrections:
        return []
    found = AmountCorrection.objects.filter(line__project=project)
    return list(found.select_related("line", "requested_by"))


def merged_into(project: LoadedProject) -> list[BudgetProject]:
    """Return the projects that were merged into a loaded one."""
    return list(project.merged_projects.order_by("code")) if project.has_merged else []


def units_of(project: LoadedProject) -> list[UnitShare]:
    """Return the units that share a loaded project with its lead."""
    shares = project.shares.select_related("unit")
    return list(shares) if project.has_shares else []


def projects_seen(user: User, keys: Sequence[int | None]) -> frozenset[int]:
    """Return those of these projects that a person may open: others get no link."""
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return frozenset()
    seen = BudgetProject.objects.visible_to(user).filter(pk__in=wanted)
    return frozenset(seen.values_list("pk", flat=True))
