"""The reviewer's page: remarks and answers, points, what changed, the opinion."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from indicators.models import (
    IndicatorResult,
    ItemComment,
    Narrative,
    ReviewDraft,
    ReviewPhrase,
    SelfAssessment,
    Status,
)
from indicators.reviewing import record_review
from indicators.services import record_result, write_narrative
from indicators.threads import add_remark, answer_remark, close_remark, find_passage
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
from projects.models import Role
from reports.submission import decide, kept_document, submit
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
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
    """A task with one level, which gives points."""
    task = make_task(levels=(Role.UNIT_REVIEWER,))
    task.levels.update(gives_points=True)
    return task


@pytest.fixture
def assessment(unit, filler, task):
    """Sent up: 50 + 30 + 10 points of rows, 5.79 of money."""
    made = complete(make_assessment(make_project(unit, name="执法培训"), task), filler)
    section = made.narratives.get(key="results")
    write_narrative(filler, section, TEXT, version=section.version)
    return submit(filler, made, version=made.version)


@pytest.fixture
def desk(client, reviewer, assessment):
    client.force_login(reviewer)
    return url("review", assessment)


def url(name, assessment, *more):
    return reverse(f"reports:{name}", args=[assessment.pk, *more])


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def row(assessment, name="培训场次"):
    return assessment.results.get(indicator__level3=name)


def typed(result, **values):
    return {
        "version": result.version,
        "review_points": "",
        "review_actual": "",
        "review_note": "",
        **values,
    }


def give(client, assessment, result, **values):
    return client.post(
        url("review_row", assessment, result.pk),
        typed(result, **values),
        headers={"X-Autosave": str(client.session["_auth_user_id"])},
    )


def document_of(assessment):
    document = kept_document(assessment)
    assert document is not None
    return document


def take(user, assessment, decision, note=""):
    version = stored(assessment).version
    return decide(user, assessment, decision, version=version, note=note)


def send_back(user, assessment):
    return take(user, assessment, "send_back", "请修改")


def resubmit(filler, assessment):
    return submit(filler, assessment, version=stored(assessment).version)


def test_own_points_stand_until_changed_and_totals_follow(client, desk, assessment):
    shown = client.get(desk).text
    answer = give(
        client, assessment, row(assessment), review_points="40", review_note="缺签到表"
    ).json()

    assert "自评 50.00" in " ".join(shown.split())
    totals = " ".join(answer["parts"]["review-totals"].split())
    assert "95.79 优" in totals
    assert "85.79 良" in totals
    assert "-10.00" in totals
    assert row(assessment).review_points == 40


@pytest.mark.parametrize("points", ["50.01", "-1", "很多"], ids=["above", "below", "?"])
def test_points_stay_between_0_and_the_weight(points, client, desk, assessment):
    refused = give(client, assessment, row(assessment), review_points=points)

    assert refused.status_code == 422
    assert row(assessment).review_points is None


def test_other_points_ask_for_a_reason_before_approval(client, desk, assessment):
    give(client, assessment, row(assessment), review_points="40")

    told = client.post(
        desk, {"version": stored(assessment).version, "decision": "approve"}
    )

    assert told.status_code == 422
    assert "改了得分还没有写理由：培训场次" in told.text
    assert stored(assessment).status == Status.IN_REVIEW


def test_approval_makes_points_total_and_grade_final(client, desk, assessment):
    give(
        client, assessment, row(assessment), review_points="40", review_note="缺签到表"
    )

    client.post(
        desk,
        {
            "version": stored(assessment).version,
            "decision": "approve",
            "note": "同意报送",
        },
    )

    after = stored(assessment)
    assert (after.status, after.review_total) == (Status.APPROVED, Decimal("85.79"))
    assert (after.grade, after.review_grade) == ("优", "良")
    given = after.results.values_list("review_points", flat=True)
    assert list(given) == [40, 30, 10]
    (opinion,) = document_of(after).opinions
    assert (opinion.level, opinion.body, opinion.person) == (
        "单位审核",
        "执法监督处",
        "林审核",
    )
    assert opinion.decision == "审核通过，复核得分 85.79 分，良"
    assert opinion.text == "同意报送"
    detail = client.get(reverse("indicators:detail", args=[after.pk])).text
    assert "85.79" in detail


def test_all_are_accepted_with_one_press_less_those_changed(client, desk, assessment):
    give(client, assessment, row(assessment), review_points="40", review_note="缺")

    told = client.post(url("accept_rows", assessment), follow=True)

    assert "2 项按自评得分认可" in told.text
    given = assessment.results.values_list("review_points", flat=True)
    assert list(given) == [40, 30, 10]


def test_a_level_that_only_passes_has_no_inputs(
    client, desk, assessment, task, reviewer
):
    task.levels.update(gives_points=False)

    shown = client.get(desk).text

    assert 'name="review_points"' not in shown
    assert "全部认可" not in shown
    with pytest.raises(ClosedError, match="不打分"):
        record_review(reviewer, row(assessment), {"review_points": 1}, version=1)


def test_two_reviewers_of_one_row_see_both_texts_and_lose_none(
    client, desk, assessment, unit
):
    result = row(assessment)
    give(client, assessment, result, review_points="40", review_note="甲写的")

    answer = give(client, assessment, result, review_points="45", review_note="乙写的")

    assert answer.status_code == 409
    assert "甲写的" in answer.json()["html"]
    kept = AuditEvent.objects.get(action="review.rejected")
    assert kept.after["review_note"] == "乙写的"


def test_points_are_refused_by_the_database_too(assessment):
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorResult.objects.filter(pk=row(assessment).pk).update(review_points=51)


def test_a_passage_is_found_with_other_blanks_and_among_equal_ones():
    text = "第一段\n培训 50 场。再次培训 50 场。"

    second = find_passage(text, "培训  50\n场", nth=1)

    assert second is not None
    assert (second.quote, text[second.start : second.end]) == (("培训 50 场",) * 2)
    assert second.start == 14
    assert find_passage(text, "没有") is None
    assert find_passage(text, " ") is None


def test_a_remark_keeps_the_passage_and_where_it_stands(client, desk, assessment):
    client.post(
        url("remark_add", assessment, "text-results"),
        {"text": "请写明来源", "quote": "参训 1200 人次", "nth": "0"},
    )

    remark = ItemComment.objects.get()
    assert TEXT[remark.start : remark.end] == remark.quote == "参训 1200 人次"
    assert remark.submission == stored(assessment).submission
    assert "参训 1200 人次</blockquote>" in "".join(
        client.get(desk).text.replace("\n", "").split("  ")
    )


def test_a_passage_that_is_not_there_is_refused_and_the_words_stay(
    client, desk, assessment
):
    told = client.post(
        url("remark_add", assessment, "text-results"),
        {"text": "请写明来源", "quote": "没有写过的话"},
    )

    assert told.status_code == 422
    assert "送审的文字里没有这一段" in told.text
    assert "请写明来源" in told.text
    assert not ItemComment.objects.exists()


def test_the_database_refuses_half_a_passage(assessment, reviewer):
    remark = add_remark(reviewer, assessment, "评语", narrative_key="results")

    with pytest.raises(IntegrityError), transaction.atomic():
        ItemComment.objects.filter(pk=remark.pk).update(start=3)


def test_an_unanswered_remark_blocks_and_is_linked_until_it_is_answered(
    client, assessment, reviewer, filler
):
    remark = add_remark(
        reviewer, assessment, "请补签到表", indicator=row(assessment).indicator
    )
    send_back(reviewer, assessment)
    client.force_login(filler)

    blocked = client.get(url("submit", assessment)).text
    detail = client.get(reverse("indicators:detail", args=[assessment.pk])).text
    address = reverse("indicators:answer", args=[assessment.pk, remark.pk])
    client.post(address, {"text": "已补，见附件"})
    free = client.get(url("submit", assessment)).text

    assert "“培训场次”的评语未答复" in blocked
    assert f"#comment-{remark.pk}" in blocked
    assert address in detail
    assert f'id="comment-{remark.pk}"' in detail
    assert "评语未答复" not in free


def test_a_remark_on_a_text_is_answered_from_the_page_too(
    client, assessment, reviewer, filler
):
    remark = add_remark(reviewer, assessment, "请补", narrative_key="results")
    send_back(reviewer, assessment)
    client.force_login(filler)

    detail = client.get(reverse("indicators:detail", args=[assessment.pk])).text

    assert reverse("indicators:answer", args=[assessment.pk, remark.pk]) in detail


def test_a_remark_from_above_is_closed_above_and_what_changed_is_shown_there(
    client, unit, filler, reviewer
):
    above = make_user(Role.DEPARTMENT_REVIEWER, unit.parent)
    task = make_task(levels=(Role.UNIT_REVIEWER, Role.DEPARTMENT_REVIEWER))
    made = complete(make_assessment(make_project(unit), task), filler)
    resubmit(filler, made)
    take(reviewer, made, "approve")
    remark = add_remark(above, made, "请补", narrative_key="results")
    take(above, made, "send_down", "见评语")
    client.force_login(reviewer)

    shown = client.get(url("review", made)).text
    with pytest.raises(ClosedError, match="由上级审核人关闭"):
        close_remark(reviewer, remark)
    take(reviewer, made, "approve")
    client.force_login(above)
    shown_above = client.get(url("review", made)).text
    close_remark(above, remark)

    assert url("remark_close", made, remark.pk) not in shown
    assert url("remark_close", made, remark.pk) in shown_above
    assert "退回意见：见评语" in shown_above
    assert "没有改动数据和文字" in shown_above


def test_reviewers_alone_close_and_the_unit_alone_answers(
    client, assessment, reviewer, filler
):
    remark = add_remark(reviewer, assessment, "请补", narrative_key="results")

    with pytest.raises(ClosedError):
        close_remark(filler, remark)
    with pytest.raises(ClosedError):
        answer_remark(filler, remark, "审核中不能答复")
    send_back(reviewer, assessment)
    with pytest.raises(ClosedError):
        answer_remark(reviewer, remark, "审核人不能代答")
    answer_remark(filler, remark, "已补")
    with pytest.raises(ClosedError):
        close_remark(reviewer, remark)
    resubmit(filler, assessment)
    close_remark(reviewer, remark)

    remark.refresh_from_db()
    assert remark.closed_by == reviewer


def test_only_what_changed_is_shown_with_remark_and_answer_beside(
    client, assessment, reviewer, filler
):
    remark = add_remark(reviewer, assessment, "人次请核实", narrative_key="results")
    send_back(reviewer, assessment)
    answer_remark(filler, remark, "已按签到表核实")
    section = Narrative.objects.get(assessment=assessment, key="results")
    text = TEXT.replace("1200", "1180").replace("50", "48")
    write_narrative(filler, section, text, version=section.version)
    result = row(assessment)
    record_result(
        filler,
        result,
        {"actual": "48", "deviation_note": "因天气取消两场"},
        version=result.version,
    )
    resubmit(filler, assessment)
    client.force_login(reviewer)

    shown = client.get(url("review", assessment)).text

    changed = shown[shown.index('id="changed"') : shown.index('class="review-columns"')]
    flat = " ".join(changed.split())
    assert "改了 4 处" in flat
    assert "参训 1<del class='compared'>20</del>0 人次" in flat
    assert "参训 1<ins class='compared'>18</ins>0 人次" in flat
    assert "人次请核实" in flat
    assert "已按签到表核实" in flat
    assert "培训场次 · 实际完成值" in flat
    assert "群众满意度" not in flat


def test_points_are_judged_anew_where_the_row_changed(assessment, reviewer, filler):
    for name, points in (("培训场次", 40), ("群众满意度", 8)):
        result = row(assessment, name)
        given = {"review_points": Decimal(points), "review_note": "理由"}
        record_review(reviewer, result, given, version=result.version)
    send_back(reviewer, assessment)
    result = row(assessment)
    record_result(
        filler,
        result,
        {"actual": "49", "deviation_note": "天气"},
        version=result.version,
    )
    section = Narrative.objects.get(assessment=assessment, key="results")
    text = TEXT.replace("50", "49")
    write_narrative(filler, section, text, version=section.version)

    resubmit(filler, assessment)

    assert row(assessment).review_points is None
    assert row(assessment, "群众满意度").review_points == 8
    sent = document_of(stored(assessment))
    assert [each.review_points for each in sent.indicators] == [None] * 3


def test_what_is_being_written_is_kept_per_person_and_forgotten_once_said(
    client, desk, assessment, reviewer
):
    address = url("draft", assessment, "opinion")
    me = {"X-Autosave": str(reviewer.pk)}

    first = client.post(address, {"version": 0, "note": "数据"}, headers=me).json()
    stale = client.post(address, {"version": 0, "note": "另一窗口"}, headers=me)
    shown = client.get(desk).text
    client.post(
        desk,
        {"version": stored(assessment).version, "decision": "approve", "note": "同意"},
    )

    assert first["version"] == 1
    assert stale.status_code == 409
    assert "数据" in stale.json()["html"]
    assert ">\n数据</textarea>" in shown
    assert not ReviewDraft.objects.exists()


def test_the_offices_phrases_are_offered(client, desk):
    ReviewPhrase.objects.create(use="approve", text="同意，请归档。")
    ReviewPhrase.objects.create(use="approve", text="停用的", is_active=False)

    shown = client.get(desk).text

    assert "同意，请归档。" in shown
    assert "停用的" not in shown


def test_a_phrase_stands_once(db):
    phrase = ReviewPhrase.objects.create(use="approve", text="材料齐全，同意上报")

    with pytest.raises(ValidationError, match="已有这句用语"):
        ReviewPhrase(use=phrase.use, text=phrase.text).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewPhrase.objects.create(use=phrase.use, text=phrase.text)


@pytest.mark.parametrize(
    "name", ["review_row", "accept_rows", "remark_add", "remark_ask", "remark_close"]
)
def test_others_write_nothing_on_the_page(name, client, assessment, reviewer, filler):
    remark = add_remark(reviewer, assessment, "请补", narrative_key="results")
    more = {
        "review_row": [row(assessment).pk],
        "remark_add": ["text-results"],
        "remark_ask": [remark.pk],
        "remark_close": [remark.pk],
    }
    address = url(name, assessment, *more.get(name, []))
    stranger = make_user(Role.UNIT_REVIEWER, make_department())

    client.force_login(filler)
    own = client.post(address, {"text": "x"})
    client.force_login(stranger)
    other = client.post(address, {"text": "x"})

    assert (own.status_code, other.status_code) == (403, 404)
    assert ItemComment.objects.count() == 1


def test_the_page_asks_the_same_whatever_stands_on_it(
    client, desk, assessment, reviewer
):
    few = queries_of(client, desk)
    for result in assessment.results.select_related("indicator"):
        for _ in range(4):
            add_remark(reviewer, assessment, "请补", indicator=result.indicator)

    many = queries_of(client, desk)

    assert len(many) == len(few) <= 19
