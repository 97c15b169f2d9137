"""Addresses of what is published, as it stands in notices and on the office's site."""

from django.urls import path

from reports.views import published

app_name = "published"

urlpatterns = [
    path("", published.published_list, name="list"),
    path("<str:code>/", published.published_detail, name="detail"),
    path("<str:code>/report.<slug:suffix>", published.published_file, name="file"),
]
