"""Many decided at once: each by itself, told one by one."""

import pytest
from django.urls import reverse

from indicators.models import SelfAssessment, Status
from perfeval.models import AuditEvent
from projects.models import Role
from reports import bulk, submission
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
LIST, DECIDE = reverse("reports:review_list"), reverse("reports:bulk_decide")


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def reviewer(unit, client):
    user = make_user(Role.UNIT_REVIEWER, unit)
    client.force_login(user)
    return user


@pytest.fixture
def sent(unit):
    task = make_task(levels=(Role.UNIT_REVIEWER,))
    found = [
        make_assessment(make_project(unit, name=f"项目{name}"), task)
        for name in ("甲", "乙", "丙")
    ]
    return [submit(each) for each in found]


def chosen(*assessments):
    return {"assessment": [f"{each.pk}:{each.version}" for each in assessments]}


def statuses(assessments):
    keys = [each.pk for each in assessments]
    return dict(SelfAssessment.objects.filter(pk__in=keys).values_list("pk", "status"))


def test_the_list_offers_what_waits_and_the_words_are_asked_once(
    client, reviewer, sent
):
    listed = client.get(LIST).text
    asked = client.post(DECIDE, chosen(*sent[:2])).text

    assert all(each.project.name in listed for each in sent)
    assert f'value="{sent[0].pk}:{sent[0].version}"' in asked
    assert sent[2].project.name not in asked
    assert set(statuses(sent).values()) == {Status.IN_REVIEW}


def test_each_is_decided_by_itself_and_told(client, reviewer, sent, unit):
    own = make_assessment(make_project(unit, name="本人填报"), sent[0].task)
    own = submit(own, reviewer_as_filler(reviewer, unit))
    stale = sent[1]
    SelfAssessment.objects.filter(pk=stale.pk).update(version=9)

    answer = client.post(
        DECIDE,
        {**chosen(*sent, own), "version": 0, "decision": "approve", "note": ""},
        follow=True,
    )

    found = statuses([*sent, own])
    assert [found[each.pk] for each in sent] == ["approved", "in_review", "approved"]
    assert found[own.pk] == Status.IN_REVIEW
    assert "审核通过 2 项：项目甲、项目丙" in answer.text
    assert "2 项没有办理：项目乙（该自评已被他人处理" in answer.text
    assert "本人填报（不能审核本人填报的自评）" in answer.text
    told = AuditEvent.objects.filter(action="assessment.approve")
    assert told.count() == 2


def reviewer_as_filler(reviewer, unit):
    make_membership(reviewer, Role.FILLER, unit)
    vars(reviewer).pop("current_memberships", None)
    return reviewer


def test_a_return_in_bulk_asks_for_its_words_and_keeps_the_choice(
    client, reviewer, sent
):
    answer = client.post(
        DECIDE, {**chosen(*sent), "version": 0, "decision": "send_back", "note": ""}
    )

    assert answer.status_code == 422
    assert "请填写退回意见" in answer.text
    assert answer.text.count('name="assessment"') == 3


def test_an_unforeseen_failure_stops_none_of_the_others(
    client, reviewer, sent, monkeypatch
):
    whole = submission.decide

    def failing(user, assessment, *args, **kwargs):
        if assessment.pk == sent[0].pk:
            raise RuntimeError("disk full")
        return whole(user, assessment, *args, **kwargs)

    monkeypatch.setattr(bulk, "decide", failing)
    values = {**chosen(*sent), "version": 0, "decision": "approve", "note": ""}
    answer = client.post(DECIDE, values, follow=True)

    assert "审核通过 2 项" in answer.text
    assert "项目甲（办理时出错，没有改动" in answer.text


def test_what_others_hold_is_passed_over(client, reviewer):
    other = submit(make_assessment())
    values = {**chosen(other), "version": 0, "decision": "approve", "note": ""}

    answer = client.post(DECIDE, values, follow=True)

    assert "请先勾选" in answer.text
    assert statuses([other])[other.pk] == Status.IN_REVIEW


def test_the_list_asks_the_same_queries_for_one_row_and_for_many(
    client, reviewer, sent
):
    many = queries_of(client, LIST)

    assert len(many) <= 12
