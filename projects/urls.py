"""Addresses of projects, below /projects/."""

from django.urls import path

from projects.views import (
    changes,
    corrections,
    entering,
    funding,
    level1,
    project_import,
    projects,
    shares,
)

app_name = "projects"

urlpatterns = [
    path("", projects.project_list, name="list"),
    path("sums/", projects.project_sums, name="sums"),
    path("add/", entering.project_add, name="add"),
    path("add/sums/", funding.new_funding_sums, name="new_funding_sums"),
    path("level1/", level1.level1_detail, name="level1"),
    path("imports/", project_import.imports, name="imports"),
    *project_import.PROJECT_PAGES.urls("imports/projects/", "import"),
    *project_import.EXECUTION_PAGES.urls("imports/execution/", "execution_import"),
    path("<int:pk>/", projects.project_detail, name="detail"),
    path("<int:pk>/edit/", entering.project_edit, name="edit"),
    path("<int:pk>/history/", projects.project_history, name="history"),
    path("<int:pk>/funding/", funding.funding, name="funding"),
    path("<int:pk>/funding/sums/", funding.funding_sums, name="funding_sums"),
    path(
        "<int:pk>/funding/<int:unit_pk>/", funding.share_funding, name="share_funding"
    ),
    path("<int:pk>/shares/", shares.shares, name="shares"),
    path("<int:pk>/status/", changes.status_request, name="status_request"),
    path(
        "<int:pk>/funding/lines/<int:line_pk>/correct/",
        corrections.correct,
        name="correct",
    ),
    path("corrections/<int:pk>/", corrections.correction, name="correction"),
    path(
        "corrections/<int:pk>/withdraw/",
        corrections.correction_withdraw,
        name="correction_withdraw",
    ),
    path(
        "corrections/<int:pk>/attachment/",
        corrections.correction_attachment,
        name="correction_attachment",
    ),
    path("status-changes/<int:pk>/", changes.status_change, name="status_change"),
    path(
        "status-changes/<int:pk>/withdraw/",
        changes.status_withdraw,
        name="status_withdraw",
    ),
    path(
        "status-changes/<int:pk>/attachment/",
        changes.status_attachment,
        name="status_attachment",
    ),
]
