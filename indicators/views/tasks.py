"""Pages of a task: list, form, where it stands, its files, the list of holidays."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.access import (
    may_keep_holidays,
    may_look_at_tasks,
    may_run_tasks,
    passing_departments,
)
from indicators.columns import TASK_COLUMNS
from indicators.counts import Tally, count_task, count_tasks
from indicators.forms.campaign import AttachmentForm, HolidayForm
from indicators.forms.tasks import (
    LevelFormSet,
    RuleFormSet,
    TaskForm,
    all_valid,
    level_values,
    rule_values,
)
from indicators.holidays import calendar, delete_holiday, save_holidays
from indicators.models import (
    EvaluationTask,
    Holiday,
    TaskPassing,
    TaskState,
)
from indicators.task_filters import TaskFilter
from indicators.task_setup import (
    TaskPlan,
    attach,
    detach,
    is_in_use,
    save_task,
    set_state,
)
from indicators.views.saving import save_entry
from perfeval.deadlines import working_days_between
from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.versions import ClosedError
from projects.models import BudgetProject

ONLY_PERFORMANCE = "只有绩效科可以编制和下达自评任务"


def seen_task(request: AuthenticatedRequest, pk: int) -> EvaluationTask:
    """Return a task that a person may look at; 404 for others', 403 without role."""
    tasks = EvaluationTask.objects.visible_to(request.user).select_related("scheme")
    task = get_object_or_404(tasks, pk=pk)
    if not may_look_at_tasks(request.user):
        raise PermissionDenied("只有绩效科和主管部门可以查看自评任务的进度")
    return task


def run_task(request: AuthenticatedRequest, pk: int) -> EvaluationTask:
    """Return a task to one who may change it and send it out."""
    task = seen_task(request, pk)
    if not may_run_tasks(request.user):
        raise PermissionDenied(ONLY_PERFORMANCE)
    return task


