"""List of self-assessments, one with its results and texts, a form for each result."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from indicators.access import (
    fillable_parts,
    may_fill,
    sees_for_recheck_only,
    why_not_fill_part,
    writes_part,
)
from indicators.columns import ASSESSMENT_COLUMNS
from indicators.filters import AssessmentFilter
from indicators.flow_panel import flow_panel
from indicators.form_tables import (
    ResultRow,
    bands_of,
    funds_table,
    result_rows,
)
from indicators.forms.assessments import ResultForm
from indicators.models import EVIDENCE, ROWS, ItemComment, Recheck, SelfAssessment
from indicators.notices import notice_of
from indicators.parts import own_gaps
from indicators.problem_querysets import with_follow_up
from indicators.progress import gaps, gaps_by_part, oddity, reason_asked
from indicators.proofs import proofs_of
from indicators.rechecks import current_recheck
from indicators.review_chain import chain_steps, history, last_return
from indicators.score_sheet import score_of, shown_grade
from indicators.services import record_result
from indicators.text_parts import text_parts
from indicators.views.saving import autosaved, is_autosave, save_entry
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing

# What follows from a row that is saved: elements of the page and their templates.
FOLLOWING = {
    "gaps": "_assessment_gaps.html",
    "score-fact": "_score_fact.html",
    "totals": "_assessment_totals.html",
}


@login_required
@require_GET
def assessment_list(request: AuthenticatedRequest) -> HttpResponseBase:
    chosen = AssessmentFilter(request.GET, user=request.user)
    listing = Listing(
        request,
        ASSESSMENT_COLUMNS,
        chosen.qs,
        order=("-project__year", "project__code", "pk"),
        load=lambda rows: rows.with_facts().prefetch_related(
            "task__levels", "project__funding_lines"
        ),
    )
    if listing.is_file:
        return listing.as_file("绩效自评")
    context = {"filter": chosen, "list": listing, "page_obj": listing.page}
    return render(request, "indicators/assessment_list.html", context)


@login_required
@require_GET
def assessment_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = _fetch(request, pk, follow_up=True)
    # A snapshot is a whole report: nothing of it is shown here.
    moves = assessment.review_records.select_related("actor", "on_behalf_of")
    moves = moves.defer("snapshot")
    records = list(moves)
    comments = _comments(assessment)
    recheck = _recheck(request, assessment)
    is_outside = sees_for_recheck_only(request.user, assessment)
    context = {
        **_sheet_context(request, assessment, comments),
        "is_outside": is_outside,
        # A third party judges by itself, before it reads what finance gave.
        "shows_review": not is_outside or (recheck and recheck.is_done),
        "steps": chain_steps(assessment, records),
        "events": history(assessment, records),
        "flow": flow_panel(request.user, assessment),
        "recheck": recheck,
        "returned": last_return(assessment, records),
        "open_comments": [each for each in comments if _is_open(each)],
        "texts": text_parts(assessment, comments),
        "evidence_count": len(proofs_of(assessment).current),
    }
    return render(request, "indicators/assessment_detail.html", context)


def _recheck(
    request: AuthenticatedRequest, assessment: SelfAssessment
) -> Recheck | None:
    """Return a third party's recheck to be shown; none before the report was sent."""
    if not assessment.is_sent_up:
        return None
    return current_recheck(request.user, assessment)


