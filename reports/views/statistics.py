"""Findings over all reports of a task, for 绩效科 and departments; also as .xlsx."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from indicators.models import EvaluationTask, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from indicators.views.tasks import seen_task
from perfeval.http import AuthenticatedRequest
from perfeval.sheets import XLSX, table_workbook
from projects.models import Department
from reports.statistics import COLUMNS, MOST, findings_over, reports_of


@login_required
@require_GET
def task_findings(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show which mistakes the reports of a task hold, and which units made them."""
    task = seen_task(request, pk)
    rows = _asked_for(request, task)
    seen = SelfAssessment.objects.visible_to(request.user).filter(task=task)
    named = seen.values("project__supervising_department")
    context = {
        "task": task,
        "found": findings_over(rows),
        "most": MOST,
        "departments": Department.objects.filter(pk__in=named).order_by("path"),
        "chosen": request.GET.get("department", ""),
        "drafts": _wants_drafts(request),
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/task_findings.html", context)


@login_required
@require_GET
def task_findings_file(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer the same reports' findings as .xlsx, one a line."""
    task = seen_task(request, pk)
    found = findings_over(_asked_for(request, task))
    content = table_workbook("检查结果", COLUMNS, found.lines())
    name = f"{task.title}检查结果{timezone.localdate():%Y%m%d}.xlsx"
    disposition = content_disposition_header(True, name)
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": disposition or ""}
    )


def _wants_drafts(request: AuthenticatedRequest) -> bool:
    return request.GET.get("drafts") == "1"


def _asked_for(
    request: AuthenticatedRequest, task: EvaluationTask
) -> SelfAssessmentQuerySet:
    """Return the reports that the address asks for; what it misspells asks nothing."""
    seen = SelfAssessment.objects.visible_to(request.user)
    rows = reports_of(task, seen, drafts=_wants_drafts(request))
    department = request.GET.get("department", "")
    if department.isascii() and department.isdigit() and len(department) < 10:
        rows = rows.filter(project__supervising_department=int(department))
    return rows