@login_required
@require_GET
def task_list(request: AuthenticatedRequest) -> HttpResponseBase:
    if not may_look_at_tasks(request.user):
        raise PermissionDenied("只有绩效科和主管部门可以查看自评任务的进度")
    chosen = TaskFilter(request.GET, user=request.user)
    totals = count_tasks(request.user)
    tasks = list(chosen.qs.select_related("scheme"))
    for task in tasks:
        task.tally = totals.get(task.pk, Tally())
    listing = Listing(request, TASK_COLUMNS, tasks)
    if listing.is_file:
        return listing.as_file("自评任务")
    context = {
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "may_run": may_run_tasks(request.user),
    }
    return render(request, "indicators/task_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def task_add(request: AuthenticatedRequest) -> HttpResponse:
    if not may_run_tasks(request.user):
        raise PermissionDenied(ONLY_PERFORMANCE)
    return _task_form(request, EvaluationTask(year=timezone.localdate().year - 1))


@login_required
@require_http_methods(["GET", "POST"])
def task_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    task = run_task(request, pk)
    if task.state == TaskState.CLOSED and request.method == "GET":
        messages.warning(request, "该任务已结束，不能修改")
        return redirect("indicators:task", pk)
    return _task_form(request, task)


def _task_form(request: AuthenticatedRequest, task: EvaluationTask) -> HttpResponse:
    in_use = is_in_use(task)
    data = request.POST or None
    form = TaskForm(data, task=task, in_use=in_use)
    levels = LevelFormSet(
        data, prefix="levels", in_use=in_use, initial=level_values(task)
    )
    rules = RuleFormSet(data, prefix="rules", initial=rule_values(task))
    status = 200

    def write(changes: Mapping[str, Any], version: int) -> None:
        nonlocal task
        # What the page shows of the stored row must stay if the save is refused.
        row = EvaluationTask(pk=task.pk)
        plan = TaskPlan(values=changes, levels=levels.plans, rules=rules.plans)
        task = save_task(request.user, row, plan, version=version)

    if request.method == "POST":
        status = 422
        if all_valid([form, levels, rules]):
            status = save_entry(request.user, form, write)
        if status == 200:
            messages.success(request, f"已保存自评任务“{task}”")
            return redirect("indicators:task", task.pk)
    seen = BudgetProject.objects.visible_to(request.user).exclude(category="")
    names = seen.order_by("category").values_list("category", flat=True).distinct()
    context = {
        "task": task,
        "form": form,
        "levels": levels,
        "rules": rules,
        "in_use": in_use,
        "categories": names,
    }
    return render(request, "indicators/task_form.html", context, status=status)


@login_required
@require_GET
def task_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    task = seen_task(request, pk)
    today, due = timezone.localdate(), timezone.localdate(task.due_at)
    departments = passing_departments(request.user)
    passings = TaskPassing.objects.filter(task=task).select_related("department")
    counts = count_task(task, request.user)
    shown = {row.department.pk for row in counts.rows}
    by_department = {
        each.department_id: each for each in passings if each.department_id in shown
    }
    context = {
        "task": task,
        "levels": list(task.levels.all()),
        "rules": list(task.material_rules.all()),
        "attachments": list(task.attachments.all()),
        "counts": counts,
        "rows": [(row, by_department.get(row.department.pk)) for row in counts.rows],
        "working_days": working_days_between(today, due, calendar()),
        "may_run": may_run_tasks(request.user),
        "departments": departments if task.state == TaskState.SENT else [],
        "attachment_form": AttachmentForm(),
    }
    return render(request, "indicators/task_detail.html", context)


@login_required
@require_POST
def task_attach(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    task = run_task(request, pk)
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        for error in form.errors.get("file", []):
            messages.error(request, str(error))
        return redirect("indicators:task", pk)
    try:
        file = attach(request.user, task, form.cleaned_data["file"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"已上传附件“{file.name}”")
    return redirect("indicators:task", pk)


@login_required
@require_GET
def task_attachment(
    request: AuthenticatedRequest, pk: int, attachment_pk: int
) -> FileResponse:
    """Send a file to whoever is told of the task, fillers among them."""
    seen = EvaluationTask.objects.visible_to(request.user)
    task = get_object_or_404(seen, pk=pk)
    return as_download(get_object_or_404(task.attachments, pk=attachment_pk))


@login_required
@require_POST
def task_detach(
    request: AuthenticatedRequest, pk: int, attachment_pk: int
) -> HttpResponse:
    task = run_task(request, pk)
    file = get_object_or_404(task.attachments, pk=attachment_pk)
    try:
        detach(request.user, task, file)
    except ClosedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已删除附件“{file.name}”")
    return redirect("indicators:task", pk)


@login_required
@require_POST
def task_close(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _change_state(request, pk, TaskState.CLOSED, "已结束任务，不再提醒填报")


@login_required
@require_POST
def task_reopen(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _change_state(request, pk, TaskState.SENT, "已恢复任务")


def _change_state(
    request: AuthenticatedRequest, pk: int, state: TaskState, words: str
) -> HttpResponse:
    task = run_task(request, pk)
    try:
        if set_state(request.user, task, state):
            messages.success(request, words)
    except ClosedError as error:
        messages.error(request, str(error))
    return redirect("indicators:task", pk)


@login_required
@require_http_methods(["GET", "POST"])
def holiday_list(request: AuthenticatedRequest) -> HttpResponse:
    if not may_keep_holidays(request.user):
        raise PermissionDenied("只有绩效科和系统管理员可以维护节假日")
    form = HolidayForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _save_holidays(request, form):
            return redirect("indicators:holidays")
    context = {"form": form, "holidays": Holiday.objects.order_by("-date")}
    return render(request, "indicators/holiday_list.html", context, status=status)


def _save_holidays(request: AuthenticatedRequest, form: HolidayForm) -> bool:
    data = form.cleaned_data
    first, last = data["first"], data["last"] or data["first"]
    try:
        days = save_holidays(
            request.user, first, last, data["name"], is_workday=data["is_workday"]
        )
    except ValidationError as error:
        form.take_errors(error)
        return False
    messages.success(request, f"已登记“{data['name']}” {days} 天")
    return True


@login_required
@require_POST
def holiday_delete(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    if not may_keep_holidays(request.user):
        raise PermissionDenied("只有绩效科和系统管理员可以维护节假日")
    # Deleted already by a second press: done.
    holiday = Holiday.objects.filter(pk=pk).first()
    if holiday:
        delete_holiday(request.user, holiday)
        messages.success(request, f"已删除“{holiday.name}”")
    return redirect("indicators:holidays")
