"""Addresses of batches and of the 汇总表, below /batches/."""

from django.urls import path

from reports.views import batches

app_name = "batches"

urlpatterns = [
    path("", batches.batch_list, name="list"),
    path("start/", batches.batch_start, name="start"),
    path("summary.<slug:suffix>", batches.summary_file, name="summary"),
    path("list-file/", batches.list_file_start, name="list_file"),
    path("<int:pk>/", batches.batch_detail, name="detail"),
    path("<int:pk>/progress/", batches.batch_progress, name="progress"),
    path("<int:pk>/cancel/", batches.batch_cancel, name="cancel"),
    path("<int:pk>/resume/", batches.batch_resume, name="resume"),
    path("<int:pk>/file/", batches.batch_file, name="file"),
]
