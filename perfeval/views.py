"""Log-in, one's own data, the way into the admin, the page when the program fails."""

import copy
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from perfeval.audit_words import rejected_of
from perfeval.conflicts import Conflict, differences, met, with_version
from perfeval.demo import demo_people, password_of
from perfeval.forms import LoginForm, NewPasswordForm, OwnDataForm
from perfeval.http import AuthenticatedRequest
from perfeval.login import AUTOSAVE_HEADER, PASSWORD_DUE, log_in_again
from perfeval.models import User
from perfeval.passwords import why_new_password
from perfeval.people import update_person
from perfeval.versions import StaleError


class LoginView(auth_views.LoginView):
    """The log-in page; in the demo it also lets one in as a role by one button.

    The dialog of a page whose session has run out (relogin.js) is answered with JSON.
    """

    authentication_form = LoginForm

    @property
    def redirect_authenticated_user(self) -> bool:  # type: ignore[override]
        # In the dialog one takes over from whoever logged in meanwhile.
        return not self.in_dialog

    @property
    def in_dialog(self) -> bool:
        return AUTOSAVE_HEADER in self.request.headers

    def get_form_kwargs(self) -> dict[str, Any]:
        """Return what was sent; a demo button stands for its person's log-in."""
        kwargs = super().get_form_kwargs()
        username = self.request.POST.get("demo_person", "")
        password = password_of(username)
        if password is not None:
            kwargs["data"] = {"username": username, "password": password}
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_people=demo_people(), **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        why = why_new_password(form.get_user())
        if why:
            self.request.session[PASSWORD_DUE] = why
        if self.in_dialog:
            return JsonResponse(_state(self.request))
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if self.in_dialog:
            errors = [text for texts in form.errors.values() for text in texts]
            return JsonResponse({"errors": errors}, status=422)
        return super().form_invalid(form)


@login_not_required
@require_GET
@never_cache
@ensure_csrf_cookie
def session_state(request: HttpRequest) -> HttpResponse:
    """Tell a page in whose name it now asks, and give it a token that is valid."""
    return JsonResponse(_state(request))


def _state(request: HttpRequest) -> dict[str, str]:
    user = request.user
    return {
        "user": str(user.pk) if user.is_authenticated else "",
        "name": str(user) if user.is_authenticated else "",
        "password_due": request.session.get(PASSWORD_DUE, ""),
    }


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request whose CSRF token is not valid (any more)."""
    if AUTOSAVE_HEADER in request.headers:
        return log_in_again("token")
    return csrf_failure(request, reason=reason)


class PasswordChangeView(auth_views.PasswordChangeView):
    """A new password for oneself; one stays logged in here, and only here."""

    form_class = NewPasswordForm
    success_url = "/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = self.request.session.get(PASSWORD_DUE, "")
        return super().get_context_data(password_due=due, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "密码已修改，下次登录请使用新密码。")
        self.request.session.pop(PASSWORD_DUE, None)
        return super().form_valid(form)


@login_required
@require_http_methods(["GET", "POST"])
def own_data(request: AuthenticatedRequest) -> HttpResponse:
    """我的信息: one's own name and phone, and the roles one holds."""
    person = User.objects.get(pk=request.user.pk)
    form = OwnDataForm(request.POST or None, instance=copy.copy(person))
    status = 200
    conflict = None
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version")
        try:
            update_person(person, person, form.cleaned_data, version=version)
        except ValidationError as error:
            form.take_errors(error)
        except StaleError as error:
            stored = cast(User, error.current)
            values = {name: getattr(stored, name) for name in form.cleaned_data}
            conflict = met(person, error, Conflict(differences(form, values)))
            data = with_version(request.POST, "version", stored.version)
            form = OwnDataForm(data, instance=stored)
            status = 409
        else:
            messages.success(request, "已保存您的信息")
            return redirect("own_data")
    context = {
        "form": form,
        "conflict": conflict,
        "person": person,
        "rejected": rejected_of(person),
    }
    return render(request, "perfeval/own_data.html", context, status=status)


def admin_login(request: HttpRequest) -> HttpResponse:
    """Lead to the one log-in page; who is logged in already lacks the right."""
    if request.user.is_authenticated:
        raise PermissionDenied("系统管理只对系统管理员开放。")
    target = request.GET.get("next") or reverse("admin:index")
    return redirect_to_login(target)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without database, session and context processors."""
    context = {
        "request_id": getattr(request, "request_id", ""),
        "office_name": settings.OFFICE_NAME,
    }
    return HttpResponseServerError(render_to_string("500.html", context))
