"""Addresses of a self-assessment's report: on the screen, as PDF and HTML file."""

from django.urls import path

from reports import views

app_name = "reports"

urlpatterns = [
    path("<int:pk>/report/", views.report_page, name="report"),
    path("<int:pk>/report.<slug:suffix>", views.report_file, name="file"),
]
