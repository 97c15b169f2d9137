"""The page on which anybody checks a report (查验): by its code, or by the file."""

import re
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.models import SelfAssessment
from perfeval.files import read_upload
from perfeval.forms import PlainMessages
from perfeval.throttle import is_too_often
from reports.reading.files import ReadingError
from reports.verification import Verdict, normal_code, verify_code, verify_file

MOST_A_MINUTE = 20
# Of the lines that differ.
MOST_SHOWN = 200
TOO_OFTEN = "查验过于频繁，请一分钟后再试"
UNKNOWN_CODE = "没有查到这个查验码，请核对是否输错；尚未审定的材料不能查验"
UNKNOWN_FILE = (
    "没有查到与这个文件对应的已审定材料：它不是归档的原件，文件中也没有能识别的查验码。"
    "请同时填写纸面页脚上的查验码再试"
)


class VerificationForm(PlainMessages, forms.Form):
    """A code, a file, or both."""

    code = forms.CharField(
        label="查验码",
        required=False,
        max_length=40,
        help_text="印在每页页脚，如 ABCD-2345-EFGH-6789，横线可不输",
    )
    file = forms.FileField(
        label="文件",
        required=False,
        help_text="PDF、Word、Excel 或数据（JSON），不超过 20 MB；查验后即丢弃，不保存",
    )

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"])
        code = normal_code(typed)
        if typed.strip() and not re.fullmatch(r"[0-9A-Z-]{19}", code):
            raise ValidationError("查验码是 16 位字母和数字，请核对")
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("code") and not cleaned.get("file"):
            raise ValidationError("请填写查验码，或选择要查验的文件")
        return cleaned


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification_page(request: HttpRequest) -> HttpResponse:
    """Answer which report it is and whether the file is unchanged; nothing is kept."""
    asked = request.method == "POST" or "code" in request.GET
    if not asked:
        return _page(request, VerificationForm())
    data = request.POST if request.method == "POST" else request.GET
    form = VerificationForm(data, request.FILES)
    if is_too_often(request, "verify", MOST_A_MINUTE):
        form.add_error(None, TOO_OFTEN)
        return _page(request, form, status=429)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        verdict = _verdict(form)
    except ReadingError as error:
        form.add_error("file", list(error.problems))
    except ValidationError as error:
        form.add_error("file", error)
    else:
        if verdict:
            return _page(request, form, verdict)
        told = UNKNOWN_FILE if form.cleaned_data["file"] else UNKNOWN_CODE
        form.add_error(None, told)
    return _page(request, form, status=422)


def _verdict(form: VerificationForm) -> Verdict | None:
    upload = form.cleaned_data["file"]
    if not upload:
        return verify_code(form.cleaned_data["code"])
    return verify_file(read_upload(upload), form.cleaned_data["code"], of_stranger=True)


def _page(
    request: HttpRequest,
    form: VerificationForm,
    verdict: Verdict | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a stranger's own words only; those of the frozen file to who may see it."""
    may_see = verdict is not None and _may_see(request, verdict)
    context = {
        "form": form,
        "verdict": verdict,
        "may_see": may_see,
        "added": verdict.added[:MOST_SHOWN] if verdict else (),
        "missing": verdict.missing[:MOST_SHOWN] if verdict and may_see else (),
        "most": MOST_SHOWN,
    }
    return render(request, "reports/verification.html", context, status=status)


def _may_see(request: HttpRequest, verdict: Verdict) -> bool:
    if not request.user.is_authenticated:
        return False
    seen = SelfAssessment.objects.visible_to(request.user)
    return seen.filter(pk=verdict.artifact.assessment_id).exists()
