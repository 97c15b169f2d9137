"""Addresses of projects, below /projects/."""

from django.urls import path

from projects.views import funding, projects

app_name = "projects"

urlpatterns = [
    path("", projects.project_list, name="list"),
    path("sums/", projects.project_sums, name="sums"),
    path("add/", projects.project_add, name="add"),
    path("<int:pk>/", projects.project_detail, name="detail"),
    path("<int:pk>/edit/", projects.project_edit, name="edit"),
    path("<int:pk>/history/", projects.project_history, name="history"),
    path("<int:pk>/funding/", funding.funding, name="funding"),
    path("<int:pk>/funding/sums/", funding.funding_sums, name="funding_sums"),
]
