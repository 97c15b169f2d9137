"""The pages of an import; each app says in its own views who may."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfeval.background import Errand, background
from perfeval.files import read_upload
from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from perfeval.imports.flow import (
    CHANGED,
    AlreadyDoneError,
    ChangedMeanwhileError,
    Importer,
    Plan,
    content_of,
    finish_import,
    start_import,
)
from perfeval.imports.template import empty_workbook
from perfeval.models import DataImport, User
from perfeval.sheets import XLSX
from perfeval.workbooks.archive import ReadingError

# The kind of batch that writes long ones (reports/batches/import_job.py).
IN_BACKGROUND = "import"
LINES_PER_PAGE = 100
# More than anybody mends in one round; the marked workbook holds them all.
PROBLEMS_SHOWN = 200


class WorkbookForm(PlainMessages, forms.Form):
    file = forms.FileField(
        label="工作簿",
        widget=forms.ClearableFileInput(
            attrs={
                "accept": ".xlsx,.xls,application/vnd.openxmlformats-officedocument"
                ".spreadsheetml.sheet"
            }
        ),
    )

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        """rows: how many a sheet may have."""
        super().__init__(*args, **kwargs)
        words = f".xlsx 或 .xls 文件，不超过 20 MB；每张工作表不超过 {rows} 行"
        self.fields["file"].help_text = words


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Files, or one ZIP of them; cleaned it is one upload: the ZIP, or one made."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = [each for each in data or [] if each]
        cleaned = [super(ManyFilesField, self).clean(each) for each in uploads]
        if not cleaned:
            return super().clean(None)
        is_zip = len(cleaned) == 1 and cleaned[0].name.lower().endswith(".zip")
        return cleaned[0] if is_zip else _bundled(cleaned)


def _bundled(uploads: "list[UploadedFile[Any]]") -> "UploadedFile[Any]":
    """Return a ZIP of several files, each under its own name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for number, upload in enumerate(uploads, start=1):
            names = package.namelist()
            name = upload.name or "文件"
            package.writestr(
                f"{number}-{name}" if name in names else name, read_upload(upload)
            )
    return SimpleUploadedFile(f"{len(uploads)} 个文件.zip", packed.getvalue())


class BundleForm(PlainMessages, forms.Form):
    file = ManyFilesField(
        label="自评表",
        help_text="一个 ZIP 压缩包，或一次选中多个 .xlsx、.xls 文件，合计不超过 20 MB",
        widget=ManyFilesInput(attrs={"accept": ".zip,.xlsx,.xls"}),
        required=True,
    )


@dataclass(frozen=True)
class ImportPages:
    """The addresses and views of one importer.

    check: raises PermissionDenied for who may not; then(outcome): where a finished
    import leads.
    """

    importer: Importer
    check: Callable[[User], None]
    then: Callable[[Any], HttpResponse]

    def urls(self, route: str, name: str) -> list[URLPattern]:
        """Return the addresses below a route: upload, templates, preview, writing."""
        row = f"{route}<int:pk>/"
        found = [
            path(route, require_http_methods(["GET", "POST"])(self._view()), name=name),
            path(row, self._of_one(preview_page), name=f"{name}_preview"),
            path(f"{row}marked.xlsx", self._of_one(marked_file), name=f"{name}_marked"),
            path(f"{row}save/", self._save(), name=f"{name}_save"),
        ]
        if self.importer.tables:
            found += [
                path(
                    f"{route}{kind}.xlsx",
                    self._template(kind == "sample"),
                    name=f"{name}_{kind}",
                )
                for kind in ("template", "sample")
            ]
        return found

    def _view(self) -> Callable[..., HttpResponse]:
        @login_required
        def view(request: AuthenticatedRequest) -> HttpResponse:
            self.check(request.user)
            return upload_page(request, self.importer)

        return view

    def _template(self, filled: bool) -> Callable[..., HttpResponse]:
        @login_required
        @require_GET
        def view(request: AuthenticatedRequest) -> HttpResponse:
            self.check(request.user)
            return template_file(self.importer, filled=filled)

        return view

    def _of_one(
        self, page: Callable[[AuthenticatedRequest, Importer, int], HttpResponse]
    ) -> Callable[..., HttpResponse]:
        @login_required
        @require_GET
        def view(request: AuthenticatedRequest, pk: int) -> HttpResponse:
            self.check(request.user)
            return page(request, self.importer, pk)

        return view

    def _save(self) -> Callable[..., HttpResponse]:
        @login_required
        @require_POST
        def view(request: AuthenticatedRequest, pk: int) -> HttpResponse:
            self.check(request.user)
            return save_import(request, self.importer, pk, self.then)

        return view


