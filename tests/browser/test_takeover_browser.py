"""A foreign form in Chromium: uploaded, looked at beside what is there, taken over."""

import docx
import openpyxl
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import IndicatorResult
from projects.models import Role
from reports.offline.making import MARKS
from tests.browser.looking import faults
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
)
from tests.reports.form_workbooks import NATIONAL, workbook
from tests.reports.test_takeover import ROWS, with_row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def filler():
    return make_user(Role.FILLER, make_department(make_department(), name="公路站"))


@pytest.fixture
def assessment(filler):
    unit = filler.memberships.get().department
    project = make_project(unit, money=None, name="农村公路日常养护", year=2022)
    make_indicators(project, ROWS)
    return make_assessment(project)


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


@pytest.fixture
def form_file(tmp_path):
    path = tmp_path / "2022年自评表.xlsx"
    path.write_bytes(workbook(NATIONAL))
    return path


def upload(page, open_page, assessment, path):
    open_page("indicators:detail", assessment.pk)
    page.get_by_role("link", name="上传自评表或报告").click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="读取并核对").click()
    page.get_by_role("heading", name="核对上传的文件").wait_for()


def test_a_foreign_form_is_looked_at_corrected_and_taken_over(
    page, open_page, assessment, form_file
):
    IndicatorResult.objects.filter(indicator__level3="巡查次数").update(actual="11")
    upload(page, open_page, assessment, form_file)

    page.get_by_role("textbox", name="养护里程·实际完成值，文件中的内容").fill("117.5")
    kept = page.get_by_role("checkbox", name="采用：巡查次数·实际完成值")
    assert not kept.is_checked()
    page.get_by_role("button", name="采用勾选的内容").click()
    page.get_by_text("已从“2022年自评表.xlsx”采用").wait_for()

    rows = dict(
        IndicatorResult.objects.values_list("indicator__level3", "actual").order_by()
    )
    assert (rows["养护里程"], rows["巡查次数"]) == ("117.5", "11")


def test_a_row_that_is_not_sure_is_marked_in_the_drawn_sheet_and_led_to(
    page, open_page, assessment, form_file
):
    form_file.write_bytes(workbook(with_row(NATIONAL, "养护里程", c3="公路长度")))
    upload(page, open_page, assessment, form_file)

    page.get_by_role("link", name="F13", exact=True).click()

    assert page.locator("#cell-A5").get_attribute("rowspan") == "5"
    assert "doubtful" in (page.locator("#cell-F13").get_attribute("class") or "")
    box = page.get_by_role("checkbox", name="采用：养护里程·实际完成值")
    assert not box.is_checked()


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    page, open_page, assessment, form_file
):
    upload(page, open_page, assessment, form_file)

    assert faults(page) == []


def test_last_years_report_stands_side_by_side_and_is_ticked_at_once(
    page, open_page, assessment, tmp_path
):
    path = tmp_path / "去年.docx"
    report = docx.Document()
    for text in (
        "一、项目基本情况",
        "去年的概况。",
        "四、存在问题和建议",
        "去年的问题。",
    ):
        report.add_paragraph(text)
    report.save(path)
    assessment.narratives.filter(key="basics").update(text="今年已写。")
    upload(page, open_page, assessment, path)

    found = faults(page)
    page.get_by_label("全选文字").check()
    page.get_by_role("button", name="采用勾选的内容").click()
    page.get_by_text("采用 2 处").wait_for()

    texts = dict(assessment.narratives.values_list("key", "text"))
    assert found == []
    assert (texts["basics"], texts["problems"]) == ("去年的概况。", "去年的问题。")


def test_the_workbook_is_downloaded_filled_in_and_comes_back(
    page, open_page, assessment, tmp_path
):
    open_page("indicators:detail", assessment.pk)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载填报表").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    fill_in(path, assessment, "养护里程", "121")
    # Meanwhile a colleague writes into another row, and into the same one's note.
    IndicatorResult.objects.filter(indicator__level3="巡查次数").update(
        actual="13", version=2
    )

    upload(page, open_page, assessment, path)
    page.get_by_text("保留系统中的内容").wait_for()
    page.get_by_role("button", name="采用勾选的内容").click()
    page.get_by_text("采用 1 处").wait_for()

    rows = dict(
        IndicatorResult.objects.values_list("indicator__level3", "actual").order_by()
    )
    assert (rows["养护里程"], rows["巡查次数"]) == ("121", "13")


def test_a_cell_changed_on_both_sides_is_asked_beside_both_texts(
    page, open_page, assessment, tmp_path
):
    open_page("indicators:detail", assessment.pk)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载填报表").click()
    path = tmp_path / "填报表.xlsx"
    waiting.value.save_as(path)
    fill_in(path, assessment, "养护里程", "121")
    IndicatorResult.objects.filter(indicator__level3="养护里程").update(actual="119")

    upload(page, open_page, assessment, path)
    box = page.get_by_role("checkbox", name="采用：养护里程·实际完成值")
    line = page.get_by_role("row").filter(has=box)

    assert not box.is_checked()
    expect(line).to_contain_text("119")
    expect(line).to_contain_text("下载后系统中也改成了别的内容")


def fill_in(path, assessment, name, actual):
    """Write an actual value as somebody does in Excel, without the site."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    pk = assessment.results.get(indicator__level3=name).pk
    (number,) = [
        line[0].row
        for line in sheet.iter_rows(min_col=MARKS, max_col=MARKS)
        if line[0].value == f"result:{pk}"
    ]
    sheet.cell(number, 6).value = actual
    book.save(path)
