"""What the checks find: in a self-assessment, and in files outside the system."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from indicators.access import may_fill
from indicators.models import SelfAssessment
from indicators.schemes import load_scheme, shipped_refs
from indicators.workflow import STEPS, why_not
from perfeval.files import read_upload
from perfeval.forms import PlainMessages
from perfeval.http import AuthenticatedRequest
from reports.answers import sending_check
from reports.checks.check import check_document
from reports.document import DocumentError, ReportDocument
from reports.findings import Shown, findings_of, grouped, with_document_before
from reports.reading.files import ReadingError
from reports.reading.pairs import join_documents, read_any
from reports.scorecard import document_scheme, score_document
from reports.submission import shown_document
from reports.text_findings import elsewhere, marks_of

# How often one person may have files checked, since each takes a worker's time.
MOST, SECONDS = 20, 60
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


@login_required
@require_http_methods(["GET", "POST"])
def quick_check(request: AuthenticatedRequest) -> HttpResponse:
    """Answer what the checks find in uploaded files; nothing of them is kept."""
    if request.method == "GET":
        return render(request, "reports/quick_check.html", {"form": QuickCheckForm()})
    if _is_too_often(request.user.pk):
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
    return {
        "form": QuickCheckForm(initial={"scheme": wanted}),
        "document": document,
        "groups": grouped(found),
        "score": score if document.indicators else None,
        "rows": list(zip(document.indicators, score.rows, strict=True)),
        "scheme": scheme,
    }


def _is_too_often(user_pk: int) -> bool:
    key = f"quick-check:{user_pk}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) > MOST
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
@require_GET
@never_cache
def text_findings(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer the findings of each text as stored now, for findings.js to put in."""
    assessment = _fetch(request, pk)
    found = findings_of(assessment, shown_document(assessment))
    texts = marks_of(assessment, found)
    context = {
        "assessment": assessment,
        "texts": texts,
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