def upload_page(request: AuthenticatedRequest, importer: Importer) -> HttpResponse:
    """Take a workbook and lead to what it would change."""
    form = importer_form(importer, request)
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
    if importer.own_history:
        earlier = earlier.filter(user=request.user)
    context = {
        "form": form,
        "importer": importer,
        "template_url": f"{importer.urls}_template" if importer.tables else "",
        "sample_url": f"{importer.urls}_sample" if importer.sample else "",
        "earlier": earlier.select_related("user", "file")[:5],
    }
    return render(request, importer.upload_template, context)


def importer_form(importer: Importer, request: AuthenticatedRequest) -> forms.Form:
    """Return the form that takes the file, bound where one was sent."""
    data, files = request.POST or None, request.FILES or None
    if importer.takes_many:
        return BundleForm(data, files)
    return WorkbookForm(data, files, rows=importer.limits.rows)


def template_file(importer: Importer, *, filled: bool = False) -> HttpResponse:
    """Answer the empty workbook; filled: with rows that show how to fill it in."""
    sample = importer.sample if filled else {}
    if filled and not sample:
        raise Http404
    rows = importer.limits.rows
    content = empty_workbook(importer.title, importer.tables, sample, rows=rows)
    return _workbook(content, f"{importer.title}{'示例' if filled else '模板'}.xlsx")


def preview_page(
    request: AuthenticatedRequest, importer: Importer, pk: int
) -> HttpResponse:
    """Show what the file would change, or all that is wrong with it."""
    started = _own(request, importer, pk)
    if started.done_at:
        messages.info(request, f"这个文件已导入：{started.result}")
        return redirect(importer.urls)
    if page_of_batch := background().under_way(IN_BACKGROUND, str(pk)):
        return redirect(page_of_batch)
    data, source = content_of(started), started.file.name
    plan = importer.plan_of(data, request.user, source=source)
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
        "is_long": _is_long(importer, plan),
    }
    return render(request, "imports/import_preview.html", context)


def _is_long(importer: Importer, plan: Plan) -> bool:
    least = importer.in_background_from
    return least is not None and len(plan.lines) > least


def marked_file(
    request: AuthenticatedRequest, importer: Importer, pk: int
) -> HttpResponse:
    """Answer the file handed in, its bad cells marked."""
    started = _own(request, importer, pk)
    data = content_of(started)
    problems = importer.plan_of(data, request.user).problems
    try:
        content = importer.marked(data, problems)
    except ReadingError as error:
        messages.error(request, str(error))
        return redirect(f"{importer.urls}_preview", pk)
    stem = started.file.name.rpartition(".")[0]
    return _workbook(content, f"{stem}（已标注）.xlsx")


def save_import(
    request: AuthenticatedRequest,
    importer: Importer,
    pk: int,
    then: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Write an import once; then(outcome) answers where it leads.

    A long one is written in the background, as the page that was sent says.
    """
    started = _own(request, importer, pk)
    digest = request.POST.get("digest", "")
    if "in_background" in request.POST and importer.in_background_from is not None:
        return redirect(_hand_over(request.user, importer, started, digest))
    try:
        outcome = finish_import(importer, request.user, started, digest)
    except AlreadyDoneError:
        return redirect(f"{importer.urls}_preview", pk)
    except ChangedMeanwhileError:
        messages.warning(request, CHANGED)
        return redirect(f"{importer.urls}_preview", pk)
    except ValidationError as error:
        messages.error(request, f"没有导入：{'；'.join(error.messages)}")
        return redirect(f"{importer.urls}_preview", pk)
    started.refresh_from_db()
    messages.success(request, f"已导入：{started.result}")
    return then(outcome)


def _hand_over(user: User, importer: Importer, started: DataImport, digest: str) -> str:
    """Have an import written in the background; return the address that follows it."""
    errand = Errand(
        kind=IN_BACKGROUND,
        key=str(started.pk),
        title=f"{importer.title}：{started.file.name}",
        params={"digest": digest},
    )
    return background().start(user, errand)


def _own(request: AuthenticatedRequest, importer: Importer, pk: int) -> DataImport:
    """Return an import that the person started, or answer 404."""
    own = DataImport.objects.filter(kind=importer.kind, user=request.user)
    return get_object_or_404(own.select_related("file"), pk=pk)


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer
