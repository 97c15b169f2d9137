"""更正 of imported amounts: ask for one, see it, decide it, take it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfeval.files import ask_again
from perfeval.http import AuthenticatedRequest
from projects.access import may_decide, may_withdraw, why_not_edit
from projects.change_forms import CorrectionForm, DecisionForm
from projects.corrections import (
    decide_correction,
    request_correction,
    withdraw_correction,
)
from projects.models import AmountCorrection, BudgetProject, FundingLine
from projects.money_unit import money_unit_of
from projects.views.deciding import attachment_of, decided, withdrawn, written
from projects.views.fetching import editable


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: AuthenticatedRequest, pk: int, line_pk: int) -> HttpResponse:
    """Ask for a correction of one of a line's imported amounts."""
    project = editable(request, pk)
    line = get_object_or_404(project.funding_lines, pk=line_pk)
    if not line.imported_amounts:
        raise Http404
    closed = why_not_edit(request.user, project)
    if closed:
        messages.error(request, closed)
        return redirect("projects:detail", pk)
    unit = money_unit_of(project)
    form = CorrectionForm(
        request.POST or None, request.FILES or None, line=line, money_unit=unit
    )
    status = 200
    if request.method == "POST":
        status = _ask(request, line, form)
        if status == 302:
            return redirect(f"{reverse('projects:detail', args=[pk])}#funding")
        ask_again(form)
    context = {"project": project, "line": line, "form": form, "money_unit": unit}
    page = "projects/amountcorrection_form.html"
    return render(request, page, context, status=status)


def _ask(request: AuthenticatedRequest, line: FundingLine, form: CorrectionForm) -> int:
    """Send the request off; return 302, or the status to show the form with."""

    def ask() -> AmountCorrection:
        data = form.cleaned_data
        return request_correction(
            request.user, line, data["amount"], data["new_value"], **form.basis
        )

    status, correction = written(form, ask)
    if correction:
        label = correction.get_amount_display()
        messages.success(request, f"已提出更正“{line}”{label}的申请，等待绩效科审批")
    return status


@login_required
@require_http_methods(["GET", "POST"])
def correction(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One correction with its reason; the 绩效科 decides it here."""
    found = _correction(request, pk)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":

        def decide(approve: bool, note: str) -> AmountCorrection:
            return decide_correction(request.user, pk, approve=approve, note=note)

        status = decided(request, found, form, decide)
        if status == 302:
            name = found.line.project.shown_name
            messages.success(request, f"已审批“{name}”的金额更正")
            return redirect("projects:correction", pk)
    context = {
        "change": found,
        "project": found.line.project,
        "file_url": reverse("projects:correction_attachment", args=[pk]),
        "withdraw_url": reverse("projects:correction_withdraw", args=[pk]),
        "money_unit": money_unit_of(found.line.project),
        "form": form,
        "may_decide": may_decide(request.user, found),
        "may_withdraw": may_withdraw(request.user, found),
    }
    page = "projects/amountcorrection_detail.html"
    return render(request, page, context, status=status)


@login_required
@require_POST
def correction_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    found = _correction(request, pk)
    withdrawn(request, found, lambda: withdraw_correction(request.user, pk))
    return redirect("projects:correction", pk)


@login_required
@require_GET
def correction_attachment(request: AuthenticatedRequest, pk: int) -> FileResponse:
    return attachment_of(_correction(request, pk))


def _correction(request: AuthenticatedRequest, pk: int) -> AmountCorrection:
    seen = BudgetProject.objects.visible_to(request.user)
    rows = AmountCorrection.objects.select_related(
        "line__project__unit", "attachment", "requested_by", "decided_by"
    )
    return get_object_or_404(rows.filter(line__project__in=seen), pk=pk)
