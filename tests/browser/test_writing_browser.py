"""Writing a report in Chromium: numerals, figures, pasting, preview, by keyboard."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from indicators.models import Narrative
from indicators.services import write_narrative
from perfeval.models import AuditEvent
from projects.models import Role
from tests.browser.looking import faults, violations
from tests.browser.writing import Writer
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# As Word puts it on the clipboard, shortened to what matters.
WORD = """<html><head><style>p.MsoNormal{font-family:仿宋}</style></head><body>
<!--StartFragment--><p class=MsoNormal><b>一、项目概况<o:p></o:p></b></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>（一）<span>&nbsp;&nbsp; </span></span><![endif]>资金
使用情况</p>
<p class=MsoListParagraph><span style='font-family:Symbol;mso-list:Ignore'>·<span>&nbsp;
</span></span>支出<span style='color:red'>13.32</span>万元</p>
<ol start=3><li>宣传</li><li>培训</li></ol>
<table><tr><td><p>指标</p></td><td><p>完成值</p></td></tr>
<tr><td>场次</td><td>48<br>场</td></tr></table>
<script>alert(1)</script><!--EndFragment--></body></html>"""
PASTED = """一、项目概况
（一）资金 使用情况
支出13.32万元
3.宣传
4.培训
指标　完成值
场次　48 场"""


@pytest.fixture
def filler():
    return make_user(Role.FILLER, make_department(make_department(), name="监督处"))


@pytest.fixture
def assessment(filler):
    return make_assessment(make_project(filler.memberships.get().department))


@pytest.fixture
def writer(page, live_server, filler):
    writer = Writer(page, live_server, Client(), filler)
    yield writer
    assert writer.complaints == []


def stored(assessment, key="results"):
    return Narrative.objects.get(assessment=assessment, key=key)


def paste(writer, key, html, plain=""):
    writer.box(key).evaluate(
        """(field, [html, plain]) => {
          const data = new DataTransfer();
          if (html) data.setData("text/html", html);
          data.setData("text/plain", plain);
          field.focus();
          field.dispatchEvent(new ClipboardEvent("paste", {
            clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [html, plain],
    )


def test_numerals_count_on_by_button_and_by_key(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    box = writer.box("results")
    box.focus()
    for keys, words in (
        ("Alt+1", "产出"),
        ("Alt+2", "数量"),
        ("Alt+2", "质量"),
        ("Alt+1", "效益"),
        ("Alt+2", "社会"),
        ("Alt+3", "知晓"),
    ):
        writer.page.keyboard.press(keys)
        writer.page.keyboard.type(words)
    writer.form("results").get_by_role("button", name="（一）").click()

    assert box.input_value() == (
        "（一）产出\n1.数量\n2.质量\n（二）效益\n1.社会\n（1）知晓\n（三）"
    )


def test_text_from_word_keeps_paragraphs_and_numbers_and_nothing_else(
    writer, assessment
):
    writer.open("indicators:narratives", assessment.pk)
    paste(writer, "results", WORD)
    writer.page.get_by_text("粘贴的表格已转为文字").wait_for()
    writer.wait_for_status("results", "已保存")

    assert stored(assessment).text == PASTED


def test_plain_text_with_tabs_becomes_lines(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    paste(writer, "results", "", "1.\t宣传\r\n指标\t完成值\r\n")

    assert writer.box("results").input_value() == "1.宣传\n指标　完成值\n"


def test_a_figure_is_put_in_from_the_list_and_shown_in_the_preview(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    form = writer.form("results")
    writer.box("results").fill("支出")
    form.get_by_label("要插入的数据").select_option("全年执行数")
    form.get_by_role("button", name="插入数据").click()
    form.get_by_role("button", name="预览").click()
    writer.page.locator("#preview-results").get_by_text("支出13.32万元").wait_for()

    assert writer.box("results").input_value() == "支出{全年执行数}"


def test_a_name_that_says_nothing_is_marked_at_once_and_leads_to_its_place(
    writer, assessment
):
    writer.open("indicators:narratives", assessment.pk)
    writer.box("results").press_sequentially("𠮷支出{全年支出}元")
    problems = writer.page.locator("#problems-results")
    problems.get_by_text("没有这个名称的数据").wait_for()
    found = violations(writer.page)
    problems.get_by_role("button", name="{全年支出}").click()
    chosen = writer.page.evaluate("getSelection().toString()")
    writer.page.keyboard.type("{{全年执行数}")
    writer.page.keyboard.press("Control+s")
    expect(problems.get_by_role("listitem")).to_have_count(0)

    assert chosen == "{全年支出}"
    assert found == []


def test_a_report_is_written_with_the_keyboard_alone(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    keyboard = writer.page.keyboard
    focused = "document.activeElement.id || document.activeElement.textContent.trim()"
    reached = []
    for _ in range(80):
        keyboard.press("Tab")
        reached.append(writer.page.evaluate(focused))
        if reached[-1] == "id_basics_text":
            break
    keyboard.type("项目由本单位实施。")
    keyboard.press("Control+s")
    writer.wait_for_status("basics", "已保存")

    assert reached[-1] == "id_basics_text"
    assert {"（一）", "插入数据", "预览"} <= set(reached)
    assert stored(assessment, "basics").text == "项目由本单位实施。"


def test_a_draft_is_taken_and_its_gaps_are_listed(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    writer.form("basics").get_by_role("link", name="生成初稿").click()
    found = violations(writer.page)
    writer.page.get_by_role("button", name="采用初稿").click()
    writer.page.locator("#problems-basics").get_by_text("送审前要改").wait_for()

    assert found == []
    assert "（一）项目概况" in writer.box("basics").input_value()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(writer, assessment, filler):
    for version, text in enumerate(("一是宣传不足。", "一是宣传不够。"), 1):
        write_narrative(filler, stored(assessment), text, version=version)
    found = []

    for name, args in (
        ("indicators:narratives", ()),
        ("indicators:narrative", ("results",)),
        ("indicators:versions", ("results",)),
        ("indicators:narrative_draft", ("results",)),
    ):
        writer.open(name, assessment.pk, *args)
        found += faults(writer.page)

    assert found == []


def open_row(writer, assessment, result):
    writer.open("indicators:detail", assessment.pk)
    row = writer.page.locator(f"#result-{result.pk}")
    row.locator(".row-actions a").first.click()
    row.get_by_role("textbox", name="偏差原因分析").wait_for()
    return row, row.get_by_role("textbox", name="偏差原因分析")


def test_two_browsers_on_one_result_row_lose_nothing(
    writer, new_context, live_server, assessment
):
    colleague = make_user(Role.FILLER, assessment.project.unit)
    other = Writer(new_context().new_page(), live_server, Client(), colleague)
    result = assessment.results.get(indicator__level3="培训场次")
    row, note = open_row(writer, assessment, result)
    other_row, other_note = open_row(other, assessment, result)
    first, second = (
        f"因疫情少办{count}场，已安排在下一年度补办，并改为线上线下结合。"
        for count in ("两", "三")
    )
    note.fill(first)
    row.get_by_text("已保存").wait_for()
    other_note.fill(second)
    mine = other_row.get_by_role("button", name="以编辑框中的内容为准")
    mine.wait_for()
    marks = other_row.locator(".compared").all_inner_texts()
    found = violations(other.page)
    mine.click()
    other_row.get_by_text("已保存").wait_for()
    result.refresh_from_db()

    assert marks == ["两", "三"]
    assert found == []
    assert result.deviation_note == second
    rejected = AuditEvent.objects.get(action="result.rejected")
    assert rejected.after["deviation_note"] == result.deviation_note
    kept = AuditEvent.objects.filter(action="result.changed").order_by("pk")[0]
    assert kept.after["deviation_note"] == first
