"""Pages of projects: list, one project, its history, its own fields, its money."""

import copy
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from perfeval.conflicts import Conflict, differences, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from projects import funding as money
from projects.access import may_add, may_edit, roles_for, roles_of, why_not_edit
from projects.changes import enter_project
from projects.filters import ProjectFilter
from projects.forms import ProjectForm
from projects.history import events_of, told
from projects.models import AMOUNTS, BudgetProject, Role, ratio_of, sum_known
from projects.querysets import BudgetProjectQuerySet
from projects.services import update_project
from projects.views.fetching import (
    changes_of,
    editable,
    loaded,
    merged_into,
    projects_seen,
    units_of,
)

PER_PAGE = 20
RECENT_EVENTS = 12
EVENTS_PER_PAGE = 50


@login_required
@require_GET
def project_list(request: AuthenticatedRequest) -> HttpResponse:
    found = ProjectFilter(request.GET, user=request.user)
    projects: BudgetProjectQuerySet = found.qs.order_by("-year", "code")
    paginator = Paginator(_with_rows(projects, request), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "filter": found,
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
    context = {"sums": _sums(found.qs), "count": found.qs.count()}
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
    """Return adjusted and executed of all projects, in 元, and their ratio."""
    sums = projects.order_by().aggregate(
        adjusted=Sum("funding_lines__adjusted"),
        executed=Sum("funding_lines__executed"),
    )
    return {**sums, "ratio": ratio_of(sums["executed"], sums["adjusted"])}


def _sums_of(projects: list[BudgetProject]) -> dict[str, Decimal | None]:
    """Return the same of projects loaded with their funding lines."""
    adjusted = sum_known(project.adjusted for project in projects)
    executed = sum_known(project.executed for project in projects)
    ratio = ratio_of(executed, adjusted)
    return {"adjusted": adjusted, "executed": executed, "ratio": ratio}


@login_required
@require_GET
def project_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = loaded(request, pk)
    events = events_of(project)[: RECENT_EVENTS + 1]
    recent = [] if project.is_classified else list(events)
    changes, merged = changes_of(project), merged_into(project)
    linked = [project.merged_into_id, *(each.pk for each in merged)]
    context = {
        "project": project,
        "changes": changes,
        "open_change": next((each for each in changes if each.is_open), None),
        "merged": merged,
        "linked": projects_seen(request.user, linked),
        "units": units_of(project),
        "why_not_edit": why_not_edit(request.user, project),
        "may_edit": may_edit(request.user, project),
        "history": told(recent[:RECENT_EVENTS]),
        "has_more_history": len(recent) > RECENT_EVENTS,
        "money_unit": money.UNITS[0],
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
        "history": told(list(page.object_list)),
    }
    return render(request, "projects/project_history.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def project_add(request: AuthenticatedRequest) -> HttpResponse:
    if not may_add(request.user):
        raise PermissionDenied("只有填报人和绩效科可以新增项目")
    new = BudgetProject(year=timezone.localdate().year)
    form = ProjectForm(request.POST or None, instance=new, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            project = enter_project(request.user, form.values())
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(
                request, f"已新增“{project.shown_name}”，请接着填写资金和绩效指标"
            )
            return redirect("projects:detail", project.pk)
    return render(request, "projects/project_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def project_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = editable(request, pk)
    closed = why_not_edit(request.user, project)
    if closed and request.method == "GET":
        messages.error(request, closed)
        return redirect("projects:detail", pk)
    # The form writes into its instance; what is stored must stay what it is.
    form = _project_form(request, project)
    context: dict[str, Any] = {"project": project, "form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "projects/project_form.html", context)
    try:
        changed = update_project(
            request.user, project, form.values(), version=form.cleaned_data["version"]
        )
    except ValidationError as error:
        form.take_errors(error)
        return render(request, "projects/project_form.html", context)
    except ClosedError as error:
        context["errors"] = [str(error)]
        return render(request, "projects/project_form.html", context, status=409)
    except StaleError as error:
        return _answer_stale_project(request, form, error)
    messages.success(request, "已保存项目信息" if changed else "内容没有变化")
    return redirect("projects:detail", pk)


def _project_form(
    request: AuthenticatedRequest, project: BudgetProject, version: int | None = None
) -> ProjectForm:
    data: QueryDict | None = request.POST if request.method == "POST" else None
    if data is not None and version is not None:
        data = with_version(data, "version", version)
    return ProjectForm(data, instance=copy.copy(project), user=request.user)


def _answer_stale_project(
    request: AuthenticatedRequest, typed: ProjectForm, error: StaleError
) -> HttpResponse:
    """Show what others saved beside what was typed; the next save decides."""
    stored = error.current
    assert isinstance(stored, BudgetProject)
    names = [name for name in typed.values() if name in typed.fields]
    found = differences(typed, {name: getattr(stored, name) for name in names})
    form = _project_form(request, stored, stored.version)
    context = {"project": stored, "form": form, "conflict": Conflict(found)}
    return render(request, "projects/project_form.html", context, status=409)
