"""Project pages in Chromium: sums that follow, rows that come and go, the keyboard."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project():
    project = make_project(make_department(make_department()), goal="培训执法人员")
    rows = [
        ("产出指标", "数量指标", "培训场次", ">=", "50", "场", "25"),
        ("产出指标", "数量指标", "培训人次", ">=", "2000", "人次", "25"),
    ]
    make_indicators(project, rows)
    return project


@pytest.fixture
def visit(page, context, live_server, client, project):
    """Open a page of the project as its filler; the console must stay silent."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )
    client.force_login(make_user(Role.FILLER, project.unit))
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )

    def open_page(name, *arguments):
        arguments = (
            arguments if name.endswith((":list", ":add")) else (project.pk, *arguments)
        )
        page.goto(live_server.url + reverse(name, args=arguments))
        return page

    yield open_page
    assert complaints == []


def test_axe_finds_nothing_on_the_project_pages(visit, project):
    make_assessment(project)
    indicator = project.indicators.first()
    pages = [
        ("projects:list",),
        ("projects:detail",),
        ("projects:edit",),
        ("projects:funding",),
        ("indicators:targets",),
        ("indicators:indicator_edit", indicator.pk),
        ("indicators:indicator_delete", indicator.pk),
    ]

    found = []
    for name, *arguments in pages:
        found += faults(visit(name, *arguments))

    assert found == []


def test_sums_follow_and_rows_come_and_go_without_losing_what_is_typed(visit):
    page = visit("projects:funding")
    executed = page.get_by_role("textbox", name="全年执行数")

    executed.fill("约20")
    page.get_by_role("button", name="增加一行").click()
    page.locator("#lines-1").wait_for()
    assert executed.first.input_value() == "约20"
    assert page.evaluate("document.activeElement.id") == "id_lines-1-initial"

    executed.first.fill("20.7")
    page.get_by_text("90.00%", exact=True).first.wait_for()
    page.get_by_role("textbox", name="全年预算数").nth(1).fill("7")
    page.locator("#total-adjusted", has_text="30.00").wait_for()
    page.locator("#total-ratio", has_text="69.00%").wait_for()

    page.get_by_role("checkbox", name=re.compile("^删除.*第 2 行")).check()
    page.locator("#total-adjusted", has_text="23.00").wait_for()
    expect(page.locator("#lines-1")).to_contain_text("撤销删除")
    page.get_by_role("checkbox", name=re.compile("^撤销删除.*第 2 行")).uncheck()
    page.locator("#total-adjusted", has_text="30.00").wait_for()

    page.get_by_role("button", name="改用元填写").click()
    page.get_by_role("button", name="改用万元填写").wait_for()
    assert executed.first.input_value() == "207000.00"
    page.get_by_role("button", name="保存资金").click()

    page.get_by_text("已保存资金，预算执行率 69.00%").wait_for()


def test_a_project_is_entered_with_its_money_on_one_page(visit, project):
    page = visit("projects:add")
    page.get_by_label("项目编码", exact=False).first.fill("440700777")
    page.get_by_label("项目名称", exact=False).first.fill("渡口防汛物资储备")
    page.locator("#id_supervising_department").select_option(str(project.unit_id))
    page.locator("#id_unit").select_option(str(project.unit_id))
    page.locator("#id_lines-0-adjusted").fill("1,234.50")
    page.locator("#id_lines-0-executed").fill("￥617.25")
    page.locator("#total-ratio", has_text="50.00%").wait_for()

    page.get_by_role("button", name="增加一行").click()
    page.locator("#id_lines-1-adjusted").wait_for()
    # The row listens once it has settled; nobody types within these milliseconds.
    page.wait_for_function("!document.querySelector('.htmx-added, .htmx-request')")
    page.locator("#id_lines-1-adjusted").fill("133200元")
    page.locator("#total-adjusted", has_text="1,247.82").wait_for()
    assert page.locator("#id_name").input_value() == "渡口防汛物资储备"
    page.locator("#id_name").press("Enter")

    page.get_by_text("已新增“渡口防汛物资储备”").wait_for()
    added = type(project).objects.get(code="440700777")
    assert [each.adjusted for each in added.funding_lines.all()] == [
        Decimal("12345000.00"),
        Decimal("133200.00"),
    ]


def test_a_row_moved_by_the_keyboard_stands_where_it_went(visit, project):
    page = visit("indicators:targets")
    first, second = project.indicators.all()

    page.get_by_role("button", name="上移“培训人次”").press("Enter")

    page.locator(f"#indicator-{second.pk}.just-saved").wait_for()
    assert list(project.indicators.all()) == [second, first]
    names = page.locator("tbody tr td:nth-last-child(5)").all_inner_texts()
    assert [name.strip() for name in names] == ["培训人次", "培训场次"]


def test_the_reading_of_a_target_follows_while_typing(visit, project):
    page = visit("indicators:indicator_edit", project.indicators.first().pk)

    page.get_by_label("年度指标值").fill("约50")
    page.get_by_text("“约50”不是确定的数").wait_for()
    page.get_by_label("年度指标值").fill("60")
    page.get_by_text("系统读作：实际完成值不低于 60 场").wait_for()
