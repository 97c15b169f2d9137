"""Evidence (佐证材料) of a self-assessment: list and upload, one file, its preview.

Every byte is sent through visible_to: another unit gets 404.
"""

from collections.abc import Mapping
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.access import may_fill_part, may_supersede, why_not_fill_part
from indicators.evidence import (
    Proves,
    add_evidence,
    change_evidence,
    remove_evidence,
    supersede_evidence,
    was_sent_up,
)
from indicators.forms.evidence import (
    EvidenceForm,
    ProvesForm,
    SupersedeForm,
    limits_in_words,
)
from indicators.models import EVIDENCE, Evidence, SelfAssessment
from indicators.proofs import proofs_of
from indicators.views.saving import save_entry
from perfeval.files import SHOWN, as_download, as_preview, ask_again
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError

# The preview stands in a frame of this site, and nothing in it may load or run.
PREVIEW_POLICY = {
    "default-src": ["'none'"],
    "img-src": ["'self'"],
    "object-src": ["'self'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
}


@login_required
@require_http_methods(["GET", "POST"])
def evidence_list(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """List the files, take new ones: from a form, or one by one from upload.js."""
    assessment = _fetch(request, pk)
    if request.method == "POST":
        return _take_files(request, assessment)
    chosen = {
        "indicators": request.GET.getlist("indicator"),
        "texts": request.GET.getlist("text"),
    }
    form = ProvesForm(assessment=assessment, initial=chosen)
    return _list_page(request, assessment, form)


def _list_page(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    form: ProvesForm,
    *,
    errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    proofs = proofs_of(assessment)
    context = {
        "assessment": assessment,
        "proofs": proofs,
        "names": _names(assessment, proofs.current),
        "form": form,
        "errors": errors or [],
        "may_fill": may_fill_part(request.user, assessment, EVIDENCE),
        "limits": limits_in_words(),
        "largest": settings.EVIDENCE_LARGEST,
    }
    page = "indicators/evidence_list.html"
    return render(request, page, context, status=status)


def _take_files(
    request: AuthenticatedRequest, assessment: SelfAssessment
) -> HttpResponse:
    if not may_fill_part(request.user, assessment, EVIDENCE):
        words = why_not_fill_part(request.user, assessment, EVIDENCE)
        return _refused(request, assessment, [words], 403)
    uploads = request.FILES.getlist("files")
    form = ProvesForm(request.POST, assessment=assessment)
    if not uploads or not form.is_valid():
        problems = [str(each) for found in form.errors.values() for each in found]
        return _refused(request, assessment, problems or ["请选择文件"], 422, form)
    proves = Proves(
        indicators=form.cleaned_data["indicators"], texts=form.cleaned_data["texts"]
    )
    problems = []
    for upload in uploads:
        try:
            row = add_evidence(request.user, assessment, upload, proves)
        except ValidationError as error:
            problems += error.messages
        except ClosedError as error:
            return _refused(request, assessment, [str(error)], 409, form)
        else:
            if not _wants_json(request):
                messages.success(request, f"已上传“{row}”")
    if problems:
        return _refused(request, assessment, problems, 422, form)
    address = reverse("indicators:evidence", args=[assessment.pk])
    if _wants_json(request):
        return JsonResponse({"next": address}, status=201)
    return redirect(address)


def _refused(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    problems: list[str],
    status: int,
    form: ProvesForm | None = None,
) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"errors": problems}, status=status)
    if form is None:
        raise PermissionDenied(problems[0])
    fresh = _fetch(request, assessment.pk)
    return _list_page(request, fresh, form, errors=problems, status=status)


def _wants_json(request: AuthenticatedRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


@login_required
@require_http_methods(["GET", "POST"])
def evidence_detail(
    request: AuthenticatedRequest, pk: int, evidence_pk: int
) -> HttpResponse:
    """One file: preview, what it proves, those before it; and the form to say so."""
    assessment = _fetch(request, pk)
    evidence = _one(assessment, evidence_pk)
    filling = may_fill_part(request.user, assessment, EVIDENCE)
    newer = _newer(assessment, evidence)
    form = EvidenceForm(request.POST or None, evidence=evidence)
    status = 200
    if request.method == "POST":
        if not filling:
            why = why_not_fill_part(request.user, assessment, EVIDENCE)
            raise PermissionDenied(why)
        status = save_entry(request.user, form, _writer(request, evidence))
        if status == 200:
            messages.success(request, f"已保存“{evidence}”的说明和对应")
            return redirect("indicators:evidence_file", pk, evidence_pk)
    context = {
        "assessment": assessment,
        "evidence": evidence,
        "names": _names(assessment, [evidence])[evidence.pk],
        "newer": newer,
        "older": proofs_of(assessment).superseded.get(evidence.pk, []),
        "form": form if filling and not newer else None,
        "may_remove": filling and not newer and not was_sent_up(evidence),
        "may_supersede": may_supersede(request.user, assessment) and not newer,
        "is_picture": evidence.file.content_type.startswith("image/"),
        "is_shown": evidence.file.content_type in SHOWN,
    }
    page = "indicators/evidence_detail.html"
    return render(request, page, context, status=status)


def _writer(request: AuthenticatedRequest, evidence: Evidence) -> Any:
    def write(changes: Mapping[str, Any], version: int) -> bool:
        proves = Proves(indicators=changes["indicators"], texts=changes["texts"])
        return change_evidence(
            request.user, evidence, proves, changes["note"], version=version
        )

    return write


@login_required
@require_http_methods(["GET", "POST"])
def evidence_supersede(
    request: AuthenticatedRequest, pk: int, evidence_pk: int
) -> HttpResponse:
    assessment = _fetch(request, pk)
    evidence = _one(assessment, evidence_pk)
    if not may_supersede(request.user, assessment):
        raise PermissionDenied("审定以前，本单位填报人和分到佐证材料的人可以更换")
    form = SupersedeForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                new = supersede_evidence(
                    request.user, evidence, data["file"], data["reason"]
                )
            except ValidationError as error:
                form.take_errors(error)
            except ClosedError as error:
                form.add_error(None, str(error))
                status = 409
            else:
                messages.success(request, f"已用“{new}”更换，原文件作为记录保留")
                return redirect("indicators:evidence_file", pk, new.pk)
        ask_again(form)
    context = {"assessment": assessment, "evidence": evidence, "form": form}
    page = "indicators/evidence_supersede.html"
    return render(request, page, context, status=status)


@login_required
@require_POST
def evidence_remove(
    request: AuthenticatedRequest, pk: int, evidence_pk: int
) -> HttpResponse:
    assessment = _fetch(request, pk)
    if not may_fill_part(request.user, assessment, EVIDENCE):
        raise PermissionDenied(why_not_fill_part(request.user, assessment, EVIDENCE))
    evidence = assessment.evidence.filter(pk=evidence_pk).first()
    # Removed already by a second press: done.
    if evidence:
        name = str(evidence)
        try:
            remove_evidence(request.user, evidence)
        except ClosedError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"已删除“{name}”")
    return redirect("indicators:evidence", pk)


@login_required
@require_GET
def evidence_download(
    request: AuthenticatedRequest, pk: int, evidence_pk: int
) -> FileResponse:
    return as_download(_visible(request, pk, evidence_pk).file)


@login_required
@require_GET
@xframe_options_sameorigin
@csp_replace(PREVIEW_POLICY)  # type: ignore[arg-type]  # of a view with arguments
def evidence_preview(
    request: AuthenticatedRequest, pk: int, evidence_pk: int
) -> HttpResponseBase:
    """Send a PDF or a picture to be shown in the page; others are only downloaded."""
    evidence = _visible(request, pk, evidence_pk)
    if evidence.file.content_type not in SHOWN:
        raise Http404
    return as_preview(evidence.file)


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    return get_object_or_404(seen, pk=pk)


def _one(assessment: SelfAssessment, evidence_pk: int) -> Evidence:
    for each in assessment.evidence.all():
        if each.pk == evidence_pk:
            return each
    raise Http404


def _newer(assessment: SelfAssessment, evidence: Evidence) -> Evidence | None:
    rows = assessment.evidence.all()
    return next((each for each in rows if each.replaces_id == evidence.pk), None)


def _visible(request: AuthenticatedRequest, pk: int, evidence_pk: int) -> Evidence:
    seen = SelfAssessment.objects.visible_to(request.user)
    rows = Evidence.objects.filter(assessment__in=seen).select_related("file")
    return get_object_or_404(rows, pk=evidence_pk, assessment=pk)


def _names(assessment: SelfAssessment, files: list[Evidence]) -> dict[int, list[str]]:
    """Return what each file proves, in words."""
    form = ProvesForm(assessment=assessment)
    names: dict[Any, str] = {}
    for field in ("indicators", "texts"):
        names |= dict(form.fields[field].choices)  # type: ignore[attr-defined]
    return {
        each.pk: [
            names[key]
            for link in each.links.all()
            if (key := link.indicator_id or link.narrative_key) in names
        ]
        for each in files
    }
