"""Pages of projects: list, one project, its history, its own fields, its money."""

import copy
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfeval.amounts import MoneyUnit
from perfeval.conflicts import Conflict, differences, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.templatetags.units import percent
from perfeval.versions import ClosedError, GoneError, StaleError
from projects import funding as money
from projects.access import may_add, may_edit, why_not_edit
from projects.filters import ProjectFilter
from projects.forms import ProjectForm
from projects.history import events_of, told
from projects.models import BudgetProject, FundingLine, ratio_of, sum_known
from projects.querysets import BudgetProjectQuerySet
from projects.services import create_project, save_all_funding, update_project

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
        "may_add": may_add(request.user),
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
    rows = projects.select_related("unit", "supervising_department")
    return rows.prefetch_related("funding_lines").with_assessments(request.user)


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
    project = _loaded(request, pk)
    events = events_of(project)[: RECENT_EVENTS + 1]
    recent = [] if project.is_classified else list(events)
    context = {
        "project": project,
        "why_not_edit": why_not_edit(request.user, project),
        "may_edit": may_edit(request.user, project),
        "history": told(recent[:RECENT_EVENTS]),
        "has_more_history": len(recent) > RECENT_EVENTS,
        "money_unit": money.UNITS[0],
        "totals": [(name, project.funding_total(name)) for name in money.AMOUNTS],
    }
    return render(request, "projects/project_detail.html", context)


@login_required
@require_GET
def project_history(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = _loaded(request, pk)
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
            project = create_project(request.user, form.values())
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
    project = _editable(request, pk)
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


@login_required
@require_http_methods(["GET", "POST"])
def funding(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """All funding lines on one page; add_row and switch_to only show it anew."""
    project = _editable(request, pk)
    if project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，不填资金")
    lines = list(project.funding_lines.all())
    if request.method == "GET":
        closed = why_not_edit(request.user, project)
        if closed:
            messages.error(request, closed)
            return redirect("projects:detail", pk)
        shown = money.stored_forms(lines, money.UNITS[0])
        return _funding_page(request, project, shown, money.UNITS[0])
    typed = money.typed_forms(request.POST)
    unit = money.unit_named(request.POST)
    if "add_row" in request.POST:
        shown = money.with_one_more(typed, unit)
        return _funding_page(request, project, shown, unit)
    if request.POST.get("switch_to") in money.UNITS:
        other = money.other_unit(unit)
        shown = money.in_other_unit(typed, other)
        return _funding_page(request, project, shown, other)
    return _save_funding(request, project, lines, typed)


def _save_funding(
    request: AuthenticatedRequest,
    project: BudgetProject,
    lines: list[FundingLine],
    typed: money.FundingFormSet,
) -> HttpResponse:
    unit = money.unit_named(request.POST)
    if not typed.is_valid():
        return _funding_page(request, project, typed, unit)
    gone = typed.gone(lines)
    if gone:
        return _answer_gone(request, project, typed, gone)
    try:
        changed = save_all_funding(request.user, typed.edits(project, lines))
    except ValidationError as error:
        words = error.messages
        return _funding_page(request, project, typed, unit, errors=words)
    except (ClosedError, GoneError) as error:
        words = [str(error)]
        return _funding_page(request, project, typed, unit, errors=words, status=409)
    except StaleError as error:
        return _answer_stale_line(request, project, typed, error)
    messages.success(request, _saved_words(project.pk, changed))
    # The browser lights up what the address points at.
    return redirect(f"{reverse('projects:detail', args=[project.pk])}#funding")


def _saved_words(pk: int, changed: bool) -> str:
    if not changed:
        return "资金没有变化"
    ratio = BudgetProject.objects.get(pk=pk).execution_ratio
    return "已保存资金" + (f"，预算执行率 {percent(ratio)}" if ratio else "")


def _answer_gone(
    request: AuthenticatedRequest,
    project: BudgetProject,
    typed: money.FundingFormSet,
    places: list[int],
) -> HttpResponse:
    """Keep rows that others deleted, now as new ones: the next save decides."""
    data = request.POST.copy()
    for place in places:
        data[f"{money.PREFIX}-{place}-line_id"] = ""
    words = [
        f"第 {place + 1} 行的资金来源已被他人删除；"
        "再次保存将重新添加，不需要时请删除该行"
        for place in places
    ]
    unit = money.unit_named(data)
    shown = money.typed_forms(data)
    return _funding_page(request, project, shown, unit, errors=words, status=409)


def _answer_stale_line(
    request: AuthenticatedRequest,
    project: BudgetProject,
    typed: money.FundingFormSet,
    error: StaleError,
) -> HttpResponse:
    """Show the amounts others saved in a line beside those typed here."""
    stored = error.current
    assert isinstance(stored, FundingLine)
    place = next(
        place for place, form in enumerate(typed.forms) if form.stored_pk == stored.pk
    )
    names = ("source", *money.AMOUNTS)
    found = differences(
        typed.forms[place], {name: getattr(stored, name) for name in names}
    )
    key = f"{money.PREFIX}-{place}-version"
    data = with_version(request.POST, key, stored.version)
    return _funding_page(
        request,
        project,
        money.typed_forms(data),
        money.unit_named(data),
        conflict=Conflict(found, f"第 {place + 1} 行"),
        status=409,
    )


def _funding_page(
    request: AuthenticatedRequest,
    project: BudgetProject,
    formset: money.FundingFormSet,
    unit: MoneyUnit,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Answer the page, or with htmx the rows alone."""
    whole, part = "projects/funding_form.html", "projects/_funding_rows.html"
    context = {
        "project": project,
        "formset": formset,
        "money_unit": unit,
        "other_unit": money.other_unit(unit),
        **more,
    }
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, part if is_part else whole, context, status=status)


@login_required
@require_POST
def funding_sums(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer sums and ratios of what is being typed; nothing is saved."""
    _editable(request, pk)
    context = {
        "formset": money.typed_forms(request.POST),
        "money_unit": money.unit_named(request.POST),
        "oob": True,
    }
    return render(request, "projects/_funding_sums.html", context)


def _loaded(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    """Return a project with all that its page shows, or answer 404."""
    seen = BudgetProject.objects.visible_to(request.user).select_related(
        "unit", "supervising_department", "section", "merged_into"
    )
    rows = seen.prefetch_related("funding_lines", "indicators")
    return get_object_or_404(rows.with_assessments(request.user), pk=pk)


def _editable(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    """Return a project that the person may edit, or answer 404 or 403."""
    project = _loaded(request, pk)
    if not may_edit(request.user, project):
        raise PermissionDenied(why_not_edit(request.user, project))
    return project
