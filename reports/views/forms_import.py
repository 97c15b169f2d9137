"""Pages of the import of many forms."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from perfeval.imports.pages import ImportPages
from perfeval.models import User
from projects.access import roles_of
from projects.models import Role
from reports.forms_import.importer import FORM_IMPORTER


def check_fills(user: User) -> None:
    """Raise PermissionDenied unless a person fills in self-assessments."""
    if Role.FILLER not in roles_of(user):
        raise PermissionDenied("只有填报人可以导入自评表")


def _to_list(_: Any) -> HttpResponse:
    return redirect("indicators:list")


FORM_PAGES = ImportPages(FORM_IMPORTER, check_fills, _to_list)
