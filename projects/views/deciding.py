"""Approving or refusing what a unit asked for: one form, one answer."""

from collections.abc import Callable

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
