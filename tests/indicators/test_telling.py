"""Whom each step, remark and task tells what, once, and where it leads."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from indicators.campaign import send_out
from indicators.models import ItemComment
from indicators.recipients import holders
from indicators.telling import tell_of_step
from indicators.workflow import advance
from perfeval.models import Notice
from projects.models import Delegation, Role
from tests.factories import (
    complete,
    make_department,
    make_indicators,
    make_membership,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Return what a person was told since asked last, newest first."""
    seen: set[int] = set()

    def ask(person):
        new = Notice.objects.filter(person=person).exclude(pk__in=seen)
        rows = list(new)
        seen.update(each.pk for each in rows)
        return [(each.text, each.address) for each in rows]

    return ask


@pytest.fixture
def sent(assessment, filler, unit_reviewer, department_reviewer):
    return submit(complete(assessment, filler), filler)


def detail(assessment, name="indicators:detail"):
    return reverse(name, args=[assessment.pk])


def step(assessment, action, user, **options):
    return advance(
        assessment.pk,
        action,
        user,
        version=assessment.version,
        snapshot={},
        **options,
    )


def test_what_is_sent_up_tells_those_who_review_next_and_not_the_sender(
    sent, filler, unit_reviewer, department_reviewer, told
):
    page = detail(sent, "reports:review")

    assert told(unit_reviewer) == [("“执法培训”已送审，请办理单位审核", page)]
    assert told(filler) == told(department_reviewer) == []


def test_a_return_tells_the_unit_why(sent, filler, unit_reviewer, told):
    step(sent, "send_back", unit_reviewer, note="请补充培训人次")

    assert told(filler) == [("“执法培训”被退回：请补充培训人次", detail(sent))]


def test_a_withdrawal_tells_those_who_had_it_before_them(
    sent, filler, unit_reviewer, told
):
    told(unit_reviewer)

    step(sent, "withdraw", filler)

    [(text, address)] = told(unit_reviewer)
    assert (text, address) == ("“执法培训”已被撤回，不必再审核", detail(sent))


def test_an_approval_tells_the_next_level_and_the_unit(
    sent, filler, unit_reviewer, department_reviewer, told
):
    step(sent, "approve", unit_reviewer)

    [(text, address)] = told(department_reviewer)
    assert text == "“执法培训”已通过上一级审核，请办理主管部门审核"
    assert address == detail(sent, "reports:review")
    assert told(filler) == [("“执法培训”已通过单位审核", detail(sent))]


def test_what_a_colleague_has_done_is_asked_of_nobody_any_more(
    assessment, unit, filler, unit_reviewer
):
    colleague = make_user(Role.UNIT_REVIEWER, unit)
    sent = submit(complete(assessment, filler), filler)
    assert Notice.objects.filter(person=colleague, read_at=None).exists()

    step(sent, "send_back", unit_reviewer, note="请补充")

    assert not Notice.objects.filter(person=colleague, read_at=None).exists()
    assert Notice.objects.filter(person=filler, read_at=None).exists()


def test_a_step_that_is_taken_back_tells_nobody(
    assessment, filler, unit_reviewer, told
):
    ready = complete(assessment, filler)

    with transaction.atomic():
        submit(ready, filler)
        transaction.set_rollback(True)

    assert told(unit_reviewer) == []


def test_a_step_told_again_comes_once(sent, unit_reviewer, told):
    told(unit_reviewer)

    tell_of_step(sent.review_records.get())

    assert told(unit_reviewer) == []


def test_a_step_stays_taken_when_telling_of_it_fails(
    assessment, filler, monkeypatch, caplog
):
    def fails(*_, **__):
        ItemComment.objects.create(text="无自评")

    monkeypatch.setattr("indicators.telling.notify", fails)

    sent = submit(complete(assessment, filler), filler)

    sent.refresh_from_db()
    assert sent.status == "in_review"
    assert "nobody was told of" in caplog.text


def test_a_remark_tells_the_unit_and_its_answer_the_reviewer(
    sent, filler, unit_reviewer, told
):
    told(unit_reviewer)
    result = sent.results.select_related("indicator").first()
    name, on = result.indicator.level3, {"assessment": sent, "at": timezone.now()}
    on["indicator"] = result.indicator

    remark = ItemComment.objects.create(author=unit_reviewer, text="依据？", **on)
    answer = {"answers": remark, "author": filler, "text": "见佐证"}
    ItemComment.objects.create(**answer, **on)

    assert told(filler) == [
        (
            f"李审核对“执法培训”的“{name}”提出评语：依据？",
            f"{detail(sent)}#comment-{remark.pk}",
        )
    ]
    assert told(unit_reviewer) == [
        (
            f"陈填报答复了您对“执法培训”“{name}”的评语：见佐证",
            f"{detail(sent, 'reports:review')}#comment-{remark.pk}",
        )
    ]


def test_a_task_sent_out_tells_each_filler_of_theirs_in_one_notice(
    unit, filler, department, told
):
    due = timezone.now() + timedelta(days=20)
    task = make_task(state="draft", title="年度自评", due_at=due)
    other = make_user(Role.FILLER, make_department(department))
    rows = [make_project(unit, name=f"项目{number}") for number in (1, 2)]
    for each in rows:
        make_indicators(each)
    day = timezone.localtime(due)
    when = f"{day.year}年{day.month}月{day.day}日 {day:%H:%M}"

    send_out(None, task, [each.pk for each in rows])
    send_out(None, task, [each.pk for each in rows])

    assert told(filler) == [
        (
            f"“{task}”已下达：2 个项目待填报，{when} 截止",
            f"{reverse('indicators:list')}?task={task.pk}",
        )
    ]
    assert told(other) == []


def test_told_are_the_lowest_body_that_has_anybody_and_who_stands_in(
    unit, department, assessment
):
    project = assessment.project
    above = make_user(Role.FILLER, department)
    assert holders(project, Role.FILLER) == {above.pk}
    own = make_user(Role.FILLER, unit)
    gone = make_user(Role.FILLER, unit, is_active=False)
    deputy = make_user()
    today = timezone.localdate()
    Delegation.objects.create(
        grantor=own, deputy=deputy, valid_from=today, valid_to=today, reason="休假"
    )
    make_membership(gone, Role.UNIT_REVIEWER, unit)

    assert holders(project, Role.FILLER) == {own.pk, deputy.pk}
    assert holders(project, Role.UNIT_REVIEWER) == set()
