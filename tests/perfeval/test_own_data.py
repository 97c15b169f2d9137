"""我的信息: one's own name and phone."""

import pytest

from perfeval.models import AuditEvent
from perfeval.people import update_person
from projects.models import Role
from tests.factories import make_department, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    person = make_user(Role.FILLER, make_department(name="市司法局"), name="王芳")
    client.force_login(person)
    return person


def save(client, **typed):
    return client.post("/me/", {"name": "王芳", "phone": "", "version": 1, **typed})


def test_a_person_changes_their_data_and_sees_their_roles(client, person):
    page = client.get("/me/").text

    answered = save(client, phone="0750-3333333")

    person.refresh_from_db()
    assert "市司法局 · 填报人" in page
    assert answered.status_code == 302
    assert (person.phone, person.version) == ("0750-3333333", 2)
    event = AuditEvent.objects.get(action="user.changed")
    assert (event.before["phone"], event.after["phone"]) == ("", "0750-3333333")


def test_nothing_else_can_be_changed_here(client, person):
    save(client, username="root", is_superuser="on", is_staff="on", is_active="")

    person.refresh_from_db()
    assert person.username != "root"
    assert (person.is_superuser, person.is_staff, person.is_active) == (
        False,
        False,
        True,
    )


def test_wrong_data_is_told_at_once_and_stays(client, person):
    page = save(client, name="", phone="请打总机").text

    assert "请填写姓名" in page
    assert "联系电话只能由数字、空格、括号、加号和连字符组成" in page
    assert 'value="请打总机"' in page


def test_what_an_administrator_saved_meanwhile_is_shown_beside_it(client, person):
    update_person(None, person, {"phone": "111111"}, version=1)

    refused = save(client, phone="222222")
    decided = save(client, phone="222222", version=2)

    assert refused.status_code == 409
    assert "他人已保存的内容" in refused.text
    assert "111111" in refused.text
    assert 'value="222222"' in refused.text
    assert decided.status_code == 302
    person.refresh_from_db()
    assert person.phone == "222222"


def test_what_another_tab_saved_first_is_said_and_what_was_typed_stays(client, person):
    save(client, phone="111111")

    refused = save(client, phone="222222")

    assert refused.status_code == 409
    assert "您在另一个页面已保存的内容" in refused.text
    assert "没有采用的填写" in refused.text
    assert "联系电话：222222" in client.get("/me/").text
