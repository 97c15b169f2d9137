"""Sending a self-assessment up: what is missing, what is found, what the unit says."""

import re
from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from indicators.levels import levels_of
from indicators.models import SelfAssessment
from indicators.progress import Gap, blocking_gaps
from indicators.views.saving import autosaved, is_autosave, save_entry
from indicators.workflow import STEPS, TransitionError, is_ever_open, why_not
from perfeval.deadlines import is_overdue
from perfeval.http import AuthenticatedRequest
from reports.answers import SendingCheck, save_answers, sending_check
from reports.findings import Shown, with_document_before
from reports.forms import AnswersForm
from reports.submission import IncompleteError, submit
from reports.views.flow import refuse

VERSION = AnswersForm.VERSION
# What is found in what is missing as well, by the words that say it there, shorter.
SAID_BY_GAPS = {
    "result-missing": re.compile("未填|未选|未确认|不能计分"),
    "deviation-reason-missing": re.compile("未说明偏差原因|未写不同意"),
    "section-empty": re.compile("为空"),
    "weights-not-100": re.compile("没有绩效指标"),
}


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def submit_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what is missing, found and to be answered, and to whom it goes; send it up.

    What is typed is kept before anything else, whether it can be sent up or not.
    """
    assessment = _fetch(request, pk)
    against = why_not(request.user, assessment, STEPS["submit"])
    has_typed = any(AnswersForm.is_answer(name) for name in request.POST)
    if against and not (has_typed and _is_ever_theirs(request, assessment)):
        return refuse(request, assessment, STEPS["submit"], against)
    check = sending_check(assessment)
    if request.method == "GET":
        return _page(request, assessment, check)
    if has_typed:
        form = AnswersForm(request.POST, check=check)
        status = _save(request, form)
        if status != 200:
            return _page(request, assessment, check, form=form, status=status)
    if "keep" in request.POST:
        messages.success(request, "已保存说明")
        return redirect("reports:submit", pk)
    return _sent(request, assessment)


def _is_ever_theirs(request: AuthenticatedRequest, assessment: SelfAssessment) -> bool:
    return is_ever_open(request.user, assessment, STEPS["submit"])


def _sent(request: AuthenticatedRequest, assessment: SelfAssessment) -> HttpResponse:
    """Send it up; shown with what stands against it where it is refused."""
    try:
        sent = submit(request.user, assessment, version=_version(request))
    except IncompleteError:
        again = _fetch(request, assessment.pk)
        return _page(request, again, sending_check(again), status=422)
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect("indicators:detail", assessment.pk)
    late = "，已逾期，按逾期送审登记" if sent.is_late else ""
    messages.success(request, f"已送审，送审编号 {sent.submission}{late}")
    return redirect("indicators:detail", assessment.pk)


@login_required
@require_POST
def answers(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Keep what is being said to findings; autosave.js asks."""
    assessment = _fetch(request, pk)
    against = why_not(request.user, assessment, STEPS["submit"])
    if against and not _is_ever_theirs(request, assessment):
        return refuse(request, assessment, STEPS["submit"], against)
    check = sending_check(assessment)
    typed = cast(QueryDict, request.POST)
    if is_autosave(request):
        typed = typed.copy()
        typed[VERSION] = typed.get("version", "")
    form = AnswersForm(typed, check=check)
    status = _save(request, form)
    if not is_autosave(request):
        if status == 200:
            return redirect("reports:submit", pk)
        return _page(request, assessment, check, form=form, status=status)
    kept = check.answers.version if form.saved is None else form.saved.version
    return autosaved(form, status, version=kept)


def _save(request: AuthenticatedRequest, form: AnswersForm) -> int:
    def write(changes: Mapping[str, Any], version: int) -> None:
        form.saved = save_answers(request.user, form.check, changes, version=version)

    return save_entry(request.user, form, write)


def _page(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    check: SendingCheck,
    *,
    form: AnswersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    missing = blocking_gaps(assessment)
    form = form or AnswersForm(check=check)
    context = {
        "assessment": assessment,
        "gaps": missing,
        "errors": _errors(check, missing),
        "check": check,
        "form": form,
        "is_open": not why_not(request.user, assessment, STEPS["submit"]),
        "levels": levels_of(assessment),
        "is_late": is_overdue(assessment.deadline, timezone.now()),
    }
    return render(request, "reports/submit.html", context, status=status)


def _errors(check: SendingCheck, missing: list[Gap]) -> list[Shown]:
    """Return the 必改问题 that are not said by what is missing already."""
    return [each for each in check.errors if not _is_said(each, missing)]


def _is_said(shown: Shown, missing: list[Gap]) -> bool:
    words = SAID_BY_GAPS.get(shown.finding.code)
    # A section that says 无 is not empty to whoever looks for what is missing.
    if words is None or shown.excerpt.strip():
        return False
    return any(words.search(gap.text) for gap in missing)


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment that a person sees, with all that is checked of it."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    seen = seen.select_related("finding_answers__saved_by")
    loaded = with_document_before(seen.prefetch_related("task__levels"))
    assessment: SelfAssessment = get_object_or_404(loaded, pk=pk)
    return assessment


def _version(request: AuthenticatedRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() else 0
