"""Approving, refusing or taking back what a unit asked for."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError
from projects.access import may_decide
from projects.change_forms import DecisionForm
from projects.models import ChangeRequest


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
    if not form.is_valid():
        return 200
    try:
        decide(decision == "approve", form.cleaned_data["note"])
    except ValidationError as error:
        form.take_errors(error)
        return 200
    except ClosedError as error:
        form.add_error(None, str(error))
        return 409
    return 302


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
