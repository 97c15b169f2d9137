"""A review in Chromium: a passage remarked, returned, answered, changed, approved."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from indicators.evidence import Proves, add_evidence
from indicators.models import ItemComment, Narrative, SelfAssessment, Status
from indicators.services import write_narrative
from projects.models import Role
from reports.submission import submit
from tests.browser.looking import faults
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)
from tests.indicators.test_evidence import png

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "全年组织培训 50 场。\n参训 1200 人次，满意度较高。"


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def reviewer(unit):
    return make_user(Role.UNIT_REVIEWER, unit, name="林审核")


@pytest.fixture
def task():
    task = make_task(levels=(Role.UNIT_REVIEWER,))
    task.levels.update(gives_points=True)
    return task


def make_sent(unit, filler, task, name):
    made = complete(make_assessment(make_project(unit, name=name), task), filler)
    section = made.narratives.get(key="results")
    write_narrative(filler, section, TEXT, version=section.version)
    result = made.results.get(indicator__unit="场")
    upload = SimpleUploadedFile("签到表.png", png(), "image/png")
    proves = Proves(indicators=(result.indicator_id,))
    add_evidence(filler, made, upload, proves)
    return submit(filler, made, version=made.version)


@pytest.fixture
def assessment(unit, filler, task):
    return make_sent(unit, filler, task, "执法培训")


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
def go(page, live_server):
    def go(name, *args):
        page.goto(live_server.url + reverse(name, args=args))

    return go


def select(page, words):
    """Select words of the paper, as a mouse would."""
    page.evaluate(
        """(words) => {
          const walk = document.createTreeWalker(
            document.querySelector(".review-paper article"), NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const at = walk.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walk.currentNode, at);
            range.setEnd(walk.currentNode, at + words.length);
            const selection = window.getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            return;
          }
        }""",
        words,
    )


def stored(assessment):
    return SelfAssessment.objects.get(pk=assessment.pk)


def test_a_report_is_returned_answered_changed_and_approved(
    page, go, log_in, assessment, filler, reviewer
):
    log_in(reviewer)
    go("reports:review", assessment.pk)
    select(page, "参训 1200 人次")
    page.get_by_role("button", name="评这一段").click()
    card = page.locator("#text-results")
    card.get_by_label("评语").fill("人次请按签到表核实")
    saved = card.locator("[data-autosave-status]")
    expect(saved).to_contain_text("已保存", timeout=15_000)
    card.get_by_role("button", name="提出评语").click()
    expect(page.locator(".comment-quote")).to_have_text("参训 1200 人次")
    remark = ItemComment.objects.get()
    assert TEXT[remark.start : remark.end] == "参训 1200 人次"
    page.get_by_label("审核意见").fill("见评语")
    page.get_by_role("button", name="退回填报人").click()
    page.wait_for_url("**/assessments/*/")
    # Sent with its button before the pause of the autosave: nothing is left over.
    kept = "Object.keys(localStorage).filter((key) => key.includes(':draft:'))"
    assert page.evaluate(kept) == []

    log_in(filler)
    go("reports:submit", assessment.pk)
    page.get_by_role("link", name="评语未答复").click()
    page.get_by_role("link", name=re.compile("^答复")).click()
    page.get_by_label("答复").fill("已核实，改为 1180")
    page.get_by_role("button", name="答复", exact=True).click()
    page.wait_for_url("**/assessments/*/#comment-*")
    section = Narrative.objects.get(assessment=assessment, key="results")
    write_narrative(
        filler, section, TEXT.replace("1200", "1180"), version=section.version
    )
    go("reports:submit", assessment.pk)
    page.get_by_role("button", name="送审").click()
    page.wait_for_url("**/assessments/*/")

    log_in(reviewer)
    go("reports:review", assessment.pk)
    changed = page.locator("#changed")
    expect(changed.locator("del")).to_have_text("20")
    expect(changed.locator("ins")).to_have_text("18")
    expect(changed).to_contain_text("已核实，改为 1180")
    page.get_by_role("button", name=re.compile("^关闭评语")).click()
    expect(page.locator("#text-results .comment").first).to_contain_text("已解决")
    row = page.locator(".review-item", has_text="培训场次").first
    row.get_by_label("复核得分").fill("40")
    row.get_by_label("理由").fill("缺两场签到表")
    saved = row.locator(".review-form [data-autosave-status]")
    expect(saved).to_contain_text("已保存", timeout=15_000)
    expect(page.locator("#review-totals")).to_contain_text("85.79")
    page.get_by_label("审核意见").fill("同意")
    page.get_by_role("button", name="审核通过").click()
    page.wait_for_url("**/assessments/*/")

    after = stored(assessment)
    assert (after.status, str(after.review_total)) == (Status.APPROVED, "85.79")
    expect(page.locator("body")).to_contain_text("复核得分")
    expect(page.locator("body")).to_contain_text("缺两场签到表")


def test_keys_accept_all_and_turn_to_the_next_and_evidence_opens_beside(
    page, go, log_in, assessment, unit, filler, task, reviewer
):
    second = make_sent(unit, filler, task, "普法宣传")
    log_in(reviewer)
    go("reports:review", assessment.pk)

    page.get_by_role("link", name="签到表.png").click()
    expect(page.locator("#evidence-beside")).to_be_visible()
    page.locator("[data-evidence-close]").click()
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("3 项按自评得分认可")
    page.keyboard.press("j")

    page.wait_for_url(f"**/assessments/{second.pk}/review/")


def test_axe_finds_nothing_and_a_phone_is_wide_enough(
    page, go, log_in, assessment, reviewer
):
    log_in(reviewer)
    go("reports:review_list")
    found = faults(page)
    go("reports:review", assessment.pk)
    found += faults(page)

    assert found == []
