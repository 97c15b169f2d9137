"""No page without log-in, and nothing lost that was sent after a session ran out."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CSRF_FIELD = "csrfmiddlewaretoken"


class LoginRequired(LoginRequiredMiddleware):
    """Leads to the log-in page; a form sent without log-in is kept to be sent again.

    Views that are for everybody are marked login_not_required.
    """

    def handle_no_permission(  # type: ignore[override]  # the base only redirects
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        # htmx leaves the page as it is, so there the redirect loses nothing.
        if request.method == "POST" and "HX-Request" not in request.headers:
            return session_expired(request)
        return super().handle_no_permission(request, view_func)


def session_expired(request: HttpRequest) -> HttpResponse:
    """Answer a form with itself: hidden fields, to be sent once logged in again."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name != CSRF_FIELD and "password" not in name
        for value in values
    ]
    context = {"kept": kept, "has_files": bool(request.FILES)}
    return render(request, "session_expired.html", context, status=403)
