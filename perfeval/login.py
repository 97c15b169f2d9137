"""No page without log-in or before a new password; nothing lost that was sent then."""

from collections.abc import Callable
from typing import Any, Literal

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve

CSRF_FIELD = "csrfmiddlewaretoken"
# In the session of a person who is to set a new password first: why.
PASSWORD_DUE = "password_due"
# What is open to them.
WITHOUT_NEW_PASSWORD = frozenset({"password_change", "login", "logout", "session"})
# On what a page sends by itself (autosave.js): the pk of the user it was made for.
AUTOSAVE_HEADER = "X-Autosave"


class LoginRequired(LoginRequiredMiddleware):
    """Leads to the log-in page; a form sent without log-in is kept to be sent again.

    Views that are for everybody are marked login_not_required. What a page sends by
    itself is answered with 401, also where somebody else has logged in meanwhile.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        writer = request.headers.get(AUTOSAVE_HEADER, str(request.user.pk))
        if writer != str(request.user.pk) and getattr(view, "login_required", True):
            return log_in_again("session")
        return super().process_view(request, view, args, kwargs)

    def handle_no_permission(  # type: ignore[override]  # the base only redirects
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        # htmx leaves the page as it is, so there the redirect loses nothing.
        if request.method == "POST" and "HX-Request" not in request.headers:
            return session_expired(request)
        return super().handle_no_permission(request, view_func)


class NewPasswordFirst:
    """Leads who is to set a new password to the page for it, from wherever.

    Asked at log-in alone: a password that grows too old meanwhile interrupts nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        due = request.user.is_authenticated and PASSWORD_DUE in request.session
        if not due or resolve(request.path_info).url_name in WITHOUT_NEW_PASSWORD:
            return None
        if AUTOSAVE_HEADER in request.headers:
            return log_in_again("password_due")
        if "HX-Request" in request.headers:
            return HttpResponseForbidden("请先设置新密码")
        if request.method == "POST":
            return session_expired(request)
        return redirect("password_change")


def log_in_again(
    reason: Literal["session", "token", "password_due"],
) -> JsonResponse:
    """Answer a page that saves by itself: not written, log in, then send it again."""
    return JsonResponse({"log_in": reason}, status=401)


def session_expired(request: HttpRequest) -> HttpResponse:
    """Answer a form with itself: hidden fields, to be sent once logged in again."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name != CSRF_FIELD and "password" not in name
        for value in values
    ]
    context = {
        "kept": kept,
        "has_files": bool(request.FILES),
        "password_due": request.session.get(PASSWORD_DUE, ""),
    }
    return render(request, "session_expired.html", context, status=403)
