"""Steps that meet at the same moment: one outcome, and every step on record, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from indicators.models import (
    Narrative,
    Problem,
    ProblemState,
    Recheck,
    ReviewRecord,
    SelfAssessment,
    Status,
)
from indicators.rechecks import Order, assign
from indicators.rectification import judge
from indicators.services import write_narrative
from indicators.workflow import TransitionError, mark_opened
from perfeval.audit import event_digest
from perfeval.models import AuditChain
from perfeval.versions import ClosedError, StaleError
from projects.models import Role
from reports.submission import decide, submit, take_step
from tests.factories import (
    complete,
    make_assessment,
    make_problem,
    make_task,
    make_user,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = [20, pytest.param(200, marks=pytest.mark.long)]
each_round = pytest.mark.parametrize("rounds", ROUNDS)
LEVELS = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)


@pytest.fixture
def assessment():
    return complete(make_assessment(task=make_task(levels=LEVELS)))


@pytest.fixture
def filler(assessment):
    return make_user(Role.FILLER, assessment.project.unit)


@pytest.fixture
def reviewers(assessment):
    unit = assessment.project.unit
    return [make_user(Role.UNIT_REVIEWER, unit) for _ in range(2)]


@pytest.fixture
def sent(assessment, filler):
    return submit(filler, assessment, version=assessment.version)


@contextmanager
def two_at_once():
    """Run two acts at the same moment, on connections of their own; again and again."""
    barrier = threading.Barrier(2)

    def act(step):
        barrier.wait()
        try:
            step()
        except (TransitionError, ClosedError, StaleError) as refused:
            return str(refused)
        return ""

    def leave():
        barrier.wait()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda *steps: list(pool.map(act, steps))
        list(pool.map(lambda _: leave(), range(2)))


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def put(assessment, status, level):
    """Put it back for the next round, past the flow; the version moves on."""
    SelfAssessment.objects.filter(pk=assessment.pk).update(
        status=status, level=level, opened_at=None, version=F("version") + 1
    )
    return stored(assessment)


def assert_whole(assessment):
    """Hold that its chain of events has no gap and no forged link."""
    chain = AuditChain.objects.get(key=assessment.chain)
    previous = ""
    for place, event in enumerate(chain.events.order_by("sequence"), start=1):
        assert event.sequence == place
        assert event.digest == event_digest(event, previous)
        previous = event.digest
    assert (chain.length, chain.digest) == (place, previous)


def events_of(assessment, *actions):
    names = [f"assessment.{action}" for action in actions]
    chain = AuditChain.objects.get(key=assessment.chain)
    return chain.events.filter(action__in=names).count()


@each_round
def test_of_two_who_decide_at_once_one_is_told(rounds, assessment, sent, reviewers):
    records = ReviewRecord.objects.count()
    first, second = reviewers
    wins = []

    with two_at_once() as run:
        for _ in range(rounds):
            now = put(assessment, Status.IN_REVIEW, 1)
            refused = run(
                lambda now=now: decide(first, now, "approve", version=now.version),
                lambda now=now: decide(
                    second, now, "send_back", version=now.version, note="请补充"
                ),
            )
            after = stored(assessment)
            approved = (after.status, after.level) == (Status.IN_REVIEW, 2)
            assert approved != (after.status == Status.RETURNED)
            assert [approved, not approved] == [not each for each in refused]
            assert "已被他人处理" in "".join(refused)
            wins.append(approved)

    assert ReviewRecord.objects.count() == records + rounds
    assert events_of(assessment, "approve", "send_back") == rounds
    assert_whole(assessment)


@each_round
def test_an_approval_and_a_withdrawal_never_both_count(
    rounds, assessment, sent, filler, reviewers
):
    reviewer = reviewers[0]

    with two_at_once() as run:
        for _ in range(rounds):
            now = put(assessment, Status.IN_REVIEW, 1)
            refused = run(
                lambda now=now: decide(reviewer, now, "approve", version=now.version),
                lambda now=now: take_step(filler, now, "withdraw", version=now.version),
            )
            after = stored(assessment)
            approved = (after.status, after.level) == (Status.IN_REVIEW, 2)
            assert approved != (after.status == Status.DRAFT)
            assert [approved, not approved] == [not each for each in refused]

    assert events_of(assessment, "approve", "withdraw") == rounds
    assert_whole(assessment)


@each_round
def test_what_is_opened_at_the_same_moment_is_not_taken_back_afterwards(
    rounds, assessment, sent, filler, reviewers
):
    reviewer = reviewers[0]

    with two_at_once() as run:
        for _ in range(rounds):
            now = put(assessment, Status.IN_REVIEW, 1)
            _, refused = run(
                lambda: mark_opened(assessment.pk, reviewer),
                lambda now=now: take_step(filler, now, "withdraw", version=now.version),
            )
            after = stored(assessment)
            opened = after.opened_at is not None
            assert opened == bool(refused)
            assert (after.status == Status.IN_REVIEW) == opened

    assert events_of(assessment, "opened", "withdraw") == rounds
    assert_whole(assessment)


@each_round
def test_what_is_saved_while_it_is_sent_up_is_in_it_or_refused(
    rounds, assessment, filler
):
    text = Narrative.objects.get(assessment=assessment, key="basics")

    with two_at_once() as run:
        for number in range(rounds):
            now = put(assessment, Status.DRAFT, 0)
            row = Narrative.objects.get(pk=text.pk)
            before, typed = row.text, f"第 {number} 次写的文字"
            against, refused = run(
                lambda now=now: submit(filler, now, version=now.version),
                lambda row=row, typed=typed: write_narrative(
                    filler, row, typed, version=row.version
                ),
            )
            kept = ReviewRecord.objects.latest("pk").snapshot["sections"][0]["text"]
            assert against == ""
            assert kept == Narrative.objects.get(pk=text.pk).text
            assert kept == (before if refused else typed)

    assert events_of(assessment, "submit") == rounds
    assert_whole(assessment)


@pytest.fixture
def section(assessment):
    """Two people of the 绩效科."""
    department = assessment.project.unit.parent or assessment.project.unit
    return [make_user(Role.PERFORMANCE_SECTION, department) for _ in range(2)]


@each_round
def test_of_two_who_give_one_report_out_for_a_recheck_one_does(
    rounds, assessment, section
):
    put(assessment, Status.APPROVED, 0)
    expert = make_user(Role.THIRD_PARTY, assessment.project.unit)
    order = Order(due_at=timezone.now() + timedelta(days=9), person=expert)
    given = []

    def give(user):
        outcome = assign(user, assessment.task, [assessment.pk], order)
        given.append((len(outcome.done), [words for _, words in outcome.left]))

    with two_at_once() as run:
        for _ in range(rounds):
            Recheck.objects.all().delete()
            given.clear()
            refused = run(lambda: give(section[0]), lambda: give(section[1]))
            assert refused == ["", ""]
            assert sorted(given) == [(0, ["已分派复核"]), (1, [])]
            assert Recheck.objects.count() == 1

    chain = AuditChain.objects.get(key=assessment.chain)
    assert chain.events.filter(action="recheck.assigned").count() == rounds
    assert_whole(assessment)


@each_round
def test_of_two_who_judge_one_problem_at_once_one_is_told(rounds, assessment, section):
    first, second = section
    problem = make_problem(
        assessment,
        first,
        measure="加快支付",
        person="李明",
        due_on=timezone.localdate(),
        result="已支付",
    )

    def judged(user, action, version):
        judge(
            user, Problem.objects.get(pk=problem.pk), action, note="同", version=version
        )

    with two_at_once() as run:
        for _ in range(rounds):
            Problem.objects.update(
                state=ProblemState.SUBMITTED, version=F("version") + 1
            )
            version = Problem.objects.get().version
            refused = run(
                lambda version=version: judged(first, "confirm", version),
                lambda version=version: judged(second, "send_back", version),
            )
            confirmed = Problem.objects.get().state == ProblemState.CONFIRMED
            assert [confirmed, not confirmed] == [not each for each in refused]
            assert Problem.objects.get().version == version + 1

    assert problem.steps.count() == rounds
    assert_whole(assessment)
