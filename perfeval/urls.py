"""The addresses of the site; each app mounts its own below them."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from perfeval import views
from perfeval.health import healthz

admin.site.site_header = "绩效自评 · 系统管理"
admin.site.site_title = "绩效自评系统管理"
admin.site.index_title = "基础数据"

handler500 = views.server_error

urlpatterns = [
    path("healthz", healthz),
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/login/", views.admin_login),
    path("admin/", admin.site.urls),
    path("projects/", include("projects.urls")),
]
