"""Pages of spot checks and rechecks: a task's list, giving out, samples, one's own."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.forms.rechecks import AssignForm, DrawForm
from indicators.models import (
    EvaluationTask,
    Recheck,
    RecheckState,
    SelfAssessment,
    SpotCheck,
)
from indicators.outcome import left_words
from indicators.querysets import SelfAssessmentQuerySet
from indicators.recheck_list import (
    MY_COLUMNS,
    RECHECK_COLUMNS,
    RecheckFilter,
    recheck_rows,
    with_recheck,
)
from indicators.rechecks import Assigned, assign, runs_rechecks, third_parties
from indicators.scheme_store import scheme_of
from indicators.spot_checks import draw_spot_check, is_repeatable, population_of
from indicators.views.tasks import run_task, seen_task
from perfeval.http import AuthenticatedRequest, chosen_numbers
from perfeval.lists import Listing
from projects.access import roles_of
from projects.models import Role

PER_PAGE = 50


@login_required
@require_GET
def task_rechecks(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """List a task's rechecks with both scores, the gap and the main reason."""
    task = seen_task(request, pk)
    rows = recheck_rows(request.user, task)
    chosen = RecheckFilter(request.GET, rows=rows)
    listing = Listing(
        request,
        RECHECK_COLUMNS,
        chosen.qs,
        order=("project__code", "pk"),
        load=lambda found: found.with_facts(),
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file("复核结果")
    context = {
        "task": task,
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "may_run": runs_rechecks(request.user),
        "wide_gap": scheme_of(task.scheme).wide_gap,
    }
    return render(request, "indicators/recheck_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def rechecks_assign(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask once to whom and by when, then give each of the chosen out.

    Whoever comes back to the address is sent to the list, where they choose.
    """
    task = run_task(request, pk)
    if request.method == "GET":
        return redirect("indicators:task_rechecks", task.pk)
    spot_check = _spot_check(task, request.POST.get("spot_check", ""))
    chosen = _chosen(request, task, spot_check)
    if not chosen:
        messages.error(request, "请先勾选要分派复核的项目")
        return _back(task, spot_check)
    offered = third_parties()
    is_sent = "checker" in request.POST
    form = AssignForm(request.POST if is_sent else None, offered=offered)
    status = 200
    if is_sent:
        if form.is_valid():
            keys = [each.pk for each in chosen]
            done = assign(request.user, task, keys, form.order, spot_check=spot_check)
            _tell(request, done)
            return _back(task, spot_check)
        status = 422
    context = {
        "task": task,
        "spot_check": spot_check,
        "chosen": chosen,
        "form": form,
        "offered": offered,
    }
    return render(request, "indicators/recheck_assign.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def spot_checks(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the samples of a task and draw another."""
    task = run_task(request, pk)
    form = DrawForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        drawn = _drawn(request, task, form)
        if drawn:
            return redirect("indicators:spot_check", drawn.pk)
    kept = SpotCheck.objects.filter(task=task).select_related("drawn_by")
    context = {
        "task": task,
        "form": form,
        "samples": list(kept.defer("population")),
        "population": population_of(request.user, task).count(),
    }
    return render(request, "indicators/spot_check_list.html", context, status=status)


def _drawn(
    request: AuthenticatedRequest, task: EvaluationTask, form: DrawForm
) -> SpotCheck | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        drawn = draw_spot_check(
            request.user,
            task,
            form.share,
            large_first=data["large_first"],
            seed=data["seed"],
        )
    except ValidationError as error:
        form.add_error(None, "；".join(error.messages))
        return None
    messages.success(request, f"已抽取 {drawn.items.count()} 个项目")
    return drawn


@login_required
@require_GET
def spot_check(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """Show one sample: how it was drawn, what was drawn, and how it stands."""
    found = get_object_or_404(SpotCheck.objects.select_related("drawn_by"), pk=pk)
    task = run_task(request, found.task_id)
    seen = SelfAssessment.objects.visible_to(request.user)
    drawn = seen.filter(spot_check_items__spot_check=found).annotate(
        position=F("spot_check_items__position"),
        by_amount=F("spot_check_items__by_amount"),
    )
    counted = ~Q(rechecks__state=RecheckState.WITHDRAWN)
    listing = Listing(
        request,
        RECHECK_COLUMNS,
        with_recheck(drawn, counted, task),
        order=("position",),
        load=lambda rows: rows.with_facts(),
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file(f"抽评样本第{found.number}次")
    context = {
        "task": task,
        "sample": found,
        "population": len(found.population),
        "count": sum(each[3] for each in found.strata),
        "repeatable": is_repeatable(found),
        "list": listing,
        "page_obj": listing.page,
        "is_left": _not_given(drawn).exists(),
        "wide_gap": scheme_of(task.scheme).wide_gap,
    }
    return render(request, "indicators/spot_check_detail.html", context)


@login_required
@require_GET
def my_rechecks(request: AuthenticatedRequest) -> HttpResponseBase:
    """List what is given to a third party, the earliest due time first."""
    if Role.THIRD_PARTY not in roles_of(request.user):
        raise PermissionDenied("只有第三方机构的人员有复核任务")
    rows = Recheck.objects.visible_to(request.user).assigned_to(request.user)
    listing = Listing(
        request,
        MY_COLUMNS,
        rows,
        order=("state", "due_at", "pk"),
        load=lambda found: found.with_facts(),
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file("我的复核")
    context = {"list": listing, "page_obj": listing.page}
    return render(request, "indicators/my_rechecks.html", context)


def _spot_check(task: EvaluationTask, key: str) -> SpotCheck | None:
    numbers = chosen_numbers([key])
    if not numbers:
        return None
    return get_object_or_404(SpotCheck, task=task, pk=numbers[0])


def _chosen(
    request: AuthenticatedRequest, task: EvaluationTask, sample: SpotCheck | None
) -> Sequence[SelfAssessment]:
    """Return what was ticked; "all": what of the sample is not given out yet."""
    seen = SelfAssessment.objects.visible_to(request.user).filter(task=task)
    if sample and "all" in request.POST:
        rows = _not_given(seen.filter(spot_check_items__spot_check=sample))
    else:
        rows = seen.filter(pk__in=chosen_numbers(request.POST.getlist("assessment")))
    loaded = rows.with_facts().prefetch_related("task__levels")
    return list(loaded.order_by("project__code", "pk"))


def _not_given(drawn: SelfAssessmentQuerySet) -> SelfAssessmentQuerySet:
    """Return those of a sample that nobody rechecks yet."""
    return drawn.exclude(pk__in=Recheck.objects.live().values("assessment"))


def _back(task: EvaluationTask, sample: SpotCheck | None) -> HttpResponse:
    if sample:
        return redirect("indicators:spot_check", sample.pk)
    return redirect("indicators:task_rechecks", task.pk)


def _tell(request: AuthenticatedRequest, done: Assigned) -> None:
    if done.done:
        first: Any = done.done[0]
        messages.success(request, f"已把 {len(done.done)} 个项目交{first.who}复核")
    if done.left:
        told = left_words(done.left)
        messages.warning(request, f"{len(done.left)} 个没有分派：{told}")
