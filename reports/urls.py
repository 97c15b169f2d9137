"""Addresses of a self-assessment's report: on the screen, as PDF and HTML file."""

from django.urls import path

from reports.views import report, takeover

app_name = "reports"

urlpatterns = [
    path("<int:pk>/report/", report.report_page, name="report"),
    path("<int:pk>/report.<slug:suffix>", report.report_file, name="file"),
    path("<int:pk>/upload/", takeover.upload, name="upload"),
    path("<int:pk>/upload/<int:import_pk>/", takeover.takeover, name="takeover"),
]
