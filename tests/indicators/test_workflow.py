"""The flow of a self-assessment: its table of transitions, and who may take a step."""

import pytest

from indicators.models import ReviewRecord, SelfAssessment, Status
from indicators.services import record_result, write_narrative
from indicators.workflow import (
    TRANSITIONS,
    TransitionError,
    advance,
    open_transitions,
)
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import make_membership, make_user, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(assessment, filler):
    return submit(assessment, filler)


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def take(assessment, action, user, note="", version=None):
    version = stored(assessment).version if version is None else version
    return advance(
        assessment.pk, action, user, version=version, note=note, snapshot={"year": 2024}
    )


def actions(user, assessment):
    return [step.action for step in open_transitions(user, stored(assessment))]


def test_the_table_names_each_step_once_and_every_step_leads_somewhere_known():
    assert [step.action for step in TRANSITIONS] == ["submit", "approve", "send_back"]
    assert [step.action for step in TRANSITIONS if step.note] == ["send_back"]


def test_it_climbs_level_by_level_and_is_approved_at_the_last(
    submitted, unit_reviewer, department_reviewer, performance_section
):
    reached = []

    for reviewer in (unit_reviewer, department_reviewer, performance_section):
        after = take(submitted, "approve", reviewer)
        reached.append((after.status, after.level))

    assert reached == [("in_review", 2), ("in_review", 3), ("approved", 0)]


def test_a_return_leads_to_the_filler_and_the_next_submission_to_level_one(
    submitted, filler, unit_reviewer, department_reviewer
):
    take(submitted, "approve", unit_reviewer)

    returned = take(submitted, "send_back", department_reviewer, note="请补充依据")
    again = take(submitted, "submit", filler)

    assert (returned.status, returned.level) == (Status.RETURNED, 0)
    assert (again.status, again.level) == (Status.IN_REVIEW, 1)


@pytest.mark.parametrize("note", ["", "  \n　"])
def test_a_return_asks_for_an_opinion(note, submitted, unit_reviewer):
    with pytest.raises(TransitionError, match="请填写退回意见"):
        take(submitted, "send_back", unit_reviewer, note=note)

    assert stored(submitted).status == Status.IN_REVIEW


def test_each_step_is_recorded_with_who_words_and_what_was_decided_on(
    submitted, unit_reviewer
):
    take(submitted, "send_back", unit_reviewer, note=" 请核对第三部分 ")

    record = ReviewRecord.objects.last()
    assert record is not None
    assert (record.action, record.from_status, record.to_status, record.level) == (
        "send_back",
        "in_review",
        "returned",
        1,
    )
    assert (record.actor, record.note) == (unit_reviewer, "请核对第三部分")
    assert record.snapshot == {"year": 2024}
    assert record.version == stored(submitted).version
    assert AuditEvent.objects.filter(action="assessment.send_back").exists()


def test_a_step_from_an_outdated_page_is_refused(submitted, unit_reviewer):
    with pytest.raises(TransitionError, match="已被他人处理"):
        take(submitted, "approve", unit_reviewer, version=1)

    assert stored(submitted).level == 1


def test_a_step_that_is_not_in_the_table_is_refused(assessment, filler):
    with pytest.raises(TransitionError, match="没有这种操作"):
        take(assessment, "publish", filler)


@pytest.mark.parametrize(
    ("action", "word"), [("approve", "审核通过"), ("send_back", "退回")]
)
def test_nothing_is_decided_before_it_is_sent_up(
    action, word, assessment, unit_reviewer
):
    with pytest.raises(TransitionError, match=f"现在是“填报中”，不能{word}"):
        take(assessment, action, unit_reviewer, note="意见")


def test_what_is_in_review_cannot_be_sent_up_again(submitted, filler):
    with pytest.raises(TransitionError, match="现在是“审核中”，不能送审"):
        take(submitted, "submit", filler)


def test_only_the_role_of_the_level_at_hand_decides(
    submitted, filler, department_reviewer, performance_section
):
    for user in (filler, department_reviewer, performance_section):
        with pytest.raises(TransitionError, match="您没有审核通过的权限"):
            take(submitted, "approve", user)


def test_only_a_filler_sends_up(assessment, unit_reviewer):
    with pytest.raises(TransitionError, match="您没有送审的权限"):
        take(assessment, "submit", unit_reviewer)


def test_who_sent_it_up_does_not_review_it(submitted, filler, unit):
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    del filler.current_memberships

    with pytest.raises(TransitionError, match="不能审核本人填报的自评"):
        take(submitted, "approve", filler)


def test_who_wrote_a_text_does_not_review_it(assessment, filler, unit):
    writer = make_user(Role.UNIT_REVIEWER, unit)
    text = assessment.narratives.get(key="basics")
    write_narrative(writer, text, "本项目……", version=text.version)
    submit(assessment, filler)

    with pytest.raises(TransitionError, match="不能审核本人填报的自评"):
        take(assessment, "approve", writer)


def test_who_filled_in_a_result_does_not_review_it(assessment, filler, unit):
    writer = make_user(Role.UNIT_REVIEWER, unit)
    result = assessment.results.first()
    record_result(writer, result, {"actual": "48"}, version=result.version)
    submit(assessment, filler)

    with pytest.raises(TransitionError, match="不能审核本人填报的自评"):
        take(assessment, "approve", writer)


def test_buttons_come_from_the_same_table(
    assessment, filler, unit_reviewer, department_reviewer
):
    before = actions(filler, assessment)
    submit(assessment, filler)

    assert before == ["submit"]
    assert actions(filler, assessment) == []
    assert actions(unit_reviewer, assessment) == ["approve", "send_back"]
    assert actions(department_reviewer, assessment) == []


def test_a_refused_step_leaves_no_trace(submitted, filler):
    records, events = ReviewRecord.objects.count(), AuditEvent.objects.count()

    with pytest.raises(TransitionError):
        take(submitted, "approve", filler)

    assert (ReviewRecord.objects.count(), AuditEvent.objects.count()) == (
        records,
        events,
    )
