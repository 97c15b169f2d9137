"""Changes of a project's status: ask for one, see it, decide it, fetch its file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfeval.files import ask_again
from perfeval.http import AuthenticatedRequest
from projects.access import may_decide, may_withdraw, why_not_edit
from projects.change_forms import DecisionForm, StatusChangeForm
from projects.changes import decide_status, request_status, withdraw_status
from projects.models import BudgetProject, StatusChange
from projects.views.deciding import attachment_of, decided, withdrawn, written
from projects.views.fetching import editable, projects_seen


@login_required
@require_http_methods(["GET", "POST"])
def status_request(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    project = editable(request, pk)
    closed = why_not_edit(request.user, project)
    if closed:
        messages.error(request, closed)
        return redirect("projects:detail", pk)
    form = StatusChangeForm(
        request.POST or None,
        request.FILES or None,
        project=project,
        user=request.user,
    )
    status = 200
    if request.method == "POST":
        status = _ask(request, project, form)
        if status == 302:
            return redirect("projects:detail", pk)
        ask_again(form)
    context = {"project": project, "form": form}
    return render(request, "projects/statuschange_form.html", context, status=status)


def _ask(
    request: AuthenticatedRequest, project: BudgetProject, form: StatusChangeForm
) -> int:
    """Send the request off; return 302, or the status to show the form with."""
    status, change = written(
        form, lambda: request_status(request.user, project, **form.values())
    )
    if change:
        label = change.get_to_status_display()
        messages.success(request, f"已提出将项目改为“{label}”的申请，等待绩效科审批")
    return status


@login_required
@require_http_methods(["GET", "POST"])
def status_change(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One change with all that it rests on; the 绩效科 decides it here."""
    change = _change(request, pk)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":

        def decide(approve: bool, note: str) -> StatusChange:
            return decide_status(request.user, pk, approve=approve, note=note)

        status = decided(request, change, form, decide)
        if status == 302:
            messages.success(request, f"已审批“{change.project.shown_name}”的状态变更")
            return redirect("projects:status_change", pk)
    context: dict[str, Any] = {
        "change": change,
        "project": change.project,
        "file_url": reverse("projects:status_attachment", args=[pk]),
        "withdraw_url": reverse("projects:status_withdraw", args=[pk]),
        "form": form,
        "may_decide": may_decide(request.user, change),
        "may_withdraw": may_withdraw(request.user, change)
        and change.project.status != change.to_status,
        "linked": projects_seen(request.user, [change.merged_into_id]),
    }
    return render(request, "projects/statuschange_detail.html", context, status=status)


@login_required
@require_POST
def status_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    change = _change(request, pk)
    withdrawn(request, change, lambda: withdraw_status(request.user, pk))
    return redirect("projects:status_change", pk)


@login_required
@require_GET
def status_attachment(request: AuthenticatedRequest, pk: int) -> FileResponse:
    return attachment_of(_change(request, pk))


def _change(request: AuthenticatedRequest, pk: int) -> StatusChange:
    seen = BudgetProject.objects.visible_to(request.user)
    rows = StatusChange.objects.select_related(
        "project__unit", "merged_into", "attachment", "requested_by", "decided_by"
    )
    return get_object_or_404(rows.filter(project__in=seen), pk=pk)
