"""The indicator table of a project: read it, and add, edit, move, delete, fill in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.arrangement import (
    arrange,
    fill_from_scheme,
    missing_items,
    move_indicator,
)
from indicators.form_order import in_form_order
from indicators.forms.targets import IndicatorForm, stored_values
from indicators.models import Indicator, TargetAdjustment
from indicators.project_scheme import scheme_and_standing, scheme_for
from indicators.restoring import deletions_of
from indicators.schemes import Scheme, SchemeError, load_scheme
from indicators.services import APPROVED_CLOSED, delete_indicator, save_indicator
from indicators.target_reading import read_target
from indicators.weights import weigh
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, GoneError, StaleError
from projects.access import may_edit, roles_of, why_not_edit
from projects.models import BudgetProject, Role

STEPS = {"up": -1, "down": 1}


@login_required
@require_GET
def targets(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    project = fetch_project(request, project_pk)
    return render(request, "indicators/indicator_list.html", _table(request, project))


@login_required
@require_http_methods(["GET", "POST"])
def indicator_add(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    project = fetch_editable(request, project_pk)
    closed = why_not_edit(request.user, project)
    if closed and request.method == "GET":
        return refuse(request, project, closed)
    new = Indicator(
        project=project,
        position=len(project.indicators.all()) + 1,
        level1=request.GET.get("level1", "")[:50],
        level2=request.GET.get("level2", "")[:50],
    )
    return _edit(request, new)


@login_required
@require_http_methods(["GET", "POST"])
def indicator_edit(
    request: AuthenticatedRequest, project_pk: int, pk: int
) -> HttpResponse:
    project = fetch_editable(request, project_pk)
    indicator = get_object_or_404(project.indicators, pk=pk)
    closed = why_not_edit(request.user, project)
    if closed and request.method == "GET":
        return refuse(request, project, closed)
    is_fixed = indicator.is_approved and not _approves(request)
    if is_fixed and not (is_shared(project) and not indicator.is_judged):
        return _approved(request, indicator)
    return _edit(request, indicator, is_fixed=is_fixed)


def _approved(request: AuthenticatedRequest, indicator: Indicator) -> HttpResponse:
    """Show what is approved as text; nothing of it can be written here."""
    if request.method == "POST":
        raise PermissionDenied(f"{APPROVED_CLOSED}；需要改变时请申请绩效目标调整")
    context = {"project": indicator.project, "indicator": indicator}
    return render(request, "indicators/indicator_approved.html", context)


def _approves(request: AuthenticatedRequest) -> bool:
    """Whether the person is one of those who mark targets as approved."""
    return Role.PERFORMANCE_SECTION in roles_of(request.user)


def is_shared(project: BudgetProject) -> bool:
    return project.shares.exists()


def _edit(
    request: AuthenticatedRequest, indicator: Indicator, *, is_fixed: bool = False
) -> HttpResponse:
    """Show the form of an indicator, new or stored, or save what was sent.

    is_fixed: approved, so that only how units' values are combined can be said.
    """
    project = indicator.project
    scheme = scheme_for(project)
    form = IndicatorForm(
        request.POST if request.method == "POST" else None,
        initial=stored_values(indicator),
        user=request.user,
        scheme=scheme,
        is_shared=is_shared(project),
    )
    if is_fixed:
        form.keep_only("combination")
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, indicator, form)
    is_new = indicator.pk is None
    version = form.cleaned_data["version"]
    try:
        changed = save_indicator(request.user, indicator, form.changes, version=version)
    except ValidationError as error:
        form.take_errors(error)
        return _form_page(request, indicator, form)
    except StaleError as error:
        form.meet(request.user, error)
        found = form.conflict
        return _form_page(request, indicator, form, conflict=found, status=409)
    except (ClosedError, GoneError) as error:
        return _form_page(request, indicator, form, errors=[str(error)], status=409)
    arrange(project, scheme.layout)
    words = "已新增" if is_new else "已保存" if changed else "内容没有变化："
    messages.success(request, f"{words}指标“{indicator.level3}”")
    if "add_another" in request.POST:
        query = f"?level1={indicator.level1}&level2={indicator.level2}"
        return redirect(reverse("indicators:indicator_add", args=[project.pk]) + query)
    return redirect(_address(indicator))


def _form_page(
    request: AuthenticatedRequest,
    indicator: Indicator,
    form: IndicatorForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    names = ("comparator", "target", "unit")
    shown = form if "target" in form.fields else None
    typed = {
        name: (shown[name].value() if shown else getattr(indicator, name)) or ""
        for name in names
    }
    context = {
        "project": indicator.project,
        "indicator": indicator,
        "form": form,
        "reading": read_target(**typed),
        **more,
    }
    return render(request, "indicators/indicator_form.html", context, status=status)


@login_required
@require_GET
def target_reading(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    """Answer how a target is read while it is typed."""
    names = ("comparator", "target", "unit")
    typed = {name: request.GET.get(name, "")[:200] for name in names}
    context = {
        "project": fetch_project(request, project_pk),
        "reading": read_target(**typed),
    }
    return render(request, "indicators/_indicator_reading.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def indicator_delete(
    request: AuthenticatedRequest, project_pk: int, pk: int
) -> HttpResponse:
    """Ask, naming what is lost, then delete; a repeated POST finds nothing to do."""
    project = fetch_editable(request, project_pk)
    indicator = project.indicators.filter(pk=pk).first()
    if indicator is None:
        messages.info(request, "该指标已不在指标表中")
        return redirect("indicators:targets", project_pk)
    closed = why_not_edit(request.user, project)
    if closed:
        return refuse(request, project, closed)
    if indicator.is_approved:
        raise PermissionDenied(f"{APPROVED_CLOSED}，也不能删除")
    if request.method == "GET":
        return _ask_to_delete(request, indicator)
    try:
        version = int(request.POST.get("version", "0"))
    except ValueError:
        version = 0
    try:
        delete_indicator(request.user, indicator, version=version)
    except StaleError:
        fresh = get_object_or_404(Indicator, pk=pk)
        return _ask_to_delete(request, fresh, is_stale=True, status=409)
    except ClosedError as error:
        return refuse(request, project, str(error))
    messages.success(request, f"已删除指标“{indicator.level3}”")
    return redirect("indicators:targets", project_pk)


def _ask_to_delete(
    request: AuthenticatedRequest,
    indicator: Indicator,
    *,
    is_stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    filled = indicator.results.exclude(actual="", deviation_note="", basis="")
    context = {
        "project": indicator.project,
        "indicator": indicator,
        "filled": filled.select_related("assessment__task"),
        "is_stale": is_stale,
    }
    return render(
        request, "indicators/indicator_confirm_delete.html", context, status=status
    )


@login_required
@require_POST
def indicator_move(
    request: AuthenticatedRequest, project_pk: int, pk: int
) -> HttpResponse:
    project = fetch_editable(request, project_pk)
    indicator = get_object_or_404(project.indicators, pk=pk)
    steps = STEPS.get(request.POST.get("direction", ""))
    if steps is None:
        raise Http404
    layout = scheme_for(project).layout
    try:
        move_indicator(request.user, indicator, steps, layout)
    except ClosedError as error:
        return refuse(request, project, str(error))
    if not request.headers.get("HX-Request"):
        return redirect(_address(indicator))
    fresh = fetch_project(request, project_pk)
    context = {**_table(request, fresh), "moved": indicator}
    return render(request, "indicators/_indicator_rows.html", context)


@login_required
@require_POST
def targets_fill(request: AuthenticatedRequest, project_pk: int) -> HttpResponse:
    project = fetch_editable(request, project_pk)
    scheme = _chosen_scheme(project, request.POST.get("scheme", ""))
    try:
        added = fill_from_scheme(request.user, project, scheme)
    except ClosedError as error:
        return refuse(request, project, str(error))
    if added:
        messages.success(request, f"已按“{scheme.name}”添加 {added} 项指标")
    else:
        messages.info(request, "指标表中已有方案的全部指标，没有添加")
    return redirect("indicators:targets", project_pk)


def _chosen_scheme(project: BudgetProject, ref: str) -> Scheme:
    """Return the scheme asked for, else the project's own; answer 404 if unknown."""
    if not ref:
        return scheme_for(project)
    try:
        return load_scheme(ref)
    except SchemeError as error:
        raise Http404(str(error)) from None


