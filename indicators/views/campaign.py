"""A task under way: choosing and sending out, taking back, extending, passing down."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators import task_changes
from indicators.access import may_run_tasks, passing_departments
from indicators.campaign import preview, send_out
from indicators.candidates import Candidate
from indicators.columns import LATE_COLUMNS, TASK_PROJECT_COLUMNS, exempt_rows
from indicators.counts import count_task, seen_exemptions
from indicators.forms.campaign import (
    ExtendDepartmentForm,
    ExtendForm,
    PassingForm,
    ReasonForm,
)
from indicators.models import (
    EvaluationTask,
    SelfAssessment,
    TaskExemption,
    TaskPassing,
)
from indicators.overdue import late_rows, late_units
from indicators.reminders import urge
from indicators.task_changes import Done, Extension, extension_of
from indicators.task_filters import CandidateFilter, LateFilter, TaskProjectFilter
from indicators.views.saving import save_entry
from indicators.views.tasks import run_task, seen_task
from perfeval.http import AuthenticatedRequest, chosen_numbers
from perfeval.lists import Listing
from perfeval.versions import ClosedError
from projects.models import BudgetProject, Department

# As many as one form can carry; more are narrowed down by the filter.
MOST_CANDIDATES = 3000
PER_PAGE = 50


@login_required
@require_GET
def task_choose(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show who is in and who is out by the filter, and why."""
    task = run_task(request, pk)
    chosen = CandidateFilter(request.GET, task=task, user=request.user)
    context = {
        "task": task,
        "filter": chosen,
        "preview": preview(task, chosen.qs[:MOST_CANDIDATES]),
        "is_cut": chosen.qs.count() > MOST_CANDIDATES,
        "most": MOST_CANDIDATES,
    }
    return render(request, "indicators/task_choose.html", context)


