"""The review page: what was sent up beside the decision on it."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from indicators.models import SelfAssessment
from indicators.progress import oddity
from indicators.review_chain import chain_steps, history
from indicators.scheme_store import scheme_of
from indicators.workflow import (
    STEPS,
    TransitionError,
    mark_opened,
    open_transitions,
    standing,
    why_not,
)
from perfeval.http import AuthenticatedRequest
from reports.assembly import assemble
from reports.document import ReportDocument
from reports.forms import DecisionForm
from reports.rendering.html import report_view
from reports.sealing import valid_scan
from reports.submission import Decision, decide, kept_document
from reports.views.flow import fetch, refuse


@login_required
@require_http_methods(["GET", "POST"])
def review_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what was sent up and take the decision; a refused one keeps its words."""
    assessment = fetch(request, pk)
    steps = [each for each in open_transitions(request.user, assessment) if each.judges]
    if not steps:
        against = why_not(request.user, assessment, STEPS["approve"])
        return refuse(request, assessment, STEPS["approve"], against)
    form = DecisionForm(request.POST or None, steps=steps, version=assessment.version)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _decided(request, assessment, form):
            return redirect("indicators:detail", pk)
        status = 422
    context = {**review_context(assessment), "form": form, "steps": steps}
    return render(request, "reports/review.html", context, status=status)


def review_context(assessment: SelfAssessment) -> dict[str, Any]:
    """Return what the page shows beside the decision: exactly what was sent up."""
    records = list(
        assessment.review_records.select_related("actor", "on_behalf_of").defer(
            "snapshot"
        )
    )
    scheme = scheme_of(assessment.task.scheme)
    return {
        "assessment": assessment,
        "level": assessment.current_level,
        "chain": chain_steps(assessment, records),
        "events": history(assessment, records),
        "odd": oddity(assessment),
        "scan": valid_scan(assessment) if assessment.task.needs_sealed_scan else None,
        "standing": standing(assessment),
        "view": report_view(sent_document(assessment), scheme),
    }


def sent_document(assessment: SelfAssessment) -> ReportDocument:
    """Return what is decided on: the document as it was sent up."""
    return kept_document(assessment) or assemble(assessment.pk)


def _decided(
    request: AuthenticatedRequest, assessment: SelfAssessment, form: DecisionForm
) -> bool:
    data = form.cleaned_data
    decision = cast(Decision, data["decision"])
    try:
        after = decide(
            request.user,
            assessment,
            decision,
            version=data["version"],
            note=data["note"],
            due_at=data["due_at"],
        )
    except TransitionError as error:
        form.add_error(None, str(error))
        return False
    name = assessment.project.shown_name
    messages.success(
        request, f"“{name}”：{STEPS[decision].label}，现在{after.state_words}"
    )
    return True


@login_required
@require_POST
def review_opened(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Note that the level at hand reads it: from now on nobody below takes it back."""
    assessment = fetch(request, pk)
    against = why_not(request.user, assessment, STEPS["approve"])
    if against:
        return refuse(request, assessment, STEPS["approve"], against)
    mark_opened(pk, request.user)
    if not request.htmx:
        return redirect("reports:review", pk)
    context = {"assessment": fetch(request, pk)}
    return render(request, "reports/_review_opened.html", context)
