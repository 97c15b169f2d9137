"""The list of self-assessments: whose, in which order, its filters, its queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import SelfAssessment
from projects.models import Role
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


def listed(client, **conditions):
    """Return the names in the list's rows, in their order."""
    response = client.get(reverse("indicators:list"), conditions)
    assert response.status_code == 200
    return [each.project.shown_name for each in response.context["page_obj"]]


def make_many(unit, task, count):
    for number in range(count):
        project = make_project(unit, name=f"项目{number:02}", code=f"{number:04}")
        make_assessment(project, task)


def test_log_in_is_asked_for(client):
    response = client.get(reverse("indicators:list"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


def test_it_lists_ones_own_by_code(client, filler, unit, task):
    make_assessment(make_project(unit, code="200", name="乙项目"), task)
    make_assessment(make_project(unit, code="100", name="甲项目"), task)
    make_assessment()
    client.force_login(filler)

    assert listed(client) == ["甲项目", "乙项目"]


def test_a_row_says_state_level_deadline_money_and_score(client, filler, unit):
    task = make_task(due_at=timezone.now() + timedelta(days=5))
    make_assessment(make_project(unit), task)
    submit(make_assessment(make_project(unit), task), filler)
    client.force_login(filler)

    page = client.get(reverse("indicators:list")).content.decode()

    assert "填报中" in page
    assert "还剩 5 天" in page
    assert "审核中（单位审核）" in page
    assert "57.91%" in page
    assert "5.79" in page


def test_without_a_year_the_newest_counts(client, filler, unit):
    make_assessment(make_project(unit, name="今年"), make_task())
    earlier = make_task(year=YEAR - 1)
    make_assessment(make_project(unit, name="去年", year=YEAR - 1), earlier)
    client.force_login(filler)

    assert listed(client) == ["今年"]
    assert listed(client, year=YEAR - 1) == ["去年"]
    assert listed(client, year="all") == ["今年", "去年"]
    assert listed(client, task=earlier.pk) == ["去年"]


def test_state_narrows_the_list_and_overdue_is_one_of_them(client, filler, unit):
    now = timezone.now()
    running = make_task(due_at=now + timedelta(days=1))
    over = make_task(due_at=now - timedelta(days=1))
    make_assessment(make_project(unit, name="在填"), running)
    make_assessment(make_project(unit, name="迟了"), over)
    submit(make_assessment(make_project(unit, name="送了"), over), filler)
    client.force_login(filler)

    assert listed(client, status="in_review") == ["送了"]
    assert listed(client, status="overdue") == ["迟了"]
    assert sorted(listed(client, status="draft")) == ["在填", "迟了"]


def test_a_body_stands_for_all_below_it(client, performance_section, task):
    department = make_department(name="市司法局")
    unit = make_department(department, name="法律援助中心")
    below = make_project(unit, name="法律援助", supervising_department=department)
    make_assessment(below, task)
    make_assessment(make_project(name="外单位"), task)
    client.force_login(performance_section)

    assert listed(client, unit=department.pk) == ["法律援助"]
    assert listed(client, supervisor=department.pk) == ["法律援助"]


@pytest.mark.parametrize("text", ["法律", "44079", "援助中心", "法律 援助中心"])
def test_text_is_looked_for_in_name_code_and_unit(text, client, performance_section):
    unit = make_department(name="法律援助中心")
    make_assessment(make_project(unit, name="法律服务", code="44079"), make_task())
    make_assessment(make_project(name="外单位", code="1"), make_task())
    client.force_login(performance_section)

    assert listed(client, text=text) == ["法律服务"]


def test_a_foreign_value_in_the_address_is_no_error(client, filler, assessment):
    client.force_login(filler)
    strange = {"year": "x", "task": "0", "unit": "'", "status": "?", "page": "99"}

    response = client.get(reverse("indicators:list"), strange)

    assert response.status_code == 200


def test_nothing_found_says_what_to_do(client, filler, assessment):
    client.force_login(filler)

    page = client.get(reverse("indicators:list"), {"text": "没有的"}).content.decode()

    assert "没有符合条件的绩效自评" in page


def test_twenty_stand_on_a_page(client, filler, unit, task):
    make_many(unit, task, 21)
    client.force_login(filler)

    assert len(listed(client)) == 20
    assert listed(client, page=2) == ["项目20"]


@pytest.mark.parametrize("count", [1, 20])
def test_queries_do_not_grow_with_the_rows(count, client, filler, unit, task):
    make_many(unit, task, count)
    client.force_login(filler)

    assert len(queries_of(client, reverse("indicators:list"))) <= 12


def test_administrators_find_an_empty_list(client, department, assessment):
    client.force_login(make_user(Role.SYSTEM_ADMIN, department))

    assert listed(client) == []
    assert SelfAssessment.objects.exists()
