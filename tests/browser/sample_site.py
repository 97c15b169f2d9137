"""One page with every part of docs/screens.md, for the tests of the frame alone."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.utils import timezone

from perfeval.forms import PlainMessages
from perfeval.urls import urlpatterns as site

PAGE = Path(__file__).with_name("sample_page.html")


class SampleForm(PlainMessages, forms.Form):
    amount = forms.DecimalField(label="年初预算数", help_text="按批复填写")
    category = forms.ChoiceField(label="项目类别", choices=[("", "请选择")])
    kind = forms.ChoiceField(
        label="新增或延续",
        choices=[("n", "新增"), ("c", "延续")],
        widget=forms.RadioSelect,
    )
    goal = forms.CharField(label="年度总体目标", widget=forms.Textarea)
    checked = forms.BooleanField(label="已核对", help_text="核对后再送审")


class SampleFilter(forms.Form):
    year = forms.ChoiceField(label="年度", choices=[("2025", "2025 年")])
    q = forms.CharField(label="项目名称")


def sample(request):
    template = engines["django"].from_string(PAGE.read_text(encoding="utf-8"))
    form = SampleForm(request.POST or None)
    if request.method == "POST":
        messages.error(request, "没有保存。")
        messages.success(request, f"收到：{request.POST.get('goal', '')}")
    now = timezone.now()
    context = {
        "form": form,
        "filter": SampleFilter(prefix="filter"),
        "ratio": Decimal("0.5791"),
        "states": [
            "draft",
            "in_review",
            "returned",
            "approved",
            "published",
            "overdue",
        ],
        "due": now - timedelta(days=2),
        "steps": [
            {"name": state, "state": state, "who": "王芳", "when": "3月5日"}
            for state in ("done", "returned", "current", "todo")
        ],
        "events": [{"what": "退回", "who": "王芳", "at": now, "note": "缺附件"}],
        "items": [
            {
                "name": "资金",
                "url": "/",
                "note": "2 处",
                "state": "draft",
                "label": "填报中",
            }
        ],
        "page_obj": Paginator(range(300), 20).get_page(7),
    }
    return HttpResponse(template.render(context, request))


def answer(request):
    status = int(request.GET.get("status", 200))
    return HttpResponse("已收到", status=status)


urlpatterns = [path("sample/", sample), path("answer/", answer), *site]
