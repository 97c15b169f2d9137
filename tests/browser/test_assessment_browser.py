"""A self-assessment in Chromium: rows saved in place, nothing typed is lost."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import IndicatorResult
from indicators.services import record_result
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Long-Enough-1"


@pytest.fixture
def filler():
    unit = make_department(make_department(), name="执法监督处")
    user = make_user(Role.FILLER, unit)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def assessment(filler):
    unit = filler.memberships.get().department
    return make_assessment(make_project(unit, name="执法培训"))


@pytest.fixture
def result(assessment):
    """培训场次, ≥50场, 50 points."""
    return assessment.results.get(indicator__unit="场")


@pytest.fixture
def open_page(page, context, live_server, client, filler):
    """Open pages as the filler; a refusal by the security policy fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Policy" in line.text else None,
    )
    client.force_login(filler)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    yield lambda name, *args: page.goto(live_server.url + reverse(name, args=args))
    assert complaints == []


def open_row(page, result):
    row = page.locator(f"#result-{result.pk}")
    row.locator(".row-actions a").first.click()
    row.get_by_label("实际完成值").wait_for()
    return row


def test_a_row_is_saved_in_place_and_the_totals_follow(
    page, open_page, assessment, result
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, result)

    row.get_by_label("实际完成值").fill("48")
    row.get_by_role("button", name="保存").click()

    row.get_by_text("完成值 48 ÷ 指标值 50 × 分值 50 = 48.00").wait_for()
    # 48 + 5.79 of the money
    expect(page.locator("#totals")).to_contain_text("53.79")
    expect(page.locator("#score-fact")).to_contain_text("53.79")
    expect(page.locator("#gaps")).to_contain_text("2 项指标未填实际完成值")
    expect(row.locator(".row-actions a").first).to_be_focused()


def test_a_row_that_is_folded_away_is_saved_first(page, open_page, assessment, result):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, result)

    row.get_by_label("实际完成值").fill("48")
    row.get_by_role("link", name="收起").click()

    row.get_by_text("48场").wait_for()
    assert IndicatorResult.objects.get(pk=result.pk).actual == "48"
    row = open_row(page, result)
    row.get_by_role("link", name="收起").click()
    row.locator(".row-actions a").first.wait_for()


def test_who_saves_second_keeps_the_typed_text_in_the_row(
    page, open_page, assessment, result
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, result)
    record_result(None, result, {"deviation_note": "他人写的原因"}, version=1)

    row.get_by_label("偏差原因分析").fill("我写的原因")
    row.get_by_role("button", name="保存").click()

    row.get_by_text("他人写的原因").wait_for()
    field = row.get_by_role("textbox", name="偏差原因分析")
    assert field.input_value() == "我写的原因"
    row.get_by_role("button", name="保存").click()
    row.locator(".row-actions a").first.wait_for()
    assert IndicatorResult.objects.get(pk=result.pk).deviation_note == "我写的原因"


def test_axe_finds_nothing_on_the_pages_of_a_self_assessment(
    page, open_page, assessment, result
):
    found = []

    for name, args in (
        ("workbench", ()),
        ("indicators:list", ()),
        ("indicators:narrative", (assessment.pk, "goal")),
        ("indicators:result", (assessment.pk, result.pk)),
        ("reports:report", (assessment.pk,)),
        ("indicators:detail", (assessment.pk,)),
    ):
        open_page(name, *args)
        found += faults(page)
    row = open_row(page, result)
    row.get_by_label("偏差原因分析").fill("长" * 10_001)
    row.get_by_role("button", name="保存").click()
    row.get_by_role("alert").wait_for()
    found += faults(page)

    assert found == []


def test_a_row_is_saved_after_a_new_log_in_in_place(
    page, context, open_page, assessment, result
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, result)
    row.get_by_label("实际完成值").fill("45")
    context.clear_cookies(name="sessionid")
    row.get_by_role("button", name="保存").click()

    page.get_by_role("dialog").get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录并保存").click()
    row.get_by_text("已保存").wait_for()

    result.refresh_from_db()
    assert result.actual == "45"
