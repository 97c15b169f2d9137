"""Address of the quick check: files that are in no self-assessment."""

from django.urls import path

from reports.views import checks

app_name = "checks"

urlpatterns = [path("", checks.quick_check, name="quick")]
