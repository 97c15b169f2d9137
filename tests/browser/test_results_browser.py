"""Results in Chromium: points follow the typing, evidence, parts, keyboard, 390 px."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from indicators.evidence import Proves, add_evidence
from indicators.models import Evidence, IndicatorResult
from indicators.services import record_result
from projects.models import Role
from tests.browser.looking import faults, violations
from tests.browser.test_assessment_browser import open_row
from tests.factories import make_assessment, make_department, make_project, make_user
from tests.indicators.test_evidence import png

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BLANK_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


@pytest.fixture
def unit():
    return make_department(make_department(), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def assessment(unit):
    return make_assessment(make_project(unit, name="执法培训"))


@pytest.fixture
def quantity(assessment):
    """培训场次, ≥50场, 50 points."""
    return assessment.results.get(indicator__unit="场")


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
def open_page(page, log_in, live_server, filler):
    """Open pages as the filler; a refusal by the security policy fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Policy" in line.text else None,
    )
    log_in(filler)
    yield lambda name, *args: page.goto(live_server.url + reverse(name, args=args))
    assert complaints == []


def test_points_follow_the_typing_and_the_caret_stays(
    page, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    field = row.get_by_label("实际完成值")

    field.press_sequentially("8")
    row.get_by_text("完成值 8 ÷ 指标值 50 × 分值 50 = 8.00").wait_for()
    field.press("Home")
    field.press("4")
    row.get_by_text("完成值 48 ÷ 指标值 50 × 分值 50 = 48.00").wait_for()

    assert row.get_by_text("得分 48.00 低于分值 50").is_visible()
    # 48 + 5.79 of the money
    expect(page.locator("#totals")).to_contain_text("53.79")
    expect(page.locator("#totals")).to_contain_text("待定")
    assert field.evaluate("field => field === document.activeElement")
    assert field.evaluate("field => field.selectionStart") == 1
    row.get_by_text("已保存").wait_for()
    stored = IndicatorResult.objects.get(pk=quantity.pk)
    assert (stored.actual, field.input_value()) == ("48", "48")
    assert field.evaluate("field => field === document.activeElement")


def test_without_a_server_typing_goes_on_and_the_row_says_so(
    page, context, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    context.set_offline(True)

    row.get_by_label("实际完成值").press_sequentially("48")

    row.get_by_text("连接不上服务器，暂时算不出得分；您可以继续填写").wait_for()
    assert row.get_by_label("实际完成值").input_value() == "48"
    assert violations(page) == []


def watched(page):
    """Note every value that the upload's bar shows, from now on."""
    page.evaluate(
        """() => {
          window.shown = [];
          const look = () => {
            const bar = document.querySelector("[data-upload-list] progress");
            if (bar) {
              window.shown.push(bar.value);
              sessionStorage.setItem("shown", JSON.stringify(window.shown));
            }
            requestAnimationFrame(look);
          };
          look();
        }"""
    )


def test_evidence_of_30_mb_arrives_with_the_bar_moving(
    page, context, open_page, assessment, quantity, tmp_path
):
    size = 30 * 1024 * 1024
    scan = tmp_path / "签到表扫描件.pdf"
    scan.write_bytes(b"%PDF-1.7\n" + bytes(size - 9))
    open_page("indicators:detail", assessment.pk)
    row = page.locator(f"#result-{quantity.pk}")
    row.get_by_role("link", name="添加佐证").click()
    assert page.get_by_label("培训场次").is_checked()
    page.get_by_label("选择文件").set_input_files(scan)
    page.get_by_text("签到表扫描件.pdf（30.0 MB）").wait_for()
    watched(page)
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": 10 * 1024 * 1024,
        },
    )

    page.get_by_role("button", name="上传", exact=True).click()

    page.locator(".evidence-list").get_by_text("签到表扫描件.pdf").wait_for()
    shown = page.evaluate("JSON.parse(sessionStorage.getItem('shown'))")
    between = sorted({value for value in shown if 0 < value < 100})
    assert len(between) >= 5
    assert shown == sorted(shown)
    row = Evidence.objects.select_related("file").get()
    assert row.file.size == size
    assert row.file.sha256 == hashlib.sha256(scan.read_bytes()).hexdigest()
    assert row.links.get().indicator_id == quantity.indicator_id
    assert violations(page) == []


