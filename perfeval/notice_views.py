"""消息: what a person is told, each leading to its page; read is what was opened."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from perfeval.http import AuthenticatedRequest
from perfeval.models import Notice
from perfeval.notices import mark_read, unread

PER_PAGE = 30


@login_required
@require_GET
def notice_list(request: AuthenticatedRequest) -> HttpResponse:
    only_unread = request.GET.get("show") == "unread"
    own = Notice.objects.filter(person=request.user)
    rows = unread(request.user) if only_unread else own
    page = Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "only_unread": only_unread}
    return render(request, "perfeval/notice_list.html", context)


@login_required
@require_POST
def notice_open(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    notice = get_object_or_404(Notice, pk=pk, person=request.user)
    mark_read(Notice.objects.filter(pk=pk))
    if not url_has_allowed_host_and_scheme(notice.address, allowed_hosts=None):
        return redirect("notices")
    return redirect(notice.address)


@login_required
@require_POST
def notices_read(request: AuthenticatedRequest) -> HttpResponse:
    count = mark_read(unread(request.user))
    messages.success(request, f"已将 {count} 条消息标为已读")
    return redirect("notices")
