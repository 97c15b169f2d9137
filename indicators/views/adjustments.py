"""绩效目标调整: ask for one, see it, decide it, fetch its file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.adjustments import (
    decide_adjustment,
    request_adjustment,
    withdraw_adjustment,
)
from indicators.forms.changes import AdjustmentForm
from indicators.models import Indicator, TargetAdjustment
from perfeval.files import ask_again
from perfeval.http import AuthenticatedRequest
from projects.access import may_decide, may_edit, may_withdraw, why_not_edit
from projects.change_forms import DecisionForm
from projects.models import BudgetProject
from projects.views.deciding import attachment_of, decided, withdrawn, written


@login_required
@require_http_methods(["GET", "POST"])
def adjust(request: AuthenticatedRequest, project_pk: int, pk: int) -> HttpResponse:
    indicator = _indicator(request, project_pk, pk)
    project = indicator.project
    if not may_edit(request.user, project):
        raise PermissionDenied(why_not_edit(request.user, project))
    form = AdjustmentForm(
        request.POST or None, request.FILES or None, indicator=indicator
    )
    status = 200
    if request.method == "POST":
        status = _ask(request, indicator, form)
        if status == 302:
            return redirect("indicators:targets", project_pk)
        ask_again(form)
    elif closed := why_not_edit(request.user, project):
        messages.error(request, closed)
        return redirect("indicators:targets", project_pk)
    context = {"project": project, "indicator": indicator, "form": form}
    page = "indicators/targetadjustment_form.html"
    return render(request, page, context, status=status)


def _ask(
    request: AuthenticatedRequest, indicator: Indicator, form: AdjustmentForm
) -> int:
    """Send the request off; return 302, or the status to show the form with."""
    status, adjustment = written(
        form,
        lambda: request_adjustment(
            request.user, indicator, form.new_values, **form.basis
        ),
    )
    if adjustment:
        words = f"已提出调整“{indicator.level3}”的申请，等待绩效科审批"
        if adjustment.is_after_year_end:
            words += "；调整在年度终了之后提出，将予以标注"
        messages.success(request, words)
    return status


@login_required
@require_http_methods(["GET", "POST"])
def adjustment(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One adjustment with all that it rests on; the 绩效科 decides it here."""
    found = _adjustment(request, pk)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":

        def decide(approve: bool, note: str) -> TargetAdjustment:
            return decide_adjustment(request.user, pk, approve=approve, note=note)

        status = decided(request, found, form, decide)
        if status == 302:
            name = found.indicator.level3
            messages.success(request, f"已审批指标“{name}”的绩效目标调整")
            return redirect("indicators:adjustment", pk)
    context = {
        "change": found,
        "project": found.indicator.project,
        "file_url": reverse("indicators:adjustment_attachment", args=[pk]),
        "withdraw_url": reverse("indicators:adjustment_withdraw", args=[pk]),
        "form": form,
        "may_decide": may_decide(request.user, found),
        "may_withdraw": may_withdraw(request.user, found),
    }
    page = "indicators/targetadjustment_detail.html"
    return render(request, page, context, status=status)


@login_required
@require_POST
def adjustment_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    found = _adjustment(request, pk)
    withdrawn(request, found, lambda: withdraw_adjustment(request.user, pk))
    return redirect("indicators:adjustment", pk)


@login_required
@require_GET
def adjustment_attachment(request: AuthenticatedRequest, pk: int) -> FileResponse:
    return attachment_of(_adjustment(request, pk))


def _indicator(request: AuthenticatedRequest, project_pk: int, pk: int) -> Indicator:
    seen = BudgetProject.objects.visible_to(request.user)
    rows = seen.select_related("unit", "section").with_assessments(request.user)
    project = get_object_or_404(rows, pk=project_pk)
    indicator = get_object_or_404(project.indicators, pk=pk)
    # Loaded with what why_not_edit asks of it.
    indicator.project = project
    return indicator


def _adjustment(request: AuthenticatedRequest, pk: int) -> TargetAdjustment:
    seen = BudgetProject.objects.visible_to(request.user)
    rows = TargetAdjustment.objects.select_related(
        "indicator__project__unit", "attachment", "requested_by", "decided_by"
    )
    return get_object_or_404(rows.filter(indicator__project__in=seen), pk=pk)
