"""Addresses of projects, below /projects/."""

from django.urls import path

from projects import views

app_name = "projects"

urlpatterns = [
    path("", views.project_list, name="list"),
    path("sums/", views.project_sums, name="sums"),
    path("add/", views.project_add, name="add"),
    path("<int:pk>/", views.project_detail, name="detail"),
    path("<int:pk>/edit/", views.project_edit, name="edit"),
    path("<int:pk>/history/", views.project_history, name="history"),
    path("<int:pk>/funding/", views.funding, name="funding"),
    path("<int:pk>/funding/sums/", views.funding_sums, name="funding_sums"),
]
