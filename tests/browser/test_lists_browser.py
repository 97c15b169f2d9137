"""Lists in Chromium: sort, choose columns, filter, export, in light and dark."""

import io

import openpyxl
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import TaskState
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_membership,
    make_project,
    make_task,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def unit():
    return make_department(make_department(name="云水市文化局"), name="云水市图书馆")


@pytest.fixture
def signed_in(page, context, live_server, client):
    """A page of somebody of the 绩效科 who administers the system as well."""
    office = make_department(name="云水市财政局")
    person = make_user(Role.PERFORMANCE_SECTION, office, name="郑岚")
    make_membership(person, Role.SYSTEM_ADMIN, office)
    client.force_login(person)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    complaints = []
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )
    yield page
    assert complaints == []


def expect_names(page, names):
    expect(page.locator("table.data-table tbody th a")).to_have_text(names)


def test_a_list_is_sorted_filtered_narrowed_and_taken_along(
    signed_in, live_server, unit
):
    for name, money in (("甲项目", "30000"), ("乙项目", "90000"), ("丙活动", "60000")):
        make_project(unit, name=name, money=(money, money, "0"))
    page = signed_in
    page.goto(live_server.url + reverse("projects:list"))

    page.get_by_role("link", name="全年预算数（万元）").click()
    expect_names(page, ["甲项目", "丙活动", "乙项目"])
    page.get_by_role("link", name="全年预算数（万元）").click()
    expect_names(page, ["乙项目", "丙活动", "甲项目"])
    page.locator("summary", has_text="选择列").click()
    page.get_by_label("主管部门", exact=True).check()
    page.get_by_label("截止", exact=True).uncheck()
    page.get_by_role("button", name="显示所选列").click()
    expect(page.get_by_role("columnheader", name="主管部门")).to_be_visible()
    page.get_by_label("编码、名称或单位").fill("项目")
    page.get_by_role("button", name="筛选").click()
    expect_names(page, ["乙项目", "甲项目"])

    heads = page.locator("thead th").all_inner_texts()
    assert "主管部门" in [each.strip() for each in heads]
    assert "截止" not in [each.strip() for each in heads]
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("全年预算")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.startswith("项目")
    content = download.value.path().read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert [row[1] for row in rows] == ["乙项目", "甲项目"]
    assert "主管部门" in head


def test_axe_finds_nothing_on_lists(signed_in, live_server, unit):
    task = make_task(state=TaskState.SENT)
    for number in range(3):
        project = make_project(unit, name=f"项目{number}")
        make_indicators(project)
        make_assessment(project, task)
    page = signed_in
    lists = ["projects:list", "indicators:list", "indicators:tasks"]
    lists += ["indicators:changes", "indicators:approval"]
    lists += ["people:list", "departments:list"]

    found = []
    for name in lists:
        page.goto(live_server.url + reverse(name) + "?sort=-name")
        if page.locator("summary", has_text="选择列").count():
            page.locator("summary", has_text="选择列").click()
        found += faults(page)

    assert found == []
