"""Fetching the project of a page: 404 where it is not to be seen, 403 where closed."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from perfeval.http import AuthenticatedRequest
from projects.access import may_edit, why_not_edit
from projects.models import BudgetProject


def loaded(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    """Return a project with all that its page shows, or answer 404."""
    seen = BudgetProject.objects.visible_to(request.user).select_related(
        "unit", "supervising_department", "section", "merged_into"
    )
    rows = seen.prefetch_related("funding_lines", "indicators")
    return get_object_or_404(rows.with_assessments(request.user), pk=pk)


def editable(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    """Return a project that the person may edit, or answer 404 or 403."""
    project = loaded(request, pk)
    if not may_edit(request.user, project):
        raise PermissionDenied(why_not_edit(request.user, project))
    return project
