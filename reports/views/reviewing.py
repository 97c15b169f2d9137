"""What a reviewer writes on the review page: points, remarks, and what waits unsaid."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from indicators.access import parts_of
from indicators.drafts import drop_draft, save_draft
from indicators.form_tables import ResultRow, result_rows
from indicators.forms.reviewing import DraftForm, RemarkForm, ReviewForm, SayForm
from indicators.models import Indicator, ItemComment, SelfAssessment
from indicators.reviewing import (
    accept_all,
    lacks_reason,
    record_review,
    review_totals,
)
from indicators.score_sheet import score_of
from indicators.threads import add_remark, ask_on, close_remark, find_passage
from indicators.views.saving import autosaved, is_autosave, save_entry
from indicators.workflow import STEPS, is_ever_open
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError
from reports.review_changes import texts_of
from reports.views.flow import fetch
from reports.views.review import fetch_whole, sent_document, show_page

PLACES = re.compile(r"(opinion|indicator-\d+|text-[a-z]+|comment-\d+)")


@login_required
@require_POST
def review_row(request: AuthenticatedRequest, pk: int, result_pk: int) -> HttpResponse:
    """Save what a reviewer gives one row; autosave.js gets the totals back."""
    assessment = _fetch(request, pk)
    row = _row(assessment, result_pk)
    result = row.result
    form = ReviewForm(request.POST, result=result)

    def write(changes: Mapping[str, Any], version: int) -> bool:
        return record_review(request.user, result, changes, version=version)

    status = save_entry(request.user, form, write)
    if is_autosave(request):
        parts = _following(_fetch(request, pk), result_pk) if status == 200 else {}
        return autosaved(form, status, version=result.version, parts=parts)
    if status != 200:
        return show_page(request, assessment, status, refused_row=form)
    messages.success(request, f"已保存“{result.indicator.level3}”的复核")
    return _back(pk, f"row-{result_pk}")


def _following(assessment: SelfAssessment, result_pk: int) -> dict[str, str]:
    """Return {id of an element: HTML} of what follows from a row that is saved."""
    row = _row(assessment, result_pk)
    totals = review_totals(assessment, score_of(assessment))
    standing = {"row": row, "lacks_reason": lacks_reason(row.result, row.score)}
    return {
        "review-totals": render_to_string(
            "reports/_review_totals.html", {"totals": totals}
        ),
        f"standing-{result_pk}": render_to_string(
            "reports/_review_standing.html", standing
        ),
    }


@login_required
@require_POST
def accept_rows(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take the unit's own points in all rows that were not judged yet (全部认可)."""
    assessment = _fetch(request, pk)
    try:
        count = accept_all(request.user, assessment)
    except ClosedError as error:
        messages.error(request, str(error))
    else:
        told = f"{count} 项按自评得分认可" if count else "各项都已有复核得分"
        messages.success(request, told)
    return _back(pk, "decisions")


@login_required
@require_POST
def remark_add(request: AuthenticatedRequest, pk: int, place: str) -> HttpResponse:
    """Write a remark on a row or a passage of a text."""
    assessment = _fetch(request, pk)
    about = _about(assessment, place)
    form = RemarkForm(request.POST, place=place)
    if form.is_valid():
        data = form.cleaned_data
        passage = None
        if data["quote"] and "narrative_key" in about:
            text = texts_of(sent_document(assessment)).get(about["narrative_key"])
            passage = find_passage(text[1] if text else "", data["quote"], data["nth"])
            if passage is None:
                form.add_error("quote", "送审的文字里没有这一段，请重新选择")

        def say() -> object:
            return add_remark(
                request.user, assessment, data["text"], passage=passage, **about
            )

        if form.is_valid() and _said(form, say):
            drop_draft(request.user, assessment, place)
            return _back(pk, place)
    return show_page(request, assessment, 422, refused=form)


@login_required
@require_POST
def remark_ask(request: AuthenticatedRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Say more to an answer."""
    assessment = _fetch(request, pk)
    remark = _remark(assessment, comment_pk)
    place = f"comment-{remark.pk}"
    form = SayForm(request.POST, place=place, label="追问")

    def say() -> object:
        return ask_on(request.user, remark, form.cleaned_data["text"])

    if form.is_valid() and _said(form, say):
        drop_draft(request.user, assessment, place)
        return _back(pk, place)
    return show_page(request, assessment, 422, refused=form)


@login_required
@require_POST
def remark_close(
    request: AuthenticatedRequest, pk: int, comment_pk: int
) -> HttpResponse:
    """Close a remark as settled."""
    assessment = _fetch(request, pk)
    remark = _remark(assessment, comment_pk)
    try:
        close_remark(request.user, remark)
    except ClosedError as error:
        messages.error(request, str(error))
    return _back(pk, f"comment-{remark.pk}")


@login_required
@require_POST
def draft(request: AuthenticatedRequest, pk: int, place: str) -> HttpResponse:
    """Keep what a person writes and has not said yet; only autosave.js asks."""
    assessment = fetch(request, pk)
    if not PLACES.fullmatch(place):
        raise Http404
    reviews = is_ever_open(request.user, assessment, STEPS["approve"])
    fills = is_ever_open(request.user, assessment, STEPS["submit"])
    if not reviews and not fills and not parts_of(request.user, assessment):
        raise PermissionDenied("只有填报人和审核人可以在这里写")
    form = DraftForm(request.POST, name="note" if place == "opinion" else "text")
    kept = 0

    def write(changes: Mapping[str, Any], version: int) -> None:
        nonlocal kept
        kept = save_draft(request.user, assessment, place, form.text, version=version)

    status = save_entry(request.user, form, write)
    return autosaved(form, status, version=kept)


def _said(form: SayForm, say: Callable[[], object]) -> bool:
    """Say it; what stands against it is told in the form, which keeps its words."""
    try:
        say()
    except ClosedError as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, "；".join(error.messages))
    else:
        return True
    return False


def _about(assessment: SelfAssessment, place: str) -> dict[str, Any]:
    """Return what a remark at a place is on; 404 for what is not in the report."""
    kind, _, key = place.partition("-")
    if kind == "indicator" and key.isascii() and key.isdigit():
        for result in assessment.results.all():
            if result.indicator_id == int(key):
                indicator: Indicator = result.indicator
                return {"indicator": indicator}
    if kind == "text" and any(x.key == key for x in assessment.narratives.all()):
        return {"narrative_key": key}
    raise Http404


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return what a person reviews; 403 for who never does."""
    assessment = fetch_whole(request, pk)
    if not is_ever_open(request.user, assessment, STEPS["approve"]):
        raise PermissionDenied("只有审核人可以办理")
    return assessment


def _row(assessment: SelfAssessment, result_pk: int) -> ResultRow:
    for row in result_rows(assessment, score_of(assessment)):
        if row.result.pk == result_pk:
            return row
    raise Http404


def _remark(assessment: SelfAssessment, comment_pk: int) -> ItemComment:
    for each in assessment.comments.all():
        if each.pk == comment_pk and each.answers_id is None:
            return each
    raise Http404


def _back(pk: int, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('reports:review', args=[pk])}#{anchor}")
