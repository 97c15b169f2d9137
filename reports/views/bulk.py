"""What waits for a reviewer, and one decision on many of them."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from indicators.access import reviews
from indicators.models import SelfAssessment
from indicators.outcome import Outcome, left_words
from indicators.workflow import STEPS
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from reports.bulk import decide_many
from reports.columns import INBOX_COLUMNS
from reports.filters import InboxFilter
from reports.forms import DecisionForm
from reports.inbox import BY_DUE, flags, with_content
from reports.submission import Decision

PER_PAGE = 50
IN_BULK = [STEPS["approve"], STEPS["send_back"]]


@login_required
@require_GET
def review_list(request: AuthenticatedRequest) -> HttpResponseBase:
    """List what waits for a person, the earliest due time first, or its file."""
    _check_reviews(request)
    found = InboxFilter(request.GET, user=request.user)
    listing = Listing(
        request,
        INBOX_COLUMNS,
        found.qs,
        order=BY_DUE,
        load=with_content,
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file("待我审核")
    page = listing.page
    rows = [(each, list(flags(each))) for each in page]
    context = {"filter": found, "list": listing, "page_obj": page, "rows": rows}
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
        told = left_words(outcome.left)
        messages.warning(request, f"{len(outcome.left)} 项没有办理：{told}")
