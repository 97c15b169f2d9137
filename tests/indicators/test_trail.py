"""操作记录: whoever sees a self-assessment sees what was done to it."""

import pytest
from django.urls import reverse

from projects.models import Role
from tests.factories import complete, make_department, make_user, submit
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(assessment):
    return reverse("indicators:trail", args=[assessment.pk])


def test_it_tells_newest_first_who_did_what(client, assessment, filler, page):
    complete(assessment, filler)
    submit(assessment, filler)
    client.force_login(filler)

    told = client.get(page).context["history"]

    assert (told[0].what, told[0].who) == ("送审“执法培训”", "陈填报")
    assert len(told) >= 3
    assert len(queries_of(client, page)) <= 12


def test_for_another_unit_and_the_system_administrator_there_is_none(client, page):
    office = make_department()

    for role in (Role.FILLER, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN):
        client.force_login(make_user(role, office))
        assert client.get(page).status_code == 404
