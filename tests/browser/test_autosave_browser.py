"""Typing that is saved by itself: server gone, session gone, somebody else first."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from indicators.models import Narrative
from indicators.services import write_narrative
from projects.models import Role
from tests.browser.looking import violations
from tests.browser.writing import Writer
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Long-Enough-1"
LONG = "一是宣传覆盖面不够，乡镇一级的培训场次偏少；"


@pytest.fixture
def unit():
    return make_department(make_department(), name="执法监督处")


@pytest.fixture
def filler(unit):
    user = make_user(Role.FILLER, unit, name="陈填报")
    user.set_password(PASSWORD)
    user.password_changed_at = timezone.now()
    user.save()
    return user


@pytest.fixture
def colleague(unit):
    return make_user(Role.FILLER, unit, name="林填报")


@pytest.fixture
def assessment(unit):
    return make_assessment(make_project(unit, name="执法培训"))


@pytest.fixture
def writer(page, live_server, filler):
    writer = Writer(page, live_server, Client(), filler)
    yield writer
    assert writer.complaints == []


def stored(assessment, key="problems"):
    return Narrative.objects.get(assessment=assessment, key=key)


def test_typing_is_saved_by_itself_and_goes_on_from_the_servers_version(
    writer, assessment, filler
):
    writer.open("indicators:narratives", assessment.pk)
    writer.box("problems").press_sequentially("一是宣传不足")
    writer.wait_for_status("problems", "已保存")
    first = stored(assessment)
    writer.box("problems").press_sequentially("，二是人手不够")
    writer.page.keyboard.press("Control+s")
    expect(writer.form("problems").locator("[name=version]")).to_have_value("3")

    assert (first.text, first.saved_by, first.version) == ("一是宣传不足", filler, 2)
    assert stored(assessment).text == "一是宣传不足，二是人手不够"
    expect(writer.page.locator("form[data-unsaved]")).to_have_count(0)


def test_two_texts_are_saved_one_request_at_a_time(writer, assessment):
    open_requests, most = set(), []

    def begin(request):
        # What is asked of the checks meanwhile saves nothing.
        if request.method == "POST" and "/findings/" not in request.url:
            open_requests.add(request)
            most.append(len(open_requests))

    writer.page.on("request", begin)
    writer.page.on("requestfinished", lambda request: open_requests.discard(request))
    writer.open("indicators:narratives", assessment.pk)
    writer.box("problems").fill("问题")
    writer.box("score").fill("结论")
    writer.wait_for_status("problems", "已保存")
    writer.wait_for_status("score", "已保存")

    assert max(most) == 1
    assert stored(assessment, "score").text == "结论"


def test_a_request_whose_answer_is_lost_is_sent_again_and_is_no_conflict(
    writer, assessment
):
    """The server writes and dies before it answers; typing goes on meanwhile."""
    lost: list[int] = []

    def lose(route):
        if not lost and route.request.method == "POST":
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    writer.page.route("**/sections/problems/", lose)
    writer.open("indicators:narratives", assessment.pk)
    writer.box("problems").press_sequentially("一是")
    writer.wait_for_status("problems", "未保存")
    writer.box("problems").press_sequentially("宣传不足")
    writer.wait_for_status("problems", "已保存")
    expect(writer.page.locator("form[data-unsaved]")).to_have_count(0)

    assert lost == [200]
    assert stored(assessment).text == "一是宣传不足"
    expect(writer.form("problems").get_by_role("alert")).to_have_count(0)


def test_with_the_server_gone_typing_goes_on_and_survives_a_crash(
    writer, context, assessment
):
    writer.open("indicators:narratives", assessment.pk)
    context.set_offline(True)
    writer.box("problems").press_sequentially(LONG)
    writer.wait_for_status("problems", "未保存")
    said = writer.form("problems").get_by_role("alert").inner_text()
    writer.box("problems").press_sequentially("二是")
    found = violations(writer.page)
    writer.crash()
    context.set_offline(False)
    writer.open("workbench")
    listed = writer.page.locator("[data-drafts]")
    listed.get_by_text("本机有 1 处没有保存的内容").wait_for()
    listed.get_by_role("link", name="四、存在问题和建议").click()
    offered = writer.form("problems").get_by_role("alert")
    offered.get_by_text("没有保存的内容").wait_for()
    begun_from = writer.box("problems").input_value()
    found += violations(writer.page)
    offered.get_by_role("button", name="恢复到编辑框").click()
    writer.wait_for_status("problems", "已保存")

    assert "连接不上服务器" in said
    assert begun_from == ""
    assert stored(assessment).text == f"{LONG}二是"
    assert found == []


def test_what_is_kept_in_the_browser_is_shown_to_nobody_else(
    writer, context, live_server, assessment, colleague
):
    writer.open("indicators:narratives", assessment.pk)
    context.set_offline(True)
    writer.box("problems").press_sequentially(LONG)
    writer.wait_for_status("problems", "未保存")
    writer.crash()
    context.set_offline(False)
    other = Writer(context.new_page(), live_server, Client(), colleague)
    other.open("indicators:narratives", assessment.pk)
    other.page.wait_for_timeout(300)

    assert LONG not in other.page.content()
    expect(other.page.get_by_role("alert")).to_have_count(0)


def test_logging_out_asks_and_clears_what_the_browser_kept(
    writer, context, assessment, filler
):
    writer.open("indicators:narratives", assessment.pk)
    context.set_offline(True)
    writer.box("problems").press_sequentially(LONG)
    writer.wait_for_status("problems", "未保存")
    writer.page.route("**/sections/problems/", lambda route: route.abort())
    context.set_offline(False)
    asked = []

    def answer(dialog):
        asked.append(dialog.message)
        dialog.accept()

    writer.page.on("dialog", answer)
    writer.page.get_by_role("button", name=filler.name).click()
    writer.page.get_by_role("button", name="退出登录").click()
    writer.page.get_by_label("用户名").wait_for()

    assert "1 处内容没有保存" in asked[0]
    assert writer.page.evaluate("Object.keys(localStorage).join()").count("draft") == 0


def test_closing_the_page_with_unsaved_text_warns(writer, context, assessment):
    writer.open("indicators:narratives", assessment.pk)
    context.set_offline(True)
    writer.box("problems").press_sequentially("一是 宣传")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    writer.page.on("dialog", stay)
    counted = writer.form("problems").locator("[data-count]").inner_text()
    writer.page.get_by_role("link", name="返回自评").click(no_wait_after=True)
    writer.page.wait_for_timeout(300)

    assert counted == "4"
    assert asked == ["beforeunload"]
    assert writer.box("problems").input_value() == "一是 宣传"
    context.set_offline(False)


def test_a_session_deleted_while_typing_is_renewed_in_place_and_then_saved(
    writer, assessment
):
    writer.open("indicators:narratives", assessment.pk)
    writer.box("problems").press_sequentially(LONG)
    writer.wait_for_status("problems", "已保存")
    Session.objects.all().delete()
    writer.box("problems").press_sequentially("二是人手不够")
    dialog = writer.page.get_by_role("dialog")
    dialog.wait_for()
    found = violations(writer.page)
    focused = writer.page.evaluate("document.activeElement.name")
    writer.page.keyboard.type("wrong")
    writer.page.keyboard.press("Enter")
    dialog.get_by_role("alert").filter(has_text="用户名或密码不正确").wait_for()
    found += violations(writer.page)
    dialog.get_by_label("密码").fill(PASSWORD)
    writer.page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    writer.wait_for_status("problems", "已保存")

    assert focused == "password"
    assert found == []
    assert stored(assessment).text == f"{LONG}二是人手不够"


def test_log_in_can_be_put_off_and_the_text_waits(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    Session.objects.all().delete()
    writer.box("problems").press_sequentially("一是")
    writer.page.get_by_role("dialog").get_by_role("button", name="稍后再说").click()
    writer.box("problems").press_sequentially("宣传不足")
    writer.form("problems").get_by_role("button", name="重新登录").click()
    writer.page.get_by_label("密码").fill(PASSWORD)
    writer.page.get_by_role("button", name="登录并保存").click()
    expect(writer.page.locator("form[data-unsaved]")).to_have_count(0)

    assert stored(assessment).text == "一是宣传不足"


def test_a_dead_token_is_renewed_without_a_word(writer, context, assessment):
    writer.open("indicators:narratives", assessment.pk)
    context.clear_cookies(name="csrftoken")
    writer.box("problems").press_sequentially("一是")
    writer.wait_for_status("problems", "已保存")

    assert stored(assessment).text == "一是"


def second_first(writer, assessment, colleague, mine, theirs):
    """Let a colleague save while one types; return the form with both texts."""
    writer.open("indicators:narratives", assessment.pk)
    write_narrative(colleague, stored(assessment), theirs, version=1)
    writer.box("problems").press_sequentially(mine)
    form = writer.form("problems")
    form.get_by_role("button", name="以编辑框中的内容为准").wait_for()
    return form


def test_who_saves_second_chooses_the_own_text(writer, assessment, colleague):
    form = second_first(writer, assessment, colleague, f"{LONG}甲", f"{LONG}乙")
    sides = form.locator(".compare-text").all_inner_texts()
    marks = form.locator(".compared").all_inner_texts()
    found = violations(writer.page)
    form.get_by_role("button", name="以编辑框中的内容为准").click()
    writer.wait_for_status("problems", "已保存")

    assert sides == [f"{LONG}乙", f"{LONG}甲"]
    assert marks == ["乙", "甲"]
    assert found == []
    assert stored(assessment).text == f"{LONG}甲"
    texts = stored(assessment).versions.values_list("text", flat=True)
    assert set(texts) == {f"{LONG}甲", f"{LONG}乙"}


def test_who_saves_second_takes_the_others_text_and_the_own_is_in_the_versions(
    writer, assessment, colleague
):
    form = second_first(writer, assessment, colleague, f"{LONG}甲", f"{LONG}乙")
    writer.box("problems").press_sequentially("丙")
    form.get_by_role("button", name="改用他人保存的内容").click()
    writer.wait_for_status("problems", "已改用他人保存的内容")

    assert writer.box("problems").input_value() == f"{LONG}乙"
    assert stored(assessment).text == f"{LONG}乙"
    rejected = stored(assessment).versions.filter(kind="rejected")
    assert [each.text for each in rejected.order_by("pk")] == [
        f"{LONG}甲",
        f"{LONG}甲丙",
    ]


def test_two_browsers_on_one_section_lose_nothing(
    writer, new_context, live_server, assessment, colleague
):
    other_page = new_context().new_page()
    other = Writer(other_page, live_server, Client(), colleague)
    writer.open("indicators:narratives", assessment.pk)
    other.open("indicators:narratives", assessment.pk)
    writer.box("problems").fill(f"{LONG}甲写")
    writer.wait_for_status("problems", "已保存")
    other.box("problems").fill(f"{LONG}乙写")
    choose = other.form("problems").get_by_role("button", name="以编辑框中的内容为准")
    choose.wait_for()
    # Merged in the box, then saved.
    other.box("problems").fill(f"{LONG}甲写，乙写")
    choose.focus()
    other.page.keyboard.press("Enter")
    other.wait_for_status("problems", "已保存")
    writer.box("problems").press_sequentially("丁")
    writer.form("problems").get_by_role("button", name="改用他人").click()
    writer.wait_for_status("problems", "已改用")

    assert stored(assessment).text == f"{LONG}甲写，乙写"
    assert writer.box("problems").input_value() == f"{LONG}甲写，乙写"
    texts = set(stored(assessment).versions.values_list("text", flat=True))
    assert texts >= {f"{LONG}甲写", f"{LONG}乙写", f"{LONG}甲写，乙写", f"{LONG}甲写丁"}
    assert other.complaints == []


def test_a_double_click_and_the_way_back_write_nothing_twice(writer, assessment):
    writer.open("indicators:narratives", assessment.pk)
    writer.box("problems").press_sequentially("一是")
    writer.form("problems").get_by_role("button", name="保存").dblclick()
    writer.wait_for_status("problems", "已保存")
    writer.page.get_by_role("link", name="返回自评").click()
    writer.page.get_by_role("heading", name="文字部分").wait_for()
    writer.page.go_back()
    writer.box("problems").wait_for()
    after = writer.box("problems").input_value()
    writer.box("problems").press_sequentially("，二是")
    writer.wait_for_status("problems", "已保存")

    assert after == "一是"
    assert "二是" in stored(assessment).text
    assert stored(assessment).version == 3
    assert stored(assessment).versions.filter(kind="rejected").count() == 0
