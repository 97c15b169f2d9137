"""People are deactivated, with a reason, and never deleted."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client

from perfeval.models import AuditEvent
from perfeval.people import create_people, deactivate, reactivate
from projects.models import Role
from tests.factories import make_department, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return make_user(name="赵敏")


def test_a_deactivated_person_is_out_at_once_and_cannot_log_in(client, administrator):
    [issued] = create_people(None, [{"username": "left", "name": "何婉"}])
    typed = {"username": "left", "password": issued.password}
    client.post("/login/", typed)

    deactivate(administrator, issued.person, "调离")

    assert client.get("/password/").url.startswith("/login/")
    answered = client.post("/login/", typed)
    assert "用户名或密码不正确" in answered.text
    event = AuditEvent.objects.get(action="user.deactivated")
    assert (event.user, event.summary) == (administrator, "停用用户“何婉”：调离")


def test_no_session_comes_back_with_the_person(client, administrator):
    person, colleague = make_user(), make_user()
    client.force_login(person)
    other = Client()
    other.force_login(colleague)

    deactivate(administrator, person, "调离")
    reactivate(administrator, person)

    assert client.get("/me/").status_code == 302
    assert other.get("/me/").status_code == 200
    person.refresh_from_db()
    assert (person.is_active, person.inactive_reason) == (True, "")
    assert AuditEvent.objects.filter(action="user.reactivated").count() == 1


def test_a_reason_is_asked_for_and_nobody_deactivates_themselves(administrator):
    person = make_user()

    with pytest.raises(ValidationError, match="请填写停用原因"):
        deactivate(administrator, person, "  ")
    with pytest.raises(ValidationError, match="不能停用本人"):
        deactivate(administrator, administrator, "退休")

    person.refresh_from_db()
    assert person.is_active


def test_a_second_deactivation_changes_nothing(administrator):
    person = make_user()
    deactivate(administrator, person, "调离")

    deactivate(administrator, person, "退休")

    person.refresh_from_db()
    assert person.inactive_reason == "调离"
    assert AuditEvent.objects.filter(action="user.deactivated").count() == 1


def test_the_database_refuses_to_delete_who_held_a_role():
    person = make_user(Role.FILLER, make_department())

    with pytest.raises(ProtectedError):
        person.delete()
