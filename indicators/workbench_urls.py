"""The address of the workbench; apart, because its name stands in no namespace."""

from django.urls import path

from indicators.views.workbench import workbench

urlpatterns = [path("", workbench, name="workbench")]
