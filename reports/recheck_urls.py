"""Addresses of one recheck (复核): its page, what is written in it, its steps."""

from django.urls import path

from reports.views import recheck

app_name = "rechecks"

urlpatterns = [
    path("<int:pk>/", recheck.recheck_page, name="page"),
    path("<int:pk>/print/", recheck.recheck_print, name="print"),
    path("<int:pk>/rows/<int:result_pk>/", recheck.recheck_row, name="row"),
    path("<int:pk>/texts/<slug:key>/", recheck.recheck_text, name="text"),
    path("<int:pk>/steps/<slug:action>/", recheck.recheck_step, name="step"),
    path("<int:pk>/adopt/", recheck.recheck_adopt, name="adopt"),
]
