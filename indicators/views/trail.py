"""操作记录: everything that was done to one self-assessment, for whoever sees it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from indicators.models import SelfAssessment
from perfeval.http import AuthenticatedRequest
from perfeval.models import AuditEvent
from projects.history import told

PER_PAGE = 50


@login_required
@require_GET
def trail(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    seen = SelfAssessment.objects.visible_to(request.user)
    assessment = get_object_or_404(seen.with_facts(), pk=pk)
    if assessment.project.is_classified:
        raise PermissionDenied("涉密项目在本系统只登记编码和状态，没有操作记录")
    events = AuditEvent.objects.filter(chain__key=assessment.chain)
    loaded = events.select_related("user").order_by("-sequence")
    page = Paginator(loaded, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "assessment": assessment,
        "page_obj": page,
        "history": told(list(page.object_list), request.user),
    }
    return render(request, "indicators/assessment_trail.html", context)
