"""The review page: what was sent up beside the decision on it."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from indicators.drafts import OPINION, drop_draft
from indicators.forms.reviewing import ReviewForm, SayForm
from indicators.models import ReviewPhrase, ReviewRecord, SelfAssessment
from indicators.progress import oddity
from indicators.review_chain import chain_steps, history
from indicators.scheme_store import scheme_of
from indicators.workflow import (
    STEPS,
    Transition,
    TransitionError,
    mark_opened,
    open_transitions,
    standing,
    why_not,
)
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from reports.assembly import assemble
from reports.document import ReportDocument
from reports.forms import DecisionForm
from reports.inbox import waiting_for
from reports.recheck_page import recheck_beside
from reports.rendering.html import report_view
from reports.review_page import workplace
from reports.sealing import valid_scan
from reports.submission import Decision, decide, kept_document
from reports.views.flow import fetch, refuse


@login_required
@require_http_methods(["GET", "POST"])
def review_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what was sent up and take the decision; a refused one keeps its words."""
    assessment = fetch_whole(request, pk)
    if request.method == "POST":
        steps = _decisions(request, assessment)
        if not steps:
            return _refused(request, assessment)
        form = DecisionForm(request.POST, steps=steps, version=assessment.version)
        if form.is_valid() and _decided(request, assessment, form):
            following = _neighbours(request.user, pk)[1]
            if following and "then_next" in request.POST:
                return redirect("reports:review", following)
            return redirect("indicators:detail", pk)
        return show_page(request, assessment, 422, form=form)
    return show_page(request, assessment)


def show_page(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    status: int = 200,
    *,
    form: DecisionForm | None = None,
    refused: SayForm | None = None,
    refused_row: ReviewForm | None = None,
) -> HttpResponse:
    """Answer the page; a form that was refused stands in it with what was typed."""
    steps = _decisions(request, assessment)
    if not steps:
        return _refused(request, assessment)
    document = sent_document(assessment)
    level = assessment.current_level
    moves = assessment.review_records.select_related("actor", "on_behalf_of")
    records = list(moves.defer("snapshot"))
    work = workplace(
        request.user,
        assessment,
        document,
        records,
        gives_points=bool(level and level.gives_points),
        refused=refused,
        refused_row=refused_row,
    )
    opinion = work.drafts.get(OPINION)
    form = form or DecisionForm(
        None,
        steps=steps,
        version=assessment.version,
        note=opinion.text if opinion else "",
    )
    before, after = _neighbours(request.user, assessment.pk)
    context = {
        **review_context(assessment, document, records),
        "form": form,
        "steps": steps,
        "work": work,
        "draft_version": opinion.version if opinion else 0,
        "phrases": list(ReviewPhrase.objects.filter(is_active=True)),
        "refused": refused or refused_row,
        "recheck": recheck_beside(request.user, assessment),
        "before": before,
        "after": after,
    }
    return render(request, "reports/review.html", context, status=status)


def _decisions(
    request: AuthenticatedRequest, assessment: SelfAssessment
) -> list[Transition]:
    steps = open_transitions(request.user, assessment)
    return [each for each in steps if each.judges]


def _refused(request: AuthenticatedRequest, assessment: SelfAssessment) -> HttpResponse:
    against = why_not(request.user, assessment, STEPS["approve"])
    return refuse(request, assessment, STEPS["approve"], against)


def fetch_whole(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment that a person sees, with all that its page shows."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    return get_object_or_404(seen.prefetch_related("task__levels"), pk=pk)


def _neighbours(user: User, pk: int) -> tuple[int | None, int | None]:
    """Return the keys before and after one in the list of what waits for a person.

    After one that waits no more stands the first of the list.
    """
    waiting = list(waiting_for(user).values_list("pk", flat=True))
    if pk not in waiting:
        return None, waiting[0] if waiting else None
    place = waiting.index(pk)
    before = waiting[place - 1] if place else None
    return before, waiting[place + 1] if place + 1 < len(waiting) else None


def review_context(
    assessment: SelfAssessment,
    document: ReportDocument,
    records: Sequence[ReviewRecord],
) -> dict[str, Any]:
    """Return what the page shows beside the decision: exactly what was sent up."""
    scheme = scheme_of(assessment.task.scheme)
    return {
        "assessment": assessment,
        "level": assessment.current_level,
        "chain": chain_steps(assessment, records),
        "events": history(assessment, records),
        "odd": oddity(assessment),
        "scan": valid_scan(assessment) if assessment.task.needs_sealed_scan else None,
        "standing": standing(assessment),
        "view": report_view(document, scheme),
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
    drop_draft(request.user, assessment, OPINION)
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
