"""Addresses of departments, below /departments/."""

from django.urls import path

from projects.views import departments

app_name = "departments"

urlpatterns = [
    path("", departments.department_list, name="list"),
    path("add/", departments.department_add, name="add"),
    path("<int:pk>/", departments.department_detail, name="detail"),
    path("<int:pk>/edit/", departments.department_edit, name="edit"),
    path("<int:pk>/rename/", departments.department_rename, name="rename"),
    path("<int:pk>/merge/", departments.department_merge, name="merge"),
]
