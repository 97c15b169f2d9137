"""The parts of a self-assessment: how far each is, and to whom it is given."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from indicators.access import may_give_parts, why_not_fill
from indicators.assignments import give_parts, take_back
from indicators.forms.parts import GivePartsForm
from indicators.models import SelfAssessment
from indicators.parts import part_states
from perfeval.http import AuthenticatedRequest
from perfeval.versions import ClosedError


@login_required
@require_http_methods(["GET", "POST"])
def part_list(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """List the parts; fillers give some of them to a person."""
    assessment = _fetch(request, pk)
    giving = may_give_parts(request.user, assessment)
    form = None
    status = 200
    if request.method == "POST":
        if not giving:
            raise PermissionDenied(why_not_fill(request.user, assessment))
        form = GivePartsForm(request.POST, assessment=assessment)
        status = _give(request, assessment, form)
        if status == 302:
            return redirect("indicators:parts", pk)
    elif giving:
        last = timezone.localdate(assessment.deadline)
        start = {"parts": request.GET.getlist("part"), "due_on": last}
        form = GivePartsForm(initial=start, assessment=assessment)
    context = {
        "assessment": assessment,
        "parts": part_states(request.user, assessment),
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "indicators/part_list.html", context, status=status)


def _give(
    request: AuthenticatedRequest, assessment: SelfAssessment, form: GivePartsForm
) -> int:
    """Give the parts chosen; return 302, or the status to show the form with."""
    if not form.is_valid():
        return 422
    data = form.cleaned_data
    try:
        rows = give_parts(
            request.user,
            assessment,
            data["parts"],
            data["user"],
            data["due_on"],
            data["note"],
        )
    except ValidationError as error:
        form.take_errors(error)
        return 422
    except ClosedError as error:
        form.add_error(None, str(error))
        return 409
    words = f"已把 {len(rows)} 个部分分给{data['user']}" if rows else "没有变化"
    messages.success(request, words)
    return 302


@login_required
@require_POST
def part_take_back(
    request: AuthenticatedRequest, pk: int, assignment_pk: int
) -> HttpResponse:
    assessment = _fetch(request, pk)
    if not may_give_parts(request.user, assessment):
        raise PermissionDenied(why_not_fill(request.user, assessment))
    rows = assessment.assignments.select_related("user")
    row = rows.filter(pk=assignment_pk).first()
    # Taken back already by a second press: done.
    if row:
        person = row.user
        try:
            take_back(request.user, row)
        except ClosedError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"已收回分给{person}的部分，已填的内容都在")
    return redirect("indicators:parts", pk)


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    return get_object_or_404(seen, pk=pk)
