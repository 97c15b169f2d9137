"""问题整改 in Chromium, from the report to its confirmation; 结果应用."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import Narrative, Problem, SelfAssessment, UseRule
from indicators.workflow import advance
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def people():
    unit = make_department(make_department(name="云水市司法局"), name="执法监督处")
    office = make_department(name="财政局绩效科")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "finance": make_user(Role.PERFORMANCE_SECTION, office, name="赵绩效"),
        "unit": unit,
    }


@pytest.fixture
def approved(people):
    task = make_task(levels=(Role.PERFORMANCE_SECTION,))
    made = make_assessment(make_project(people["unit"], name="执法培训"), task)
    made = complete(made, people["filler"])
    Narrative.objects.filter(assessment=made, key="problems").update(
        text="存在问题：一是执行率偏低；二是签到表不齐。"
    )
    sent = submit(made, people["filler"])
    advance(sent.pk, "approve", people["finance"], version=sent.version, snapshot={})
    return SelfAssessment.objects.get(pk=made.pk)


@pytest.fixture
def as_(page, context, live_server, client, people):
    """Open a page as one of the people."""

    def open_page(who, name, *args):
        context.clear_cookies()
        client.force_login(people[who])
        session = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page.goto(live_server.url + reverse(name, args=args))
        return page

    return open_page


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def says(page, words):
    expect(page.locator("#main")).to_contain_text(words)


def test_a_problem_goes_from_the_report_to_its_confirmation(as_, approved, tmp_path):
    page = as_("finance", "indicators:detail", approved.pk)
    page.get_by_role("link", name="问题清单", exact=True).click()
    page.get_by_role("link", name="列出问题", exact=True).click()
    page.get_by_label("列入清单：签到表不齐。").check()
    page.get_by_label("问题").nth(1).fill("签到表缺 3 场。")
    press(page, "列入清单")
    says(page, "已列入 1 项问题")
    press(page, "发出整改（1 项）")
    says(page, "发出 1 项问题")

    page = as_("filler", "notices")
    page.get_by_text("有 1 项问题需要整改：签到表缺 3 场。").click()
    page.get_by_role("link", name="签到表缺 3 场。").click()
    page.get_by_label("整改措施").fill("补齐签到表并逐场核对。")
    says(page, "已保存")
    proof = tmp_path / "签到表.pdf"
    proof.write_bytes(PDF)
    page.get_by_label("选择文件").set_input_files(proof)
    press(page, "上传")
    expect(page.get_by_role("link", name="签到表.pdf")).to_be_visible()
    expect(page.get_by_label("整改措施")).to_have_value("补齐签到表并逐场核对。")
    page.get_by_label("整改责任人").fill("陈填报")
    press(page, "提交整改结果")
    says(page, "请填写整改结果")
    page.get_by_label("整改期限").fill("2030-03-31")
    page.get_by_label("整改结果").fill("3 场签到表已补齐。")
    press(page, "提交整改结果")
    says(page, "已提交，等待确认")

    page = as_("finance", "notices")
    page.get_by_text("的整改结果已提交，请确认").click()
    press(page, "退回整改")
    says(page, "请写明退回整改的原因")
    page.get_by_label("意见").fill("同意。")
    press(page, "确认整改到位")
    says(page, "已办理：确认整改到位")
    page = as_("filler", "indicators:detail", approved.pk)
    says(page, "应整改 1 项，未完成 0 项")
    assert Problem.objects.get().state == "confirmed"


def test_a_result_is_decided_as_suggested_and_read_by_the_unit(as_, approved):
    # Between tests the tables are emptied, also of what a new installation has.
    UseRule.objects.get_or_create(grade="优", defaults={"use": "priority"})

    page = as_("finance", "indicators:result_uses")
    page.get_by_label("选择执法培训").check()
    press(page, "对勾选的采用建议")
    says(page, "已按参考意见决定 1 项")
    page.get_by_role("link", name="执法培训").click()
    page.get_by_label("建议安排金额").fill("30")
    press(page, "保存决定")
    says(page, "30.00 万元")
    press(page, "发给单位")
    says(page, "已发给单位 1 项")

    page = as_("filler", "indicators:result_use", approved.pk)

    says(page, "30.00 万元")
    expect(page.get_by_role("button", name="保存决定")).to_have_count(0)


def test_axe_finds_nothing_on_the_pages_of_follow_up(as_, approved, people):
    problem = Problem.objects.create(
        assessment=approved,
        text="执行率偏低。",
        state="open",
        listed_as=Role.PERFORMANCE_SECTION,
        listed_by=people["finance"],
        listed_at=approved.changed_at,
    )
    found = []
    for who, name, args in (
        ("finance", "problems", []),
        ("finance", "assessment_problems", [approved.pk]),
        ("finance", "problem_add", [approved.pk]),
        ("finance", "problem", [approved.pk, problem.pk]),
        ("filler", "problem", [approved.pk, problem.pk]),
        ("finance", "result_uses", []),
        ("finance", "result_use", [approved.pk]),
        ("finance", "use_rules", [approved.task_id]),
        ("finance", "use_rule", [approved.task_id, 0]),
    ):
        found += faults(as_(who, f"indicators:{name}", *args))

    assert found == []
