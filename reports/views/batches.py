"""Making many reports: choose, start, watch, cancel, go on, download."""

import io
from math import ceil

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from indicators.filters import AssessmentFilter
from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from perfeval.sheets import XLSX
from projects.access import memberships_of
from reports.batches import queue
from reports.batches.expiry import KEPT
from reports.batches.jobs import job_of
from reports.batches.list_job import (
    address_of_page,
    file_name,
    list_file,
    start_list,
)
from reports.batches.report_job import PACKAGES, start_reports
from reports.models import Batch, ItemState, WorkerBeat
from reports.print_cache import BusyError, printed
from reports.rendering.annexes import PARTS
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS
from reports.rendering.summary import TITLE, summary_html, summary_workbook
from reports.summary import summary_of
from reports.views.report import busy

SHOWN_BATCHES = 50
SHOWN_FAILURES = 200
# A summary of more rows than this is part of a package, made in the background.
LARGEST_SUMMARY = 3000


class StartForm(forms.Form):
    """What is made of the reports chosen."""

    title = forms.CharField(label="名称", max_length=100)
    package = forms.ChoiceField(
        label="打包方式",
        choices=list(PACKAGES.items()),
        widget=forms.RadioSelect,
        initial="zip",
    )
    issuer = forms.CharField(
        label="编制单位",
        max_length=60,
        required=False,
        help_text="印在合订本封面上；日期用发起当天",
    )
    format = forms.ChoiceField(
        label="每份报告的格式",
        choices=[(each.name, each.label) for each in FORMATS.values()],
        help_text="合订本总是 PDF",
    )
    parts = forms.MultipleChoiceField(
        label="只要这些部分",
        choices=list(PARTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="都不选，就按任务要求的材料",
    )
    blank = forms.BooleanField(
        label="空表（不带完成值、得分和文字，供传阅填写）", required=False
    )


@login_required
@require_GET
def batch_list(request: AuthenticatedRequest) -> HttpResponse:
    batches = Batch.objects.filter(user=request.user).select_related("result")
    return render(
        request, "reports/batch_list.html", {"batches": batches[:SHOWN_BATCHES]}
    )


@login_required
@require_http_methods(["GET", "POST"])
def batch_start(request: AuthenticatedRequest) -> HttpResponse:
    """Show how many reports the filter of the list chooses; start making them."""
    chosen = AssessmentFilter(request.GET, user=request.user)
    rows = chosen.qs
    initial = {"title": _title(chosen), "issuer": _issuer(request.user)}
    form = StartForm(request.POST or None, initial=initial)
    count = rows.count()
    if request.method == "POST" and form.is_valid() and count:
        data, now = form.cleaned_data, timezone.now()
        batch = start_reports(
            request.user,
            rows,
            data["title"],
            package=data["package"],
            suffix=data["format"],
            issuer=data["issuer"],
            parts=data["parts"],
            blank=data["blank"],
        )
        if batch.created_at < now:
            messages.info(request, "同样的一批正在生成，这里就是；没有另起一批")
        return redirect("batches:detail", batch.pk)
    context = {"form": form, "count": count, "query": request.GET.urlencode()}
    return render(request, "reports/batch_start.html", context)


def _title(chosen: AssessmentFilter) -> str:
    year = chosen.data.get("year", "")
    return f"{year}年度绩效自评报告" if year.isdecimal() else "绩效自评报告"


def _issuer(user: User) -> str:
    """Return the department that a person is in, "" where it is none or several."""
    held = {str(each.department) for each in memberships_of(user)}
    return held.pop() if len(held) == 1 else ""


@login_required
@require_http_methods(["GET", "POST"])
def list_file_start(request: AuthenticatedRequest) -> HttpResponse:
    """Tell that a long list is written in the background; start that."""
    address = request.GET.get("list", "")
    if request.method == "POST":
        return redirect(start_list(request.user, address).get_absolute_url())
    name = file_name(list_file(request.user, address))
    context = {"name": name, "back": address_of_page(address)}
    return render(request, "reports/list_file.html", context)


@login_required
@require_GET
def batch_detail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    batch = _own(request, pk)
    return render(request, "reports/batch_detail.html", _context(batch))


@login_required
@require_GET
def batch_progress(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer the part of the page that changes while the batch is being done."""
    return render(request, "reports/_batch_progress.html", _context(_own(request, pk)))


@login_required
@require_POST
def batch_cancel(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    batch = _own(request, pk)
    if not queue.cancel(request.user, batch):
        messages.info(request, "该批量任务已结束，没有取消")
    return redirect("batches:detail", pk)


@login_required
@require_POST
def batch_resume(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    batch = _own(request, pk)
    if not queue.resume(request.user, batch):
        messages.info(request, "没有需要继续处理的内容，或同样的批量任务正在进行")
    return redirect("batches:detail", pk)


@login_required
@require_GET
def batch_file(request: AuthenticatedRequest, pk: int) -> FileResponse:
    batch = _own(request, pk)
    if batch.result is None:
        raise Http404
    return as_download(batch.result)


@login_required
@require_GET
def summary_file(
    request: AuthenticatedRequest, suffix: str
) -> HttpResponse | FileResponse:
    """Answer the 汇总表 of what the list shows, as .xlsx or .pdf."""
    rows = AssessmentFilter(request.GET, user=request.user).qs
    if suffix not in ("xlsx", "pdf"):
        raise Http404
    if rows.count() > LARGEST_SUMMARY:
        messages.info(
            request, f"超过 {LARGEST_SUMMARY} 个项目，请用批量生成，汇总表在压缩包里"
        )
        return redirect(f"{reverse('batches:start')}?{request.GET.urlencode()}")
    summary = summary_of(rows)
    year = f"{summary.year}年度" if summary.year else ""
    name = f"{year}{TITLE}.{suffix}"
    if suffix == "xlsx":
        content, kind = summary_workbook(summary), XLSX
    else:
        kind = "application/pdf"
        try:
            content = printed(summary_html(summary))
        except BusyError:
            return busy()
        except RenderError as error:
            messages.error(request, "；".join(error.problems))
            return redirect(f"{reverse('batches:start')}?{request.GET.urlencode()}")
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type=kind
    )


def _own(request: AuthenticatedRequest, pk: int) -> Batch:
    own = Batch.objects.filter(user=request.user).select_related("result")
    return get_object_or_404(own, pk=pk)


def _context(batch: Batch) -> dict[str, object]:
    progress = queue.progress(batch)
    failures = batch.items.filter(state=ItemState.FAILED)
    ended, job = not batch.is_open, job_of(batch)
    return {
        "batch": batch,
        "progress": progress,
        "finished": progress.done + progress.failed,
        "time_left": _time_left(batch, progress),
        "failures": failures[:SHOWN_FAILURES],
        "no_worker": batch.is_open and not WorkerBeat.any_alive(),
        "may_resume": ended and batch.items.exclude(state=ItemState.DONE).exists(),
        "job": job,
        "back": job.back(batch) if ended and failures and job.back else None,
        "kept_until": batch.finished_at and batch.finished_at + KEPT,
    }


def _time_left(batch: Batch, progress: queue.Progress) -> str:
    """Return about how long it will take, as fast as it went so far, "" unknown."""
    finished = progress.done + progress.failed
    if not batch.is_open or not batch.started_at or not finished:
        return ""
    left = (timezone.now() - batch.started_at) / finished * progress.left
    minutes = ceil(left.total_seconds() / 60)
    return f"{minutes} 分钟" if minutes > 1 else "不到 1 分钟"
