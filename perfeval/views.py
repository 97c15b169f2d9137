"""Log-in, the way into the admin, and the page shown when the program fails."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.urls import reverse

from perfeval.demo import demo_people, password_of
from perfeval.forms import LoginForm, NewPasswordForm


class LoginView(auth_views.LoginView):
    """The log-in page; in the demo it also lets one in as a role by one button."""

    authentication_form = LoginForm
    redirect_authenticated_user = True

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


class PasswordChangeView(auth_views.PasswordChangeView):
    """A new password for oneself; one stays logged in here, and only here."""

    form_class = NewPasswordForm
    success_url = "/"

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "密码已修改，下次登录请使用新密码。")
        return super().form_valid(form)


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
