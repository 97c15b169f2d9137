"""Asking for a change, and approving, refusing or taking back what was asked for."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404

from perfeval.files import as_download
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError
from projects.access import may_decide
from projects.change_forms import BasisForm, DecisionForm
from projects.models import ChangeRequest

T = TypeVar("T")


def written(
    form: BasisForm | DecisionForm, write: Callable[[], T]
) -> tuple[int, T | None]:
    """Write what a valid form says; return 302 with the outcome, or the status to show.

    What write() refuses stands in the form then.
    """
    if not form.is_valid():
        return 200, None
    try:
        return 302, write()
    except ValidationError as error:
        form.take_errors(error)
        return 200, None
    except ClosedError as error:
        form.add_error(None, str(error))
        return 409, None


def decided(
    request: AuthenticatedRequest,
    change: ChangeRequest,
    form: DecisionForm,
    decide: Callable[[bool, str], object],
) -> int:
    """Decide as the button pressed says; return 302, or the status to show it with.

    decide(approve, note) writes. 403 for those who may not, 404 for another button.
    """
    if not may_decide(request.user, change):
        raise PermissionDenied("只有绩效科可以审批；已审批的和本人提出的申请不能审批")
    decision = request.POST.get("decision")
    if decision not in ("approve", "refuse"):
        raise Http404
    status, _ = written(
        form, lambda: decide(decision == "approve", form.cleaned_data["note"])
    )
    return status


def withdrawn(
    request: AuthenticatedRequest,
    change: ChangeRequest,
    withdraw: Callable[[], object],
) -> None:
    """Take a request back and say so; withdraw() writes. 403 for others' requests."""
    if change.requested_by_id != request.user.pk:
        raise PermissionDenied("只有申请人可以撤回申请")
    try:
        withdraw()
    except ClosedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已撤回申请；需要时可以重新提出")


def attachment_of(change: ChangeRequest) -> FileResponse:
    """Answer the file that a request rests on, 404 where it has none."""
    if change.attachment is None:
        raise Http404
    return as_download(change.attachment)
