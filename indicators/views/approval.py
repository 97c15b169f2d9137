"""批复绩效目标: the 绩效科 marks targets and weights of many projects as approved."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from indicators.approval import approve_targets
from perfeval.http import AuthenticatedRequest
from projects.access import roles_of
from projects.filters import ProjectFilter
from projects.models import ProjectStatus, Role
from projects.querysets import BudgetProjectQuerySet

PER_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def approval(request: AuthenticatedRequest) -> HttpResponse:
    """Choose projects by filter, preview, mark; the filter stays in the address."""
    if Role.PERFORMANCE_SECTION not in roles_of(request.user):
        raise PermissionDenied("只有绩效科可以批复绩效目标")
    found = ProjectFilter(request.GET, user=request.user)
    waiting = _waiting(found.qs)
    if "confirm" in request.POST:
        return _mark(request, waiting)
    context: dict[str, Any] = {"filter": found}
    if request.method == "POST":
        chosen = list(_chosen(request, waiting))
        if chosen:
            context |= {
                "chosen": chosen,
                "indicator_count": sum(each.unapproved for each in chosen),
                "keys": ",".join(str(each.pk) for each in chosen),
            }
            return render(request, "indicators/approval_preview.html", context)
        context["errors"] = ["请先勾选要批复的项目"]
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    context["page_obj"] = page
    return render(request, "indicators/approval_list.html", context)


def _mark(request: AuthenticatedRequest, waiting: Any) -> HttpResponse:
    keys = _keys(request.POST.get("keys", "").split(","))
    # What meanwhile is no longer there to be marked is left out.
    still = [pk for pk in waiting.values_list("pk", flat=True) if pk in keys]
    projects, indicators = approve_targets(request.user, still)
    if indicators:
        messages.success(request, f"已批复 {projects} 个项目的 {indicators} 项指标")
    else:
        messages.info(request, "所选项目的指标都已批复，没有改动")
    return redirect(request.get_full_path())


def _chosen(request: AuthenticatedRequest, waiting: Any) -> Any:
    if "everything" in request.POST:
        return waiting
    keys = _keys(request.POST.getlist("project"))
    return [each for each in waiting if each.pk in keys]


def _keys(texts: list[str]) -> frozenset[int]:
    return frozenset(int(x) for x in texts if x.isascii() and x.isdigit())


def _waiting(projects: BudgetProjectQuerySet) -> Any:
    """Return the projects with indicators to be approved, counted and weighed."""
    open_ones = projects.exclude(status=ProjectStatus.CLASSIFIED)
    counted = open_ones.select_related("unit", "supervising_department").annotate(
        indicator_count=Count("indicators"),
        unapproved=Count("indicators", filter=Q(indicators__is_approved=False)),
        weight=Sum("indicators__max_points"),
    )
    return counted.filter(unapproved__gt=0).order_by("-year", "code")
