"""Copies to be published of a report: listed, begun, their parts chosen."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators.models import SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.views.saving import save_entry
from indicators.workflow import TransitionError
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from reports.access import (
    copies_for,
    makes_copies,
    why_not_change,
    why_not_make,
)
from reports.copies import (
    approved_document,
    change_copy,
    make_copy,
    parts_on_offer,
    usual_parts,
)
from reports.document import document_from_json
from reports.models import OUT, WORKED_ON, Publication
from reports.publication_forms import (
    CopyForm,
)
from reports.publishing import (
    corrects,
)
from reports.views.flow import fetch


@login_required
@require_GET
def copy_list(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = fetch(request, pk)
    copies = list(copies_for(request.user, assessment).select_related("made_by"))
    against = why_not_make(request.user, assessment)
    if any(each.state in WORKED_ON for each in copies):
        against = "已有一份公开稿正在编制或待批准"
    context = {
        "assessment": assessment,
        "copies": copies,
        "makes": makes_copies(request.user, assessment),
        "against": against,
    }
    return render(request, "reports/publication_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def copy_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    assessment = fetch(request, pk)
    if not makes_copies(request.user, assessment):
        raise PermissionDenied(why_not_make(request.user, assessment))
    document = approved_document(assessment)
    if (against := why_not_make(request.user, assessment)) or document is None:
        messages.warning(request, against)
        return redirect("reports:publications", pk)
    scheme = scheme_of(assessment.task.scheme)
    form = CopyForm(
        request.POST or None,
        initial={"parts": usual_parts(document, scheme), "version": 1},
        on_offer=parts_on_offer(document, scheme),
        corrects=assessment.publications.filter(state__in=OUT).exists(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = make_copy(request.user, assessment, **form.changes)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已编制公开稿，请逐处确认列出的个人信息")
            return redirect("reports:publication", pk, made.pk)
    context = {"assessment": assessment, "form": form, "copy": None}
    status = 422 if form.is_bound else 200
    return render(request, "reports/publication_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def copy_edit(
    request: AuthenticatedRequest, pk: int, publication_pk: int
) -> HttpResponse:
    """Choose other parts, say what a correction mends."""
    publication = fetch_copy(request, pk, publication_pk)
    if _is_closed(request, publication):
        return redirect("reports:publication", pk, publication_pk)
    scheme = scheme_of(publication.assessment.task.scheme)
    document = document_from_json(publication.record.snapshot)
    form = CopyForm(
        request.POST or None,
        initial={
            "parts": publication.parts,
            "note": publication.note,
            "version": publication.version,
        },
        on_offer=parts_on_offer(document, scheme),
        corrects=corrects(publication),
    )
    status = 200
    if request.method == "POST":
        status = save_entry(
            request.user,
            form,
            lambda changes, version: change_copy(
                request.user,
                publication,
                parts=changes["parts"],
                note=changes.get("note", ""),
                version=version,
            ),
        )
        if status == 200:
            messages.success(request, "已保存")
            return redirect("reports:publication", pk, publication_pk)
    context = {
        "assessment": publication.assessment,
        "form": form,
        "copy": publication,
    }
    return render(request, "reports/publication_form.html", context, status=status)


def _is_closed(request: AuthenticatedRequest, publication: Publication) -> bool:
    """Whether a copy cannot be changed now, which is then said; 403: never by them."""
    check_makes(request.user, publication.assessment)
    against = why_not_change(request.user, publication)
    if against and request.method == "GET":
        messages.warning(request, against)
        return True
    return False


def fetch_copy(
    request: AuthenticatedRequest, pk: int, publication_pk: int
) -> Publication:
    """Return a copy that a person sees, with all that is asked of it; else 404."""
    assessment = fetch(request, pk)
    rows = copies_for(request.user, assessment).select_related(
        "record", "made_by", "sent_by", "decided_by"
    )
    publication: Publication = get_object_or_404(rows, pk=publication_pk)
    # Loaded with what the questions of access.py ask of it.
    publication.assessment = assessment
    return publication


def check_makes(user: User, assessment: SelfAssessment) -> None:
    """Raise PermissionDenied unless a person works on copies of a report."""
    if not makes_copies(user, assessment):
        raise PermissionDenied("公开稿由本单位填报人或绩效科编制")
