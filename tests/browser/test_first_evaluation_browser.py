"""A first evaluation in Chromium as a clerk does it: from nothing to sent up."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from playwright.sync_api import expect

from indicators.models import SelfAssessment, Status
from projects.models import Role
from tests.browser.test_results_browser import BLANK_PDF
from tests.browser.writing import Writer
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GAP = re.compile("【待填：[^】]*】")
DRAFTED = ("basics", "implementation", "results", "score")
TYPED = {
    "problems": "一是宣传形式较少。二是回访不够及时。下一步增加线上宣传，按月回访。",
    "goal": "全年组织培训五十场，目标已完成。",
    "funds": "资金按进度支付，结余按规定交回。",
}


@pytest.fixture
def filler():
    return make_user(Role.FILLER, make_department(make_department(), name="监督处"))


@pytest.fixture
def assessment(filler):
    unit = filler.memberships.get().department
    return make_assessment(make_project(unit, name="执法培训", money=None))


@pytest.fixture
def writer(page, live_server, filler):
    writer = Writer(page, live_server, Client(), filler)
    yield writer
    assert writer.complaints == []


def enter_money(writer, project):
    writer.open("projects:funding", project.pk)
    page = writer.page
    for name in ("年初预算数", "全年预算数"):
        page.get_by_role("textbox", name=name).first.fill("23")
    page.get_by_role("textbox", name="全年执行数").first.fill("２１.８５")
    expect(page.locator("#total-ratio")).to_contain_text("95.00%")
    page.get_by_role("button", name="保存资金").click()
    page.get_by_text("已保存资金，预算执行率 95.00%").wait_for()


def open_row(page, result):
    row = page.locator(f"#result-{result.pk}")
    row.get_by_role("link", name=re.compile("^填写")).click()
    row.get_by_label("实际完成值").wait_for()
    return row


def enter_results(writer, assessment):
    page = writer.page
    writer.open("indicators:detail", assessment.pk)
    for unit, value in (("场", "50"), ("%", "95")):
        result = assessment.results.get(indicator__unit=unit)
        row = open_row(page, result)
        row.locator(f"#id_result{result.pk}_actual").fill(value)
        row.get_by_role("button", name="保存").click()
        expect(page.locator(f"#result-{result.pk}")).to_contain_text(f"{value}{unit}")
    result = assessment.results.get(indicator__comparator="qualitative")
    row = open_row(page, result)
    row.locator(f"#id_result{result.pk}_achievement").select_option("met")
    row.locator(f"#id_result{result.pk}_self_points").fill("30")
    row.locator(f"#id_result{result.pk}_actual").fill("知晓率提高 12 个百分点")
    row.get_by_role("button", name="保存").click()
    # 50 + 30 + 10 and 9.5 of the money
    expect(page.locator("#totals")).to_contain_text("99.50")


def hand_in_evidence(writer, assessment):
    page = writer.page
    writer.open("indicators:evidence", assessment.pk)
    files = [
        {"name": name, "mimeType": "application/pdf", "buffer": content}
        for name, content in (("签到表.pdf", BLANK_PDF), ("坏.jpg", b"MZ"))
    ]
    page.get_by_label("选择文件").set_input_files(files)
    page.get_by_role("button", name="上传", exact=True).click()
    page.get_by_text("“坏.jpg”：附件应是 PDF").wait_for()
    # What came is counted though the page stays for what did not.
    expect(page.locator("#files-count")).to_contain_text("共 1 个文件")
    expect(page.locator(".evidence-list")).to_contain_text("签到表.pdf")
    page.get_by_role("button", name="移除“坏.jpg”").click()


def write_texts(writer, assessment):
    page = writer.page
    writer.open("indicators:narratives", assessment.pk)
    for key in DRAFTED:
        writer.form(key).get_by_role("link", name="生成初稿").click()
        page.get_by_role("button", name="采用初稿").click()
        expect(writer.box(key)).to_have_value(re.compile("（一）"))
        written = GAP.sub("已按规定办理", writer.box(key).input_value())
        writer.box(key).fill(written)
        writer.wait_for_status(key, "已保存")
    for key, text in TYPED.items():
        writer.box(key).fill(text)
        writer.wait_for_status(key, "已保存")


def test_a_first_evaluation_from_nothing_to_sent_up(writer, assessment):
    enter_money(writer, assessment.project)
    enter_results(writer, assessment)
    hand_in_evidence(writer, assessment)
    write_texts(writer, assessment)
    page = writer.page
    writer.open("indicators:parts", assessment.pk)
    gaps = page.locator("[data-gap]").all_inner_texts()
    writer.open("reports:submit", assessment.pk)
    for answer in page.locator("#answers textarea").all():
        answer.fill("情况属实，已核对。")
    page.get_by_role("button", name="送审", exact=True).click()
    page.get_by_text("已送审，送审编号").wait_for()

    assert gaps == []
    sent = SelfAssessment.objects.get(pk=assessment.pk)
    assert (sent.status, sent.total) == (Status.IN_REVIEW, Decimal("99.50"))
    assert "预算执行率95%" in sent.review_records.get().snapshot["sections"][1]["text"]
