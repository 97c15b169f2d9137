"""Pages of those who audit: every event, every log-in; read and exported, no more."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from perfeval.audit_lists import (
    ACCESS_COLUMNS,
    AUDIT_COLUMNS,
    AccessFilter,
    AuditFilter,
)
from perfeval.audit_words import told
from perfeval.http import AuthenticatedRequest
from perfeval.lists import Listing
from perfeval.models import AccessEvent, AuditEvent, User

PER_PAGE = 50


def may_audit(user: User) -> bool:
    """Whether a person reads the audit events: by role, never as an administrator."""
    return not user.is_superuser and user.has_perm("perfeval.view_auditevent")


def _check(request: AuthenticatedRequest) -> None:
    if not may_audit(request.user):
        raise PermissionDenied("审计记录只由审计管理员查看")


@login_required
@require_GET
def audit_list(request: AuthenticatedRequest) -> HttpResponseBase:
    _check(request)
    chosen = AuditFilter(request.GET, queryset=AuditEvent.objects.all())
    return _answer(request, chosen, AUDIT_COLUMNS, ("user", "chain"), "审计记录")


@login_required
@require_GET
def access_list(request: AuthenticatedRequest) -> HttpResponseBase:
    _check(request)
    chosen = AccessFilter(request.GET, queryset=AccessEvent.objects.all())
    return _answer(request, chosen, ACCESS_COLUMNS, ("user",), "登录记录")


def _answer(
    request: AuthenticatedRequest,
    chosen: Any,
    columns: Any,
    loaded: tuple[str, ...],
    title: str,
) -> HttpResponseBase:
    listing = Listing(
        request,
        columns,
        chosen.qs,
        order=("-pk",),
        load=lambda rows: rows.select_related(*loaded),
        per_page=PER_PAGE,
    )
    if listing.is_file:
        return listing.as_file(title)
    context = {
        "title": title,
        "filter": chosen,
        "list": listing,
        "page_obj": listing.page,
        "is_access": columns is ACCESS_COLUMNS,
    }
    return render(request, "perfeval/audit_list.html", context)


@login_required
@require_GET
def audit_event(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    _check(request)
    event = get_object_or_404(AuditEvent.objects.select_related("user", "chain"), pk=pk)
    context = {
        "event": event,
        "before": told(event, event.before),
        "after": told(event, event.after),
    }
    return render(request, "perfeval/audit_event.html", context)
