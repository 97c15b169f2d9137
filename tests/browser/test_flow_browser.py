"""One report from draft to the public in Chromium, with what each sees on the way."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from indicators.models import ReviewRecord, SelfAssessment
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
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def department():
    return make_department(name="云水市司法局")


@pytest.fixture
def unit(department):
    return make_department(department, name="执法监督处")


@pytest.fixture
def people(department, unit):
    office = make_department(name="财政局绩效科")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "unit": make_user(Role.UNIT_REVIEWER, unit, name="李审核"),
        "department": make_user(Role.DEPARTMENT_REVIEWER, department, name="王主管"),
        "finance": make_user(Role.PERFORMANCE_SECTION, office, name="赵绩效"),
        "expert": make_user(Role.THIRD_PARTY, make_department(), name="顾复核"),
    }


@pytest.fixture
def as_(page, context, live_server, client, people):
    """Open a page as one of the people; the console must stay silent."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Policy" in line.text else None,
    )

    def open_page(who, name, *args):
        context.clear_cookies()
        client.force_login(people[who])
        session = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page.goto(live_server.url + reverse(name, args=args))
        return page

    yield open_page
    assert complaints == []


@pytest.fixture
def assessment(unit, people):
    task = make_task()
    task.levels.filter(role=Role.PERFORMANCE_SECTION).update(gives_points=True)
    made = make_assessment(make_project(unit, name="执法培训"), task)
    return complete(made, people["filler"])


def opened(assessment):
    return SelfAssessment.objects.get(pk=assessment.pk).opened_at is not None


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def send_up(as_, assessment):
    page = as_("filler", "indicators:detail", assessment.pk)
    page.get_by_role("link", name="送审", exact=True).click()
    press(page, "送审")
    page.get_by_text("已送审，送审编号").wait_for()


def approve(as_, who, assessment):
    page = as_(who, "reports:review", assessment.pk)
    page.get_by_text("送审方已不能撤回").wait_for()
    press(page, "审核通过")
    page.get_by_text("审核通过，现在").wait_for()


def recheck(as_, assessment):
    """A third party takes points off, the 绩效科 takes its points over."""
    page = as_("finance", "indicators:spot_checks", assessment.task_id)
    page.get_by_label("抽取比例").fill("100")
    press(page, "抽取样本")
    press(page, "分派全部未分派的")
    page.get_by_label("复核人或复核机构").select_option(label="顾复核")
    due = timezone.localtime() + timedelta(days=7)
    page.get_by_label("复核期限").fill(f"{due:%Y-%m-%dT%H:%M}")
    press(page, "分派复核")
    page.get_by_text("已把 1 个项目交顾复核复核").wait_for()
    page = as_("expert", "indicators:my_rechecks")
    page.get_by_role("link", name="执法培训").click()
    row = page.locator(".review-item", has_text="培训场次").first
    row.get_by_label("复核得分").fill("38")
    row.get_by_label("扣分原因").select_option(index=1)
    row.get_by_label("说明").fill("签到表只有 38 场")
    expect(row.locator("[data-autosave-status]")).to_contain_text("已保存")
    opinion = page.locator("#text-opinion")
    opinion.get_by_role("textbox").fill("按核实情况扣分。")
    expect(opinion.locator("[data-autosave-status]")).to_contain_text("已保存")
    page.get_by_role("link", name="提交复核结果").click()
    press(page, "提交复核结果")
    page.get_by_text("已提交复核结果").wait_for()
    page = as_("finance", "reports:review", assessment.pk)
    press(page, "采用复核得分")
    page.get_by_text("已采用第三方的复核得分").wait_for()


def publish(as_, assessment):
    """The filler makes the copy and hides words in it, the 绩效科 approves it."""
    page = as_("filler", "reports:publications", assessment.pk)
    page.get_by_role("link", name="编制公开稿").click()
    press(page, "编制并查找个人信息")
    page.get_by_role("link", name="预览和标记").click()
    paper = page.locator(".paper").first
    paper.get_by_text("已写明").first.select_text()
    press(page, "遮盖选中的文字")
    expect(page.get_by_label("要遮盖的字词或段落")).to_have_value("已写明")
    press(page, "每一处都遮盖")
    expect(paper).to_contain_text("■■■■")
    expect(paper).not_to_contain_text("已写明")
    assert faults(page) == []
    page.get_by_role("link", name="确认个人信息").click()
    assert faults(page) == []
    press(page, "保存处理结果")
    page.get_by_text("已保存处理结果").wait_for()
    press(page, "送批")
    page.get_by_text("等待绩效科批准").wait_for()
    copy = assessment.publications.get()
    page = as_("finance", "reports:publication", assessment.pk, copy.pk)
    page.get_by_label("已预览公开稿").check()
    press(page, "批准公开")
    page.get_by_text("已批准公开").wait_for()
    page.get_by_role("link", name="公开页面").click()
    expect(page.locator(".paper").first).to_contain_text("■■■■")
    assert faults(page) == []
    page.get_by_role("link", name="公开的绩效自评报告").click()
    expect(page.get_by_role("row")).to_have_count(2)
    assert faults(page) == []