@login_required
@require_POST
def task_confirm(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what sending out would do with the projects chosen: check your answers."""
    task = run_task(request, pk)
    ids = chosen_numbers(request.POST.getlist("project"))
    if not ids:
        messages.error(request, "请先勾选要下达的项目")
        return redirect("indicators:task_choose", pk)
    seen = BudgetProject.objects.visible_to(request.user).filter(pk__in=ids)
    found = preview(task, seen.order_by("code", "pk"))
    context = {
        "task": task,
        "preview": found,
        "levels": list(task.levels.all()),
        "departments": _by_department(found.enters),
        "materials": _by_material(found.enters),
        "warned": [each for each in found.enters if each.note],
        "ids": ",".join(map(str, ids)),
    }
    return render(request, "indicators/task_confirm.html", context)


def _by_department(entering: Sequence[Candidate]) -> list[tuple[str, int]]:
    counted = Counter(each.project.supervising_department.name for each in entering)
    return sorted(counted.items())


def _by_material(entering: Sequence[Candidate]) -> list[tuple[str, int]]:
    return list(Counter(str(each.material.label) for each in entering).items())


@login_required
@require_POST
def task_send(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    task = run_task(request, pk)
    ids = chosen_numbers(request.POST.get("projects", "").split(","))
    seen = BudgetProject.objects.visible_to(request.user).filter(pk__in=ids)
    try:
        sent = send_out(request.user, task, list(seen.values_list("pk", flat=True)))
    except ClosedError as error:
        messages.error(request, str(error))
        return redirect("indicators:task", pk)
    told = {
        f"已下达 {len(sent.started)} 个项目": True,
        f"登记免报 {len(sent.exempt)} 个": sent.exempt,
        f"{len(sent.out)} 个没有变动": sent.out,
    }
    words = [each for each, is_told in told.items() if is_told]
    messages.success(request, "，".join(words))
    return redirect("indicators:task", pk)


@login_required
@require_GET
def task_projects(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    task = seen_task(request, pk)
    chosen = TaskProjectFilter(request.GET, task=task, user=request.user)
    listing = Listing(
        request,
        TASK_PROJECT_COLUMNS,
        chosen.qs,
        order=("project__code", "pk"),
        load=lambda rows: rows.with_facts().prefetch_related("task__levels"),
        per_page=PER_PAGE,
    )
    exempt: list[TaskExemption] = []
    if chosen.shows_exemptions:
        recorded = chosen.exemptions(seen_exemptions(task, request.user))
        exempt = list(
            recorded.select_related("project__unit", "project__supervising_department")
        )
    if listing.is_file:
        return listing.as_file(f"{task.title}项目", exempt_rows(exempt))
    context = {
        "task": task,
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "exemptions": exempt,
        "may_run": may_run_tasks(request.user),
    }
    return render(request, "indicators/task_projects.html", context)


# What may be done with those chosen: verb, form, and why it can't be done with one.
ACTS: dict[str, tuple[str, type[ReasonForm], Callable[[SelfAssessment], str]]] = {
    "take-back": ("收回", ReasonForm, task_changes.why_not_taken_back),
    "give-back": ("恢复", ReasonForm, task_changes.why_not_given_back),
    "extend": ("延期", ExtendForm, task_changes.why_not_extended),
}


@login_required
@require_POST
def task_act(request: AuthenticatedRequest, pk: int, action: str) -> HttpResponse:
    """Ask for the reason to take back, give back or extend those chosen; then do it."""
    task = run_task(request, pk)
    if action not in ACTS:
        raise Http404
    verb, form_class, why_not = ACTS[action]
    ids = chosen_numbers([*request.POST.getlist("assessment")])
    rows = task.assessments.filter(pk__in=ids).with_facts().order_by("project__code")
    found = list(rows)
    if not found:
        messages.error(request, f"请先勾选要{verb}的项目")
        return redirect("indicators:task_projects", pk)
    confirmed = "confirmed" in request.POST
    form = form_class(request.POST if confirmed else None)
    status = 422 if confirmed else 200
    if confirmed and form.is_valid():
        try:
            done = _do(request, task, action, [each.pk for each in found], form)
        except ValidationError as error:
            form.take_errors(error)
        else:
            _tell(request, verb, done)
            return redirect("indicators:task_projects", pk)
    context = {
        "task": task,
        "action": action,
        "verb": verb,
        "form": form,
        "rows": [(each, why_not(each)) for each in found],
    }
    return render(request, "indicators/task_act.html", context, status=status)


def _do(
    request: AuthenticatedRequest,
    task: EvaluationTask,
    action: str,
    ids: list[int],
    form: ReasonForm,
) -> Done:
    reason = form.cleaned_data["reason"]
    if action == "take-back":
        return task_changes.take_back(request.user, task, ids, reason)
    if action == "give-back":
        return task_changes.give_back(request.user, task, ids, reason)
    due = form.cleaned_data["due_at"]
    return task_changes.extend(request.user, task, ids, due, reason)


def _tell(request: AuthenticatedRequest, verb: str, done: Done) -> None:
    """Say how many were changed, and of those left why."""
    if done.changed:
        messages.success(request, f"已{verb} {len(done.changed)} 个项目的绩效自评")
    if done.left:
        reasons = Counter(reason for _, reason in done.left)
        told = "；".join(f"{count} 个{reason}" for reason, count in reasons.items())
        messages.warning(request, f"未{verb}：{told}")
    if not done.changed and not done.left:
        messages.warning(request, f"没有可以{verb}的绩效自评")


@login_required
@require_http_methods(["GET", "POST"])
def task_extend(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Extend for a department and all below it: first shown, then done."""
    task = run_task(request, pk)
    units = task.assessments.values("project__unit")
    above = Department.objects.filter(pk__in=units).with_those_above()
    form = ExtendDepartmentForm(
        request.POST or None, departments=above.order_by("path")
    )
    context: dict[str, Any] = {"task": task, "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and "confirmed" in request.POST:
            if _extended(request, task, form):
                return redirect("indicators:task", pk)
        elif form.is_valid() and (found := _extension(task, form)):
            context["extension"] = found
            return render(request, "indicators/task_extend_confirm.html", context)
    return render(request, "indicators/task_extend.html", context, status=status)


def _extension(task: EvaluationTask, form: ExtendDepartmentForm) -> Extension | None:
    """Return what would be extended; None, the form saying why, where it can't be."""
    data = form.cleaned_data
    try:
        return extension_of(task, data["department"], data["due_at"])
    except ValidationError as error:
        form.take_errors(error)
        return None


def _extended(
    request: AuthenticatedRequest, task: EvaluationTask, form: ExtendDepartmentForm
) -> bool:
    data = form.cleaned_data
    try:
        done = task_changes.extend(
            request.user, task, data["department"], data["due_at"], data["reason"]
        )
    except ValidationError as error:
        form.take_errors(error)
        return False
    _tell(request, "延期", done)
    return True


@login_required
@require_http_methods(["GET", "POST"])
def task_passing(
    request: AuthenticatedRequest, pk: int, department_pk: int
) -> HttpResponse:
    """Pass a task down within one's own department."""
    task = seen_task(request, pk)
    own = {each.pk: each for each in passing_departments(request.user)}
    if department_pk not in own:
        seen = Department.objects.visible_to(request.user)
        get_object_or_404(seen, pk=department_pk)
        raise PermissionDenied("只有该部门的主管部门审核人可以转发任务")
    department = own[department_pk]
    passing = TaskPassing.objects.filter(task=task, department=department).first()
    form = PassingForm(request.POST or None, passing=passing)
    status = 200

    def write(changes: Mapping[str, Any], version: int | None) -> object:
        return task_changes.pass_down(
            request.user, task, department, **changes, version=version
        )

    if request.method == "POST":
        status = save_entry(request.user, form, write)
        if status == 200:
            messages.success(request, f"已向{department}及下级单位转发任务")
            return redirect("indicators:task", pk)
    context = {"task": task, "department": department, "form": form}
    return render(request, "indicators/task_passing.html", context, status=status)


@login_required
@require_GET
def task_overdue(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """Show, print and export what is overdue, all of it on one page."""
    task = seen_task(request, pk)
    chosen = LateFilter(request.GET, task=task, user=request.user)
    rows = late_rows(chosen.qs)
    every = max(len(rows), 1)
    listing = Listing(request, LATE_COLUMNS, rows, per_page=every)
    if listing.is_file:
        return listing.as_file(f"{task.title}逾期未送审")
    units = late_units(task, rows)
    context = {
        "task": task,
        "filter": chosen,
        "list": listing,
        "rows": listing.page,
        "units": units,
        "count": len(rows),
        "total": count_task(task, request.user).total,
        "now": timezone.now(),
        "all_text": "\n\n".join(each.text for each in units),
    }
    return render(request, "indicators/task_overdue.html", context)


@login_required
@require_POST
def task_urge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """催办: send the units on the overdue list their words, as notices."""
    task = seen_task(request, pk)
    chosen = LateFilter(request.GET, task=task, user=request.user)
    units = late_units(task, late_rows(chosen.qs))
    asked = set(chosen_numbers(request.POST.getlist("unit")))
    count, nobody = urge(
        request.user, task, [each for each in units if each.unit.pk in asked]
    )
    if count:
        messages.success(
            request, f"已催办，{count} 位填报人会收到消息（同一天只发一次）"
        )
    if nobody:
        names = "、".join(str(each.unit) for each in nobody)
        messages.warning(request, f"{names}没有填报人，请电话联系")
    if not count and not nobody:
        messages.error(request, "请先勾选要催办的单位")
    return redirect("indicators:task_overdue", pk)
