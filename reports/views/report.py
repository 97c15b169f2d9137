"""The report of a self-assessment: read as it prints, downloaded as PDF and HTML."""

import io
from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from indicators.access import may_fill
from indicators.models import FINAL, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from reports.batches.freeze_job import BEING_MADE, is_waited_for
from reports.document import ReportDocument
from reports.file_names import file_name
from reports.frozen import frozen_file
from reports.print_cache import BusyError, made_once, print_key
from reports.rendering.annexes import PARTS
from reports.rendering.blank import blank_document
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS, Format, RenderOptions
from reports.rendering.html import report_view
from reports.submission import shown_document

BUSY = "正在生成的文件较多，请稍后再试"


@login_required
@require_GET
def report_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = _fetch(request, pk)
    scheme = scheme_of(assessment.task.scheme)
    document = shown_document(assessment)
    view = report_view(document, scheme, draft=_is_draft(assessment))
    context = {
        "assessment": assessment,
        "view": view,
        "formats": FORMATS.values(),
        "parts": PARTS.items(),
        "may_fill": may_fill(request.user, assessment),
    }
    return render(request, "reports/report_page.html", context)


@login_required
@require_GET
def report_file(
    request: AuthenticatedRequest, pk: int, suffix: str
) -> FileResponse | HttpResponse:
    """Answer the report's file, or a page that names what cannot be printed and where.

    suffix: without the dot, one of rendering.formats. In the address: part, what alone
    is wanted (several times), and blank for an empty form.
    """
    kind = FORMATS.get(f".{suffix}")
    if kind is None:
        raise Http404
    assessment = _fetch(request, pk)
    is_whole = "blank" not in request.GET and not _parts(request)
    if is_whole and is_waited_for(assessment, suffix):
        messages.info(request, BEING_MADE)
        return redirect("reports:files", pk)
    if is_whole and (kept := frozen_file(assessment, suffix)):
        return as_download(kept)
    document, scheme = shown_document(assessment), scheme_of(assessment.task.scheme)
    try:
        if "blank" in request.GET:
            document = blank_document(document)
        options = RenderOptions(draft=_is_draft(assessment), parts=_parts(request))
        data = _written(kind, document, scheme, options)
    except BusyError:
        return busy()
    except RenderError as error:
        return unprintable(request, assessment, error.problems)
    return _download(data, f"{file_name(document)}{kind.suffix}")


def busy() -> HttpResponse:
    """Answer that other prints are being made."""
    return HttpResponse(BUSY, status=503, headers={"Retry-After": "30"})


def unprintable(
    request: AuthenticatedRequest, assessment: SelfAssessment, problems: Sequence[str]
) -> HttpResponse:
    """Answer a file that could not be made: what cannot be printed, and where."""
    context = {"assessment": assessment, "problems": problems}
    return render(request, "reports/report_unprintable.html", context, status=422)


def _written(
    kind: Format, document: ReportDocument, scheme: Scheme, options: RenderOptions
) -> bytes:
    """Return a file; a PDF, which takes its time, made once for all who click."""
    make = partial(kind.write, document, scheme, options)
    if kind.suffix != ".pdf":
        return make()
    return made_once(print_key(document, scheme, options), make)


def _parts(request: AuthenticatedRequest) -> tuple[str, ...]:
    """Return the parts chosen in the address; what is no part is passed over."""
    return tuple(part for part in request.GET.getlist("part") if part in PARTS)


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    return get_object_or_404(seen.prefetch_related("task__levels"), pk=pk)


def _is_draft(assessment: SelfAssessment) -> bool:
    return assessment.status not in FINAL


def _download(data: bytes, name: str) -> FileResponse:
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name)
