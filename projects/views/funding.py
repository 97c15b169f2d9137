"""The money of a project on one page: rows that come and go, two units of money."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from perfeval.amounts import MoneyUnit
from perfeval.conflicts import met
from perfeval.http import AuthenticatedRequest
from perfeval.templatetags.units import percent
from perfeval.versions import ClosedError, GoneError, StaleError
from projects import funding as money
from projects.access import (
    decides_money,
    may_add,
    may_fill_money,
    may_fill_share,
    share_roles_for,
    why_not_edit,
    why_not_fill_money,
    why_not_fill_share,
)
from projects.models import BudgetProject, Department, FundingLine, Role
from projects.money_unit import money_unit_of
from projects.services import save_all_funding
from projects.views.fetching import loaded, shared


@dataclass(frozen=True)
class _Part:
    """Whose money a page is about: the lead's, or that of a unit that shares."""

    project: BudgetProject
    share: Department | None = None

    @property
    def lines(self) -> list[FundingLine]:
        key = self.share.pk if self.share else None
        return [x for x in self.project.funding_lines.all() if x.unit_id == key]

    @property
    def address(self) -> str:
        if self.share is None:
            return reverse("projects:funding", args=[self.project.pk])
        return reverse("projects:share_funding", args=[self.project.pk, self.share.pk])

    @property
    def back(self) -> str:
        if self.share is None:
            # The browser lights up what the address points at.
            return f"{reverse('projects:detail', args=[self.project.pk])}#funding"
        return reverse("projects:shares", args=[self.project.pk])


@login_required
@require_http_methods(["GET", "POST"])
def funding(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = loaded(request, pk)
    closed = why_not_fill_money(request.user, project)
    if not may_fill_money(request.user, project):
        raise PermissionDenied(closed)
    return _answer(request, _Part(project), closed)


@login_required
@require_http_methods(["GET", "POST"])
def share_funding(request: AuthenticatedRequest, pk: int, unit_pk: int) -> HttpResponse:
    """The same page for the money of a unit that shares the project."""
    project = shared(request, pk)
    shares = project.shares.all()
    unit = next((each.unit for each in shares if each.unit_id == unit_pk), None)
    if unit is None:
        raise Http404
    closed = why_not_fill_share(request.user, project, unit)
    if not may_fill_share(request.user, project, unit):
        raise PermissionDenied(closed)
    return _answer(request, _Part(project, unit), closed)


def _answer(request: AuthenticatedRequest, part: _Part, closed: str) -> HttpResponse:
    """All funding lines on one page; add_row and switch_to only show it anew."""
    if part.project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，不填资金")
    if request.method == "GET":
        if closed:
            messages.error(request, closed)
            return redirect("projects:detail", part.project.pk)
        unit = money_unit_of(part.project)
        return _funding_page(request, part, money.stored_forms(part.lines, unit), unit)
    typed = money.typed_forms(request.POST)
    shown = money.shown_anew(request.POST, typed)
    if shown:
        return _funding_page(request, part, *shown)
    return _save_funding(request, part, typed)


def _save_funding(
    request: AuthenticatedRequest,
    part: _Part,
    typed: money.FundingFormSet,
) -> HttpResponse:
    unit = money.unit_named(request.POST)
    if not typed.is_valid():
        return _funding_page(request, part, typed, unit)
    lines = part.lines
    gone = typed.gone(lines)
    if gone:
        return _answer_gone(request, part, typed, gone)
    try:
        changed = save_all_funding(
            request.user, typed.edits(part.project, lines, part.share)
        )
    except ValidationError as error:
        words = error.messages
        return _funding_page(request, part, typed, unit, errors=words)
    except (ClosedError, GoneError) as error:
        words = [str(error)]
        return _funding_page(request, part, typed, unit, errors=words, status=409)
    except StaleError as error:
        return _answer_stale_line(request, part, typed, error)
    messages.success(request, _saved_words(part.project.pk, changed))
    return redirect(part.back)


def _saved_words(pk: int, changed: bool) -> str:
    if not changed:
        return "资金没有变化"
    ratio = BudgetProject.objects.get(pk=pk).execution_ratio
    return "已保存资金" + (f"，预算执行率 {percent(ratio)}" if ratio else "")


def _answer_gone(
    request: AuthenticatedRequest,
    part: _Part,
    typed: money.FundingFormSet,
    places: list[int],
) -> HttpResponse:
    """Keep rows that others deleted, now as new ones: the next save decides."""
    data, words = money.kept_as_new(request.POST, places)
    unit = money.unit_named(data)
    shown = money.typed_forms(data)
    return _funding_page(request, part, shown, unit, errors=words, status=409)


def _answer_stale_line(
    request: AuthenticatedRequest,
    part: _Part,
    typed: money.FundingFormSet,
    error: StaleError,
) -> HttpResponse:
    """Show the amounts others saved in a line beside those typed here."""
    assert isinstance(error.current, FundingLine)
    data, conflict = money.beside_stored(request.POST, typed, error.current)
    conflict = met(request.user, error, conflict, *money.unsaved(typed))
    return _funding_page(
        request,
        part,
        money.typed_forms(data),
        money.unit_named(data),
        conflict=conflict,
        status=409,
    )


def _funding_page(
    request: AuthenticatedRequest,
    part: _Part,
    formset: money.FundingFormSet,
    unit: MoneyUnit,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Answer the page, or with htmx the rows alone."""
    whole, rows = "projects/funding_form.html", "projects/_funding_rows.html"
    context = {
        "project": part.project,
        "share": part.share,
        "address": part.address,
        "sums_address": reverse("projects:funding_sums", args=[part.project.pk]),
        "back": part.back,
        "formset": formset,
        "money_unit": unit,
        "other_unit": money.other_unit(unit),
        **more,
    }
    money.close_imported(formset, part.lines, decides=decides_money(request.user))
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, rows if is_part else whole, context, status=status)


@login_required
@require_POST
def funding_sums(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer sums and ratios of what is being typed; nothing is saved."""
    project = shared(request, pk)
    shares = Role.FILLER in share_roles_for(request.user, project)
    if not (shares or may_fill_money(request.user, project)):
        raise PermissionDenied(why_not_edit(request.user, project))
    return _sums(request)


@login_required
@require_POST
def new_funding_sums(request: AuthenticatedRequest) -> HttpResponse:
    """Answer the same for a project that is being entered."""
    if not may_add(request.user):
        raise PermissionDenied("只有填报人和绩效科可以新增项目")
    return _sums(request)


def _sums(request: AuthenticatedRequest) -> HttpResponse:
    context = {
        "formset": money.typed_forms(request.POST),
        "money_unit": money.unit_named(request.POST),
        "oob": True,
    }
    return render(request, "projects/_funding_sums.html", context)
