"""Standing in while on leave, and all work passed on in one act."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import PartAssignment, Recheck
from perfeval.models import AuditEvent
from projects.access import roles_of
from projects.models import Delegation, Handover, Membership, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_recheck,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db
DEPUTIES = reverse("people:deputies")


@pytest.fixture
def colleague(unit):
    return make_user(Role.FILLER, unit, name="孙同事")


@pytest.fixture
def admin(department):
    return make_user(Role.SYSTEM_ADMIN, department)


def lending(deputy, **values):
    today = timezone.localdate()
    return {
        "deputy": deputy.pk,
        "first": today.isoformat(),
        "last": (today + timedelta(days=5)).isoformat(),
        "reason": "休假",
        **values,
    }


def fresh(user):
    return type(user).objects.get(pk=user.pk)


def test_roles_are_lent_for_days_and_taken_back(client, unit_reviewer, colleague):
    client.force_login(unit_reviewer)

    client.post(DEPUTIES, lending(colleague))
    lent = roles_of(fresh(colleague))
    row = Delegation.objects.get()
    page = client.get(DEPUTIES).text
    client.post(reverse("people:deputy_end", args=[row.pk]))

    assert lent == {Role.FILLER, Role.UNIT_REVIEWER}
    assert "孙同事" in page
    assert roles_of(fresh(colleague)) == {Role.FILLER}
    told = AuditEvent.objects.filter(action__startswith="delegation.")
    assert told.count() == 2


def test_lent_roles_go_no_further(unit_reviewer, colleague, unit):
    third = make_user(Role.OBSERVER, unit)
    for grantor, deputy in ((unit_reviewer, colleague), (colleague, third)):
        today = timezone.localdate()
        Delegation.objects.create(
            grantor=grantor,
            deputy=deputy,
            valid_from=today,
            valid_to=today,
            reason="休假",
        )

    assert roles_of(fresh(third)) == {Role.OBSERVER, Role.FILLER}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"last": "2020-01-01"}, "结束日期已经过去"),
        ({"first": "2099-01-01"}, "结束日期不能早于开始日期"),
        ({"reason": ""}, "请填写原因"),
    ],
    ids=["past", "in the wrong order", "no reason"],
)
def test_a_lending_that_makes_no_sense_is_refused(
    values, told, client, unit_reviewer, colleague
):
    client.force_login(unit_reviewer)

    answer = client.post(DEPUTIES, lending(colleague, **values))

    assert answer.status_code == 422
    assert told in answer.text
    assert not Delegation.objects.exists()


def test_nobody_outside_the_department_is_offered(client, unit_reviewer):
    stranger = make_user(Role.FILLER, make_department())
    client.force_login(unit_reviewer)

    answer = client.post(DEPUTIES, lending(stranger))

    assert answer.status_code == 422
    assert stranger.username not in answer.text


def test_another_ones_lending_is_not_taken_back(client, unit_reviewer, colleague):
    client.force_login(unit_reviewer)
    client.post(DEPUTIES, lending(colleague))
    client.force_login(colleague)

    answer = client.post(
        reverse("people:deputy_end", args=[Delegation.objects.get().pk])
    )

    assert answer.status_code == 404


# --- Handing over


@pytest.fixture
def busy(filler, unit, task):
    """A filler who is also a reviewer, with work of every kind."""
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    _draft, review, recheck, part = (
        make_assessment(make_project(unit, name=name), task)
        for name in ("待填", "待审", "待复核", "分工的")
    )
    for each in (review, recheck):
        submit(each)
    make_recheck(recheck, filler)
    PartAssignment.objects.create(
        assessment=part,
        part="money",
        user=filler,
        due_on=date(2030, 1, 1),
        given_at=timezone.now(),
    )
    return filler


def hand_over(client, admin, giver, taker):
    client.force_login(admin)
    return client.post(
        reverse("people:handover", args=[giver.pk]),
        {"taker": taker.pk, "reason": "调离"},
    )


def test_all_open_work_passes_in_one_act_and_the_list_is_kept(
    client, admin, busy, unit
):
    taker = make_user(Role.OBSERVER, unit, name="孙接办")

    before = client.force_login(admin) or client.get(
        reverse("people:handover", args=[busy.pk])
    )
    answer = hand_over(client, admin, busy, taker)

    assert "待复核" in before.text
    done = Handover.objects.get()
    assert answer.url == reverse("people:handover_list", args=[done.pk])
    kinds = [(each["kind"], each["project"]) for each in done.work]
    assert kinds == [
        ("填报", "待填"),
        ("填报", "分工的"),
        ("审核", "待审"),
        ("审核", "待复核"),
        ("复核", "待复核"),
        ("分工：项目资金", "分工的"),
    ]
    assert roles_of(fresh(busy)) == set()
    assert roles_of(fresh(taker)) == {
        Role.OBSERVER,
        Role.FILLER,
        Role.UNIT_REVIEWER,
    }
    assert PartAssignment.objects.get().user == taker
    assert Recheck.objects.get().person == taker
    page = client.get(answer.url).text
    assert "移交人签字" in page
    assert "待复核" in page


def test_a_role_the_other_holds_already_is_not_doubled(client, admin, filler, unit):
    taker = make_user(Role.FILLER, unit)

    hand_over(client, admin, filler, taker)

    assert Membership.objects.filter(user=taker).count() == 1
    assert roles_of(fresh(filler)) == set()


def test_administration_is_not_handed_over(client, admin, department):
    second = make_user(Role.SYSTEM_ADMIN, department)
    taker = make_user(Role.FILLER, department)

    answer = hand_over(client, admin, second, taker)

    assert answer.status_code == 422
    assert "没有可以移交的角色和工作" in answer.text


@pytest.mark.parametrize("who", ["filler", "performance_section"])
def test_only_an_administrator_hands_over(who, client, request, filler, colleague):
    answer = hand_over(client, request.getfixturevalue(who), filler, colleague)

    assert answer.status_code == 403
    assert not Handover.objects.exists()
