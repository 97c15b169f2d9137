"""Addresses of what is found over all reports of a task."""

from django.urls import path

from reports.views import statistics

app_name = "statistics"

urlpatterns = [
    path("<int:pk>/findings/", statistics.task_findings, name="findings"),
    path("<int:pk>/findings.xlsx", statistics.task_findings_file, name="file"),
]
