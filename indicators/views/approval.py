"""批复绩效目标: the 绩效科 marks targets and weights of many projects as approved."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Subquery, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from indicators.approval import approve_targets
from indicators.columns import APPROVAL_COLUMNS
from indicators.models import Indicator
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from projects.access import roles_of
from projects.filters import ProjectFilter
from projects.models import ProjectStatus, Role
from projects.querysets import BudgetProjectQuerySet

PER_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def approval(request: AuthenticatedRequest) -> HttpResponseBase:
    """Choose projects by filter, preview, mark; the filter stays in the address."""
    if Role.PERFORMANCE_SECTION not in roles_of(request.user):
        raise PermissionDenied("只有绩效科可以批复绩效目标")
    found = ProjectFilter(request.GET, user=request.user)
    waiting = _waiting(found.qs)
    if "confirm" in request.POST:
        return _mark(request, waiting)
    context: dict[str, Any] = {"filter": found}
    if request.method == "POST":
        chosen = list(_counted(_chosen(request, waiting)).order_by("-year", "code"))
        if chosen:
            context |= {
                "chosen": chosen,
                "indicator_count": sum(each.unapproved for each in chosen),
                "keys": ",".join(str(each.pk) for each in chosen),
            }
            return render(request, "indicators/approval_preview.html", context)
        context["errors"] = ["请先勾选要批复的项目"]
    listing = Listing(
        request,
        APPROVAL_COLUMNS,
        waiting,
        order=("-year", "code"),
        load=_counted,
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file("待批复的绩效目标")
    context |= {"list": listing, "page_obj": listing.page}
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
    return waiting.filter(pk__in=_keys(request.POST.getlist("project")))


def _keys(texts: list[str]) -> frozenset[int]:
    return frozenset(int(x) for x in texts if x.isascii() and x.isdigit())


def _waiting(projects: BudgetProjectQuerySet) -> BudgetProjectQuerySet:
    """Return the projects with indicators to be approved."""
    open_ones = projects.exclude(status=ProjectStatus.CLASSIFIED)
    unapproved = Indicator.objects.filter(project=OuterRef("pk"), is_approved=False)
    return open_ones.filter(Exists(unapproved))


def _counted(projects: BudgetProjectQuerySet) -> Any:
    """Return projects with indicator_count, unapproved (a count) and weight."""
    # Subqueries: counted for the rows of a page, not for every project that waits.
    indicators = Indicator.objects.filter(project=OuterRef("pk")).order_by()
    by_project = indicators.values("project")
    counted = by_project.annotate(count=Count("pk")).values("count")
    waiting = by_project.filter(is_approved=False).annotate(count=Count("pk"))
    weight = by_project.annotate(sum=Sum("max_points")).values("sum")
    return projects.select_related("unit", "supervising_department").annotate(
        indicator_count=Subquery(counted),
        unapproved=Subquery(waiting.values("count")),
        weight=Subquery(weight),
    )
