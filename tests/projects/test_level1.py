"""A 一级项目: its projects of one year, their sums, their scores."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import SelfAssessment
from projects.level1 import average_of, weighted_of
from projects.models import Role
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db

HEADING = {"level1_code": "L100", "level1_name": "法治建设专项"}


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


def page(client, **query):
    return client.get(reverse("projects:level1"), {"year": YEAR, **query})


def scored(project, total):
    assessment = make_assessment(project)
    SelfAssessment.objects.filter(pk=assessment.pk).update(total=Decimal(total))
    return assessment


def test_money_is_summed_and_scores_are_averaged_plainly_and_by_budget(
    client, unit, filler
):
    large = make_project(unit, money=("300000", "300000", "150000"), **HEADING)
    small = make_project(unit, money=("100000", "100000", "100000"), **HEADING)
    make_project(unit, money=("50000", "50000", "0"), status="cancelled", **HEADING)
    make_project(unit, year=YEAR - 1, **HEADING)
    scored(large, "90")
    scored(small, "70.50")

    response = page(client, code="L100")

    sums = response.context["sums"]
    assert len(response.context["projects"]) == 3
    assert (sums.adjusted, sums.executed) == (Decimal(450_000), Decimal(250_000))
    # (90 + 70.50) ÷ 2; (90 × 30 + 70.50 × 10) ÷ 40.
    assert sums.average.points == Decimal("80.25")
    assert sums.weighted.points == Decimal("85.13")
    assert "合计 3,405.00 ÷ 全年预算数合计 40.00 = 85.13" in response.content.decode()
    assert dict(sums.states) == {"填报中": 2, "撤销": 1}


def test_means_without_scores_or_budget_say_so():
    assert average_of([]).working == "还没有已计分的项目"
    assert weighted_of([(Decimal(90), None)]).points is None
    assert average_of([Decimal(0), Decimal(1)]).points == Decimal("0.50")


def test_projects_without_a_code_go_by_their_name(client, unit, filler):
    named = make_project(unit, level1_name="信息化")
    make_project(unit, level1_code="L7", level1_name="信息化")

    response = page(client, name="信息化")

    assert response.context["projects"] == [named]


def test_only_projects_that_a_person_sees_are_counted(client, unit, filler):
    own = make_project(unit, **HEADING)
    make_project(make_department(), **HEADING)

    assert page(client, code="L100").context["projects"] == [own]


@pytest.mark.parametrize(
    "query", [{"code": "L999"}, {}, {"code": "L100", "year": "甲"}]
)
def test_what_is_not_there_is_not_found(client, unit, filler, query):
    make_project(unit, **HEADING)

    assert page(client, **query).status_code == 404


def test_the_project_leads_there_and_the_list_filters_by_it(client, unit, filler):
    project = make_project(unit, **HEADING)
    make_project(unit)

    shown = client.get(reverse("projects:detail", args=[project.pk])).content.decode()
    by_code = client.get(reverse("projects:list"), {"level1": "L100"})
    by_name = client.get(reverse("projects:list"), {"level1": "法治"})

    assert f"{reverse('projects:level1')}?year={YEAR}&amp;code=L100" in shown
    assert list(by_code.context["page_obj"]) == [project]
    assert list(by_name.context["page_obj"]) == [project]


def test_the_page_asks_the_database_no_more_with_more_projects(
    client, unit, filler, django_assert_max_num_queries
):
    task = make_task()
    for _ in range(8):
        make_assessment(make_project(unit, **HEADING), task)

    with django_assert_max_num_queries(10):
        page(client, code="L100")