def test_files_are_dropped_and_what_is_refused_stays_with_its_reason(
    page, open_page, assessment
):
    open_page("indicators:evidence", assessment.pk)
    dropped = page.evaluate_handle(
        """() => {
          const dropped = new DataTransfer();
          dropped.items.add(new File(["%PDF-1.7 1"], "合同.pdf"));
          dropped.items.add(new File(["MZ program"], "照片.jpg"));
          return dropped;
        }"""
    )

    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    page.get_by_role("button", name="上传", exact=True).click()

    page.get_by_text("“照片.jpg”：附件应是 PDF").wait_for()
    assert Evidence.objects.get().file.name == "合同.pdf"
    assert violations(page) == []
    page.get_by_role("button", name="移除“照片.jpg”").click()
    expect(page.locator("[data-upload-list] li")).to_have_count(1)


def test_a_pdf_and_a_picture_are_shown_in_the_page(page, open_page, assessment, filler):
    picture = add_evidence(
        filler, assessment, SimpleUploadedFile("现场.png", png(120)), Proves()
    )
    paper = SimpleUploadedFile("合同.pdf", BLANK_PDF)
    contract = add_evidence(filler, assessment, paper, Proves())

    open_page("indicators:evidence_file", assessment.pk, picture.pk)
    width = page.get_by_role("img", name="现场.png").evaluate("img => img.naturalWidth")
    found = violations(page)
    open_page("indicators:evidence_file", assessment.pk, contract.pk)
    frame = page.frame_locator("iframe[title='合同.pdf']")

    frame.locator("body").wait_for()
    assert width == 1
    assert found + violations(page) == []


