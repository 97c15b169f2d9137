"""结果应用: all results in a list, one decision, what a task suggests at its grades."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.access import decides_use, may_decide_use, may_run_tasks
from indicators.forms.result_use import ResultUseForm, UseRuleForm
from indicators.models import EvaluationTask, ResultUse, SelfAssessment
from indicators.outcome import Outcome, left_words
from indicators.result_use import (
    adopt_suggestions,
    decide_use,
    save_rule,
    send_uses,
    suggestion_for,
    task_rules,
    why_not_decide,
)
from indicators.result_use_list import (
    RESULT_USE_COLUMNS,
    ResultUseFilter,
    suggest,
    with_uses,
)
from indicators.scheme_store import scheme_of
from indicators.views.saving import save_entry
from indicators.views.tasks import run_task, seen_task
from perfeval.http import AuthenticatedRequest, chosen_numbers
from perfeval.lists import Listing

MOST_NAMES = 20
VERBS = {"adopt": "按参考意见决定", "send": "发给单位"}


@login_required
@require_GET
def result_use_list(request: AuthenticatedRequest) -> HttpResponseBase:
    """Results with their grades, what is suggested, what was decided; also .xlsx."""
    chosen = ResultUseFilter(request.GET, user=request.user)
    listing = Listing(
        request,
        RESULT_USE_COLUMNS,
        chosen.qs,
        order=("-project__year", "project__code", "pk"),
        load=lambda rows: with_uses(rows, request.user),
        prepare=suggest,
    )
    if listing.is_file:
        return listing.as_file("结果应用")
    context = {
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "decides": decides_use(request.user),
        "query": request.GET.urlencode(),
    }
    return render(request, "indicators/result_use_list.html", context)


@login_required
@require_POST
def result_use_bulk(request: AuthenticatedRequest) -> HttpResponse:
    """Adopt what is suggested, or send out, for the ticked or all that fit."""
    if not decides_use(request.user):
        raise PermissionDenied("结果应用由绩效科和归口业务科室决定")
    found = ResultUseFilter(request.GET, user=request.user).qs
    if "everything" not in request.POST:
        keys = chosen_numbers(request.POST.getlist("assessment"))
        found = found.filter(pk__in=keys)
    rows = found.with_facts().order_by("project__code", "pk")
    action = request.POST.get("action", "")
    if action not in VERBS:
        messages.error(request, "请选择要办理的事项")
    elif not rows:
        messages.error(request, "请先勾选项目")
    else:
        act = adopt_suggestions if action == "adopt" else send_uses
        _tell(request, VERBS[action], act(request.user, rows))
    address = reverse("indicators:result_uses")
    return redirect(f"{address}?{request.GET.urlencode()}")


def _tell(request: AuthenticatedRequest, verb: str, outcome: Outcome) -> None:
    if outcome.done:
        messages.success(request, f"已{verb} {len(outcome.done)} 项")
    if outcome.left:
        told = left_words(outcome.left[:MOST_NAMES])
        more = "……" if len(outcome.left) > MOST_NAMES else ""
        messages.warning(request, f"{len(outcome.left)} 项没有办理：{told}{more}")


@login_required
@require_http_methods(["GET", "POST"])
def result_use(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One decision: made here, read by the unit once it is sent out."""
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    assessment = get_object_or_404(seen, pk=pk)
    uses = ResultUse.objects.visible_to(request.user)
    loaded = uses.select_related("decided_by", "sent_by")
    stored = loaded.filter(assessment=assessment).first()
    decides = may_decide_use(request.user, assessment)
    closed = why_not_decide(request.user, assessment)
    if request.method == "POST" and not decides:
        raise PermissionDenied(closed)
    rule = suggestion_for(assessment) if decides else None
    start = {"use": rule.use, "note": rule.note} if rule else {}
    decision = stored or ResultUse(assessment=assessment, **start)
    decision.assessment = assessment
    unit = scheme_of(assessment.task.scheme).money_unit
    form = ResultUseForm(request.POST or None, decision=decision, money_unit=unit)
    status = 200
    if request.method == "POST":

        def write(changes: Mapping[str, Any], version: int) -> bool:
            return decide_use(request.user, assessment, changes, version=version)

        status = save_entry(request.user, form, write)
        if status == 200:
            messages.success(request, "已保存结果应用的决定")
            return redirect("indicators:result_use", pk)
    context = {
        "assessment": assessment,
        "decision": stored,
        "form": form if decides and (not closed or form.is_bound) else None,
        "closed": closed if decides else "",
        "rule": rule,
        "grade": assessment.final_grade,
        "score": assessment.final_score,
        "unit": unit,
        "decides": decides,
    }
    return render(request, "indicators/result_use.html", context, status=status)


@login_required
@require_GET
def use_rules(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What a task suggests at each grade of its scheme."""
    task = seen_task(request, pk)
    context = {
        "task": task,
        "rules": list(enumerate(task_rules(task, _grades(task)))),
        "may_run": may_run_tasks(request.user),
    }
    return render(request, "indicators/use_rules.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def use_rule(request: AuthenticatedRequest, pk: int, position: int) -> HttpResponse:
    """Say what a task suggests at one grade; position: of the grade, from 0."""
    task = run_task(request, pk)
    grades = _grades(task)
    if position >= len(grades):
        raise Http404
    [rule] = task_rules(task, [grades[position]])
    form = UseRuleForm(request.POST or None, rule=rule)
    status = 200
    if request.method == "POST":

        def write(changes: Mapping[str, Any], version: int) -> bool:
            return save_rule(request.user, task, rule.grade, changes, version=version)

        status = save_entry(request.user, form, write)
        if status == 200:
            messages.success(request, f"已保存等级“{rule.grade}”的参考意见")
            return redirect("indicators:use_rules", pk)
    context = {"task": task, "rule": rule, "form": form}
    return render(request, "indicators/use_rule_form.html", context, status=status)


def _grades(task: EvaluationTask) -> list[str]:
    return [each.name for each in scheme_of(task.scheme).grades]
