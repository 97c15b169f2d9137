"""The address at which anybody checks a report, as it stands in the QR on paper."""

from django.urls import path

from reports.views import verification

urlpatterns = [path("", verification.verification_page, name="verify")]
