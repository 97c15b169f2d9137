"""List of self-assessments, one with its results and texts, a form for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from indicators.access import may_fill, why_not_fill
from indicators.filters import AssessmentFilter
from indicators.form_tables import (
    ResultRow,
    bands_of,
    funds_table,
    result_rows,
)
from indicators.forms.assessments import NarrativeForm, ResultForm
from indicators.guidance import MUST_TELL
from indicators.models import (
    ItemComment,
    Narrative,
    NarrativeKey,
    SelfAssessment,
)
from indicators.notices import notice_of
from indicators.progress import (
    count_characters,
    gaps,
    oddity,
    reason_asked,
    text_limits,
    text_title,
)
from indicators.review_chain import chain_steps, history, last_return
from indicators.score_sheet import score_of, shown_grade
from indicators.services import narrative_keys, record_result, write_narrative
from indicators.views.saving import save_entry
from perfeval.http import AuthenticatedRequest
from projects.access import roles_for
from projects.models import Role

PAGE_SIZE = 20


@login_required
@require_GET
def assessment_list(request: AuthenticatedRequest) -> HttpResponse:
    chosen = AssessmentFilter(request.GET, user=request.user)
    rows = chosen.qs.with_facts()
    rows = rows.prefetch_related("task__levels", "project__funding_lines")
    ordered = rows.order_by("-project__year", "project__code", "pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": chosen, "page_obj": page}
    return render(request, "indicators/assessment_list.html", context)


@login_required
@require_GET
def assessment_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = _fetch(request, pk)
    # A snapshot is a whole report: nothing of it is shown here.
    moves = assessment.review_records.select_related("actor").defer("snapshot")
    records = list(moves)
    comments = _comments(assessment)
    context = {
        **_sheet_context(request, assessment, comments),
        "steps": chain_steps(assessment, records),
        "events": history(assessment, records),
        "returned": last_return(assessment, records),
        "open_comments": [each for each in comments if _is_open(each)],
        "texts": _texts(assessment, comments),
    }
    return render(request, "indicators/assessment_detail.html", context)


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
        status = save_entry(form, write)
        if status == 200:
            return _result_saved(request, assessment, row)
    elif not assessment.is_editable:
        return _closed(request, assessment)
    part = "assessment_result.html"
    if request.htmx:
        part = "_result_editor.html"
        form.focus_first()
    context = {
        "form": form,
        "row": row,
        "assessment": assessment,
        "asked": reason_asked(row.result, row.score, {}),
    }
    return render(request, f"indicators/{part}", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def edit_narrative(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """Show or save the form of one text; “保存并写下一部分” leads on."""
    assessment = _fetch(request, pk)
    _refuse_others(request, assessment)
    narrative = _narrative(assessment, key)
    form = NarrativeForm(request.POST or None, narrative=narrative)
    status = 200

    def write(changes: Mapping[str, Any], version: int) -> bool:
        return write_narrative(
            request.user, narrative, changes["text"], version=version
        )

    if request.method == "POST":
        status = save_entry(form, write)
        if status == 200:
            return _narrative_saved(request, assessment, key)
    elif not assessment.is_editable:
        return _closed(request, assessment)
    context = {
        "assessment": assessment,
        "form": form,
        "limit": text_limits(assessment).get(key),
        "narrative": narrative,
        "title": text_title(assessment, key),
        "must_tell": MUST_TELL[key],
        "count": count_characters(form["text"].value() or ""),
        "comments": [
            each for each in _comments(assessment) if each.narrative_key == key
        ],
        "next_key": _next_key(assessment, key),
        "texts": _texts(assessment, []),
    }
    return render(request, "indicators/narrative_form.html", context, status=status)


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_entries()
    return get_object_or_404(seen.prefetch_related("task__levels"), pk=pk)


def _refuse_others(request: AuthenticatedRequest, assessment: SelfAssessment) -> None:
    """Raise PermissionDenied for those who never write here, whatever the state."""
    if Role.FILLER not in roles_for(request.user, assessment.project):
        raise PermissionDenied(why_not_fill(request.user, assessment))


def _closed(request: AuthenticatedRequest, assessment: SelfAssessment) -> HttpResponse:
    messages.warning(request, why_not_fill(request.user, assessment))
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


def _narrative_saved(
    request: AuthenticatedRequest, assessment: SelfAssessment, key: str
) -> HttpResponse:
    messages.success(request, f"已保存“{NarrativeKey(key).label}”")
    following = _next_key(assessment, key)
    if "next" in request.POST and following:
        return redirect("indicators:narrative", assessment.pk, following)
    return redirect("indicators:narrative", assessment.pk, key)


def _sheet_context(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    comments: Sequence[ItemComment],
) -> dict[str, Any]:
    """Return what the page shows of score, money, rows and what is missing."""
    score = score_of(assessment)
    filling = may_fill(request.user, assessment)
    rows = result_rows(assessment, score, comments)
    return {
        "assessment": assessment,
        "may_fill": filling,
        "score": score,
        "grade": shown_grade(assessment, score),
        "funds": funds_table(assessment),
        "in_funds": not any(row.by_money for row in rows),
        "has_standards": any(row.result.indicator.standard for row in rows),
        "rows": rows,
        "gaps": gaps(assessment) if filling else [],
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


def _narrative(assessment: SelfAssessment, key: str) -> Narrative:
    """Return a text of the assessment; 404 for one its material does not ask."""
    found = [each for each in assessment.narratives.all() if each.key == key]
    if key not in narrative_keys(assessment.material) or not found:
        raise Http404
    return found[0]


def _next_key(assessment: SelfAssessment, key: str) -> str:
    """Return the key of the text after this one, "" after the last."""
    keys = [str(each) for each in narrative_keys(assessment.material)]
    following = keys[keys.index(key) + 1 :]
    return following[0] if following else ""


def _comments(assessment: SelfAssessment) -> list[ItemComment]:
    return list(assessment.comments.select_related("author", "answers"))


def _is_open(comment: ItemComment) -> bool:
    return comment.closed_at is None and comment.answers_id is None


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """One text as the page lists it; limit: most characters, None without."""

    narrative: Narrative
    title: str
    count: int
    limit: int | None
    comments: list[ItemComment]

    @property
    def is_too_long(self) -> bool:
        return self.limit is not None and self.count > self.limit


def _texts(
    assessment: SelfAssessment, comments: Sequence[ItemComment]
) -> list[TextPart]:
    """Return the texts that the material asks for, in the order of the report."""
    limits = text_limits(assessment)
    stored = {each.key: each for each in assessment.narratives.all()}
    return [
        TextPart(
            narrative=stored[key],
            title=text_title(assessment, key),
            count=count_characters(stored[key].text),
            limit=limits.get(key),
            comments=[each for each in comments if each.narrative_key == key],
        )
        for key in narrative_keys(assessment.material)
        if key in stored
    ]
