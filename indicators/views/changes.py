"""待审批的变更: what units have asked for, for the 绩效科 to decide."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators.changes import open_changes
from perfeval.http import AuthenticatedRequest
from projects.access import roles_of
from projects.models import Role

PER_PAGE = 50


@login_required
@require_GET
def change_list(request: AuthenticatedRequest) -> HttpResponse:
    if Role.PERFORMANCE_SECTION not in roles_of(request.user):
        raise PermissionDenied("只有绩效科审批项目状态和绩效目标的变更")
    page = Paginator(open_changes(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "indicators/change_list.html", {"page_obj": page})
