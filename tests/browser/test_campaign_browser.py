"""Sending out a year's task in Chromium: the section, a department, a clerk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from indicators.models import SelfAssessment
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_scheme,
    make_task,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def department():
    return make_department(name="云水市文化局")


@pytest.fixture
def unit(department):
    return make_department(department, name="云水市图书馆")


@pytest.fixture
def section():
    office = make_department(name="财政局绩效科")
    return make_user(Role.PERFORMANCE_SECTION, office, name="郑岚")


@pytest.fixture
def log_in(page, context, live_server, client):
    """Log a person in; the console must stay silent until the end."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )

    def change_person(user, path="/"):
        context.clear_cookies()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page.goto(live_server.url + path)
        return page

    yield change_person
    assert complaints == []


def moment(days, clock="17:30"):
    day = timezone.localdate() + timedelta(days=days)
    return f"{day:%Y-%m-%d}T{clock}"


def make_60_projects(unit):
    """40 of one category, one of them cancelled, and 20 of another."""
    other = make_department(make_department(name="云水市司法局"), name="法律援助中心")
    for number in range(60):
        project = make_project(
            unit if number % 2 else other,
            name=f"项目{number:02}",
            category="专项资金项目" if number < 40 else "运转类项目",
            status="cancelled" if number == 0 else "normal",
        )
        if number:
            make_indicators(project)


def total_of(page):
    """Return 应报, 已报, 未报, 免报, 逾期 of the task page's last line."""
    cells = page.locator("#task-total td.num").all_inner_texts()
    return [int(each) for each in cells]


def test_the_section_sends_out_extends_takes_back_and_the_count_adds_up(
    log_in, section, unit
):
    make_scheme()
    make_60_projects(unit)
    page = log_in(section, "/tasks/")

    page.get_by_role("link", name="新建任务").first.click()
    page.get_by_label("任务名称").fill("年度项目支出绩效自评")
    page.get_by_label("评价年度").fill("2024")
    page.get_by_label("评分方案").select_option(index=1)
    page.get_by_label("通知文号").fill("云财绩〔2025〕3号")
    page.get_by_label("通知内容").fill("请于规定时间内完成。")
    page.locator("#id_opens_at").fill(moment(-1, "09:00"))
    page.locator("#id_due_at").fill(moment(20))
    page.get_by_role("button", name="保存任务").click()
    page.get_by_role("link", name="选择项目下达").click()
    page.get_by_label("项目类别").select_option("专项资金项目")
    page.get_by_role("button", name="筛选").click()

    page.get_by_role("heading", name="不自评，登记为免报").wait_for()
    expect(page.locator("[data-check-count]")).to_have_text("40")
    page.get_by_label("项目01", exact=True).uncheck()
    expect(page.locator("[data-check-count]")).to_have_text("39")
    page.get_by_label("项目01", exact=True).check()
    page.get_by_role("button", name="下一步：核对").click()

    figures = page.locator(".figure").all_inner_texts()
    assert [each.strip("个 \n") for each in figures] == ["39", "1"]
    page.get_by_role("button", name="下达任务").click()
    page.get_by_text("已下达 39 个项目，登记免报 1 个").wait_for()
    assert total_of(page) == [40, 0, 39, 1, 0]

    page.get_by_role("link", name="按单位延期").click()
    page.get_by_label("单位").select_option(str(unit.pk))
    page.locator("#id_due_at").fill(moment(30))
    page.get_by_label("原因").fill("系统停机三天")
    page.get_by_role("button", name="下一步：核对").click()
    assert page.locator(".figure").inner_text().strip("个 \n") == "20"
    page.get_by_role("button", name="延期", exact=True).click()
    page.get_by_text("已延期 20 个项目的绩效自评").wait_for()

    page.get_by_role("link", name="任务项目").click()
    page.get_by_label("选择项目02").check()
    page.get_by_role("button", name="收回…").click()
    page.get_by_label("原因").fill("误下达")
    page.get_by_role("button", name="收回", exact=True).click()
    page.get_by_text("已收回 1 个项目的绩效自评").wait_for()

    page.get_by_role("link", name="年度项目支出绩效自评").click()
    page.get_by_role("heading", name="填报进度").wait_for()
    assert total_of(page) == [40, 0, 38, 2, 0]
    assert SelfAssessment.objects.filter(due_at__isnull=False).count() == 20


