"""What the checks find: in a self-assessment, and in files outside the system."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import fillable_parts, may_fill, why_not_fill
from indicators.models import SelfAssessment
from indicators.progress import count_characters
from indicators.schemes import Scheme, load_scheme, shipped_refs
from indicators.workflow import STEPS, why_not
from perfeval.files import read_upload
from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from perfeval.login import session_expired
from perfeval.throttle import is_too_often
from reports.answers import sending_check
from reports.checks.check import check_document
from reports.document import SECTION_KEYS, DocumentError, ReportDocument
from reports.findings import Shown, findings_of, grouped, with_document_before
from reports.reading.any_file import read_any
from reports.reading.files import ReadingError
from reports.reading.pairs import join_documents
from reports.scorecard import document_scheme, score_document
from reports.submission import shown_document
from reports.text_findings import cell_marks, elsewhere, marks_of
from reports.typed_content import put_typed

# How often one person may have files checked, since each takes a worker's time.
MOST, SECONDS = 20, 60
# Of an address without log-in; and of what is checked while one person types.
MOST_OF_STRANGERS, MOST_TYPED = 5, 180
TOO_OFTEN = "检查得太频繁，请一分钟后再试"
TEXT_FIRST = "请选择自评报告或自评表，至少一个"


class QuickCheckForm(PlainMessages, forms.Form):
    """A report's text and its form, or one of them; documents: what they say."""

    text = forms.FileField(
        label="自评报告", required=False, help_text=".docx 或 .txt，不超过 20 MB"
    )
    table = forms.FileField(
        label="自评表", required=False, help_text=".xlsx 或 .xls，各省格式均可"
    )
    scheme = forms.ChoiceField(label="评分方案", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents: list[ReportDocument] = []
        self.names: list[str] = []
        names = [(ref, load_scheme(ref).name) for ref in shipped_refs()]
        self.fields["scheme"] = forms.ChoiceField(
            label="评分方案",
            required=False,
            choices=[("", "不指定（按财预〔2020〕10号）"), *names],
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("text", "table"):
            upload = cleaned.get(name)
            if upload and (document := self._read(name, upload)):
                self.documents.append(document)
                self.names.append(upload.name or "")
        if not self.errors and not self.documents:
            raise ValidationError(TEXT_FIRST)
        return cleaned

    def _read(self, name: str, upload: Any) -> ReportDocument | None:
        try:
            return read_any(read_upload(upload), upload.name or "")
        except (ReadingError, DocumentError) as error:
            for problem in error.problems:
                self.add_error(name, problem)
        except ValidationError as error:
            self.add_error(name, error)
        return None


@login_not_required
@require_http_methods(["GET", "POST"])
def quick_check(request: HttpRequest) -> HttpResponse:
    """Answer what the checks find in uploaded files; nothing of them is kept.

    For those logged in; for everybody where PERFEVAL_QUICK_CHECK_PUBLIC says so.
    """
    is_stranger = not request.user.is_authenticated
    if is_stranger and not settings.QUICK_CHECK_PUBLIC:
        if request.method == "POST":
            return session_expired(request)
        return redirect_to_login(request.get_full_path())
    if request.method == "GET":
        return render(request, "reports/quick_check.html", {"form": QuickCheckForm()})
    if (
        is_too_often(request, "quick-check", MOST_OF_STRANGERS)
        if is_stranger
        else _is_too_often(f"quick-check:{request.user.pk}", MOST)
    ):
        form = QuickCheckForm()
        context = {"form": form, "too_often": TOO_OFTEN}
        return render(request, "reports/quick_check.html", context, status=429)
    form = QuickCheckForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            context = _checked(form)
            return render(request, "reports/quick_check.html", context)
        except ReadingError as error:
            form.add_error(None, str(error))
    return render(request, "reports/quick_check.html", {"form": form}, status=422)


def _checked(form: QuickCheckForm) -> dict[str, Any]:
    """Return the page's context: findings, and the score that the form's facts give."""
    document = join_documents(form.documents)
    wanted = form.cleaned_data["scheme"]
    scheme = document_scheme(document, wanted)
    found = [Shown(each) for each in check_document(document, wanted)]
    score = score_document(document, scheme)
    files = [
        _read_of(name, each, scheme)
        for name, each in zip(form.names, form.documents, strict=True)
    ]
    return {
        "form": QuickCheckForm(initial={"scheme": wanted}),
        "document": document,
        "files": files,
        "groups": grouped(found),
        "unread": not all(each.is_read for each in files),
        "score": score if document.indicators else None,
        "rows": list(zip(document.indicators, score.rows, strict=True)),
        "scheme": scheme,
    }


@dataclass(frozen=True)
class FileRead:
    """What was read of a file; parts: of the report, rows: of the form."""

    name: str
    characters: int
    parts: list[str]
    rows: int

    @property
    def is_read(self) -> bool:
        return bool(self.parts or self.rows)


def _read_of(name: str, document: ReportDocument, scheme: Scheme) -> FileRead:
    titles = {str(each.key): each.title for each in scheme.sections}
    sections = document.sections
    return FileRead(
        name=name,
        characters=sum(count_characters(each.title + each.text) for each in sections),
        parts=[
            titles.get(each.key, each.title)
            for each in sections
            if each.key in SECTION_KEYS
        ],
        rows=len(document.indicators) or len(document.funds.rows),
    )


def _is_too_often(key: str, most: int) -> bool:
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) > most
    except ValueError:
        # The minute ended in between.
        return False


def _fetch(request: AuthenticatedRequest, pk: int) -> SelfAssessment:
    seen = SelfAssessment.objects.visible_to(request.user).with_content()
    seen = seen.select_related("finding_answers")
    seen = with_document_before(seen.prefetch_related("task__levels"))
    assessment: SelfAssessment = get_object_or_404(seen, pk=pk)
    return assessment


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def text_findings(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer the findings of each text and row, for findings.js to put in: as stored
    now, or, where somebody is typing (POST), with what is typed; nothing is written."""
    assessment = _fetch(request, pk)
    parts = fillable_parts(request.user, assessment)
    if request.method == "POST":
        if not parts:
            raise PermissionDenied(why_not_fill(request.user, assessment))
        if _is_too_often(f"typing:{request.user.pk}", MOST_TYPED):
            return HttpResponse(status=429)
        put_typed(assessment, request.POST)
    found = findings_of(assessment, shown_document(assessment))
    texts = marks_of(assessment, found)
    context = {
        "assessment": assessment,
        "texts": texts,
        "cells": cell_marks(assessment, found),
        "fills": bool(parts),
        "elsewhere": elsewhere(found, texts),
    }
    return render(request, "reports/_text_findings.html", context)


@login_required
@require_GET
def findings_page(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the findings of a self-assessment, each linked to where it is mended."""
    assessment = _fetch(request, pk)
    document = shown_document(assessment)
    context = {
        "assessment": assessment,
        "groups": grouped(sending_check(assessment, document).shown),
        "may_fill": may_fill(request.user, assessment),
        "may_send": not why_not(request.user, assessment, STEPS["submit"]),
    }
    return render(request, "reports/findings.html", context)
