"""The indicator sheet in Chromium: keyboard only, pasted blocks, stale rows, undo."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import Indicator, IndicatorTemplate
from indicators.services import save_indicator
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    YEAR,
    make_department,
    make_indicators,
    make_project,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = "status of (409|422|503)"
PASTE = """([selector, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {
    clipboardData: data, bubbles: true, cancelable: true,
  });
  document.querySelector(selector).dispatchEvent(event);
}"""


@pytest.fixture
def project():
    project = make_project(make_department(make_department()), name="渡口防汛")
    rows = [
        ("产出指标", "数量指标", "清淤长度", ">=", "12", "公里", "30"),
        ("产出指标", "数量指标", "储备沙袋", ">=", "8000", "个", "20"),
    ]
    make_indicators(project, rows)
    return project


@pytest.fixture
def visit(page, context, live_server, client, project):
    """Open a page as the project's filler; the console must stay silent but for what
    the browser says of an answer 409, 422 or 503."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: (
            complaints.append(line.text)
            if line.type == "error" and not re.search(ANSWERS, line.text)
            else None
        ),
    )
    client.force_login(make_user(Role.FILLER, project.unit))
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )

    def open_page(name, *arguments):
        page.goto(live_server.url + reverse(f"indicators:{name}", args=arguments))
        return page

    yield open_page
    assert complaints == []


def cell(page, row, name):
    return page.locator("#sheet .sheet-row").nth(row).locator(f"[name={name}]")


def at_focus(page):
    """Return the row and the column in which the keyboard stands."""
    return tuple(
        page.evaluate(
            """() => {
              const rows = [...document.querySelectorAll("#sheet .sheet-row")];
              const cell = document.activeElement;
              return [rows.indexOf(cell.closest(".sheet-row")), cell.name];
            }"""
        )
    )


def state(page, row, words):
    place = page.locator("#sheet .sheet-row").nth(row).locator(".row-state")
    place.filter(has_text=words).wait_for()


def test_axe_finds_nothing_on_the_pages_of_the_sheet(visit, page, project):
    IndicatorTemplate.objects.create(level1="产出指标", level3="巡河次数")
    make_indicators(make_project(project.unit, name="渡口防汛", year=YEAR - 1))
    indicator = project.indicators.first()
    indicator.is_approved = True
    indicator.save()
    pages = [
        ("sheet", project.pk),
        ("paste", project.pk),
        ("library",),
        ("library_pick", project.pk),
        ("targets_copy", project.pk),
    ]

    found = []
    for name, *arguments in pages:
        visit(name, *arguments)
        found += faults(page)
    page.get_by_role("link", name=re.compile("挑选")).click()
    page.get_by_role("heading", name="核对指标").wait_for()
    found += faults(page)

    assert found == []


def test_the_sheet_is_filled_in_by_the_keyboard_alone(visit, project):
    page = visit("sheet", project.pk)
    cell(page, 0, "level3").focus()
    keys = page.keyboard

    keys.press("ArrowDown")
    assert at_focus(page) == (1, "level3")
    keys.press("Control+A")
    keys.press("ArrowRight")
    assert at_focus(page) == (1, "comparator")
    keys.press("Tab")
    keys.type("≤90万元")
    keys.press("Enter")
    assert at_focus(page) == (2, "level3")
    state(page, 1, "已保存")
    stored = project.indicators.get(level3="储备沙袋")
    assert (stored.comparator, stored.target, stored.unit) == ("<=", "90", "万元")
    expect(page.locator(".cell-reading").nth(1)).to_contain_text("不高于 90 万元")

    keys.type("完工时间")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("2024年6月底前")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("7.5")
    page.get_by_text("多出 7.5 分").first.wait_for()
    keys.type("9")
    keys.press("Escape")
    assert cell(page, 2, "max_points").input_value() == ""
    keys.type("5")
    keys.press("Control+s")
    state(page, 2, "已保存")
    added = project.indicators.get(level3="完工时间")
    assert (added.level2, added.comparator) == ("数量指标", "<=")
    assert added.target == "2024年6月底前"

    keys.press("Alt+ArrowUp")
    expect(cell(page, 1, "level3")).to_have_value("完工时间")
    assert at_focus(page) == (1, "max_points")
    names = [each.level3 for each in project.indicators.all()]
    assert names == ["清淤长度", "完工时间", "储备沙袋"]


def test_a_row_is_copied_and_a_deleted_one_comes_back_after_a_reload(visit, project):
    page = visit("sheet", project.pk)
    cell(page, 0, "level3").focus()

    page.keyboard.press("Control+d")
    assert at_focus(page) == (1, "level3")
    page.keyboard.type("护坡长度")
    page.keyboard.press("Control+s")
    state(page, 1, "已保存")
    page.keyboard.press("Alt+Delete")
    page.get_by_text("已删除指标“护坡长度”").wait_for()
    page.reload()
    page.get_by_role("button", name=re.compile("撤销.*护坡长度")).click()

    page.locator(".sheet-row.just-saved").wait_for()
    back = project.indicators.get(level3="护坡长度")
    assert (back.target, back.unit) == ("12", "公里")
    expect(page.get_by_text("已删除指标")).to_have_count(0)


