"""The flow of a self-assessment: its table of transitions, and who may take a step."""

from datetime import timedelta

import pytest
from django.utils import timezone

from indicators.levels import levels_of
from indicators.models import ReviewRecord, SelfAssessment, Status
from indicators.review_chain import chain_steps
from indicators.services import record_result, write_narrative
from indicators.workflow import (
    TRANSITIONS,
    TransitionError,
    advance,
    mark_opened,
    open_transitions,
    standing,
)
from perfeval.deadlines import DAY
from perfeval.models import AuditEvent
from projects.models import Delegation, Role
from tests.factories import (
    REVIEWERS,
    make_assessment,
    make_membership,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db
ALL_LEVELS = tuple(REVIEWERS)


@pytest.fixture
def submitted(assessment, filler):
    return submit(assessment, filler)


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def take(assessment, action, user, note="", version=None, **more):
    version = stored(assessment).version if version is None else version
    return advance(
        assessment.pk,
        action,
        user,
        version=version,
        note=note,
        snapshot={"year": 2024},
        **more,
    )


def climb(assessment, *reviewers):
    for reviewer in reviewers:
        after = take(assessment, "approve", reviewer)
    return after


def lend(grantor, deputy, first=-1, last=1):
    today = timezone.localdate()
    Delegation.objects.create(
        grantor=grantor,
        deputy=deputy,
        valid_from=today + DAY * first,
        valid_to=today + DAY * last,
        reason="休假",
    )
    vars(deputy).pop("current_memberships", None)


def actions(user, assessment):
    return [step.action for step in open_transitions(user, stored(assessment))]


def test_the_table_names_each_step_once_and_those_that_ask_for_words():
    assert [step.action for step in TRANSITIONS] == [
        "submit",
        "withdraw",
        "send_up",
        "approve",
        "send_back",
        "send_down",
        "reopen",
        "publish",
    ]
    asking = [step.action for step in TRANSITIONS if step.note]
    assert asking == ["send_back", "send_down", "reopen"]


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
        take(assessment, "archive", filler)


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
    assert actions(filler, assessment) == ["withdraw"]
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


# --- Withdrawing


def test_what_was_sent_up_is_taken_back_while_nobody_has_opened_it(submitted, filler):
    after = take(submitted, "withdraw", filler)

    assert (after.status, after.level) == (Status.DRAFT, 0)


def test_what_the_next_level_has_opened_is_not_taken_back(
    submitted, filler, unit_reviewer
):
    first, again = (mark_opened(submitted.pk, unit_reviewer) for _ in range(2))

    assert (first, again) == (True, False)
    with pytest.raises(TransitionError, match="单位审核已打开，不能撤回"):
        take(submitted, "withdraw", filler)


@pytest.mark.parametrize("who", ["filler", "department_reviewer"])
def test_only_who_reviews_it_opens_it(who, submitted, request):
    assert mark_opened(submitted.pk, request.getfixturevalue(who)) is False
    assert stored(submitted).opened_at is None


def test_a_level_takes_back_its_own_approval_and_no_other_does(
    submitted, filler, unit_reviewer
):
    mark_opened(submitted.pk, unit_reviewer)
    take(submitted, "approve", unit_reviewer)

    with pytest.raises(TransitionError, match="您没有撤回的权限"):
        take(submitted, "withdraw", filler)
    after = take(submitted, "withdraw", unit_reviewer)

    assert (after.status, after.level) == (Status.IN_REVIEW, 1)


# --- Returning


def test_a_level_returns_to_the_one_below_with_a_due_time_of_its_own(
    submitted, unit_reviewer, department_reviewer
):
    climb(submitted, unit_reviewer)
    due = timezone.now() + timedelta(days=4)

    after = take(submitted, "send_down", department_reviewer, "请单位核对", due_at=due)

    assert (after.status, after.level) == (Status.IN_REVIEW, 1)
    assert (after.review_due_at, after.level_due_at) == (due, due)
    assert actions(unit_reviewer, submitted) == ["approve", "send_back"]
    assert climb(submitted, unit_reviewer).level_due_at is None


def test_a_level_that_returned_it_below_is_not_told_to_have_passed_it(
    submitted, unit_reviewer, department_reviewer
):
    climb(submitted, unit_reviewer)
    take(submitted, "send_down", department_reviewer, "请单位核对")
    take(submitted, "send_back", unit_reviewer, "请补充")

    records = list(submitted.review_records.order_by("pk"))
    states = [step.state for step in chain_steps(stored(submitted), records)]

    assert states[:3] == ["current", "returned", "todo"]


def test_the_first_level_has_none_below_to_return_to(submitted, unit_reviewer):
    with pytest.raises(TransitionError, match="这是第一级审核，请退回填报人"):
        take(submitted, "send_down", unit_reviewer, "意见")


def test_a_return_gives_the_filler_a_new_due_time(submitted, unit_reviewer):
    due = timezone.now() + timedelta(days=30)

    after = take(submitted, "send_back", unit_reviewer, "请补充", due_at=due)

    assert stored(after).deadline == due
    assert ReviewRecord.objects.latest("pk").due_at == due


def test_a_due_time_that_is_past_is_refused(submitted, unit_reviewer):
    due = timezone.now() - timedelta(minutes=2)

    with pytest.raises(TransitionError, match="期限已经过去"):
        take(submitted, "send_back", unit_reviewer, "请补充", due_at=due)


# --- Late


def test_late_work_is_taken_and_marked(unit, filler, unit_reviewer):
    due = timezone.now() - timedelta(days=1)
    late = make_assessment(make_project(unit), make_task(due_at=due))

    after = submit(late, filler)

    assert after.is_late
    assert ReviewRecord.objects.latest("pk").is_late
    take(late, "send_back", unit_reviewer, "补充", due_at=timezone.now() + DAY)
    assert not take(late, "submit", filler).is_late


# --- Levels


def test_a_level_falls_away_where_its_body_is_the_one_below(unit_reviewer, unit):
    own = make_assessment(
        make_project(unit, supervising_department=unit), make_task(levels=ALL_LEVELS)
    )
    submit(own)

    after = take(own, "approve", unit_reviewer)

    # No 归口业务科室 is in charge of the project: nobody could review there either.
    assert [each.role for each in levels_of(after)] == [
        Role.UNIT_REVIEWER,
        Role.PERFORMANCE_SECTION,
    ]
    assert after.current_level.name == "绩效科复核"


def test_a_department_that_stands_alone_below_reviews_its_own_unit(unit):
    own = make_assessment(
        make_project(unit, supervising_department=unit),
        make_task(levels=(Role.DEPARTMENT_REVIEWER, Role.PERFORMANCE_SECTION)),
    )

    assert [each.role for each in levels_of(own)] == [
        Role.DEPARTMENT_REVIEWER,
        Role.PERFORMANCE_SECTION,
    ]


# --- After approval


@pytest.fixture
def approved(submitted, unit_reviewer, department_reviewer, performance_section):
    return climb(submitted, unit_reviewer, department_reviewer, performance_section)


def test_the_last_level_reopens_with_a_reason_and_a_new_edition_begins(
    approved, filler, department_reviewer, performance_section
):
    with pytest.raises(TransitionError, match="您没有重新打开的权限"):
        take(approved, "reopen", department_reviewer, "错")
    with pytest.raises(TransitionError, match="请填写重新打开的原因"):
        take(approved, "reopen", performance_section, " ")

    after = take(approved, "reopen", performance_section, "满意度口径有误")

    assert (after.status, after.edition) == (Status.RETURNED, 2)
    assert actions(filler, after) == ["submit"]


def test_what_is_approved_is_published_by_the_performance_section(
    approved, performance_section
):
    after = take(approved, "publish", performance_section)

    assert after.status == Status.PUBLISHED
    assert actions(performance_section, after) == ["reopen"]


# --- Sealing


@pytest.fixture
def sealing(unit, filler, unit_reviewer):
    sealed = make_assessment(make_project(unit), make_task(needs_sealed_scan=True))
    submit(sealed, filler)
    return take(sealed, "approve", unit_reviewer)


def test_what_waits_for_its_seal_is_not_yet_with_the_next_level(
    sealing, filler, unit_reviewer, department_reviewer
):
    waiting = SelfAssessment.objects.awaiting_review_by(department_reviewer)

    assert (sealing.sealing, sealing.level) == (True, 2)
    assert list(waiting) == []
    assert actions(department_reviewer, sealing) == []
    assert actions(filler, sealing) == ["send_up"]
    assert actions(unit_reviewer, sealing) == ["withdraw", "send_up"]


def test_sent_up_with_its_seal_it_waits_at_the_next_level(
    sealing, filler, department_reviewer
):
    after = take(sealing, "send_up", filler)

    assert (after.sealing, after.level) == (False, 2)
    waiting = SelfAssessment.objects.awaiting_review_by(department_reviewer)
    assert list(waiting) == [after]


# --- Standing in for others


def test_a_deputy_reviews_for_who_is_away_and_the_record_tells_for_whom(
    submitted, unit_reviewer
):
    deputy = make_user(name="孙代办")
    lend(unit_reviewer, deputy)

    take(submitted, "approve", deputy)

    assert ReviewRecord.objects.latest("pk").who == "孙代办（代李审核）"


@pytest.mark.parametrize(("first", "last"), [(-9, -1), (1, 9)], ids=["over", "later"])
def test_a_role_is_lent_from_day_to_day_only(first, last, submitted, unit_reviewer):
    deputy = make_user()
    lend(unit_reviewer, deputy, first, last)

    with pytest.raises(TransitionError, match="您没有审核通过的权限"):
        take(submitted, "approve", deputy)


def test_nobody_reviews_own_work_in_a_lent_role(submitted, filler, unit_reviewer):
    lend(unit_reviewer, filler)

    with pytest.raises(TransitionError, match="不能审核本人填报的自评"):
        take(submitted, "approve", filler)


def test_nobody_reviews_for_an_author_what_that_one_wrote(submitted, filler, unit):
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    deputy = make_user()
    lend(filler, deputy)

    with pytest.raises(TransitionError, match="不能代填报人审核"):
        take(submitted, "approve", deputy)


# --- Told where a button is missing


def test_where_it_stands_is_told_in_one_sentence(
    submitted, unit_reviewer, department_reviewer
):
    told = [standing(stored(submitted))]
    climb(submitted, unit_reviewer)
    told.append(standing(stored(submitted)))
    mark_opened(submitted.pk, department_reviewer)
    told.append(standing(stored(submitted)))

    assert told == [
        "已送审，单位审核中，可由送审人撤回",
        "已送审，主管部门审核中，可由单位审核人撤回",
        "已送审，主管部门审核中，对方已打开，不能撤回",
    ]