@login_required
@require_GET
def assessment_notice(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what the task and the bodies above tell the unit of this self-assessment."""
    assessment = get_object_or_404(
        SelfAssessment.objects.visible_to(request.user).with_facts(), pk=pk
    )
    context = {"assessment": assessment, "notice": notice_of(assessment)}
    return render(request, "indicators/assessment_notice.html", context)


@login_required
@require_GET
def result_row(request: AuthenticatedRequest, pk: int, result_pk: int) -> HttpResponse:
    """Answer one row as it is stored: what 取消 puts back in place of its form.

    With it come the totals, which followed what was typed.
    """
    assessment = _fetch(request, pk)
    context = _sheet_context(request, assessment, _comments(assessment))
    context["row"] = _found(context["rows"], result_pk)
    return render(request, "indicators/_result_saved.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def edit_result(request: AuthenticatedRequest, pk: int, result_pk: int) -> HttpResponse:
    """Show or save the form of one row; over htmx in the row's place in the table."""
    assessment = _fetch(request, pk)
    _refuse_others(request, assessment)
    row = _row(assessment, result_pk)
    form = ResultForm(
        request.POST or None,
        result=row.result,
        bands=bands_of(assessment, row.result),
        by_money=row.by_money,
        is_combined=row.whole is not None,
    )
    status = 200

    def write(changes: Mapping[str, Any], version: int) -> bool:
        return record_result(request.user, row.result, changes, version=version)

    if request.method == "POST":
        status = save_entry(request.user, form, write)
        if is_autosave(request):
            return _autosaved(request, row, form, status)
        if status == 200:
            return _result_saved(request, assessment, row)
    elif not assessment.is_editable:
        return _closed(request, assessment)
    part = "assessment_result.html"
    if request.htmx:
        part = "_result_editor.html"
        form.focus(request.GET.get("field", ""))
    context = {
        "form": form,
        "row": row,
        "assessment": assessment,
        "asked": reason_asked(row.result, row.score, {}),
    }
    return render(request, f"indicators/{part}", context, status=status)


def _fetch(
    request: AuthenticatedRequest, pk: int, *, follow_up: bool = False
) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    if follow_up:
        seen = with_follow_up(seen)
    return get_object_or_404(seen.prefetch_related("task__levels"), pk=pk)


def _refuse_others(request: AuthenticatedRequest, assessment: SelfAssessment) -> None:
    """Raise PermissionDenied for those who never write here, whatever the state."""
    if not writes_part(request.user, assessment, ROWS):
        raise PermissionDenied(why_not_fill_part(request.user, assessment, ROWS))


def _closed(request: AuthenticatedRequest, assessment: SelfAssessment) -> HttpResponse:
    messages.warning(request, why_not_fill_part(request.user, assessment, ROWS))
    return redirect("indicators:detail", assessment.pk)


def _result_saved(
    request: AuthenticatedRequest, assessment: SelfAssessment, row: ResultRow
) -> HttpResponse:
    if not request.htmx:
        messages.success(
            request, f"已保存指标“{row.result.indicator.level3}”的完成情况"
        )
        url = reverse("indicators:detail", args=[assessment.pk])
        return redirect(f"{url}#result-{row.result.pk}")
    saved = _fetch(request, assessment.pk)
    context = _sheet_context(request, saved, _comments(saved))
    rows: list[ResultRow] = context["rows"]
    context |= {"row": _found(rows, row.result.pk), "just_saved": True}
    response = render(request, "indicators/_result_saved.html", context)
    points = context["row"].score.points
    words = "未计分" if points is None else f"得 {points} 分"
    return trigger_client_event(response, "toast", {"text": f"已保存，{words}"})


def _autosaved(
    request: AuthenticatedRequest, row: ResultRow, form: ResultForm, status: int
) -> HttpResponse:
    """Answer autosave.js: what follows from the row changes beside the open form."""
    parts = {}
    if status == 200:
        saved = _fetch(request, row.result.assessment_id)
        context = _sheet_context(request, saved, _comments(saved))
        for key, name in FOLLOWING.items():
            parts[key] = render_to_string(f"indicators/{name}", context)
    return autosaved(form, status, version=row.result.version, parts=parts)


def _sheet_context(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    comments: Sequence[ItemComment],
) -> dict[str, Any]:
    """Return what the page shows of score, money, rows and what is missing."""
    score = score_of(assessment)
    fillable = fillable_parts(request.user, assessment)
    whole = may_fill(request.user, assessment)
    missing = gaps(assessment) if whole else gaps_by_part(assessment)
    rows = result_rows(assessment, score, comments)
    return {
        "assessment": assessment,
        "fillable": fillable,
        "may_fill": ROWS in fillable,
        "may_fill_all": whole,
        "may_prove": EVIDENCE in fillable,
        "score": score,
        "grade": shown_grade(assessment, score),
        "funds": funds_table(assessment),
        "in_funds": not any(row.by_money for row in rows),
        "has_standards": any(row.result.indicator.standard for row in rows),
        "rows": rows,
        "gaps": own_gaps(missing, fillable),
        "odd": oddity(assessment),
    }


def _row(assessment: SelfAssessment, result_pk: int) -> ResultRow:
    rows = result_rows(assessment, score_of(assessment), _comments(assessment))
    return _found(rows, result_pk)


def _found(rows: Sequence[ResultRow], result_pk: int) -> ResultRow:
    for row in rows:
        if row.result.pk == result_pk:
            return row
    raise Http404


def _comments(assessment: SelfAssessment) -> list[ItemComment]:
    return list(assessment.comments.all())


def _is_open(comment: ItemComment) -> bool:
    return comment.closed_at is None and comment.answers_id is None
