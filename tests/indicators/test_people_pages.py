"""The administrator's pages of people: by unit, roles, open work, deactivation."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import SelfAssessment
from indicators.open_work import OpenWork, open_work_of
from indicators.workflow import advance
from perfeval.models import AuditEvent, User
from perfeval.people import create_people, deactivate, update_person
from projects.models import Membership, Role
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

TODAY = timezone.localdate()


@pytest.fixture
def office():
    return make_department(code="001", name="信息中心")


@pytest.fixture
def administrator(client, office):
    person = make_user(Role.SYSTEM_ADMIN, office, name="赵敏")
    client.force_login(person)
    return person


@pytest.fixture
def bureau():
    return make_department(code="118", name="云水市司法局")


def page(name, person):
    return reverse(f"people:{name}", args=[person.pk])


def listed(client, **conditions):
    answered = client.get(reverse("people:list"), conditions)
    return [person.name for person in answered.context["page_obj"]]


def test_people_are_listed_by_unit_with_role_log_in_and_open_work(
    client, administrator, bureau
):
    unit = make_department(bureau, code="118001", name="法律援助中心")
    filler = make_user(Role.FILLER, unit, name="王芳")
    make_user(Role.UNIT_REVIEWER, bureau, name="李明")
    make_user(name="无角色")
    task = make_task()
    make_assessment(make_project(unit), task)
    submit(make_assessment(make_project(unit), task), filler)

    answered = client.get(reverse("people:list"))

    rows = {each.name: each.open_work for each in answered.context["page_obj"]}
    assert list(rows)[:3] == ["赵敏", "李明", "王芳"]
    assert list(rows)[-1] == "无角色"
    assert rows["王芳"] == OpenWork(drafts=1)
    assert rows["李明"] == OpenWork(waiting=1)
    assert "法律援助中心 · 填报人" in answered.text
    assert "从未登录" in answered.text
    assert filler.username in answered.text


def test_the_list_narrows_by_unit_role_and_state(client, administrator, bureau):
    unit = make_department(bureau, code="118001")
    make_user(Role.FILLER, unit, name="王芳", last_login=timezone.now())
    make_user(Role.UNIT_REVIEWER, bureau, name="李明")
    former = make_user(name="何婉")
    make_membership(former, Role.FILLER, unit, valid_to=TODAY - timedelta(days=1))
    deactivate(administrator, make_user(name="离任"), "退休")
    create_people(None, [{"username": "new", "name": "新人"}])

    assert listed(client, unit=bureau.pk) == ["李明", "王芳"]
    assert listed(client, role="filler") == ["王芳"]
    assert set(listed(client, role="none")) == {"何婉", "新人"}
    assert "王芳" not in listed(client, state="never")
    assert listed(client, state="initial") == ["新人"]
    assert listed(client, state="inactive") == ["离任"]
    assert "离任" not in listed(client)
    assert listed(client, text="李") == ["李明"]


def test_pages_ask_the_same_of_the_database_whatever_the_people(
    client, administrator, bureau
):
    first = make_user(Role.FILLER, bureau)
    few = queries_of(client, reverse("people:list"))
    for _ in range(15):
        make_user(Role.FILLER, make_department(bureau))

    assert len(queries_of(client, reverse("people:list"))) == len(few) <= 12
    assert len(queries_of(client, page("detail", first))) <= 12


def test_open_work_counts_what_the_workbench_shows(bureau):
    """Whatever stands where: the same as filled_by and awaiting_review_by."""
    section = make_department(code="101003")
    unit = make_department(bureau, code="118001", section=section)
    levels = ["unit_reviewer", "department_reviewer", "performance_section"]
    task = make_task(levels=levels)
    people = [
        make_user(Role.FILLER, unit),
        make_user(Role.FILLER, bureau),
        make_user(Role.UNIT_REVIEWER, unit),
        make_user(Role.DEPARTMENT_REVIEWER, bureau),
        make_user(Role.PERFORMANCE_SECTION, section),
        make_user(Role.OBSERVER, bureau),
        make_user(),
    ]
    # One who fills in and reviews does not review what they sent up.
    both = make_user(Role.FILLER, unit)
    make_membership(both, Role.UNIT_REVIEWER, unit)
    make_assessment(make_project(unit, section=section), task)
    returned = submit(make_assessment(make_project(unit), task))
    send_back = {"version": returned.version, "note": "请补充", "snapshot": {}}
    advance(returned.pk, "send_back", people[2], **send_back)
    submit(make_assessment(make_project(bureau), task))
    submit(make_assessment(make_project(unit), task), both)
    up = submit(make_assessment(make_project(unit, section=section), task))
    advance(up.pk, "approve", people[2], version=up.version, snapshot={})
    fresh = [User.objects.get(pk=each.pk) for each in [*people, both]]

    work = open_work_of(fresh)

    for person in fresh:
        own = SelfAssessment.objects.filled_by(person)
        waiting = SelfAssessment.objects.awaiting_review_by(person).distinct()
        assert work[person.pk] == OpenWork(
            drafts=own.filter(status="draft").count(),
            returned=own.filter(status="returned").count(),
            waiting=waiting.count(),
        )
    assert work[people[0].pk] == OpenWork(drafts=1, returned=1)
    assert work[people[2].pk] == OpenWork(waiting=1)
    assert work[people[3].pk] == OpenWork(waiting=1)
    assert work[both.pk].waiting == 0


def test_a_person_added_gets_a_password_shown_once(client, administrator):
    answered = client.post(
        reverse("people:add"), {"username": "wangfang", "name": "王芳", "phone": ""}
    )

    shown = client.get(answered.url)
    [(person, password)] = shown.context["rows"]
    assert person.check_password(password)
    assert person.must_change_password
    assert client.get(answered.url).context["rows"] == []


def test_wrong_data_of_a_person_are_told_at_once(client, administrator):
    make_user(username="wangfang")

    answered = client.post(
        reverse("people:add"), {"username": "wangfang", "name": "", "phone": "abc"}
    )

    assert "已有这个用户名，请换一个" in answered.text
    assert "请填写姓名" in answered.text
    assert "联系电话只能由" in answered.text
    assert User.objects.count() == 2


def test_a_stale_edit_of_a_person_shows_both(client, administrator):
    person = make_user(name="王芳")
    update_person(None, person, {"phone": "111111"}, version=1)

    typed = {"name": "王芳", "phone": "222222", "version": 1}
    refused = client.post(page("edit", person), typed)
    decided = client.post(page("edit", person), {**typed, "version": 2})

    assert refused.status_code == 409
    assert "111111" in refused.text
    assert 'value="222222"' in refused.text
    assert decided.url == page("detail", person)


def grant(client, person, department, role, **days):
    typed = {"department": department.pk, "role": role, "valid_from": "2024-01-01"}
    return client.post(page("role_add", person), {**typed, **days})


def test_a_role_is_given_and_ended_with_days(client, administrator, bureau):
    person = make_user(name="王芳")

    grant(client, person, bureau, "filler")
    held = Membership.objects.get(user=person)
    client.post(
        reverse("people:role_end", args=[held.pk]), {"valid_to": TODAY.isoformat()}
    )

    held.refresh_from_db()
    assert (held.valid_from, held.valid_to) == (date(2024, 1, 1), TODAY)
    actions = list(
        AuditEvent.objects.filter(subject=f"projects.membership:{held.pk}")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == ["membership.created", "membership.changed"]


@pytest.mark.parametrize(
    ("role", "days", "message"),
    [
        ("filler", {}, "该人员在该单位这段时间已有此角色"),
        ("audit_admin", {}, "系统管理员和审计管理员不能由同一人担任"),
        ("observer", {"valid_to": "2023-01-01"}, "失效日期不能早于生效日期"),
        ("", {}, "请选择角色"),
    ],
    ids=["held already", "both administrators", "days in disorder", "none"],
)
def test_a_role_that_cannot_be_is_refused(
    client, administrator, bureau, role, days, message
):
    person = make_user(Role.FILLER, bureau)
    make_membership(person, Role.SYSTEM_ADMIN, bureau)

    answered = grant(client, person, bureau, role, **days)

    assert message in answered.text
    assert person.memberships.count() == 2


def test_a_role_given_to_oneself_is_said_and_on_record(client, administrator, bureau):
    warned = client.get(page("role_add", administrator)).text
    answered = grant(client, administrator, bureau, "performance_section")

    assert "系统会在审计记录中注明" in warned
    assert "本人为自己授权" in client.get(answered.url).text
    event = AuditEvent.objects.get(action="membership.self_granted")
    assert event.user == administrator


def test_the_last_who_administers_stays(client, administrator, office):
    [held] = administrator.memberships.all()
    end = reverse("people:role_end", args=[held.pk])

    refused = client.post(end, {"valid_to": TODAY.isoformat()})
    make_user(Role.SYSTEM_ADMIN, office)
    accepted = client.post(end, {"valid_to": TODAY.isoformat()})

    assert "这是唯一的系统管理员" in refused.text
    assert accepted.status_code == 302


def test_a_deactivation_shows_what_is_left_open_and_asks_why(
    client, administrator, bureau
):
    person = make_user(Role.FILLER, bureau, name="王芳")
    make_assessment(make_project(bureau))

    shown = client.get(page("deactivate", person))
    without = client.post(page("deactivate", person), {"reason": ""})
    done = client.post(page("deactivate", person), {"reason": "调离"})

    assert shown.context["work"] == OpenWork(drafts=1)
    assert "停用后下列角色没有其他人担任" in shown.text
    assert "云水市司法局 · 填报人" in shown.text
    assert "请填写停用原因" in without.text
    assert done.url == page("detail", person)
    person.refresh_from_db()
    assert (person.is_active, person.inactive_reason) == (False, "调离")
    assert "停用：调离" in client.get(done.url).text


def test_a_deputy_in_the_unit_is_taken_note_of(client, administrator, bureau):
    person = make_user(Role.FILLER, bureau)
    make_user(Role.FILLER, bureau)
    make_assessment(make_project(bureau))

    shown = client.get(page("deactivate", person)).text

    assert "本单位还有其他人担任相同角色，可以接办" in shown


def test_a_person_comes_back_with_the_roles_still_valid(client, administrator, bureau):
    person = make_user(Role.FILLER, bureau)
    deactivate(administrator, person, "借调")

    client.post(page("reactivate", person))

    person.refresh_from_db()
    assert person.is_active
    assert person.memberships.current().count() == 1


def test_a_forgotten_password_is_replaced_by_one_shown_once(
    client, administrator, bureau
):
    person = make_user(Role.FILLER, bureau)

    answered = client.post(page("password", person))

    [(shown, password)] = client.get(answered.url).context["rows"]
    assert shown == person
    assert shown.check_password(password)


def test_who_never_logged_in_gets_new_initial_passwords_together(
    client, administrator, bureau
):
    [new] = create_people(None, [{"username": "new", "name": "新人"}])
    seen = make_user(Role.FILLER, bureau, last_login=timezone.now())

    answered = client.post(reverse("people:passwords_again"), {"state": "never"})

    [(person, password)] = client.get(answered.url).context["rows"]
    assert person == new.person
    assert password != new.password
    seen.refresh_from_db()
    assert seen.password == "!"


def test_a_superuser_is_shown_and_deactivated_but_not_changed(client, administrator):
    root = make_user(name="root", is_superuser=True)

    shown = client.get(page("detail", root))

    assert shown.status_code == 200
    assert page("edit", root) not in shown.text
    for name in ("edit", "role_add"):
        assert client.get(page(name, root)).status_code == 403
    assert client.post(page("password", root)).status_code == 403
    client.post(page("deactivate", root), {"reason": "安装完成"})
    root.refresh_from_db()
    assert not root.is_active


def test_nobody_resets_or_deactivates_themselves(client, administrator):
    typed = {"reason": "退休"}

    assert client.post(page("password", administrator)).status_code == 403
    make_user(Role.SYSTEM_ADMIN, make_department())
    refused = client.post(page("deactivate", administrator), typed)
    assert "不能停用本人" in refused.text


@pytest.mark.parametrize(
    "role", [Role.PERFORMANCE_SECTION, Role.AUDIT_ADMIN, Role.FILLER]
)
def test_other_roles_are_refused(client, bureau, role):
    person = make_user(Role.FILLER, bureau)
    client.force_login(make_user(role, bureau))

    addresses = [
        reverse("people:list"),
        reverse("people:add"),
        reverse("people:role_end", args=[person.memberships.get().pk]),
        *(page(name, person) for name in ("detail", "edit", "role_add", "deactivate")),
    ]
    assert {client.get(each).status_code for each in addresses} == {403}
    for name in ("password", "reactivate"):
        assert client.post(page(name, person)).status_code == 403
    assert client.post(reverse("people:passwords_again")).status_code == 403
