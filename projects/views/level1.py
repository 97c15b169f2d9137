"""The page of a 一级项目: its projects of one year, their sums and scores."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perfeval.http import AuthenticatedRequest
from projects.level1 import level1_of
from projects.models import BudgetProject


@login_required
@require_GET
def level1_detail(request: AuthenticatedRequest) -> HttpResponse:
    """Answer the page of ?year=…&code=…, or &name=… where there is no code."""
    year = request.GET.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Http404
    heading = {
        "level1_code": request.GET.get("code", ""),
        "level1_name": request.GET.get("name", ""),
    }
    if not any(heading.values()):
        raise Http404
    if heading["level1_code"]:
        del heading["level1_name"]
    seen = BudgetProject.objects.visible_to(request.user).for_year(int(year))
    rows = seen.filter(**heading).select_related("unit", "merged_into")
    loaded = rows.prefetch_related("funding_lines").with_assessments(request.user)
    projects = list(loaded.order_by("code"))
    if not projects:
        raise Http404
    context = {
        "year": int(year),
        "first": projects[0],
        "projects": projects,
        "sums": level1_of(projects),
    }
    return render(request, "projects/level1_detail.html", context)