def test_a_report_is_twice_returned_taken_back_rechecked_approved_and_published(
    as_, assessment
):
    send_up(as_, assessment)

    page = as_("unit", "workbench")
    page.get_by_role("link", name="执法培训").first.click()
    page.get_by_text("送审方已不能撤回").wait_for()
    press(page, "退回填报人")
    page.get_by_role("alert").get_by_text("请填写退回意见").wait_for()
    page.get_by_label("审核意见").fill("请核对第三部分的场次")
    press(page, "退回填报人")
    page.get_by_text("退回，现在已退回").wait_for()

    page = as_("filler", "workbench")
    page.get_by_text("请核对第三部分的场次").wait_for()
    send_up(as_, assessment)
    page.get_by_text("已送审，单位审核中，可由送审人撤回").wait_for()
    page.get_by_role("link", name="撤回", exact=True).click()
    press(page, "撤回")
    page.get_by_text("已撤回").wait_for()
    send_up(as_, assessment)

    approve(as_, "unit", assessment)
    page = as_("filler", "indicators:detail", assessment.pk)
    page.get_by_text("主管部门审核中").first.wait_for()
    page = as_("department", "reports:review", assessment.pk)
    page.get_by_label("审核意见").fill("请补充满意度的调查方法")
    press(page, "退回填报人")
    page.get_by_text("退回，现在已退回").wait_for()
    page = as_("filler", "workbench")
    page.get_by_text("请补充满意度的调查方法").wait_for()
    send_up(as_, assessment)
    approve(as_, "unit", assessment)
    approve(as_, "department", assessment)
    recheck(as_, assessment)
    approve(as_, "finance", assessment)
    page = as_("filler", "indicators:detail", assessment.pk)
    expect(page.locator("body")).to_contain_text("83.79")
    publish(as_, assessment)
    page = as_("finance", "indicators:detail", assessment.pk)
    page.get_by_text("已公开，需更正时").wait_for()

    steps = ReviewRecord.objects.order_by("pk").values_list("action", flat=True)
    assert list(steps) == [
        "submit",
        "send_back",
        "submit",
        "withdraw",
        "submit",
        "approve",
        "send_back",
        "submit",
        "approve",
        "approve",
        "approve",
        "publish",
    ]
    page = as_("filler", "reports:files", assessment.pk)
    with page.expect_download() as started:
        page.get_by_role("link", name="PDF", exact=True).first.click()
    content = started.value.path().read_bytes()
    code = assessment.artifacts.filter(kind="archived").first().code
    pages = PdfReader(io.BytesIO(content)).pages
    assert all(f"查验码 {code}" in each.extract_text() for each in pages)


def test_opening_the_page_tells_the_server_and_the_sender_reads_why(as_, assessment):
    submit(assessment)
    before = opened(assessment)

    page = as_("unit", "reports:review", assessment.pk)
    page.get_by_text("送审方已不能撤回").wait_for()
    page = as_("filler", "indicators:detail", assessment.pk)
    page.get_by_text("现在不能办理").click()

    assert (before, opened(assessment)) == (False, True)
    page.get_by_text("撤回：单位审核已打开，不能撤回").wait_for()


def test_many_are_approved_from_the_list_and_told_one_by_one(as_, unit, page):
    task = make_task(levels=(Role.UNIT_REVIEWER,))
    for name in ("甲", "乙", "丙"):
        submit(make_assessment(make_project(unit, name=f"项目{name}"), task))

    as_("unit", "reports:review_list")
    page.get_by_label("全选本页").check()
    press(page, "审核所选项目")
    press(page, "全部审核通过")

    page.get_by_text("审核通过 3 项：项目甲、项目乙、项目丙").wait_for()
    assert set(SelfAssessment.objects.values_list("status", flat=True)) == {"approved"}


def test_the_sealed_scan_goes_up_with_its_file_and_stands_beside_the_data(
    as_, unit, people, tmp_path
):
    task = make_task(needs_sealed_scan=True)
    sealed = complete(make_assessment(make_project(unit), task), people["filler"])
    send_up(as_, sealed)
    approve(as_, "unit", sealed)
    scan = tmp_path / "盖章.png"
    scan.write_bytes(PNG)

    page = as_("filler", "reports:files", sealed.pk)
    code = sealed.artifacts.filter(kind="submitted").first().code
    page.get_by_label("盖章扫描件").set_input_files(scan)
    page.get_by_label("查验码的后四位").fill(code[-4:])
    press(page, "上传盖章扫描件")
    page.get_by_role("link", name="报送", exact=True).click()
    press(page, "报送")
    page.get_by_text("已报送").wait_for()
    page = as_("department", "reports:review", sealed.pk)

    picture = page.get_by_role("img", name="盖章扫描件")
    picture.wait_for()
    assert picture.evaluate("each => each.naturalWidth") == 1


def test_axe_finds_nothing_on_the_pages_of_the_flow(as_, page, assessment):
    lacking = make_assessment(make_project(assessment.project.unit), assessment.task)
    found = []

    for who, name, args in (
        ("filler", "reports:submit", [lacking.pk]),
        ("filler", "people:deputies", []),
    ):
        as_(who, name, *args)
        found += faults(page)
    send_up(as_, assessment)
    for who, name, args in (
        ("filler", "indicators:detail", [assessment.pk]),
        ("filler", "reports:step", [assessment.pk, "withdraw"]),
        ("unit", "reports:review_list", []),
        ("unit", "reports:review", [assessment.pk]),
    ):
        as_(who, name, *args)
        found += faults(page)
    approve(as_, "unit", assessment)
    as_("filler", "reports:files", assessment.pk)
    found += faults(page)

    assert found == []
