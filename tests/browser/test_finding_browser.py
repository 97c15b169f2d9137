"""检查结果 and the quick check in Chromium: axe, dark, a phone, a file checked."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from indicators.services import write_narrative
from projects.models import Role
from tests.browser.looking import faults
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REPEALED = "按照财预〔2011〕285号文件开展自评。"
WAIT_FOR_MARK = """() => {
  const place = document.querySelector("[data-findings=basics]");
  new MutationObserver(() => {
    if (place.textContent.includes("285")) window.marked = performance.now();
  }).observe(place, { childList: true, subtree: true });
  document.addEventListener("keyup", () => { window.typed = performance.now(); });
  document.addEventListener("input", () => { window.typed = performance.now(); });
}"""
FORM = Path(settings.BASE_DIR) / "tests" / "data" / "forms" / "national.xls"


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def assessment(unit, filler):
    made = make_assessment(make_project(unit, name="执法培训"))
    for text in made.narratives.all():
        write_narrative(filler, text, "联系人手机13812345678，XX。", version=1)
    return made


@pytest.fixture
def visit(page, context, live_server, client, filler):
    """Log the filler in and return a function that opens an address."""
    client.force_login(filler)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )

    def open_page(address):
        page.goto(live_server.url + address)
        return page

    return open_page


def test_findings_lead_to_the_text_they_are_about(visit, assessment):
    page = visit(reverse("reports:findings", args=[assessment.pk]))

    found = faults(page)
    page.locator(".finding-list a[href$='#text-problems']").first.click()

    assert found == []
    page.wait_for_url("**#text-problems")


def test_a_form_is_checked_on_the_page_it_was_chosen_on(visit):
    page = visit(reverse("checks:quick"))

    empty = faults(page)
    page.get_by_label("自评表").set_input_files(FORM)
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_text("按规则计算的总分").wait_for()

    assert empty + faults(page) == []
    page.get_by_text("没有填偏差原因分析及改进措施").first.wait_for()


def write(filler, assessment, key, words):
    text = assessment.narratives.get(key=key)
    write_narrative(filler, text, words, version=text.version)


def test_a_wrong_amount_is_selected_and_mended_beside_its_text(
    visit, filler, assessment
):
    write(
        filler, assessment, "implementation", "😀。项目全年实际支出99.99万元，已支付。"
    )
    page = visit(reverse("indicators:narratives", args=[assessment.pk]))
    place = page.locator("[data-findings=implementation]")

    place.get_by_role("button", name="选中 “99.99万元”").click()
    selected = page.evaluate("getSelection().toString()")
    found = faults(page)
    place.get_by_role("button", name="改为13.32万元").click()

    assert selected == "99.99万元"
    assert found == []
    box = page.locator("#id_implementation_text")
    expect(box).to_have_value("😀。项目全年实际支出{全年执行数}，已支付。")
    expect(place.get_by_role("button", name="改为")).to_have_count(0)
    status = page.locator("#text-implementation [data-autosave-status]")
    expect(status).to_contain_text("已保存")
    assert "{全年执行数}" in assessment.narratives.get(key="implementation").text


def test_findings_follow_a_save_and_leave_the_caret(visit, filler, assessment):
    write(filler, assessment, "implementation", "按合同支付。")
    page = visit(reverse("indicators:narratives", args=[assessment.pk]))
    box = page.locator("#id_implementation_text")
    place = page.locator("[data-findings=implementation]")
    expect(page.locator("[data-findings=problems]")).to_contain_text("手机号")

    box.focus()
    page.keyboard.press("Home")
    page.keyboard.type("项目全年实际支出99.99万元，")
    expect(place).to_contain_text("99.99万元", timeout=15_000)

    caret = box.evaluate("field => [field.selectionStart, field.selectionEnd]")
    assert caret == [16, 16]
    assert page.evaluate("document.activeElement.id") == "id_implementation_text"


def test_a_mend_of_words_that_changed_since_changes_nothing(visit, filler, assessment):
    write(filler, assessment, "implementation", "项目全年实际支出99.99万元，已支付。")
    page = visit(reverse("indicators:narratives", args=[assessment.pk]))
    box = page.locator("#id_implementation_text")
    button = page.locator("[data-findings=implementation] [data-mend]")
    expect(button).to_be_visible()

    box.evaluate("field => { field.value = `另：${field.value}` }")
    button.click()

    expect(box).to_have_value("另：项目全年实际支出99.99万元，已支付。")
    expect(page.locator("#messages")).to_contain_text("已经改动")


def test_the_statistics_of_a_task_are_clean_and_lead_to_a_report(
    visit, client, context, live_server, assessment
):
    finance = make_user(Role.PERFORMANCE_SECTION, make_department(name="市财政局"))
    client.force_login(finance)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    address = reverse("statistics:findings", args=[assessment.task_id])
    page = visit(f"{address}?drafts=1")

    found = faults(page)
    page.get_by_role("link", name="执法培训").click()

    assert found == []
    page.wait_for_url("**/findings/")


def test_marks_follow_the_edit_and_an_answer_goes_up_to_the_reviewer(
    visit, context, live_server, unit, filler
):
    made = complete(make_assessment(make_project(unit, name="执法培训")), filler)
    page = visit(reverse("indicators:narratives", args=[made.pk]))
    box = page.locator("#id_basics_text")
    box.click()
    page.keyboard.press("End")
    # A save would come 1.5 s after the last key; what is found must not wait for it.
    page.route("**/sections/basics/", lambda route: route.abort())
    page.evaluate(WAIT_FOR_MARK)
    page.keyboard.type(REPEALED)

    expect(page.locator("[data-findings=basics]")).to_contain_text("财预〔2011〕285号")
    took = page.evaluate("window.marked - window.typed")
    caret = box.evaluate("field => field.selectionStart === field.value.length")
    page.unroute("**/sections/basics/")
    page.locator("#text-basics").get_by_role("button", name="保存", exact=True).click()
    status = page.locator("#text-basics [data-autosave-status]")
    expect(status).to_contain_text("已保存")
    assert took < 1000, f"{took:.0f} ms from the last key to the mark"
    assert caret

    visit(reverse("reports:submit", args=[made.pk]))
    found = faults(page)
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator(".message-warning")).to_contain_text("请先说明 1 处")
    page.locator("#answers textarea").fill("立项时该办法仍然有效。")
    page.get_by_role("button", name="送审", exact=True).click()
    page.wait_for_url(f"**/assessments/{made.pk}/")
    page.wait_for_load_state(
        "networkidle"
    )  # an answer would bring the old session back
    reviewer = Client()
    reviewer.force_login(make_user(Role.UNIT_REVIEWER, unit))
    session = reviewer.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    page.goto(live_server.url + reverse("reports:review", args=[made.pk]))

    expect(page.locator("#findings")).to_contain_text("立项时该办法仍然有效。")
    assert found + faults(page) == []


def test_a_row_tells_what_is_found_in_it_while_it_is_filled_in(visit, unit, filler):
    made = complete(make_assessment(make_project(unit, name="执法培训")), filler)
    row = made.results.get(indicator__level3="培训场次")
    page = visit(reverse("indicators:detail", args=[made.pk]))

    page.locator(f"#result-{row.pk} .row-actions a").first.click()
    page.locator(f"#id_result{row.pk}_actual").fill("20")
    place = page.locator(f"#result-{row.pk} [data-findings]")
    expect(place).to_contain_text("必改问题")
    place.get_by_role("link", name="去改").first.click()

    expect(page.locator(f"#id_result{row.pk}_deviation_note")).to_be_focused()
    assert faults(page) == []
