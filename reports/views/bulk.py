"""What waits for a reviewer, and one decision on many of them."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from indicators.access import reviews
from indicators.models import SelfAssessment
from indicators.workflow import STEPS
from perfeval.http import AuthenticatedRequest
from reports.bulk import Outcome, decide_many
from reports.forms import DecisionForm
from reports.inbox import flags, waiting_for, with_flags
from reports.submission import Decision

PER_PAGE = 50
IN_BULK = [STEPS["approve"], STEPS["send_back"]]


@login_required
@require_GET
def review_list(request: AuthenticatedRequest) -> HttpResponse:
    """List what waits for a person, the earliest due time first."""
    _check_reviews(request)
    page = Paginator(with_flags(waiting_for(request.user)), PER_PAGE)
    found = page.get_page(request.GET.get("page"))
    rows = [(each, list(flags(each))) for each in found]
    context = {"page_obj": found, "rows": rows}
    return render(request, "reports/review_list.html", context)


@login_required
@require_POST
def bulk_decide(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for the words once, then decide on each of the chosen."""
    _check_reviews(request)
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, "请先勾选要审核的项目")
        return redirect("reports:review_list")
    is_decided = "decision" in request.POST
    form = DecisionForm(request.POST if is_decided else None, steps=IN_BULK, version=0)
    status = 200
    if is_decided:
        if form.is_valid():
            data = form.cleaned_data
            decision = cast(Decision, data["decision"])
            outcome = decide_many(
                request.user,
                chosen,
                decision,
                note=data["note"],
                due_at=data["due_at"],
            )
            _tell(request, STEPS[decision].label, outcome)
            return redirect("reports:review_list")
        status = 422
    context = {"form": form, "steps": IN_BULK, "chosen": chosen}
    return render(request, "reports/bulk_decide.html", context, status=status)


def _check_reviews(request: AuthenticatedRequest) -> None:
    if not reviews(request.user):
        raise PermissionDenied("您没有审核的角色")


def _chosen(request: AuthenticatedRequest) -> list[tuple[SelfAssessment, int]]:
    """Return what a person sees of the chosen, each with the version the list had."""
    versions: dict[int, int] = {}
    for each in request.POST.getlist("assessment"):
        key, _, version = each.partition(":")
        if key.isascii() and key.isdigit() and version.isascii() and version.isdigit():
            versions[int(key)] = int(version)
    known = {pk: version for pk, version in versions.items() if pk < 2**63}
    seen = SelfAssessment.objects.visible_to(request.user).filter(pk__in=known)
    return [(each, known[each.pk]) for each in seen.with_facts().order_by("pk")]


def _tell(request: AuthenticatedRequest, verb: str, outcome: Outcome) -> None:
    if outcome.done:
        names = "、".join(each.project.shown_name for each in outcome.done)
        messages.success(request, f"{verb} {len(outcome.done)} 项：{names}")
    if outcome.left:
        told = "；".join(
            f"{each.project.shown_name}（{against}）" for each, against in outcome.left
        )
        messages.warning(request, f"{len(outcome.left)} 项没有办理：{told}")
