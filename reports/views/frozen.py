"""Frozen files and sealed scans of a self-assessment: listed, downloaded, uploaded."""

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from indicators.models import SelfAssessment
from indicators.workflow import STEPS, TransitionError, is_ever_open, why_not
from perfeval.files import as_download, as_shown
from perfeval.http import AuthenticatedRequest
from reports.batches.freeze_job import BEING_MADE, being_made
from reports.forms import ScanForm
from reports.frozen import frozen_sets, make
from reports.models import Artifact, ArtifactKind
from reports.rendering.formats import FORMATS
from reports.sealing import sealed_file, upload_scan, valid_scan
from reports.views.flow import fetch
from reports.views.report import unprintable


@login_required
@require_GET
def files_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = fetch(request, pk)
    return _files_page(request, assessment, ScanForm(), 200)


@login_required
@require_GET
def artifact_file(
    request: AuthenticatedRequest, pk: int, artifact_pk: int
) -> FileResponse | HttpResponse:
    """Answer a frozen file; one that could not be made is tried again, and said.

    One that a worker is about to make is waited for.
    """
    # In one query: most clicks only fetch what was made long ago.
    seen = SelfAssessment.objects.visible_to(request.user).filter(pk=pk)
    rows = Artifact.objects.filter(assessment__in=seen).select_related("file")
    artifact = get_object_or_404(rows, pk=artifact_pk)
    if artifact.file is None and being_made([artifact.record_id]):
        messages.info(request, BEING_MADE)
        return redirect("reports:files", pk)
    artifact = make(artifact)
    if artifact.file is None:
        return unprintable(request, fetch(request, pk), artifact.problem.split("\n"))
    return as_download(artifact.file)


@login_required
@require_POST
def scan_upload(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = fetch(request, pk)
    if not is_ever_open(request.user, assessment, STEPS["send_up"]):
        raise PermissionDenied("只有本单位可以上传盖章扫描件")
    form = ScanForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload_scan(
                request.user,
                assessment,
                form.cleaned_data["file"],
                form.cleaned_data["code_end"],
            )
        except ValidationError as error:
            form.take_errors(error)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已上传盖章扫描件，核对后请报送")
            return redirect("reports:files", pk)
    return _files_page(request, assessment, form, 422)


@login_required
@require_GET
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]  # its views take a request alone
    {
        "default-src": ["'none'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'unsafe-inline'"],
        "object-src": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
)
def scan_file(request: AuthenticatedRequest, pk: int, scan_pk: int) -> FileResponse:
    """Answer a scan to be looked at beside the data; of a kind that browsers show."""
    assessment = fetch(request, pk)
    scans = assessment.sealed_scans.select_related("file")
    return as_shown(get_object_or_404(scans, pk=scan_pk).file)


def _files_page(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    form: ScanForm,
    status: int,
) -> HttpResponse:
    labels = {each.name: each.label for each in FORMATS.values()}
    found = frozen_sets(assessment)
    waiting = being_made(
        row.record_id for each in found for row in each if not row.file
    )
    approved = {
        each[0].submission for each in found if each[0].kind == ArtifactKind.ARCHIVED
    }
    sets = [
        {
            "first": each[0],
            "files": [(row, labels[row.format]) for row in each],
            "is_being_made": each[0].record_id in waiting,
            "is_final": each[0].submission in approved,
        }
        for each in found
    ]
    context = {
        "assessment": assessment,
        "sets": sets,
        "scans": list(
            assessment.sealed_scans.select_related("file", "artifact", "uploaded_by")
        ),
        "valid": valid_scan(assessment),
        "paper": sealed_file(assessment),
        "form": form,
        "may_seal": not why_not(request.user, assessment, STEPS["send_up"]),
    }
    return render(request, "reports/files.html", context, status=status)
