"""Steps of the flow with a page of their own, but for sending up (sending.py)."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from indicators.authors import authors_of
from indicators.models import SelfAssessment
from indicators.workflow import (
    STEPS,
    Transition,
    TransitionError,
    is_ever_open,
    standing,
    why_not,
)
from perfeval.http import AuthenticatedRequest
from reports.forms import StepForm
from reports.submission import Action, take_step

# Steps with a page of their own; decisions are taken on the review page.
OWN_PAGES = ("withdraw", "send_up", "reopen")
# Fields of the forms of steps, remarks and reviewed rows that hold somebody's words.
WORDS = ("note", "text", "review_actual", "review_note")
TOLD = {
    "withdraw": "撤回后回到上一步，可以修改后再送；对方打开后就不能撤回。",
    "send_up": "报送后由上一级审核。",
    "reopen": "由填报人修改并重新送审，生成新的一版；原来归档的文件保留不变。",
}


@login_required
@require_http_methods(["GET", "POST"])
def step_page(request: AuthenticatedRequest, pk: int, action: str) -> HttpResponse:
    """Ask for a step's reason and due time, then take it."""
    if action not in OWN_PAGES:
        raise Http404
    assessment, step = fetch(request, pk), STEPS[action]
    against = why_not(request.user, assessment, step)
    if against:
        return refuse(request, assessment, step, against)
    form = StepForm(request.POST or None, step=step, version=assessment.version)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _taken(request, assessment, step, form):
            return redirect("indicators:detail", pk)
        status = 422
    context = {
        "assessment": assessment,
        "form": form,
        "step": step,
        "told": TOLD[action],
    }
    return render(request, "reports/step.html", context, status=status)


def _taken(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    step: Transition,
    form: StepForm,
) -> bool:
    """Take a step as its form says; what stands against it is told in the form."""
    data: dict[str, Any] = form.cleaned_data
    try:
        take_step(
            request.user,
            assessment,
            cast(Action, step.action),
            version=data["version"],
            note=data.get("note", ""),
            due_at=data.get("due_at"),
        )
    except TransitionError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"已{step.label}“{assessment.project.shown_name}”")
    return True


def refuse(
    request: AuthenticatedRequest,
    assessment: SelfAssessment,
    step: Transition,
    against: str,
) -> HttpResponse:
    """Answer who may never take a step with 403, others with why it is closed now.

    What was typed for it stands on the answer, to be copied.
    """
    is_own_work = step.judges and request.user.pk in authors_of(assessment)
    if is_own_work or not is_ever_open(request.user, assessment, step):
        raise PermissionDenied(against)
    typed = [text for name in WORDS if (text := request.POST.get(name, "").strip())]
    if typed:
        context = {"assessment": assessment, "against": against, "typed": typed}
        context["standing"] = standing(assessment)
        return render(request, "reports/too_late.html", context, status=409)
    messages.warning(request, f"{against}。{standing(assessment)}")
    return redirect("indicators:detail", assessment.pk)


def fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    """Return a self-assessment that a person sees, with all that a step asks of it."""
    seen = SelfAssessment.objects.visible_to(request.user).with_facts()
    loaded = seen.prefetch_related("task__levels")
    return get_object_or_404(loaded, pk=pk)
