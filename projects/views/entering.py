"""A project with its money on one page: entered anew, or changed."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from perfeval.amounts import MoneyUnit
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError, GoneError, StaleError
from projects import funding as money
from projects.access import decides_money, may_add, why_not_edit
from projects.changes import enter_project
from projects.forms import ProjectForm
from projects.models import BudgetProject, FundingLine, ProjectStatus
from projects.money_unit import money_unit_of
from projects.services import save_all_funding, update_project
from projects.views.fetching import editable

NO_MONEY = "涉密项目在本系统只登记编码和状态，不填资金，请删去资金中填写的内容"


@login_required
@require_http_methods(["GET", "POST"])
def project_add(request: AuthenticatedRequest) -> HttpResponse:
    if not may_add(request.user):
        raise PermissionDenied("只有填报人和绩效科可以新增项目")
    return _answer(request, BudgetProject(year=timezone.localdate().year))


@login_required
@require_http_methods(["GET", "POST"])
def project_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = editable(request, pk)
    closed = why_not_edit(request.user, project)
    if closed and request.method == "GET":
        messages.error(request, closed)
        return redirect("projects:detail", pk)
    return _answer(request, project)


def _answer(request: AuthenticatedRequest, project: BudgetProject) -> HttpResponse:
    if request.method == "GET":
        unit = money_unit_of(project)
        stored = money.stored_forms(_lines(project), unit)
        return _page(request, project, _form(request, project), stored, unit)
    form = _form(request, project)
    rows = _typed_rows(request, project)
    shown = rows and money.shown_anew(request.POST, rows)
    if shown:
        return _page(request, project, _unchecked(request, form, project), *shown)
    return _save(request, project, form, rows)


def _lines(project: BudgetProject) -> list[FundingLine]:
    """Return the lead's own lines: other units fill in theirs on pages of their own."""
    lines = project.funding_lines.all() if project.pk else []
    return [each for each in lines if each.unit_id is None]


def _typed_rows(
    request: AuthenticatedRequest, project: BudgetProject
) -> money.FundingFormSet | None:
    """Return the rows that were sent, None where the page had none."""
    if project.is_classified or not money.are_sent(request.POST):
        return None
    return money.typed_forms(request.POST)


def _form(request: AuthenticatedRequest, project: BudgetProject) -> ProjectForm:
    data = request.POST if request.method == "POST" else None
    # The form writes into its instance; what is stored must stay what it is.
    return ProjectForm(data, instance=copy.copy(project), user=request.user)


def _unchecked(
    request: AuthenticatedRequest, typed: ProjectForm, project: BudgetProject
) -> ProjectForm:
    """Return the form with what was typed, before anything is said of it."""
    values = {name: typed[name].value() for name in typed.fields}
    return ProjectForm(initial=values, instance=copy.copy(project), user=request.user)


def _save(
    request: AuthenticatedRequest,
    project: BudgetProject,
    form: ProjectForm,
    rows: money.FundingFormSet | None,
) -> HttpResponse:
    unit = money.unit_named(request.POST)
    # Both are looked through: all errors are told at once.
    if not all([form.is_valid(), rows is None or rows.is_valid()]):
        return _page(request, project, form, rows, unit)
    hidden = form.cleaned_data["status"] == ProjectStatus.CLASSIFIED
    if hidden and rows and rows.says_something:
        form.add_error("status", NO_MONEY)
        return _page(request, project, form, rows, unit)
    gone = rows.gone(_lines(project)) if rows else []
    if gone:
        data, words = money.kept_as_new(request.POST, gone)
        kept = money.typed_forms(data)
        return _page(request, project, form, kept, unit, errors=words, status=409)
    try:
        saved, changed = _write(request, project, form, rows)
    except ValidationError as error:
        form.take_errors(error)
        return _page(request, project, form, rows, unit)
    except (ClosedError, GoneError) as error:
        words = [str(error)]
        return _page(request, project, form, rows, unit, errors=words, status=409)
    except StaleError as error:
        return _answer_stale(request, project, form, rows, error)
    _tell(request, project, saved, changed)
    return redirect("projects:detail", saved.pk)


@transaction.atomic
def _write(
    request: AuthenticatedRequest,
    project: BudgetProject,
    form: ProjectForm,
    rows: money.FundingFormSet | None,
) -> tuple[BudgetProject, bool]:
    """Save project and money, both or neither; return whether anything differed."""
    if project.pk is None:
        saved, changed = enter_project(request.user, form.values()), True
    else:
        # Services write into what they are given, also where all is undone.
        saved = copy.copy(project)
        version = form.cleaned_data["version"]
        changed = update_project(request.user, saved, form.values(), version=version)
    edits = rows.edits(saved, _lines(project)) if rows else []
    return saved, save_all_funding(request.user, edits) or changed


def _tell(
    request: AuthenticatedRequest,
    project: BudgetProject,
    saved: BudgetProject,
    changed: bool,
) -> None:
    if project.pk is None:
        text = f"已新增“{saved.shown_name}”，请接着填写绩效指标"
        messages.success(request, text)
    else:
        messages.success(request, "已保存项目信息" if changed else "内容没有变化")


def _answer_stale(
    request: AuthenticatedRequest,
    project: BudgetProject,
    typed: ProjectForm,
    rows: money.FundingFormSet | None,
    error: StaleError,
) -> HttpResponse:
    """Show what others saved beside what was typed; the next save decides."""
    stored = error.current
    data: QueryDict = request.POST
    beside = list(money.unsaved(rows)) if rows else []
    if isinstance(stored, FundingLine):
        assert rows is not None
        beside.append(_unlike(typed, project))
        data, conflict = money.beside_stored(data, rows, stored)
        rows = money.typed_forms(data)
        form = typed
    else:
        assert isinstance(stored, BudgetProject)
        conflict, project = _unlike(typed, stored), stored
        data = with_version(data, "version", stored.version)
        form = ProjectForm(data, instance=copy.copy(stored), user=request.user)
    hidden = ProjectStatus.CLASSIFIED
    if hidden in (project.status, typed.cleaned_data["status"]):
        # Events are kept for ever: none may tell what such a project is.
        error.is_kept = True
    conflict = met(request.user, error, conflict, *beside)
    unit = money.unit_named(data)
    return _page(request, project, form, rows, unit, conflict=conflict, status=409)


def _unlike(typed: ProjectForm, stored: BudgetProject) -> Conflict:
    names = [name for name in typed.values() if name in typed.fields]
    return Conflict(differences(typed, {name: getattr(stored, name) for name in names}))


def _page(
    request: AuthenticatedRequest,
    project: BudgetProject,
    form: ProjectForm,
    rows: money.FundingFormSet | None,
    unit: MoneyUnit,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Answer the page, or with htmx the rows of money alone."""
    pk = project.pk
    context = {
        "project": project if pk else None,
        "form": form,
        "formset": None if project.is_classified else rows,
        "money_unit": unit,
        "other_unit": money.other_unit(unit),
        "address": request.path,
        "sums_address": reverse("projects:funding_sums", args=[pk])
        if pk
        else reverse("projects:new_funding_sums"),
        "is_shared": pk is not None and project.shares.exists(),
        **more,
    }
    whole, part = "projects/project_form.html", "projects/_funding_rows.html"
    if rows is not None:
        decides = decides_money(request.user)
        money.close_imported(rows, _lines(project), decides=decides)
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, part if is_part else whole, context, status=status)