def _table(request: AuthenticatedRequest, project: BudgetProject) -> dict[str, Any]:
    """Return the context of the indicator table."""
    scheme, is_provisional = scheme_and_standing(project)
    indicators = in_form_order(list(project.indicators.all()), scheme.layout)
    return {
        "project": project,
        "indicators": indicators,
        "scheme": scheme,
        "is_provisional": is_provisional,
        "weights": weigh(indicators, scheme),
        "missing_items": missing_items(indicators, scheme),
        "adjustments": adjustments_of(project),
        "approves": _approves(request),
        "may_edit": may_edit(request.user, project),
        "why_not_edit": why_not_edit(request.user, project),
        "deletions": deletions_of(project),
    }


def adjustments_of(project: BudgetProject) -> list[TargetAdjustment]:
    """Return the adjustments of a project's indicators, the newest first."""
    found = TargetAdjustment.objects.filter(indicator__project=project)
    return list(
        found.select_related("indicator__project", "requested_by", "decided_by")
    )


def fetch_project(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    """Return a project with its indicators, or answer 404, 403 for a classified one."""
    seen = BudgetProject.objects.visible_to(request.user)
    rows = seen.select_related("unit", "section").prefetch_related("indicators")
    with_scheme = rows.with_assessments(request.user, "task__scheme")
    project = get_object_or_404(with_scheme, pk=pk)
    if project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，没有绩效指标")
    return project


def fetch_editable(request: AuthenticatedRequest, pk: int) -> BudgetProject:
    project = fetch_project(request, pk)
    if not may_edit(request.user, project):
        raise PermissionDenied(why_not_edit(request.user, project))
    return project


def refuse(
    request: AuthenticatedRequest, project: BudgetProject, reason: str
) -> HttpResponse:
    messages.error(request, reason)
    return redirect("indicators:targets", project.pk)


def _address(indicator: Indicator) -> str:
    """Return where the table shows an indicator: the browser lights it up."""
    table = reverse("indicators:targets", args=[indicator.project_id])
    return f"{table}#indicator-{indicator.pk}"