def test_a_department_passes_it_down_and_a_clerk_finds_it_on_the_workbench(
    log_in, department, unit
):
    task = make_task(title="年度项目支出绩效自评", notice="请于规定时间内完成。")
    make_assessment(make_project(unit, name="公共阅读服务"), task)
    clerk = make_user(Role.FILLER, unit, name="林晓岚")
    page = log_in(make_user(Role.DEPARTMENT_REVIEWER, department), "/tasks/")

    page.get_by_role("link", name="年度项目支出绩效自评").click()
    page.get_by_role("link", name="向云水市文化局下级转发").click()
    page.get_by_label("本部门截止时间").fill(moment(4))
    page.get_by_label("本部门补充说明").fill("请先送财务科核对")
    page.get_by_role("button", name="转发任务").click()
    page.get_by_text("已向云水市文化局及下级单位转发任务").wait_for()

    page = log_in(clerk)
    row = page.locator(".task-list li").filter(has_text="公共阅读服务")
    expect(row).to_contain_text("还剩 4 天")
    expect(page.get_by_role("link", name="自评任务", exact=True)).to_have_count(0)
    page.get_by_text("年度项目支出绩效自评：通知和要求").click()
    assert page.get_by_text("请先送财务科核对").is_visible()
    assert page.get_by_text("请于规定时间内完成。").is_visible()


def test_words_to_send_are_copied_at_one_press(log_in, context, section, unit):
    task = make_task(due_at=timezone.now() - timedelta(days=2))
    make_assessment(make_project(unit, name="公共阅读服务"), task)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = log_in(section, reverse("indicators:task_overdue", args=[task.pk]))

    page.get_by_role("button", name="复制给云水市图书馆的催办文字").click()
    page.get_by_role("button", name="复制给云水市图书馆的催办文字").get_by_text(
        "已复制"
    ).wait_for()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert "“公共阅读服务”（逾期 2 天）" in copied


def test_axe_finds_nothing_on_the_task_pages(log_in, section, department, unit):
    task = make_task(due_at=timezone.now() - timedelta(days=2), notice="请按时填报")
    make_assessment(make_project(unit, name="迟报项目"), task)
    for status in ("normal", "cancelled"):
        make_project(unit, status=status)
    reviewer = make_user(Role.DEPARTMENT_REVIEWER, department)
    names = ["task", "task_edit", "task_choose", "task_projects", "task_overdue"]
    names.append("task_extend")
    by_section = [
        "/tasks/",
        reverse("indicators:holidays"),
        *(reverse(f"indicators:{name}", args=[task.pk]) for name in names),
    ]
    passing = reverse("indicators:task_passing", args=[task.pk, department.pk])

    found = []
    visits = [*((section, path) for path in by_section), (reviewer, passing)]
    for person, path in visits:
        page = log_in(person, path)
        found += faults(page)
    page = log_in(section, reverse("indicators:task_extend", args=[task.pk]))
    page.get_by_label("单位").select_option(str(unit.pk))
    page.locator("#id_due_at").fill(moment(30))
    page.get_by_label("原因").fill("系统停机三天")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("heading", name="核对延期").wait_for()
    found += faults(page)
    page = log_in(section, reverse("indicators:task_projects", args=[task.pk]))
    page.get_by_label("选择迟报项目").check()
    page.get_by_role("button", name="延期…").click()
    page.get_by_role("heading", name="所选项目").wait_for()
    found += faults(page)

    assert found == []
