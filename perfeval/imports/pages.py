"""The pages of an import; each app says in its own views who may."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header

from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from perfeval.imports.flow import (
    AlreadyDoneError,
    ChangedMeanwhileError,
    Importer,
    content_of,
    finish_import,
    start_import,
)
from perfeval.imports.marking import marked_workbook
from perfeval.imports.template import empty_workbook
from perfeval.models import DataImport
from perfeval.sheets import XLSX
from perfeval.workbooks.archive import ReadingError

LINES_PER_PAGE = 100
# More than anybody mends in one round; the marked workbook holds them all.
PROBLEMS_SHOWN = 200


class WorkbookForm(PlainMessages, forms.Form):
    file = forms.FileField(
        label="工作簿",
        help_text=".xlsx 文件，不超过 20 MB；每张工作表不超过 5000 行",
        widget=forms.ClearableFileInput(
            attrs={
                "accept": ".xlsx,application/vnd.openxmlformats-officedocument"
                ".spreadsheetml.sheet"
            }
        ),
    )


def upload_page(request: AuthenticatedRequest, importer: Importer) -> HttpResponse:
    """Take a workbook and lead to what it would change."""
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            started = start_import(importer, request.user, upload)
        except ValidationError as error:
            for text in error.messages:
                form.add_error("file", text)
        else:
            return redirect(f"{importer.urls}_preview", started.pk)
    earlier = DataImport.objects.filter(kind=importer.kind, done_at__isnull=False)
    context = {
        "form": form,
        "importer": importer,
        "template_url": f"{importer.urls}_template",
        "earlier": earlier.select_related("user", "file")[:5],
    }
    return render(request, "imports/import_upload.html", context)


def template_file(importer: Importer) -> HttpResponse:
    """Answer the empty workbook."""
    content = empty_workbook(importer.title, importer.tables)
    return _workbook(content, f"{importer.title}模板.xlsx")


def preview_page(
    request: AuthenticatedRequest, importer: Importer, pk: int
) -> HttpResponse:
    """Show what the file would change, or all that is wrong with it."""
    started = _own(request, importer, pk)
    if started.done_at:
        messages.info(request, f"这个文件已导入：{started.result}")
        return redirect(importer.urls)
    plan = importer.plan_of(content_of(started), request.user)
    lines = sorted(plan.lines, key=lambda each: each.what == "leave")
    page = Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "importer": importer,
        "started": started,
        "plan": plan,
        "page_obj": page,
        "problems": plan.problems[:PROBLEMS_SHOWN],
        "upload_url": importer.urls,
        "save_url": f"{importer.urls}_save",
        "marked_url": f"{importer.urls}_marked",
    }
    return render(request, "imports/import_preview.html", context)


def marked_file(
    request: AuthenticatedRequest, importer: Importer, pk: int
) -> HttpResponse:
    """Answer the file handed in, its bad cells marked."""
    started = _own(request, importer, pk)
    data = content_of(started)
    problems = importer.plan_of(data, request.user).problems
    try:
        content = marked_workbook(data, problems)
    except ReadingError as error:
        messages.error(request, str(error))
        return redirect(f"{importer.urls}_preview", pk)
    stem = started.file.name.removesuffix(".xlsx")
    return _workbook(content, f"{stem}（已标注）.xlsx")


def save_import(
    request: AuthenticatedRequest,
    importer: Importer,
    pk: int,
    then: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Write an import once; then(outcome) answers where it leads."""
    started = _own(request, importer, pk)
    digest = request.POST.get("digest", "")
    try:
        outcome = finish_import(importer, request.user, started, digest)
    except AlreadyDoneError:
        return redirect(f"{importer.urls}_preview", pk)
    except ChangedMeanwhileError:
        text = "系统中的数据刚刚有变化，还没有导入；请重新核对后再导入"
        messages.warning(request, text)
        return redirect(f"{importer.urls}_preview", pk)
    except ValidationError as error:
        messages.error(request, f"没有导入：{'；'.join(error.messages)}")
        return redirect(f"{importer.urls}_preview", pk)
    started.refresh_from_db()
    messages.success(request, f"已导入：{started.result}")
    return then(outcome)


def _own(request: AuthenticatedRequest, importer: Importer, pk: int) -> DataImport:
    """Return an import that the person started, or answer 404."""
    own = DataImport.objects.filter(kind=importer.kind, user=request.user)
    return get_object_or_404(own.select_related("file"), pk=pk)


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer
