"""The site's administration: people and reference data, each save on record."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from indicators.models import EvaluationTask
from perfeval.models import AuditEvent, User
from projects.memberships import place_membership
from projects.models import Department, Membership, Role
from tests.factories import (
    make_department,
    make_scheme,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db

PASSWORD = "Yunshui-48151623"


@pytest.fixture
def office():
    return make_department(code="101", name="云水市财政局")


def person(role, department):
    """A person whose role was given the way the administration gives it."""
    user = make_user(username=f"{role}-person")
    membership = Membership(
        user=user, department=department, role=role, valid_from=date(2020, 1, 1)
    )
    place_membership(membership)
    return user


@pytest.fixture
def administrator(client, office):
    user = person(Role.SYSTEM_ADMIN, office)
    client.force_login(user)
    return user


def address(model, action="changelist", *arguments):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}"
    return reverse(name, args=arguments)


def last_event():
    return AuditEvent.objects.order_by("pk").last()


NO_ROWS = {
    f"{prefix}-{name}": "0"
    for prefix in ("former_names", "levels")
    for name in ("TOTAL_FORMS", "INITIAL_FORMS")
} | {"issued": "1"}


def test_the_first_page_shows_each_administrator_their_own(client, office):
    listed = {}
    for role in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN):
        client.force_login(person(role, office))
        apps = client.get(reverse("admin:index")).context["app_list"]
        listed[role] = {row["object_name"] for app in apps for row in app["models"]}

    assert listed[Role.AUDIT_ADMIN] == {"AuditEvent"}
    assert listed[Role.SYSTEM_ADMIN] == {
        "User",
        "Department",
        "Membership",
        "ScoringScheme",
        "EvaluationTask",
        "ReviewPhrase",
        "UseRule",
    }


def test_the_first_page_lists_no_second_record_of_what_was_done(client, administrator):
    page = client.get(reverse("admin:index")).content.decode()

    assert "最近动作" not in page
    assert "无可选的" not in page


def test_a_department_moved_takes_all_below_it_along(client, administrator, office):
    other = make_department(code="118", name="云水市司法局")
    moved = make_department(office, code="101001", name="绩效科")
    below = make_department(moved, code="101001001", name="一组")

    answer = client.post(
        address(Department, "change", moved.pk),
        {"code": "101001", "name": "评价科", "parent": other.pk, **NO_ROWS},
    )

    assert answer.status_code == 302
    below.refresh_from_db()
    assert below.path == "118/101001/101001001/"
    event = last_event()
    assert (event.user, event.summary) == (administrator, "保存单位“评价科”")
    assert (event.before["name"], event.after["name"]) == ("绩效科", "评价科")
    assert (event.before["is_active"], event.after["is_active"]) == (True, False)


def test_a_department_cannot_be_put_below_itself(client, administrator, office):
    below = make_department(office, code="101001")

    answer = client.post(
        address(Department, "change", office.pk),
        {"code": "101", "name": "云水市财政局", "parent": below.pk, **NO_ROWS},
    )

    assert "上级单位不能是本单位或本单位的下级" in answer.text
    office.refresh_from_db()
    assert office.parent is None


def test_who_saves_second_is_told_keeps_what_was_typed_and_decides(
    client, administrator, office
):
    sent = {"code": "101", "name": "甲局", "is_active": "on", **NO_ROWS}
    client.post(address(Department, "change", office.pk), sent)

    refused = client.post(
        address(Department, "change", office.pk), {**sent, "name": "乙局"}
    )
    kept = office.__class__.objects.get(pk=office.pk).name
    form = refused.context["adminform"].form
    again = {**sent, "name": "乙局", "issued": form["issued"].value()}
    decided = client.post(address(Department, "change", office.pk), again)

    assert (refused.status_code, kept) == (200, "甲局")
    assert "您在另一个页面刚修改了“甲局”，没有保存" in refused.text
    rejected = AuditEvent.objects.get(action="form.rejected")
    assert rejected.after == {"单位名称": "乙局"}
    assert form["name"].value() == "乙局"
    assert decided.status_code == 302
    office.refresh_from_db()
    assert office.name == "乙局"


def test_a_former_name_leaves_an_event_with_its_dates(client, administrator, office):
    client.post(
        address(Department, "change", office.pk),
        {
            "code": "101",
            "name": "云水市财政局",
            "is_active": "on",
            **NO_ROWS,
            "former_names-TOTAL_FORMS": "1",
            "former_names-0-department": office.pk,
            "former_names-0-name": "云水县财政局",
            "former_names-0-valid_from": "2001-01-01",
            "former_names-0-valid_to": "2010-12-31",
        },
    )

    assert office.name_on(date(2005, 6, 1)) == "云水县财政局"
    event = last_event()
    assert event.action == "formername.created"
    assert event.subject == f"projects.department:{office.pk}"
    assert event.after["valid_to"] == "2010-12-31"


def test_a_person_is_created_without_rights_and_without_the_password_on_record(
    client, administrator
):
    answer = client.post(
        address(User, "add"),
        {
            "username": "linxiaolan",
            "name": "林晓岚",
            "phone": "0700-0000132",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "is_superuser": "on",
            "is_staff": "on",
        },
    )

    assert answer.status_code == 302
    created = User.objects.get(username="linxiaolan")
    assert created.check_password(PASSWORD)
    assert (created.is_superuser, created.is_staff) == (False, False)
    event = last_event()
    assert (event.action, event.after["name"]) == ("user.created", "林晓岚")
    assert PASSWORD not in str(event.after)


def test_a_person_is_neither_deactivated_here_nor_deleted(client, administrator):
    left = make_user(username="left", name="何婉")

    client.post(address(User, "change", left.pk), {"username": "left", "name": "何婉"})

    left.refresh_from_db()
    assert left.is_active  # the pages for people ask for a reason
    assert client.get(address(User, "delete", left.pk)).status_code == 403


def test_a_reset_password_is_on_record(client, administrator):
    forgetful = make_user(username="forgetful", name="何婉")

    client.post(
        reverse("admin:auth_user_password_change", args=[forgetful.pk]),
        {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    forgetful.refresh_from_db()
    assert forgetful.check_password(PASSWORD)
    assert forgetful.must_change_password
    assert (last_event().action, last_event().user) == (
        "user.password_set",
        administrator,
    )


def test_a_superuser_is_not_the_administrator_s_to_change(client, administrator):
    root = User.objects.create(username="root", name="根", is_superuser=True)

    answer = client.post(
        address(User, "change", root.pk), {"username": "root", "name": "改"}
    )
    reset = client.post(
        reverse("admin:auth_user_password_change", args=[root.pk]),
        {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert (answer.status_code, reset.status_code) == (403, 403)


def test_the_role_of_administrator_opens_the_administration(
    client, administrator, office
):
    chosen = make_user(name="丁一鸣")

    client.post(
        address(Membership, "add"),
        {
            "user": chosen.pk,
            "department": office.pk,
            "role": Role.SYSTEM_ADMIN,
            "valid_from": "2020-01-01",
        },
    )

    chosen.refresh_from_db()
    assert chosen.is_staff
    assert last_event().action == "membership.created"


def test_a_superuser_given_a_role_still_gets_in(office):
    root = User.objects.create(
        username="root", name="根", is_superuser=True, is_staff=True
    )

    membership = Membership(
        user=root, department=office, role=Role.FILLER, valid_from=date(2020, 1, 1)
    )
    place_membership(membership)

    root.refresh_from_db()
    assert root.is_staff


def test_nobody_administers_and_audits_at_once(client, administrator, office):
    answer = client.post(
        address(Membership, "add"),
        {
            "user": administrator.pk,
            "department": office.pk,
            "role": Role.AUDIT_ADMIN,
            "valid_from": "2020-01-01",
        },
    )

    assert "系统管理员和审计管理员不能由同一人担任" in answer.text
    assert Membership.objects.filter(user=administrator).count() == 1


def test_a_role_is_ended_by_its_date_and_then_gives_nothing(client, administrator):
    membership = Membership.objects.get(user=administrator)
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011 - any day past will do

    client.post(
        address(Membership, "change", membership.pk),
        {"valid_to": yesterday.isoformat(), "role": Role.FILLER},
    )

    membership.refresh_from_db()
    assert (membership.valid_to, membership.role) == (yesterday, Role.SYSTEM_ADMIN)
    assert client.get(address(User)).status_code == 403


def test_tasks_are_only_read(client, administrator):
    task = make_task(levels=(Role.UNIT_REVIEWER,), title="2024年度自评")

    page = client.get(address(EvaluationTask, "change", task.pk))
    change = client.post(address(EvaluationTask, "change", task.pk), {"title": "改名"})

    assert "2024年度自评" in page.text
    assert "单位审核" in page.text
    assert change.status_code == 403
    assert client.get(address(EvaluationTask, "add")).status_code == 403


def test_schemes_are_only_read(client, administrator):
    scheme = make_scheme()

    page = client.get(address(type(scheme), "change", scheme.pk))
    change = client.post(address(type(scheme), "change", scheme.pk), {"text": "x"})

    assert "财预〔2020〕10号" in page.text
    assert change.status_code == 403
    assert client.get(address(type(scheme), "add")).status_code == 403


def test_audit_events_are_read_by_the_audit_administrator(client, office):
    client.force_login(person(Role.AUDIT_ADMIN, office))
    event = last_event()

    page = client.get(address(AuditEvent))
    detail = client.get(address(AuditEvent, "change", event.pk))
    change = client.post(address(AuditEvent, "change", event.pk), {"summary": "x"})

    assert event.summary in page.text
    assert event.summary in detail.text
    assert "/admin/perfeval/user/" not in detail.text
    assert change.status_code == 403
    assert client.get(address(AuditEvent, "delete", event.pk)).status_code == 403
    assert client.get(address(User)).status_code == 403


def test_audit_events_are_closed_to_those_who_administer(client, administrator):
    root = User.objects.create(
        username="root", name="根", is_superuser=True, is_staff=True
    )

    as_administrator = client.get(address(AuditEvent)).status_code
    client.force_login(root)
    as_root = client.get(address(AuditEvent)).status_code

    assert (as_administrator, as_root) == (403, 403)


@pytest.mark.parametrize(
    "role", [each for each in Role if each not in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)]
)
def test_other_roles_do_not_get_in(client, office, role):
    client.force_login(person(role, office))

    assert client.get(reverse("admin:index"), follow=True).status_code == 403
