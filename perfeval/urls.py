"""The addresses of the site; each app mounts its own below them."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from perfeval import audit_views, notice_views, views
from perfeval.health import healthz

admin.site.site_header = "绩效自评 · 系统管理"
admin.site.site_title = "绩效自评系统管理"
admin.site.index_title = "基础数据"
# Rights follow from roles (Membership), not from groups.
admin.site.unregister(Group)

handler500 = views.server_error

urlpatterns = [
    path("healthz", login_not_required(healthz)),
    path("login/", views.LoginView.as_view(), name="login"),
    path("session/", views.session_state, name="session"),
    path("logout/", login_not_required(LogoutView.as_view()), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("me/", views.own_data, name="own_data"),
    path("notices/", notice_views.notice_list, name="notices"),
    path("notices/read/", notice_views.notices_read, name="notices_read"),
    path("notices/<int:pk>/open/", notice_views.notice_open, name="notice_open"),
    path("audit/", audit_views.audit_list, name="audit"),
    path("audit/access/", audit_views.access_list, name="access"),
    path("audit/<int:pk>/", audit_views.audit_event, name="audit_event"),
    path("admin/login/", login_not_required(views.admin_login)),
    path("admin/", admin.site.urls),
    path("", include("indicators.workbench_urls")),
    path("projects/", include("projects.urls")),
    path("departments/", include("projects.department_urls")),
    path("people/", include("indicators.people_urls")),
    path("", include("indicators.urls")),
    path("assessments/", include("reports.urls")),
    path("tasks/", include("reports.task_urls")),
    path("rechecks/", include("reports.recheck_urls")),
    path("batches/", include("reports.batch_urls")),
    path("quick-check/", include("reports.check_urls")),
    path("published/", include("reports.published_urls")),
    path("verify/", include("reports.verification_urls")),
]
