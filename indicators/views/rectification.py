"""问题清单与整改: all problems in a list, those of one report, one problem."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.access import (
    fills_problem,
    listing_role,
    may_mend,
    why_not_list_problems,
)
from indicators.forms.rectification import (
    DraftForm,
    JudgementForm,
    MendingForm,
    ProposalsForm,
    limits_in_words,
)
from indicators.models import FINAL, Problem, ProblemState, SelfAssessment
from indicators.problem_files import was_handed_in
from indicators.problem_list import PROBLEM_COLUMNS, ProblemFilter
from indicators.problem_notices import place_of_problem
from indicators.problem_proposals import proposals_of
from indicators.rectification import (
    JUDGEMENTS,
    MOVES,
    delete_draft,
    judge,
    judgements,
    list_problems,
    save_draft,
    save_mending,
    send_out,
    why_not_judge,
)
from indicators.views.saving import autosaved, is_autosave, save_entry
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.versions import ClosedError, GoneError, StaleError


@login_required
@require_GET
def problem_list(request: AuthenticatedRequest) -> HttpResponseBase:
    """The problems a person sees, by task, body and state; also as .xlsx."""
    chosen = ProblemFilter(request.GET, user=request.user)
    listing = Listing(
        request,
        PROBLEM_COLUMNS,
        chosen.problems,
        order=("assessment__project__code", "assessment_id", "pk"),
        load=lambda rows: rows.with_facts(),
    )
    if listing.is_file:
        return listing.as_file("问题整改")
    context = {
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "tally": chosen.of_any_state.tallied(),
        "today": timezone.localdate(),
    }
    return render(request, "indicators/problem_list.html", context)


@login_required
@require_GET
def assessment_problems(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The problems of one report; its drafts only for those who list problems."""
    assessment = _assessment(request, pk)
    seen = Problem.objects.visible_to(request.user).filter(assessment=assessment)
    problems = list(seen.select_related("listed_by"))
    for each in problems:
        each.assessment = assessment
    role = listing_role(request.user, assessment)
    own_drafts = [
        each
        for each in problems
        if each.state == ProblemState.DRAFT and each.listed_as == role
    ]
    context = {
        "assessment": assessment,
        "problems": problems,
        "tally": seen.tallied(),
        "today": timezone.localdate(),
        "lists": role is not None,
        "closed": why_not_list_problems(request.user, assessment),
        "own_drafts": own_drafts,
        "is_final": assessment.status in FINAL,
    }
    return render(request, "indicators/assessment_problems.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def problem_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Candidates from the report and its review, to tick and to word anew."""
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    loaded = seen.prefetch_related("task__levels")
    assessment = get_object_or_404(loaded, pk=pk)
    against = why_not_list_problems(request.user, assessment)
    if listing_role(request.user, assessment) is None:
        raise PermissionDenied(against)
    if against and request.method == "GET":
        messages.warning(request, against)
        return redirect("indicators:assessment_problems", pk)
    proposals = proposals_of(assessment)
    form = ProposalsForm(request.POST or None, proposals=proposals)
    status = 200
    if request.method == "POST":
        status = _listed(request, assessment, form)
        if status == 302:
            return redirect("indicators:assessment_problems", pk)
    context = {
        "assessment": assessment,
        "form": form,
        "listed": [each for each in proposals if each.is_listed],
    }
    return render(request, "indicators/problem_add.html", context, status=status)


def _listed(
    request: AuthenticatedRequest, assessment: SelfAssessment, form: ProposalsForm
) -> int:
    """List what was chosen; return 302, or the status to show the form with."""
    if not form.is_valid():
        return 422
    try:
        added = list_problems(request.user, assessment, form.chosen)
    except ClosedError as error:
        form.add_error(None, str(error))
        return 409
    except ValidationError as error:
        form.take_errors(error)
        return 422
    messages.success(request, f"已列入 {len(added)} 项问题，发出前单位看不到")
    return 302


@login_required
@require_POST
def problems_send(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Send the drafts of one's own level to the unit."""
    assessment = _assessment(request, pk)
    if listing_role(request.user, assessment) is None:
        raise PermissionDenied(why_not_list_problems(request.user, assessment))
    try:
        sent = send_out(request.user, assessment)
    except ClosedError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"已向{assessment.project.unit}发出 {len(sent)} 项问题"
        )
    return redirect("indicators:assessment_problems", pk)


@login_required
@require_http_methods(["GET", "POST"])
def problem(request: AuthenticatedRequest, pk: int, problem_pk: int) -> HttpResponse:
    """One problem: the unit writes what it does, the level that listed it decides."""
    found = _problem(request, pk, problem_pk)
    if request.method == "GET":
        return _problem_page(request, found)
    if not fills_problem(request.user, found):
        raise PermissionDenied("由本单位填报人填写整改情况")
    form = MendingForm(request.POST, problem=found)
    submits = "submit" in request.POST and not is_autosave(request)

    def write(changes: Mapping[str, Any], version: int) -> bool:
        return save_mending(
            request.user, found, changes, version=version, submits=submits
        )

    status = save_entry(request.user, form, write)
    if is_autosave(request):
        return autosaved(form, status, version=found.version)
    if status != 200:
        return _problem_page(request, found, mending=form, status=status)
    words = "已提交，等待确认" if submits else "已保存整改情况"
    messages.success(request, words)
    return redirect(place_of_problem(found))


@login_required
@require_POST
def problem_judge(
    request: AuthenticatedRequest, pk: int, problem_pk: int
) -> HttpResponse:
    """Confirm, send back or cancel, as the button says; the words come back if not."""
    found = _problem(request, pk, problem_pk)
    against = why_not_judge(request.user, found)
    if against:
        raise PermissionDenied(against)
    form = JudgementForm(request.POST)
    action = request.POST.get("decision", "")
    status = 422
    if form.is_valid() and form.cleaned_data["version"] != found.version:
        status = _changed_meanwhile(request, found, form)
    elif action not in JUDGEMENTS:
        form.add_error(None, "请选择确认、退回或撤销")
    elif form.is_valid():
        status = _judged(request, found, form, action)
    if status == 200:
        messages.success(request, f"已办理：{MOVES[action].label}")
        return redirect(place_of_problem(found))
    return _problem_page(request, found, judging=form, status=status)


def _judged(
    request: AuthenticatedRequest, found: Problem, form: JudgementForm, action: str
) -> int:
    data = form.cleaned_data
    try:
        judge(request.user, found, action, note=data["note"], version=data["version"])
    except ValidationError as error:
        form.take_errors(error)
        return 422
    except (ClosedError, GoneError) as error:
        form.add_error(None, str(error))
        return 409
    except StaleError as error:
        met(request.user, error, Conflict(differences(form, {"note": ""})))
        stored = Problem.objects.get(pk=found.pk)
        return _changed_meanwhile(request, stored, form)
    return 200


def _changed_meanwhile(
    request: AuthenticatedRequest, current: Problem, form: JudgementForm
) -> int:
    """Show the words again, with what is stored now; the next press decides."""
    form.add_error(None, "整改情况刚刚有修改，请核对后再办理一次")
    form.data = with_version(request.POST, "version", current.version)
    return 409


@login_required
@require_http_methods(["GET", "POST"])
def problem_edit(
    request: AuthenticatedRequest, pk: int, problem_pk: int
) -> HttpResponse:
    """Word a problem anew before it is sent out."""
    found = _problem(request, pk, problem_pk)
    _check_own_draft(request, found)
    form = DraftForm(request.POST or None, problem=found)
    status = 200
    if request.method == "POST":

        def write(changes: Mapping[str, Any], version: int) -> bool:
            return save_draft(request.user, found, changes, version=version)

        status = save_entry(request.user, form, write)
        if status == 200:
            messages.success(request, "已保存拟列的问题")
            return redirect("indicators:assessment_problems", pk)
    elif found.state != ProblemState.DRAFT:
        messages.warning(request, "该问题已发出，不能再修改")
        return redirect(place_of_problem(found))
    context = {"problem": found, "assessment": found.assessment, "form": form}
    return render(request, "indicators/problem_form.html", context, status=status)


@login_required
@require_POST
def problem_delete(
    request: AuthenticatedRequest, pk: int, problem_pk: int
) -> HttpResponse:
    assessment = _assessment(request, pk)
    seen = Problem.objects.visible_to(request.user).with_facts()
    found = seen.filter(assessment=assessment, pk=problem_pk).first()
    # Deleted already by a second press: done.
    if found:
        _check_own_draft(request, found)
        try:
            delete_draft(request.user, found)
        except (ClosedError, GoneError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "已从清单中删除")
    elif listing_role(request.user, assessment) is None:
        raise PermissionDenied(why_not_list_problems(request.user, assessment))
    return redirect("indicators:assessment_problems", pk)


def _check_own_draft(request: AuthenticatedRequest, found: Problem) -> None:
    if listing_role(request.user, found.assessment) != found.listed_as:
        raise PermissionDenied("拟列的问题由提出的一级修改")


def _problem_page(
    request: AuthenticatedRequest,
    found: Problem,
    *,
    mending: MendingForm | None = None,
    judging: JudgementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    fills = may_mend(request.user, found)
    moves = judgements(request.user, found)
    if judging is None and moves:
        judging = JudgementForm(initial={"version": found.version})
    if mending is None and fills:
        mending = MendingForm(problem=found)
    steps = list(found.steps.select_related("actor"))
    found._prefetched_objects_cache = {"steps": steps}  # type: ignore[attr-defined]
    files = list(found.files.select_related("file__uploaded_by"))
    context = {
        "problem": found,
        "assessment": found.assessment,
        "mending": mending,
        "fills": fills,
        "moves": moves,
        "judging": judging,
        "files": [(each, fills and not was_handed_in(found, each)) for each in files],
        "limits": limits_in_words(),
        "largest": settings.EVIDENCE_LARGEST,
        "events": [
            {
                "what": MOVES[each.action].label,
                "who": each.actor,
                "at": each.at,
                "note": each.note,
            }
            for each in reversed(steps)
        ],
        "edits_draft": found.state == ProblemState.DRAFT
        and listing_role(request.user, found.assessment) == found.listed_as,
        "today": timezone.localdate(),
    }
    return render(request, "indicators/problem_detail.html", context, status=status)


def _assessment(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    return get_object_or_404(seen, pk=pk)


def _problem(request: AuthenticatedRequest, pk: int, problem_pk: int) -> Problem:
    seen = Problem.objects.visible_to(request.user).with_facts()
    return get_object_or_404(seen, pk=problem_pk, assessment=pk)
