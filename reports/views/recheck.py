"""The page of a recheck: what a third party writes, and what becomes of it."""

import io
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.access import reviews
from indicators.forms.entry import TextInput
from indicators.forms.rechecks import RecheckRowForm, RecheckTextForm
from indicators.models import (
    IndicatorResult,
    NarrativeKey,
    Recheck,
    RecheckText,
    SelfAssessment,
)
from indicators.recheck_entries import (
    OPINION,
    findings_of,
    recheck_totals,
    record_row,
    record_text,
)
from indicators.recheck_steps import (
    LONGEST_NOTE,
    RECHECK_STEPS,
    RecheckError,
    RecheckStep,
    adopt,
    is_ever_theirs,
    open_steps,
    take_recheck_step,
    why_not_adopt,
    why_not_step,
)
from indicators.rechecks import rechecks_as_third_party, runs_rechecks
from indicators.scheme_store import scheme_of
from indicators.views.saving import autosaved, is_autosave, save_entry
from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError
from reports.print_cache import BusyError, printed
from reports.recheck_page import Refused, label_of, page_of
from reports.recheck_print import TITLE as SHEET
from reports.recheck_print import recheck_html
from reports.rendering.errors import RenderError
from reports.rendering.html import report_view
from reports.views.report import busy
from reports.views.review import sent_document

TOLD = {
    "hand_in": "提交后不能再改；没有填写复核得分的指标按自评得分。",
    "confirm": (
        "确认后被评价的单位和主管部门可以查看复核结果。"
        "得分被采用或报告审定以后，确认的结果不能再退回。"
    ),
    "reopen": "第三方可以继续修改，改好后重新提交。",
    "withdraw": "收回后第三方看不到该项目；已填的内容留存。可以另行分派。",
}
DONE = {
    "hand_in": "已提交复核结果",
    "confirm": "已确认复核结果",
    "reopen": "已退回第三方修改",
    "withdraw": "已收回复核",
}


class StepForm(PlainMessages, forms.Form):
    """A step with a recheck; version: of the page on which it is taken."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = TextInput(label="原因", max_length=LONGEST_NOTE, rows=3, strip=True)

    def __init__(self, *args: Any, step: RecheckStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.label, note.required = step.note or note.label, bool(step.note)
        note.error_messages["required"] = f"请填写{note.label}"
        if not step.note:
            del self.fields["note"]


@login_required
@require_GET
def recheck_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show a recheck: to the third party to write, to others to read."""
    recheck, assessment = _fetch(request, pk)
    return _shown(request, recheck, assessment)


def _shown(
    request: AuthenticatedRequest,
    recheck: Recheck,
    assessment: SelfAssessment,
    status: int = 200,
    refused: Refused | None = None,
) -> HttpResponse:
    user = request.user
    scheme = scheme_of(assessment.task.scheme)
    context = {
        "recheck": recheck,
        "assessment": assessment,
        "work": page_of(user, recheck, assessment, refused),
        "view": report_view(sent_document(assessment), scheme),
        "steps": open_steps(user, recheck),
        "is_third_party": rechecks_as_third_party(user, recheck),
        "runs": runs_rechecks(user),
        "resent": recheck.submission != assessment.submission,
        "may_adopt": recheck.is_done and not why_not_adopt(user, assessment),
        "refused": refused,
    }
    return render(request, "reports/recheck.html", context, status=status)