def test_two_browsers_on_one_row_see_both_values_and_choose(
    page, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    record_result(None, quantity, {"deviation_note": "他人写的原因"}, version=1)

    row.get_by_label("偏差原因分析").press_sequentially("我写的原因")
    row.get_by_text("他人写的原因").wait_for()

    assert violations(page) == []
    assert row.get_by_label("偏差原因分析", exact=False).first.is_visible()
    row.locator("[data-conflict-choose=mine]").click()
    row.get_by_text("已保存").wait_for()
    stored = IndicatorResult.objects.get(pk=quantity.pk)
    assert stored.deviation_note == "我写的原因"


def test_a_row_is_saved_by_itself_once_the_server_is_back(
    page, context, open_page, assessment, quantity
):
    open_page("indicators:detail", assessment.pk)
    row = open_row(page, quantity)
    context.set_offline(True)
    row.get_by_label("实际完成值").press_sequentially("48")
    row.get_by_text("内容还没有保存").wait_for()

    context.set_offline(False)

    row.get_by_text("已保存").wait_for(timeout=15000)
    assert IndicatorResult.objects.get(pk=quantity.pk).actual == "48"
    expect(page.locator("#totals")).to_contain_text("53.79")


def test_what_is_missing_leads_to_its_very_field(page, open_page, assessment, quantity):
    record_result(None, quantity, {"actual": "48"}, version=1)
    open_page("indicators:detail", assessment.pk)

    page.get_by_role("link", name="1 项指标未说明偏差原因").click()

    field = page.locator(f"#id_result{quantity.pk}_deviation_note")
    field.wait_for()
    page.wait_for_function(
        "id => document.activeElement?.id === id", arg=field.get_attribute("id")
    )
    open_page("workbench")
    page.get_by_role("link", name="第一、二、三、四、五部分为空").click()
    page.wait_for_function("() => document.activeElement?.id === 'id_basics_text'")


def tab_to(page, name):
    """Press Tab until the link of this name has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.textContent")
        if "".join(focused.split()).startswith(name):
            return
    raise AssertionError(f"Tab never reaches “{name}”")


def focused(page, field):
    """Wait until a field has the focus and what was swapped in with it listens."""
    page.wait_for_function(
        "id => document.activeElement?.id === id"
        " && !document.querySelector('.htmx-added')",
        arg=field,
    )


def test_a_first_table_is_filled_in_by_keyboard_alone(
    page, open_page, assessment, quantity
):
    quality = assessment.results.get(indicator__comparator="qualitative")
    satisfied = assessment.results.get(indicator__unit="%")
    open_page("indicators:detail", assessment.pk)

    tab_to(page, "填写“培训场次”")
    page.keyboard.press("Enter")
    focused(page, f"id_result{quantity.pk}_actual")
    page.keyboard.type("50")
    expect(page.locator(f"#id_result{quantity.pk}_actual")).to_have_value("50")
    # 50 + 5.79 of the money, before anything is saved
    page.locator("#totals").get_by_text("55.79", exact=True).first.wait_for()
    page.keyboard.press("Enter")
    page.locator(f"#result-{quantity.pk}").get_by_text("50场").first.wait_for()
    # The saved row takes the focus: a Tab before that would be undone.
    again = page.locator(f"#result-{quantity.pk} .row-actions a")
    expect(again.first).to_be_focused()
    tab_to(page, "填写“群众知晓程度”")
    page.keyboard.press("Enter")
    focused(page, f"id_result{quality.pk}_achievement")
    # The list opens at its second line, which is taken.
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    chosen = f"#id_result{quality.pk}_achievement"
    expect(page.locator(chosen)).to_have_value("met")
    points = f"id_result{quality.pk}_self_points"
    # The closing list takes keys for a moment.
    for _ in range(10):
        if page.evaluate("document.activeElement.id") == points:
            break
        page.keyboard.press("Tab")
        page.wait_for_timeout(200)
    page.keyboard.type("30")
    page.keyboard.press("Tab")
    page.keyboard.type("知晓率比上年提高 12 个百分点")
    page.keyboard.press("Control+s")
    page.locator(f"#result-{quality.pk} [data-state=saved]").wait_for()
    tab_to(page, "填写“群众满意度”")
    page.keyboard.press("Enter")
    focused(page, f"id_result{satisfied.pk}_actual")
    page.keyboard.type("95")
    page.keyboard.press("Enter")
    page.locator(f"#result-{satisfied.pk}").get_by_text("95%").first.wait_for()

    # 50 + 30 + 10 + 5.79 of the money
    expect(page.locator("#totals")).to_contain_text("95.79")
    expect(page.locator("#totals")).to_contain_text("优")
    expect(page.locator("#gaps")).not_to_contain_text("项指标")
    stored = assessment.results.values_list("actual", flat=True)
    assert list(stored) == ["50", "知晓率比上年提高 12 个百分点", "95"]


def test_on_a_phone_rows_evidence_and_parts_fit_and_axe_finds_nothing(
    page, open_page, assessment, filler, quantity
):
    picture = SimpleUploadedFile("现场照片.png", png(90))
    file = add_evidence(
        filler, assessment, picture, Proves(indicators=[quantity.indicator_id])
    )
    found = []

    for name, args in (
        ("indicators:evidence", (assessment.pk,)),
        ("indicators:evidence_file", (assessment.pk, file.pk)),
        ("indicators:evidence_supersede", (assessment.pk, file.pk)),
        ("indicators:parts", (assessment.pk,)),
        ("workbench", ()),
        ("indicators:detail", (assessment.pk,)),
    ):
        open_page(name, *args)
        found += faults(page)
    row = open_row(page, quantity)
    row.get_by_label("实际完成值").fill("48")
    row.get_by_text("完成值 48 ÷ 指标值 50").first.wait_for()
    row.get_by_text("已保存").wait_for()
    found += faults(page)

    assert found == []


def test_who_was_given_a_part_fills_it_in_from_the_workbench(
    page, open_page, log_in, assessment, filler, unit
):
    treasurer = make_user(Role.OBSERVER, unit, name="钱出纳")
    open_page("indicators:parts", assessment.pk)
    page.get_by_label("四、存在问题和建议").check()
    page.get_by_label("填写人").select_option("钱出纳")
    page.get_by_role("button", name="分给", exact=True).click()
    page.get_by_text("分给 钱出纳").wait_for()
    log_in(treasurer)
    open_page("workbench")

    page.get_by_role("link", name="第四部分为空").click()
    page.locator("#id_problems_text").press_sequentially("采购偏晚，下年提前启动。")
    page.get_by_text("已保存").first.wait_for()

    text = assessment.narratives.get(key="problems")
    assert (text.text, text.saved_by) == ("采购偏晚，下年提前启动。", treasurer)
    expect(page.locator("#id_basics_text")).to_have_count(0)
