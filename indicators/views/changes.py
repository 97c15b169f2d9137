"""待审批的变更: what units have asked for, for the 绩效科 to decide."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators.changes import ChangeFilter, open_changes
from indicators.columns import CHANGE_COLUMNS
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from projects.access import roles_of
from projects.models import Role

PER_PAGE = 50


@login_required
@require_GET
def change_list(request: AuthenticatedRequest) -> HttpResponseBase:
    if Role.PERFORMANCE_SECTION not in roles_of(request.user):
        raise PermissionDenied("只有绩效科审批项目状态和绩效目标的变更")
    chosen = ChangeFilter(request.GET)
    rows = open_changes(chosen.chosen)
    listing = Listing(request, CHANGE_COLUMNS, rows, per_page=PER_PAGE)
    if listing.is_file:
        return listing.as_file("待审批的变更")
    context = {"filter": chosen, "list": listing, "page_obj": listing.page}
    return render(request, "indicators/change_list.html", context)