@login_required
@require_GET
def recheck_print(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """The 复核表 as PDF, to who reads the findings on the page."""
    recheck, assessment = _fetch(request, pk)
    user = request.user
    if not (
        recheck.is_done or runs_rechecks(user) or rechecks_as_third_party(user, recheck)
    ):
        raise PermissionDenied("第三方还没有提交复核结果")
    try:
        content = printed(recheck_html(recheck, page_of(user, recheck, assessment)))
    except BusyError:
        return busy()
    except RenderError as error:
        messages.error(request, "；".join(error.problems))
        return redirect("rechecks:page", pk)
    return FileResponse(
        io.BytesIO(content),
        filename=f"{SHEET}-{assessment.project.code}.pdf",
        content_type="application/pdf",
    )


@login_required
@require_POST
def recheck_row(request: AuthenticatedRequest, pk: int, result_pk: int) -> HttpResponse:
    """Save what is found on one row; autosave.js gets the totals back."""
    recheck, assessment = _fetch_own(request, pk)
    result = _result(assessment, result_pk)
    finding = next(
        each for each in findings_of(recheck, assessment) if each.result == result
    )
    reasons = scheme_of(assessment.task.scheme).deduction_reasons
    form = RecheckRowForm(request.POST, row=finding.row, reasons=reasons)
    saved = finding.row

    def write(changes: Mapping[str, Any], version: int) -> None:
        nonlocal saved
        saved = record_row(request.user, recheck, result, changes, version=version)

    status = save_entry(request.user, form, write)
    if is_autosave(request):
        parts = _following(request, pk, result_pk) if status == 200 else {}
        return autosaved(form, status, version=saved.version, parts=parts)
    name = f"“{result.indicator.level3}”的复核"
    return _answer(request, recheck, assessment, form, status, name, f"row-{result_pk}")


@login_required
@require_POST
def recheck_text(request: AuthenticatedRequest, pk: int, key: str) -> HttpResponse:
    """Save what is said of a section, or the opinion."""
    recheck, assessment = _fetch_own(request, pk)
    known = {each.key for each in assessment.narratives.all()} | {OPINION}
    if key not in known:
        raise Http404
    stored = recheck.texts.filter(key=key).first()
    saved = stored or RecheckText(recheck=recheck, key=key)
    form = RecheckTextForm(request.POST, row=saved, label=label_of(key))
    name = "复核意见" if key == OPINION else f"“{NarrativeKey(key).label}”的复核备注"

    def write(changes: Mapping[str, Any], version: int) -> None:
        nonlocal saved
        text = changes["text"]
        saved = record_text(request.user, recheck, key, name, text, version=version)

    status = save_entry(request.user, form, write)
    if is_autosave(request):
        parts = _following(request, pk) if status == 200 else {}
        return autosaved(form, status, version=saved.version, parts=parts)
    return _answer(request, recheck, assessment, form, status, name, f"text-{key}")


def _answer(
    request: AuthenticatedRequest,
    recheck: Recheck,
    assessment: SelfAssessment,
    form: Refused,
    status: int,
    name: str,
    anchor: str,
) -> HttpResponse:
    if status != 200:
        fresh, _ = _fetch(request, recheck.pk)
        return _shown(request, fresh, assessment, status, refused=form)
    messages.success(request, f"已保存{name}")
    return redirect(f"{reverse('rechecks:page', args=[recheck.pk])}#{anchor}")


def _following(
    request: AuthenticatedRequest, pk: int, result_pk: int | None = None
) -> dict[str, str]:
    """Return {id of an element: HTML} of what follows from a row or text saved."""
    recheck, assessment = _fetch(request, pk)
    findings = findings_of(recheck, assessment)
    totals = {"totals": recheck_totals(recheck, assessment, findings)}
    parts: dict[str, str] = {
        each: render_to_string(f"reports/_{each.replace('-', '_')}.html", totals)
        for each in ("recheck-totals", "recheck-lacks")
    }
    for finding in findings:
        if finding.result.pk == result_pk:
            parts[f"standing-{result_pk}"] = render_to_string(
                "reports/_recheck_standing.html", {"finding": finding}
            )
    return parts


@login_required
@require_http_methods(["GET", "POST"])
def recheck_step(request: AuthenticatedRequest, pk: int, action: str) -> HttpResponse:
    """Ask for what a step needs, and take it; a refused reason comes back."""
    recheck, assessment = _fetch(request, pk)
    step = RECHECK_STEPS.get(action)
    if step is None:
        raise Http404
    if not is_ever_theirs(request.user, recheck, step):
        raise PermissionDenied(f"您没有{step.label}的权限")
    form = StepForm(
        request.POST or None, step=step, initial={"version": recheck.version}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _taken(request, recheck, form, step):
            if action == "withdraw":
                return redirect("indicators:task_rechecks", assessment.task_id)
            return redirect("rechecks:page", pk)
    elif closed := why_not_step(recheck, step):
        messages.warning(request, closed)
        return redirect("rechecks:page", pk)
    totals = None
    if action == "hand_in":
        findings = findings_of(recheck, assessment)
        totals = recheck_totals(recheck, assessment, findings)
    context = {
        "recheck": recheck,
        "assessment": assessment,
        "step": step,
        "form": form,
        "totals": totals,
        "told": TOLD[action],
        "page_url": reverse("rechecks:page", args=[pk]),
    }
    return render(request, "reports/recheck_step.html", context, status=status)


def _taken(
    request: AuthenticatedRequest, recheck: Recheck, form: StepForm, step: RecheckStep
) -> bool:
    data = form.cleaned_data
    try:
        take_recheck_step(
            request.user,
            recheck.pk,
            step.action,
            version=data["version"],
            note=data.get("note", ""),
        )
    except RecheckError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, DONE[step.action])
    return True


@login_required
@require_POST
def recheck_adopt(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take the third party's points over as the review points of the 绩效科."""
    recheck, assessment = _fetch(request, pk)
    if not runs_rechecks(request.user) or not reviews(request.user):
        raise PermissionDenied("只有绩效科可以采用复核得分")
    try:
        taken, kept = adopt(request.user, recheck)
    except ClosedError as error:
        messages.error(request, str(error))
        return redirect("rechecks:page", pk)
    left = f"，{kept} 项已有不同的复核得分，没有改动" if kept else ""
    told = "" if recheck.confirmed_at else "。复核结果同时确认，单位可以查看"
    messages.success(request, f"已采用第三方的复核得分 {taken} 项{left}{told}")
    return redirect("reports:review", assessment.pk)


def _fetch(request: AuthenticatedRequest, pk: int) -> tuple[Recheck, SelfAssessment]:
    """Return a recheck that a person sees, and its self-assessment with_content()."""
    seen = Recheck.objects.visible_to(request.user).with_facts()
    recheck = get_object_or_404(seen, pk=pk)
    whole = SelfAssessment.objects.with_content().prefetch_related("task__levels")
    assessment = whole.get(pk=recheck.assessment_id)
    recheck.assessment = assessment
    return recheck, assessment


def _fetch_own(
    request: AuthenticatedRequest, pk: int
) -> tuple[Recheck, SelfAssessment]:
    """Return the same to the third party alone; 403 for who only reads it."""
    recheck, assessment = _fetch(request, pk)
    if not rechecks_as_third_party(request.user, recheck):
        raise PermissionDenied("只有受托的第三方可以填写复核")
    return recheck, assessment


def _result(assessment: SelfAssessment, result_pk: int) -> IndicatorResult:
    for each in assessment.results.all():
        if each.pk == result_pk:
            found: IndicatorResult = each
            return found
    raise Http404
