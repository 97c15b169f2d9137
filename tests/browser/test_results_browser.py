"""Results in Chromium: points follow the typing, evidence, parts, keyboard, 390 px."""

import re

import pytest
from django.urls import reverse

from indicators.models import IndicatorResult
from projects.models import Role
from tests.browser.test_assessment_browser import open_row, violations
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unit():
    return make_department(make_department(), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def assessment(unit):
    return make_assessment(make_project(unit, name="执法培训"))


@pytest.fixture
def quantity(assessment):
    """培训场次, ≥50场, 50 points."""
    return assessment.results.get(indicator__unit="场")


@pytest.fixture
def log_in(context, client, live_server):
    def log_in(user):
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )

    return log_in


@pytest.fixture
def open_page(page, log_in, live_server, filler):
    """Open pages as the filler; a refusal by the security policy fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Policy" in line.text else None,
    )
    log_in(filler)
    yield lambda name, *args: page.goto(live_server.url + reverse(name, args=args))
    assert complaints == []


def test_points_follow_the_typing_and_the_caret_stays(
    page, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    field = row.get_by_label("实际完成值")

    field.press_sequentially("8")
    row.get_by_text("完成值 8 ÷ 指标值 50 × 分值 50 = 8.00").wait_for()
    field.press("Home")
    field.press("4")
    row.get_by_text("完成值 48 ÷ 指标值 50 × 分值 50 = 48.00").wait_for()

    assert row.get_by_text("得分 48.00 低于分值 50").is_visible()
    # 48 + 5.79 of the money
    assert "53.79" in page.locator("#totals").inner_text()
    assert "待定" in page.locator("#totals").inner_text()
    assert field.evaluate("field => field === document.activeElement")
    assert field.evaluate("field => field.selectionStart") == 1
    assert IndicatorResult.objects.get(pk=quantity.pk).actual == ""
    row.get_by_role("link", name="取消").click()
    row.get_by_role("link", name="填写").wait_for()
    assert re.search(r"总分\s*5\.79", page.locator("#totals").inner_text())


def test_without_a_server_typing_goes_on_and_the_row_says_so(
    page, context, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    context.set_offline(True)

    row.get_by_label("实际完成值").press_sequentially("48")

    row.get_by_text("连接不上服务器，暂时算不出得分；您可以继续填写").wait_for()
    assert row.get_by_label("实际完成值").input_value() == "48"
    assert violations(page) == []
