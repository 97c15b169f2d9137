"""Importing projects: what kinds of lists there are, and the pages of two of them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perfeval.http import AuthenticatedRequest
from perfeval.imports.pages import ImportPages
from perfeval.models import User
from projects.access import may_add, roles_of
from projects.models import Role
from projects.project_import.importer import EXECUTION_IMPORTER, PROJECT_IMPORTER


def check_imports(user: User) -> None:
    """Raise PermissionDenied unless a person may enter projects."""
    if not may_add(user):
        raise PermissionDenied("只有填报人和绩效科可以导入项目")


@login_required
@require_GET
def imports(request: AuthenticatedRequest) -> HttpResponse:
    """Lead to each kind of import with its empty workbook."""
    check_imports(request.user)
    may_fill = Role.FILLER in roles_of(request.user)
    return render(request, "projects/imports.html", {"may_fill": may_fill})


def _to_list(keys: Any) -> HttpResponse:
    """Lead to the list of the year that was imported."""
    years = {year for year, _ in keys}
    query = f"?year={years.pop()}" if len(years) == 1 else ""
    return redirect(reverse("projects:list") + query)


PROJECT_PAGES = ImportPages(PROJECT_IMPORTER, check_imports, _to_list)
EXECUTION_PAGES = ImportPages(EXECUTION_IMPORTER, check_imports, _to_list)
