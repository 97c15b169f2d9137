"""Addresses of the copies to be published of one report, as reports.urls has them."""

from django.urls import path

from reports.views import copies, publications

COPIES = "<int:pk>/publications/"
COPY = f"{COPIES}<int:publication_pk>/"

urlpatterns = [
    path(COPIES, copies.copy_list, name="publications"),
    path(f"{COPIES}add/", copies.copy_add, name="publication_add"),
    path(f"{COPY}edit/", copies.copy_edit, name="publication_edit"),
    path(COPY, publications.copy_detail, name="publication"),
    path(f"{COPY}preview/", publications.copy_preview, name="publication_preview"),
    path(
        f"{COPY}steps/<slug:action>/", publications.copy_step, name="publication_step"
    ),
    path(
        f"{COPY}files/<int:artifact_pk>/",
        publications.copy_file,
        name="publication_file",
    ),
]
