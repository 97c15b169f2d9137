"""Pages of the import of targets."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from indicators.target_import.importer import TARGET_IMPORTER
from perfeval.imports.pages import ImportPages
from projects.views.project_import import check_imports


def _to_list(years: Any) -> HttpResponse:
    query = f"?year={max(years)}" if len(years) == 1 else ""
    return redirect(reverse("projects:list") + query)


TARGET_PAGES = ImportPages(TARGET_IMPORTER, check_imports, _to_list)
