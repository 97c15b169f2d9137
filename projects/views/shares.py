"""The units that carry out a project together, and what each has of its money."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.access import may_edit, why_not_edit, why_not_fill_share
from projects.change_forms import ShareForm
from projects.models import (
    AMOUNTS,
    BudgetProject,
    Department,
    UnitShare,
    ratio_of,
    sum_known,
)
from projects.money_unit import money_unit_of
from projects.shares import add_share, remove_share
from projects.views.fetching import shared


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """A unit of a project: its money (元), and where the person may fill it in."""

    unit: Department
    share: UnitShare | None
    amounts: list[tuple[str, Decimal | None]]
    ratio: Decimal | None
    fill_url: str


@login_required
@require_http_methods(["GET", "POST"])
def shares(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = shared(request, pk)
    form = ShareForm()
    errors: list[str] = []
    status = 200
    if request.method == "POST":
        if not may_edit(request.user, project):
            raise PermissionDenied(why_not_edit(request.user, project))
        form = ShareForm(request.POST) if "remove" not in request.POST else form
        try:
            words = _change(request, project, form)
        except ClosedError as error:
            errors, status = [str(error)], 409
        except ValidationError as error:
            if form.is_bound:
                form.take_errors(error)
            else:
                errors = error.messages
        else:
            if words:
                messages.success(request, words)
                return redirect("projects:shares", pk)
    context = {
        "project": project,
        "form": form,
        "errors": errors,
        "rows": unit_rows(request.user, project),
        "why_not_edit": why_not_edit(request.user, project),
        "money_unit": money_unit_of(project),
    }
    return render(request, "projects/unitshare_list.html", context, status=status)


def _change(
    request: AuthenticatedRequest, project: BudgetProject, form: ShareForm
) -> str:
    """Add or take out a unit; return what to say, "" where the form is wrong."""
    if "remove" in request.POST:
        wanted = request.POST["remove"]
        key = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
        share = get_object_or_404(UnitShare, project=project, pk=key)
        remove_share(request.user, share)
        return f"已移出“{share.unit}”"
    if not form.is_valid():
        return ""
    unit = form.cleaned_data["code"]
    add_share(request.user, project, unit)
    return f"已增加参与实施单位“{unit}”"


def unit_rows(user: User, project: BudgetProject) -> list[UnitRow]:
    """Return the lead and the units that share a loaded project, with their money."""
    rows = [_unit_row(user, project, None)]
    return rows + [_unit_row(user, project, each) for each in project.shares.all()]


def _unit_row(user: User, project: BudgetProject, share: UnitShare | None) -> UnitRow:
    key = share.unit_id if share else None
    lines = [each for each in project.funding_lines.all() if each.unit_id == key]
    sums = {name: sum_known(getattr(x, name) for x in lines) for name in AMOUNTS}
    unit = share.unit if share else project.unit
    if share:
        closed = why_not_fill_share(user, project, unit)
        url = reverse("projects:share_funding", args=[project.pk, unit.pk])
    else:
        closed = why_not_edit(user, project)
        url = reverse("projects:funding", args=[project.pk])
    return UnitRow(
        unit=unit,
        share=share,
        amounts=list(sums.items()),
        ratio=ratio_of(sums["executed"], sums["adjusted"]),
        fill_url="" if closed else url,
    )
