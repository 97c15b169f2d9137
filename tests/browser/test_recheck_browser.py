"""A recheck in Chromium: a sample drawn, given out, written, handed in, confirmed."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from indicators.models import Recheck, RecheckState
from projects.models import Role
from reports.submission import decide, submit
from tests.browser.looking import faults
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RECHECK_SHOTS", "")


@pytest.fixture
def people():
    """Whoever has a part in the story, by role."""
    unit = make_department(make_department(name="市司法局"), name="执法监督处")
    bureau = make_department(name="市财政局")
    firm = make_department(name="明正会计师事务所")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "reviewer": make_user(Role.UNIT_REVIEWER, unit, name="林审核"),
        "finance": make_user(Role.PERFORMANCE_SECTION, bureau, name="郑绩效"),
        "expert": make_user(Role.THIRD_PARTY, firm, name="顾复核"),
        "unit": unit,
    }


@pytest.fixture
def assessment(people):
    """Approved by the unit, it waits at the 绩效科, which gives points."""
    task = make_task(levels=(Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION))
    task.levels.filter(role=Role.PERFORMANCE_SECTION).update(gives_points=True)
    project = make_project(people["unit"], name="执法培训")
    made = complete(make_assessment(project, task), people["filler"])
    sent = submit(people["filler"], made, version=made.version)
    return decide(people["reviewer"], sent, "approve", version=sent.version)


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
def go(page, live_server):
    def go(name, *args):
        page.goto(live_server.url + reverse(name, args=args))

    return go


def look(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert faults(page) == []


def fill_row(page, name, points, reason, note):
    row = page.locator(".review-item", has=page.get_by_role("heading", name=name))
    row.get_by_label("复核得分").fill(points)
    row.get_by_label("扣分原因").select_option(label=reason)
    row.get_by_label("说明").fill(note)
    saved = row.locator("[data-autosave-status]")
    expect(saved).to_contain_text("已保存", timeout=15_000)


def test_a_sample_is_drawn_rechecked_and_read_by_the_unit(
    page, go, log_in, assessment, people
):
    log_in(people["finance"])
    go("indicators:spot_checks", assessment.task_id)
    page.get_by_label("抽取比例").fill("50")
    page.get_by_label("随机种子").fill("2024")
    page.get_by_role("button", name="抽取样本").click()
    expect(page.locator("body")).to_contain_text("从 1 个项目中抽取 1 个")
    expect(page.locator("body")).to_contain_text("重新计算一致")
    look(page, "sample")
    page.get_by_role("button", name="分派全部未分派的").click()
    page.get_by_label("复核人或复核机构").select_option(label="顾复核")
    due = timezone.localtime() + timedelta(days=7)
    page.get_by_label("复核期限").fill(f"{due:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="分派复核").click()
    expect(page.locator("body")).to_contain_text("已把 1 个项目交顾复核复核")

    log_in(people["expert"])
    go("indicators:my_rechecks")
    page.get_by_role("link", name="执法培训").click()
    fill_row(
        page,
        "培训场次",
        "38",
        "完成值与佐证材料不一致，按核实值计分",
        "签到表只有 38 场",
    )
    expect(page.locator("#recheck-totals")).to_contain_text("83.79")
    fill_row(page, "群众满意度", "0", "满意度没有调查依据（参考扣 100%）", "没有问卷")
    expect(page.locator("#recheck-totals")).to_contain_text("73.79")
    opinion = page.locator("#text-opinion")
    opinion.get_by_role("textbox").fill("台账不全，按核实情况扣分。")
    saved = opinion.locator("[data-autosave-status]")
    expect(saved).to_contain_text("已保存", timeout=15_000)
    look(page, "writing")
    page.get_by_role("link", name="提交复核结果").click()
    page.get_by_role("button", name="提交复核结果").click()
    expect(page.locator("body")).to_contain_text("已提交复核结果")
    expect(page.get_by_role("button", name="保存")).to_have_count(0)

    log_in(people["finance"])
    go("indicators:task_rechecks", assessment.task_id)
    table = page.get_by_role("table")
    for words in ("95.79", "73.79", "-22.00", "偏差较大", "完成值与佐证材料不一致"):
        expect(table).to_contain_text(words)
    look(page, "results")
    go("reports:review", assessment.pk)
    expect(page.locator("body")).to_contain_text("偏差 -22.00")
    page.get_by_role("button", name="采用复核得分").click()
    expect(page.locator("body")).to_contain_text("已采用第三方的复核得分 3 项")
    expect(page.locator("#review-totals")).to_contain_text("73.79")
    log_in(people["filler"])
    go("indicators:detail", assessment.pk)
    page.get_by_role("link", name="复核结果").click()
    page.wait_for_url(re.compile(r"/rechecks/\d+/"))
    for words in ("签到表只有 38 场", "台账不全", "-22.00"):
        expect(page.locator("body")).to_contain_text(words)
    expect(page.get_by_role("button", name="保存")).to_have_count(0)
    look(page, "read")
    assert Recheck.objects.get().state == RecheckState.CONFIRMED
