"""Standing in while on leave, and passing all work on: pages for both."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.handover import hand_over, handed_roles, open_items
from indicators.views.people import person_to_change
from perfeval.http import AuthenticatedRequest
from projects.access import check_administers
from projects.delegations import colleagues_of, lend, lendable, take_back
from projects.models import Delegation, Handover
from projects.people_forms import HandoverForm, LendForm


@login_required
@require_http_methods(["GET", "POST"])
def deputies(request: AuthenticatedRequest) -> HttpResponse:
    """Show to whom one lends one's roles, and who lends one theirs; lend them."""
    user = request.user
    form = LendForm(request.POST or None, people=colleagues_of(user))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                row = lend(user, **form.cleaned_data)
            except ValidationError as error:
                form.take_errors(error)
            else:
                messages.success(request, f"已授权“{row.deputy}”代办")
                return redirect("people:deputies")
        status = 422
    rows = Delegation.objects.select_related("grantor", "deputy")
    context = {
        "form": form,
        "roles": lendable(user),
        "lent": list(rows.filter(grantor=user)),
        "borrowed": list(rows.current().filter(deputy=user)),
    }
    return render(request, "indicators/deputies.html", context, status=status)


@login_required
@require_POST
def deputy_end(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    own = Delegation.objects.filter(grantor=request.user).select_related("deputy")
    row = get_object_or_404(own, pk=pk)
    if take_back(request.user, row):
        messages.success(request, f"已收回对“{row.deputy}”的代办授权")
    return redirect("people:deputies")


@login_required
@require_http_methods(["GET", "POST"])
def person_handover(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what would pass on, ask to whom and why, pass it on."""
    person = person_to_change(request, pk)
    form = HandoverForm(request.POST or None, people=colleagues_of(person))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                done = hand_over(request.user, person, data["taker"], data["reason"])
            except ValidationError as error:
                form.take_errors(error)
            else:
                messages.success(request, f"已移交给“{done.taker}”")
                return redirect("people:handover_list", done.pk)
        status = 422
    context = {
        "person": person,
        "form": form,
        "roles": handed_roles(person),
        "items": open_items(person),
    }
    return render(request, "indicators/person_handover.html", context, status=status)


@login_required
@require_GET
def handover_list(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the list of one handover, to be printed and signed."""
    check_administers(request.user)
    rows = Handover.objects.select_related("giver", "taker", "done_by")
    context = {"handover": get_object_or_404(rows, pk=pk)}
    return render(request, "indicators/handover_list.html", context)
