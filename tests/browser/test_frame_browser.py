"""The frame in Chromium: accessible, in two schemes, and careful with what is typed."""

import pytest
from playwright.sync_api import expect

from projects.models import Role
from tests.browser.looking import faults, violations
from tests.factories import make_department, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "Long-Enough-1"


@pytest.fixture(autouse=True)
def _sample_site(settings, monkeypatch):
    settings.ROOT_URLCONF = "tests.browser.sample_site"
    monkeypatch.setattr("perfeval.context.is_demo", lambda: True)


@pytest.fixture
def clerk():
    user = make_user(Role.FILLER, make_department(), username="wangfang", name="王芳")
    user.set_password(PASSWORD)
    user.save()
    return user


def fill_log_in(page):
    page.get_by_label("用户名").fill("wangfang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


@pytest.fixture
def sample(page, context, live_server, client, clerk):
    """The sample page, logged in; whatever the console complains of fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Policy" in line.text else None,
    )
    client.force_login(clerk)
    session = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/sample/")
    yield page
    assert complaints == []


def test_axe_finds_nothing_on_the_login_page(page, live_server):
    page.goto(f"{live_server.url}/login/")
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("alert").wait_for()

    assert faults(page) == []


def test_axe_finds_a_planted_fault(sample):
    sample.locator("#answer").evaluate("each => { each.style.color = '#eee' }")
    sample.locator("#answer").evaluate("each => { each.textContent = '看不清' }")

    found = faults(sample)

    assert {each[1] for each in found} == {"color-contrast"}


def test_axe_finds_nothing_on_any_part(sample):
    sample.get_by_role("button", name="保存").click()
    sample.get_by_text("没有保存。").wait_for()

    assert faults(sample) == []


def test_axe_finds_nothing_on_the_admins_first_page(sample, live_server, clerk):
    clerk.is_staff = True
    clerk.save()
    sample.goto(f"{live_server.url}/admin/")
    sample.get_by_role("heading", name="基础数据").wait_for()

    assert sample.get_by_text("演示数据").is_visible()
    assert faults(sample) == []


def test_axe_finds_nothing_in_the_admins_way_back(sample, live_server, clerk):
    clerk.is_staff = clerk.is_superuser = True
    clerk.save()
    sample.goto(f"{live_server.url}/admin/perfeval/user/{clerk.pk}/history/")
    sample.get_by_role("link", name="首页").wait_for()

    assert violations(sample) == []


def test_axe_finds_nothing_in_the_dialog_and_the_menus(sample):
    sample.get_by_role("button", name="王芳").click()
    sample.get_by_role("button", name="退出登录").wait_for()
    with_menu = violations(sample)
    sample.keyboard.press("Escape")
    sample.get_by_role("button", name="退回").click()
    with_dialog = violations(sample)

    assert with_menu == []
    assert with_dialog == []


def test_the_page_never_scrolls_sideways(sample):
    widths = [1920, 1440, 992, 768, 390]
    found = []
    for width in widths:
        sample.set_viewport_size({"width": width, "height": 900})
        found.append(sample.evaluate("document.documentElement.scrollWidth"))

    assert found == widths


def test_the_chosen_scheme_stays(sample):
    sample.emulate_media(color_scheme="light")
    before = sample.evaluate("document.documentElement.dataset.bsTheme")
    sample.get_by_role("button", name="深色").click()
    sample.reload()

    assert before == "light"
    assert sample.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert sample.get_by_role("button", name="浅色").is_visible()


def test_the_keyboard_goes_past_the_navigation_and_into_the_errors(sample):
    sample.keyboard.press("Tab")
    skip = sample.evaluate("document.activeElement.textContent")
    sample.get_by_role("button", name="保存").click()
    sample.get_by_text("没有保存。").wait_for()
    focused = sample.evaluate("document.activeElement.className")
    sample.get_by_role("link", name="年初预算数：").click()

    assert skip == "跳到正文"
    assert focused == "error-summary"
    assert sample.evaluate("document.activeElement.id") == "id_amount"


def test_on_a_small_screen_the_navigation_is_a_drawer(sample):
    sample.set_viewport_size({"width": 390, "height": 800})
    hidden = sample.get_by_role("link", name="绩效自评", exact=True).count()
    sample.get_by_role("button", name="菜单").click()
    drawer = sample.get_by_role("dialog", name="导航菜单")
    drawer.get_by_role("link", name="项目").wait_for()
    sample.locator("#drawer.show:not(.showing)").wait_for()

    assert hidden == 1  # the brand in the top bar alone
    assert violations(sample) == []


def test_a_destructive_step_asks_first_and_can_be_left(sample):
    sample.get_by_role("button", name="退回").click()
    opened = sample.get_by_role("dialog", name="退回").is_visible()
    sample.get_by_role("button", name="取消").click()

    assert opened
    expect(sample.get_by_role("dialog", name="退回")).to_have_count(0)
    assert sample.evaluate("document.activeElement.dataset.dialog") == "back"


def test_what_was_typed_survives_a_session_that_ran_out(sample, context):
    sample.get_by_label("年度总体目标").fill("第一行\n第二行")
    context.clear_cookies(name="sessionid")
    sample.get_by_role("button", name="保存").click()
    with context.expect_page() as opened:
        sample.get_by_role("link", name="在新窗口登录").click()
    fill_log_in(opened.value)
    opened.value.get_by_role("button", name="王芳").wait_for()
    sample.get_by_role("button", name="继续提交").click()

    sample.get_by_text("收到：").wait_for()
    assert sample.get_by_label("年度总体目标").input_value() == "第一行\n第二行"


def test_htmx_sends_the_token_and_swaps_the_answer_in(sample):
    sample.get_by_role("button", name="发送").click()

    sample.get_by_text("已收到").wait_for()
    expect(sample.locator("#answer")).to_have_text("已收到")


def test_htmx_leaves_the_page_alone_when_the_session_ran_out(sample, context):
    sample.get_by_label("年度总体目标").fill("还没保存的话")
    context.clear_cookies(name="sessionid")
    sample.get_by_role("button", name="发送").click()
    sample.get_by_text("登录已过期，刚才的操作未保存").wait_for()

    expect(sample.locator("#answer")).to_have_text("")
    assert sample.get_by_label("年度总体目标").input_value() == "还没保存的话"


@pytest.mark.parametrize(
    ("status", "message"),
    [(500, "系统出错，内容未保存"), (403, "没有权限进行这项操作")],
)
def test_htmx_tells_what_went_wrong_with_the_request_number(sample, status, message):
    button = sample.locator("#send")
    button.evaluate(f"each => each.setAttribute('hx-post', '/answer/?status={status}')")
    sample.evaluate("htmx.process(document.body)")
    button.click()
    notice = sample.get_by_role("alert").filter(has_text=message)
    notice.wait_for()

    expect(notice).to_contain_text("请求编号")
    expect(sample.locator("#answer")).to_have_text("")


def test_a_form_is_sent_once_and_its_button_says_so(sample):
    # Held back after our own script has seen it, so that the page stays to be read.
    sample.evaluate(
        """() => {
          window.sent = 0;
          window.addEventListener("submit", (event) => {
            if (!event.defaultPrevented) window.sent += 1;
            event.preventDefault();
          });
        }"""
    )
    button = sample.locator(".action-bar .btn-primary")
    button.click()
    button.click()

    expect(button).to_have_text("正在处理…")
    assert button.get_attribute("aria-busy") == "true"
    assert sample.evaluate("window.sent") == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_without_javascript_one_finds_ones_way_and_leaves(
    browser, browser_context_args, live_server, clerk, width
):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/login/")
    fill_log_in(page)
    page.goto(f"{live_server.url}/sample/")

    # In sight at its place: the drawer's own lies left of the window.
    expect(page.get_by_role("link", name="项目", exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="退出登录").click()

    page.get_by_label("用户名").wait_for()
    context.close()
