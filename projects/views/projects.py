"""Pages of projects: list, one project, its history."""

from collections.abc import Iterable
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.models import User
from projects.access import (
    decides_money,
    may_add,
    may_edit,
    roles_for,
    roles_of,
    why_not_edit,
)
from projects.columns import look_up, project_columns
from projects.filters import ProjectFilter
from projects.history import events_of, told
from projects.models import AMOUNTS, BudgetProject, Role, ratio_of, sum_known
from projects.money_unit import money_unit_of
from projects.querysets import BudgetProjectQuerySet
from projects.views.fetching import (
    changes_of,
    corrections_of,
    loaded,
    merged_into,
    projects_seen,
    units_of,
)

RECENT_EVENTS = 12
EVENTS_PER_PAGE = 50


@login_required
@require_GET
def project_list(request: AuthenticatedRequest) -> HttpResponseBase:
    found = ProjectFilter(request.GET, user=request.user)
    projects: BudgetProjectQuerySet = found.qs
    listing = Listing(
        request,
        project_columns(of_one_year=not found.without_year),
        projects,
        order=("-year", "code"),
        load=lambda rows: _with_rows(rows, request),
        load_file=lambda rows: rows.for_file(request.user),
        prepare=look_up,
    )
    if listing.is_file:
        return listing.as_file("项目")
    page = listing.page
    context = {
        "filter": found,
        "list": listing,
        "page_obj": page,
        "linked": _successors_seen(request.user, page.object_list),
        "may_add": may_add(request.user),
        "may_approve": Role.PERFORMANCE_SECTION in roles_of(request.user),
    }
    if not page.has_other_pages():
        context["sums"] = _sums_of(list(page))
    elif "sums" in request.GET:
        context["sums"] = _sums(projects)
    return render(request, "projects/project_list.html", context)


@login_required
@require_GET
def project_sums(request: AuthenticatedRequest) -> HttpResponse:
    """Answer the sums of a list of several pages, fetched after its rows.

    They take reading every project: the rows are not to wait for that.
    """
    found = ProjectFilter(request.GET, user=request.user)
    columns = project_columns(of_one_year=not found.without_year)
    context = {
        "sums": _sums(found.qs),
        "count": found.qs.count(),
        "shown": Listing(request, columns, found.qs).shown,
    }
    return render(request, "projects/_project_sums.html", context)


def _with_rows(
    projects: BudgetProjectQuerySet, request: AuthenticatedRequest
) -> BudgetProjectQuerySet:
    rows = projects.select_related(
        "unit",
        "supervising_department",
        "merged_into__unit",
        "merged_into__section",
    )
    return rows.prefetch_related("funding_lines").with_assessments(request.user)


def _successors_seen(user: User, page: Iterable[BudgetProject]) -> frozenset[int]:
    """Return which projects that those of a page were merged into a person may open.

    Only those outside the person's own reach cost a query: they may be shared.
    """
    successors = {each.merged_into for each in page if each.merged_into}
    own = frozenset(each.pk for each in successors if roles_for(user, each))
    rest = [each.pk for each in successors if each.pk not in own]
    return own | projects_seen(user, rest)


def _sums(projects: BudgetProjectQuerySet) -> dict[str, Decimal | None]:
    """Return the sums of all projects' money, in 元, and the ratio of two of them."""
    sums = projects.order_by().aggregate(
        initial=Sum("funding_lines__initial"),
        adjusted=Sum("funding_lines__adjusted"),
        executed=Sum("funding_lines__executed"),
    )
    return {**sums, "ratio": ratio_of(sums["executed"], sums["adjusted"])}


def _sums_of(projects: list[BudgetProject]) -> dict[str, Decimal | None]:
    """Return the same of projects loaded with their funding lines."""
    adjusted = sum_known(project.adjusted for project in projects)
    executed = sum_known(project.executed for project in projects)
    ratio = ratio_of(executed, adjusted)
    initial = sum_known(project.funding_total("initial") for project in projects)
    return {
        "initial": initial,
        "adjusted": adjusted,
        "executed": executed,
        "ratio": ratio,
    }


@login_required
@require_GET
def project_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = loaded(request, pk)
    events = events_of(project)[: RECENT_EVENTS + 1]
    recent = [] if project.is_classified else list(events)
    changes, merged = changes_of(project), merged_into(project)
    closed = why_not_edit(request.user, project)
    linked = [project.merged_into_id, *(each.pk for each in merged)]
    history_url = reverse("projects:history", args=[pk])
    context = {
        "project": project,
        "changes": changes,
        "open_change": next((each for each in changes if each.is_open), None),
        "merged": merged,
        "linked": projects_seen(request.user, linked),
        "units": units_of(project),
        "why_not_edit": closed,
        "corrections": corrections_of(project),
        "may_correct": not closed and not decides_money(request.user),
        "may_edit": may_edit(request.user, project),
        "history": told(recent[:RECENT_EVENTS], request.user),
        "more_history_url": history_url if len(recent) > RECENT_EVENTS else "",
        "money_unit": money_unit_of(project),
        "totals": [(name, project.funding_total(name)) for name in AMOUNTS],
    }
    return render(request, "projects/project_detail.html", context)


@login_required
@require_GET
def project_history(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = loaded(request, pk)
    if project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，没有操作记录")
    paginator = Paginator(events_of(project), EVENTS_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "project": project,
        "page_obj": page,
        "history": told(list(page.object_list), request.user),
    }
    return render(request, "projects/project_history.html", context)
