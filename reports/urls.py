"""Addresses of a self-assessment's report: on the screen, as PDF and HTML file."""

from django.urls import path

from reports import publication_urls
from reports.views import (
    bulk,
    checks,
    flow,
    forms_import,
    frozen,
    preview,
    report,
    review,
    reviewing,
    sending,
    takeover,
)

app_name = "reports"

urlpatterns = [
    path("review/", bulk.review_list, name="review_list"),
    path("review/decide/", bulk.bulk_decide, name="bulk_decide"),
    path("<int:pk>/submit/", sending.submit_page, name="submit"),
    path("<int:pk>/submit/answers/", sending.answers, name="answers"),
    path("<int:pk>/steps/<slug:action>/", flow.step_page, name="step"),
    path("<int:pk>/review/", review.review_page, name="review"),
    path("<int:pk>/review/opened/", review.review_opened, name="review_opened"),
    path(
        "<int:pk>/review/rows/<int:result_pk>/",
        reviewing.review_row,
        name="review_row",
    ),
    path("<int:pk>/review/accept/", reviewing.accept_rows, name="accept_rows"),
    path(
        "<int:pk>/review/remarks/<slug:place>/",
        reviewing.remark_add,
        name="remark_add",
    ),
    path(
        "<int:pk>/review/comments/<int:comment_pk>/ask/",
        reviewing.remark_ask,
        name="remark_ask",
    ),
    path(
        "<int:pk>/review/comments/<int:comment_pk>/close/",
        reviewing.remark_close,
        name="remark_close",
    ),
    path("<int:pk>/drafts/<slug:place>/", reviewing.draft, name="draft"),
    path("<int:pk>/files/", frozen.files_page, name="files"),
    path("<int:pk>/files/<int:artifact_pk>/", frozen.artifact_file, name="artifact"),
    path("<int:pk>/scan/", frozen.scan_upload, name="scan_upload"),
    path("<int:pk>/scan/<int:scan_pk>/", frozen.scan_file, name="scan"),
    *publication_urls.urlpatterns,
    *forms_import.FORM_PAGES.urls("imports/", "forms_import"),
    path("<int:pk>/findings/", checks.findings_page, name="findings"),
    path("<int:pk>/findings/texts/", checks.text_findings, name="text_findings"),
    path("<int:pk>/report/", report.report_page, name="report"),
    path("<int:pk>/report.<slug:suffix>", report.report_file, name="file"),
    path("<int:pk>/offline.xlsx", takeover.offline, name="offline"),
    path("<int:pk>/sections/<slug:key>/preview/", preview.preview, name="preview"),
    path("<int:pk>/upload/", takeover.upload, name="upload"),
    path("<int:pk>/upload/<int:import_pk>/", takeover.takeover, name="takeover"),
]
