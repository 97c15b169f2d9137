"""Addresses of indicators (绩效目标) and self-assessments (绩效自评), from the root."""

from django.urls import path

from indicators.views import assessments, targets

app_name = "indicators"

urlpatterns = [
    path("assessments/", assessments.assessment_list, name="list"),
    path("assessments/<int:pk>/", assessments.assessment_detail, name="detail"),
    path(
        "assessments/<int:pk>/results/<int:result_pk>/",
        assessments.edit_result,
        name="result",
    ),
    path(
        "assessments/<int:pk>/results/<int:result_pk>/row/",
        assessments.result_row,
        name="result_row",
    ),
    path(
        "assessments/<int:pk>/sections/<slug:key>/",
        assessments.edit_narrative,
        name="narrative",
    ),
    path("projects/<int:project_pk>/indicators/", targets.targets, name="targets"),
    path(
        "projects/<int:project_pk>/indicators/add/",
        targets.indicator_add,
        name="indicator_add",
    ),
    path(
        "projects/<int:project_pk>/indicators/fill/",
        targets.targets_fill,
        name="targets_fill",
    ),
    path(
        "projects/<int:project_pk>/indicators/reading/",
        targets.target_reading,
        name="target_reading",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/",
        targets.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/delete/",
        targets.indicator_delete,
        name="indicator_delete",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/move/",
        targets.indicator_move,
        name="indicator_move",
    ),
]