def test_what_others_saved_first_stands_beside_what_was_typed(visit, project):
    page = visit("sheet", project.pk)
    first, second = project.indicators.all()
    save_indicator(None, first, {"target": "15"}, version=1)
    save_indicator(None, second, {"target": "9000"}, version=1)

    for row, typed in ((0, "13"), (1, "8500")):
        cell(page, row, "target").fill(typed)
        cell(page, row, "target").press("Control+s")
    expect(page.locator(".sheet-conflict")).to_have_count(2)
    mine, theirs = page.locator(".sheet-conflict").all()
    mine.get_by_text("年度指标值：15").wait_for()
    theirs.get_by_text("年度指标值：9000").wait_for()
    assert cell(page, 0, "target").input_value() == "13"

    theirs.get_by_role("button", name="采用已保存的内容").click()
    mine.get_by_role("button", name="以我填写的为准").click()
    state(page, 0, "已保存")

    targets = [each.target for each in Indicator.objects.filter(project=project)]
    assert targets == ["13", "9000"]
    assert cell(page, 1, "target").input_value() == "9000"


def test_a_wrong_row_stays_as_typed_and_names_its_cells(visit, project):
    page = visit("sheet", project.pk)

    cell(page, 0, "max_points").fill("约8")
    cell(page, 0, "max_points").press("Enter")
    page.get_by_text("“约8”不是分数").wait_for()

    assert cell(page, 0, "max_points").input_value() == "约8"
    expect(page.locator("#sheet-form[data-unsaved]")).to_have_count(1)
    cell(page, 0, "max_points").fill("8")
    cell(page, 0, "max_points").press("Enter")
    state(page, 0, "已保存")
    expect(page.locator("#sheet-form[data-unsaved]")).to_have_count(0)


def test_a_block_from_excel_is_looked_through_corrected_and_written(visit, project):
    page = visit("sheet", project.pk)
    block = (
        "一级指标\t二级指标\t三级指标\t年度指标值\t分值\r\n"
        "产出指标（50分）\t数量指标\t清淤长度\t≥14公里\t30\r\n"
        '\t质量指标\t"验收\n合格率"\t≥95％\t约5\r\n'
        "效益指标\t社会效益指标\t群众安全感\t明显提升\t30\r\n"
    )
    cell(page, 0, "level1").focus()
    page.evaluate(PASTE, ["#sheet .sheet-row [name=level1]", block])

    page.get_by_role("heading", name="核对指标").wait_for()
    assert project.indicators.count() == 2
    page.get_by_text("第 2 行「分值」：“约5”不是分数").wait_for()
    assert project.indicators.count() == 2
    page.locator("#id_rows-1-max_points").fill("5")
    page.get_by_role("button", name="写入勾选的行").click()

    page.get_by_text("已新增 2 项、修改 1 项指标").wait_for()
    stored = {each.level3: each for each in project.indicators.all()}
    assert stored["清淤长度"].target == "14"
    assert stored["验收合格率"].level1 == "产出指标"
    assert stored["群众安全感"].comparator == "qualitative"


def test_indicators_ticked_in_the_library_stay_ticked_through_other_searches(
    visit, project
):
    for name, target in (("巡河次数", "24"), ("护坡长度", "3"), ("演练场次", "2")):
        IndicatorTemplate.objects.create(
            level1="产出指标", level3=name, target=target, max_points=5
        )
    page = visit("library_pick", project.pk)

    page.get_by_role("checkbox", name="选取“巡河次数”").check()
    page.get_by_role("textbox", name="查找").fill("演练")
    expect(page.get_by_role("checkbox", name="选取“护坡长度”")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="选取“巡河次数”")).to_be_checked()
    page.get_by_role("checkbox", name="选取“演练场次”").check()
    page.get_by_role("button", name="核对已选的 2 项").click()
    page.get_by_role("button", name="写入勾选的行").click()

    page.get_by_text("已新增 2 项、修改 0 项指标").wait_for()
    assert project.indicators.filter(level3__in=["巡河次数", "演练场次"]).count() == 2


def test_a_lost_connection_leaves_the_row_as_typed_until_it_can_be_saved(
    visit, project, context
):
    page = visit("sheet", project.pk)
    page.route("**/sheet/rows/**", lambda route: route.fulfill(status=503, body=""))

    cell(page, 0, "level3").fill("河道清淤长度")
    cell(page, 0, "level3").press("Control+s")
    page.get_by_text("系统出错，内容未保存，仍在表中").wait_for()
    state(page, 0, "未保存")

    page.unroute("**/sheet/rows/**")
    page.get_by_role("button", name="保存全部").click()
    state(page, 0, "已保存")
    assert project.indicators.filter(level3="河道清淤长度").exists()
