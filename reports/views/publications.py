"""A copy to be published: gone through, previewed, sent, approved, downloaded."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.views.saving import save_entry
from indicators.workflow import TransitionError
from perfeval.conflicts import with_version
from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from perfeval.versions import ClosedError
from reports.access import (
    authors_of,
    is_outdated,
    makes_copies,
    why_not_change,
    why_not_decide,
)
from reports.copies import (
    Copy,
    copy_of,
    decide_places,
    mark,
)
from reports.file_names import file_name
from reports.frozen import make
from reports.models import Publication
from reports.publication_forms import (
    CopyDecisionForm,
    MarkForm,
    PlacesForm,
)
from reports.publishing import (
    approve_copy,
    drop_copy,
    return_copy,
    send_copy,
    take_copy_back,
    why_not_send,
)
from reports.rendering.annexes import PARTS
from reports.rendering.formats import FORMATS
from reports.rendering.html import report_view
from reports.views.copies import check_makes, fetch_copy
from reports.views.report import unprintable

TOLD = {
    "send": "已送批，由绩效科审批",
    "take-back": "已撤回，可以继续修改",
    "drop": "已作废",
    "return": "已退回编制人",
    "approve": "已批准公开",
}
DECISIONS = ("approve", "return")


@login_required
@require_http_methods(["GET", "POST"])
def copy_detail(
    request: AuthenticatedRequest, pk: int, publication_pk: int
) -> HttpResponse:
    """Every piece with its context, to be hidden or kept; then what is next."""
    publication = fetch_copy(request, pk, publication_pk)
    copy = copy_of(publication)
    if request.method == "GET":
        return _detail(request, copy, PlacesForm(copy=copy))
    check_makes(request.user, publication.assessment)
    form = PlacesForm(request.POST, copy=copy)
    status = save_entry(
        request.user,
        form,
        lambda _, version: decide_places(
            request.user, publication, form.decisions, version=version
        ),
    )
    if status == 200:
        messages.success(request, "已保存处理结果")
        return redirect("reports:publication", pk, publication_pk)
    return _detail(request, copy, form, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def copy_preview(
    request: AuthenticatedRequest, pk: int, publication_pk: int
) -> HttpResponse:
    """Show a copy as it will be published; hide more words in it."""
    publication = fetch_copy(request, pk, publication_pk)
    form, status = MarkForm(request.POST or None), 200
    if request.method == "POST":
        check_makes(request.user, publication.assessment)
        status = _mark(request, publication, form)
        if status == 200:
            return redirect("reports:publication_preview", pk, publication_pk)
    copy = copy_of(publication)
    document = copy.redacted()
    context = {
        "assessment": publication.assessment,
        "copy": publication,
        "form": form,
        "may_change": not why_not_change(request.user, publication),
        "view": report_view(document, copy.scheme, parts=tuple(publication.parts)),
        "file_name": file_name(document),
    }
    return render(request, "reports/publication_preview.html", context, status=status)


def _mark(
    request: AuthenticatedRequest, publication: Publication, form: MarkForm
) -> int:
    if not form.is_valid():
        return 422
    try:
        count = mark(request.user, publication, form.cleaned_data["words"])
    except ValidationError as error:
        form.add_error("words", error)
        return 422
    except ClosedError as error:
        form.add_error(None, str(error))
        return 409
    messages.success(request, f"已遮盖 {count} 处，可在“确认个人信息”里逐处取消")
    return 200


@login_required
@require_POST
def copy_step(
    request: AuthenticatedRequest, pk: int, publication_pk: int, action: str
) -> HttpResponse:
    """Send, take back, drop, return or approve a copy."""
    publication = fetch_copy(request, pk, publication_pk)
    if action not in TOLD:
        raise Http404
    _check_step(request.user, publication, action)
    form = CopyDecisionForm(request.POST)
    if form.is_valid() and action == "approve" and not form.cleaned_data["previewed"]:
        form.add_error("previewed", "批准即公开，请先预览公开稿再勾选")
    if form.is_valid():
        try:
            _take(request.user, publication, action, form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, TOLD[action])
            return redirect("reports:publication", pk, publication_pk)
    # Read again: it may have moved on, and what was typed stays to be sent again.
    publication = fetch_copy(request, pk, publication_pk)
    form.data = with_version(request.POST, "version", publication.version)
    copy = copy_of(publication)
    return _detail(request, copy, PlacesForm(copy=copy), decision=form, status=409)


def _take(
    user: User, publication: Publication, action: str, data: dict[str, Any]
) -> None:
    steps: dict[str, Callable[..., None]] = {
        "send": send_copy,
        "take-back": take_copy_back,
        "drop": drop_copy,
        "return": return_copy,
        "approve": approve_copy,
    }
    words = {"note": data["note"]} if action in DECISIONS else {}
    steps[action](user, publication, version=data["version"], **words)


@login_required
@require_GET
def copy_file(
    request: AuthenticatedRequest, pk: int, publication_pk: int, artifact_pk: int
) -> FileResponse | HttpResponse:
    """Answer a published file; one that could not be made is tried again, and said."""
    publication = fetch_copy(request, pk, publication_pk)
    rows = publication.artifacts.select_related(
        "file", "record", "publication", "assessment__task__scheme"
    )
    artifact = make(get_object_or_404(rows, pk=artifact_pk))
    if artifact.file is None:
        problems = artifact.problem.split("\n")
        return unprintable(request, publication.assessment, problems)
    return as_download(artifact.file)


def _detail(
    request: AuthenticatedRequest,
    copy: Copy,
    form: PlacesForm,
    *,
    decision: CopyDecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    publication, user = copy.publication, request.user
    labels = {each.name: each.label for each in FORMATS.values()}
    version = {"version": publication.version}
    against = why_not_decide(user, publication)
    context = {
        "assessment": publication.assessment,
        "copy": publication,
        "form": form,
        "groups": list(form.groups),
        "undecided": copy.undecided,
        "parts": [PARTS[part] for part in publication.parts],
        "may_change": not why_not_change(user, publication),
        "makes": makes_copies(user, publication.assessment),
        "against_sending": why_not_send(copy) if publication.is_draft else "",
        "decides": not against,
        "against_deciding": against,
        # Who decides returns it, with a reason.
        "takes_back": bool(against) and makes_copies(user, publication.assessment),
        "decision": decision or CopyDecisionForm(initial=version),
        "files": [
            (each, labels[each.format])
            for each in publication.artifacts.select_related("file").order_by("pk")
        ],
        "is_outdated": is_outdated(publication),
        "hidden": version,
    }
    return render(request, "reports/publication_detail.html", context, status=status)


def _check_step(user: User, publication: Publication, action: str) -> None:
    """Raise PermissionDenied where a step is never this person's."""
    if action not in DECISIONS:
        check_makes(user, publication.assessment)
        return
    against = why_not_decide(user, publication)
    is_own = user.pk in authors_of(publication)
    if against and (is_own or "绩效科批准" in against):
        raise PermissionDenied(against)
