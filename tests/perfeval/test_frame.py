"""What every page stands in: navigation, messages, error pages, the shared parts."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator
from django.template.loader import render_to_string
from django.utils import timezone

from perfeval.forms import PlainMessages
from perfeval.views import server_error
from projects.context import entries_for
from projects.models import Role
from tests.factories import make_department, make_user

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
NOTICE = "本系统为非涉密系统，严禁存储、处理、传输国家秘密"


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (
            Role.FILLER,
            [
                "工作台",
                "项目",
                "指标库",
                "绩效自评",
                "问题整改",
                "结果应用",
                "公开的报告",
                "批量任务",
                "快速检查",
            ],
        ),
        (
            Role.SECTION_REVIEWER,
            [
                "工作台",
                "项目",
                "指标库",
                "绩效自评",
                "问题整改",
                "结果应用",
                "公开的报告",
                "批量任务",
                "快速检查",
            ],
        ),
        (
            Role.THIRD_PARTY,
            [
                "工作台",
                "我的复核",
                "绩效自评",
                "公开的报告",
                "批量任务",
                "快速检查",
            ],
        ),
        (Role.SYSTEM_ADMIN, ["工作台", "单位管理", "人员管理"]),
        (Role.AUDIT_ADMIN, ["工作台", "审计记录"]),
    ],
)
def test_the_navigation_holds_what_the_role_has(db, role, labels):
    user = make_user(role, make_department())

    assert [each.label for each in entries_for(user, "/")] == labels


def test_system_administration_is_for_staff(db):
    user = make_user(is_staff=True)

    assert [each.label for each in entries_for(user, "/")] == ["工作台", "系统管理"]


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "工作台"), ("/projects/", "项目"), ("/projects/12/edit/", "项目")],
)
def test_the_entry_of_the_page_at_hand_is_marked(db, path, current):
    user = make_user(Role.FILLER, make_department())

    marked = [each.label for each in entries_for(user, path) if each.is_current]

    assert marked == [current]


def test_a_page_shows_the_office_who_is_logged_in_and_the_notice(
    client, db, settings, django_assert_num_queries
):
    settings.OFFICE_NAME = "云泽市财政局"
    user = make_user(Role.FILLER, make_department(name="市司法局"), name="王芳")
    client.force_login(user)
    client.get("/password/")

    # Session (read; written anew in a savepoint), user, roles of today.
    with django_assert_num_queries(6):
        page = client.get("/password/").content.decode()

    assert "云泽市财政局" in page
    assert "市司法局 · 填报人" in page
    assert NOTICE in page
    assert page.count("<h1>") == 1


def test_the_login_page_says_that_nothing_secret_may_be_kept_here(client, db):
    assert NOTICE in client.get("/login/").content.decode()


def test_a_missing_page_is_said_so_with_the_request_number(client, db):
    answered = client.get("/nowhere/", headers={"X-Request-ID": "abcdef123456"})

    page = answered.content.decode()
    assert answered.status_code == 404
    assert "找不到这个页面" in page
    assert "<code>abcdef123456</code>" in page


@pytest.mark.parametrize("address", ["/nowhere/", "/projects/999999/"])
def test_the_demo_shows_the_sites_own_page_for_what_is_missing(
    client, db, settings, address
):
    settings.DEBUG = True
    own_page = "perfeval.debug_pages.OwnNotFoundPage"
    settings.MIDDLEWARE = [*{**dict.fromkeys(settings.MIDDLEWARE), own_page: None}]
    client.force_login(make_user(Role.FILLER, make_department()))

    answered = client.get(address)

    assert answered.status_code == 404
    assert "找不到这个页面" in answered.content.decode()


def test_the_failure_page_needs_no_database_and_names_the_request(rf):
    request = rf.get("/")
    request.request_id = "abcdef123456"

    answered = server_error(request)

    page = answered.content.decode()
    assert answered.status_code == 500
    assert "系统出错，这次操作没有完成" in page
    assert "<code>abcdef123456</code>" in page


def test_a_failing_view_answers_with_the_failure_page(client, db, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("perfeval.views.demo_people", lambda: 1 / 0)

    answered = client.get("/login/")

    assert answered.status_code == 500
    assert "系统出错" in answered.content.decode()


# The report as a file to download stands alone and carries its own style; the widths of
# a form's columns are written for paper alone (a screen is given none).
NOT_SERVED_AS_PAGES = {"reports/report.html", "reports/_columns.html"}
FORBIDDEN = {
    "inline style": r"<[^>]*\sstyle=",
    "style element": r"<style\b",
    "inline handler": r"<[^>]*\son[a-z]+=",
    "inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "evaluated by htmx": r"\bhx-on\b|js:",
    "outside address": r"(?:href|src|action)=\"(?:https?:)?//",
}


def test_no_template_asks_for_what_the_security_policy_refuses():
    found = [
        f"{path.relative_to(TEMPLATES)}: {what}"
        for path in sorted(TEMPLATES.glob("**/*.html"))
        for what, pattern in FORBIDDEN.items()
        if path.relative_to(TEMPLATES).as_posix() not in NOT_SERVED_AS_PAGES
        and re.search(pattern, path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("now", "words", "style"),
    [
        ("2026-03-01 09:00", "还剩 4 天", ""),
        ("2026-03-02 09:00", "还剩 3 天", "due-soon"),
        ("2026-03-05 17:29", "今天 17:30 截止", "due-soon"),
        ("2026-03-05 17:30", "今天 17:30 截止", "due-soon"),
        ("2026-03-05 17:31", "今天 17:30 已截止", "due-past"),
        ("2026-03-06 00:10", "已逾期 1 天", "due-past"),
    ],
)
def test_a_due_time_holds_to_the_end_of_its_minute(monkeypatch, now, words, style):
    office = timezone.get_default_timezone()
    moment = datetime.fromisoformat(now).replace(tzinfo=office)
    due = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    monkeypatch.setattr(timezone, "now", lambda: moment)

    shown = render_to_string("_due.html", {"due_at": due})

    assert f">{words}</time>" in shown
    assert f'class="{style}"' in shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(Decimal("0.5791"), "57.91%"), (Decimal("1.25"), "125.00%"), (None, "—")],
)
def test_a_ratio_is_a_bar_and_a_figure(ratio, shown):
    bar = render_to_string("_ratio_bar.html", {"ratio": ratio, "label": "执行率"})

    assert shown in bar
    assert ('aria-label="执行率"' in bar) is (ratio is not None)


def test_paging_keeps_the_rest_of_the_address(rf):
    request = rf.get("/projects/?year=2025&q=信息化&page=2")
    page = Paginator(range(300), 20).get_page(2)

    shown = render_to_string("_pagination.html", {"page_obj": page}, request)

    assert "共 300 条，第 2 / 15 页" in shown
    assert "?year=2025&amp;q=%E4%BF%A1%E6%81%AF%E5%8C%96&amp;page=3" in shown
    assert 'aria-label="第 15 页"' in shown
    assert 'aria-label="第 8 页"' not in shown


def test_nothing_in_the_demo_replaces_a_page_by_an_errors_page(client, settings, db):
    settings.DEBUG = True

    page = client.get("/login/").content.decode()

    assert "django_htmx/htmx-2.min.js" in page
    assert "django-htmx.js" not in page


class AmountForm(PlainMessages, forms.Form):
    amount = forms.DecimalField(
        label="年初预算数",
        help_text="按批复填写",
        error_messages={"invalid": "请填写数字"},
    )
    kind = forms.ChoiceField(label="项目类别", choices=[("a", "一般")])
    note = forms.CharField(label="说明", required=False)


@pytest.fixture
def wrong_form():
    return AmountForm({"amount": "约50"})


def test_each_error_stands_in_the_summary_and_leads_to_its_field(wrong_form):
    summary = render_to_string("_error_summary.html", {"form": wrong_form})

    assert '<a href="#id_amount">年初预算数：请填写数字</a>' in summary
    assert '<a href="#id_kind">项目类别：请选择项目类别</a>' in summary
    assert "说明" not in summary


class ShortForm(PlainMessages, forms.Form):
    title = forms.CharField(label="名称", max_length=4)
    year = forms.IntegerField(label="年度", max_value=2100)
    kind = forms.ChoiceField(label="项目类别", choices=[("a", "一般")])


def test_errors_speak_of_what_was_typed_and_not_of_variables():
    form = ShortForm({"title": "全民阅读推广", "year": "2200", "kind": "b"})

    assert form.errors == {
        "title": ["最多 4 个字符，现有 6 个，请删减"],
        "year": ["不能大于 2100"],
        "kind": ["请从列表中选择"],
    }


def test_characters_nobody_can_see_and_a_year_in_words_are_told_plainly():
    form = ShortForm({"title": "a\x00", "year": "今年", "kind": "a"})

    assert form.errors == {
        "title": ["含有不可见的控制字符，请删去后重新输入"],
        "year": ["请填写整数"],
    }


def test_what_a_service_refuses_is_told_in_the_same_words():
    form = ShortForm({"title": "阅读", "year": "2024", "kind": "a"})
    longest = MaxLengthValidator(3)
    refused = ValidationError({"title": ["不能重名"]})
    with pytest.raises(ValidationError) as caught:
        longest("全民阅读")

    form.take_errors(refused)
    form.take_errors(ValidationError({"title": caught.value}))

    assert form.errors["title"] == [
        "不能重名",
        "最多 3 个字符，现有 4 个，请删减",
    ]


def test_without_errors_there_is_no_summary():
    form = AmountForm({"amount": "5", "kind": "a"})

    assert "error-summary" not in render_to_string(
        "_error_summary.html", {"form": form}
    )


def test_errors_of_a_table_name_the_row():
    rows = forms.formset_factory(AmountForm, extra=0)
    data = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "0",
        "form-0-amount": "5",
        "form-0-kind": "a",
        "form-1-amount": "约50",
        "form-1-kind": "a",
    }

    summary = render_to_string("_error_summary.html", {"formset": rows(data)})

    assert (
        '<a href="#id_form-1-amount">第 2 行「年初预算数」：请填写数字</a>' in summary
    )


def test_a_field_ties_label_help_error_and_unit_together(wrong_form):
    context = {"field": wrong_form["amount"], "unit": "万元"}

    shown = " ".join(render_to_string("_field.html", context).split())

    assert '<label class="form-label" for="id_amount">' in shown
    assert 'id="id_amount_helptext"' in shown
    assert 'id="id_amount_error"' in shown
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'value="约50"' in shown
    assert '<span class="input-group-text">万元</span>' in shown
