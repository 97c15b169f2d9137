"""The project list: what it shows to whom, its filters, its sums."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

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

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit, name="陈填报")
    client.force_login(user)
    return user


def listed(client, **conditions):
    """Return the names in the list's rows, in their order."""
    response = client.get(reverse("projects:list"), conditions)
    assert response.status_code == 200
    return [project.shown_name for project in response.context["page_obj"]]


def test_the_list_shows_the_projects_of_ones_unit_by_code(client, filler, unit):
    make_project(unit, code="200", name="乙项目")
    make_project(unit, code="100", name="甲项目")
    make_project(name="外单位项目")

    assert listed(client) == ["甲项目", "乙项目"]


def test_a_row_says_money_ratio_state_and_deadline(client, filler, unit):
    project = make_project(unit, name="执法培训")
    task = make_task(due_at=timezone.now() + timedelta(days=5))
    make_assessment(project, task)

    page = client.get(reverse("projects:list")).content.decode()

    assert "23.00" in page  # 230000 元 in 万元
    assert "13.32" in page
    assert "57.91%" in page
    assert "填报中" in page
    assert "还剩 5 天" in page


def test_a_report_that_was_sent_up_has_no_deadline_for_the_unit(client, filler, unit):
    assessment = make_assessment(make_project(unit))
    submit(assessment)

    page = client.get(reverse("projects:list")).content.decode()

    assert "审核中" in page
    assert "还剩" not in page


def test_without_a_year_the_newest_one_is_listed(client, filler, unit):
    make_project(unit, year=YEAR, name="今年项目")
    make_project(unit, year=YEAR - 1, name="去年项目")

    assert listed(client) == ["今年项目"]
    assert listed(client, year=YEAR - 1) == ["去年项目"]
    assert listed(client, year="all") == ["今年项目", "去年项目"]


def test_sums_count_the_money_of_one_year(client, filler, unit):
    for _ in range(3):
        make_project(unit, money=("100000", "100000", "50000"))

    page = client.get(reverse("projects:list")).content.decode()

    assert "合计 3 个项目" in page
    assert "30.00" in page  # 3 × 10 万元
    assert "15.00" in page
    assert "50.00%" in page


def test_a_list_of_several_pages_fetches_its_sums_after_its_rows(client, filler, unit):
    for _ in range(21):
        make_project(unit, money=("100000", "100000", "50000"))

    page = client.get(reverse("projects:list"), {"text": "项目"}).content.decode()
    address = reverse("projects:sums") + "?text=%E9%A1%B9%E7%9B%AE"
    sums = client.get(address).content.decode()
    at_once = client.get(reverse("projects:list"), {"sums": "1"}).content.decode()

    assert f'hx-get="{address}"' in page
    assert "210.00" not in page
    for answer in (sums, at_once):
        assert "合计 21 个项目" in answer
        assert "210.00" in answer  # 21 × 10 万元
        assert "105.00" in answer
        assert "50.00%" in answer


def test_sums_over_several_years_are_not_shown(client, filler, unit):
    make_project(unit)

    response = client.get(reverse("projects:list"), {"year": "all"})

    assert "合计" not in response.content.decode()


def test_a_department_stands_for_all_that_is_below_it(client):
    top = make_department(name="市卫健委")
    below = make_department(top, name="市一院")
    client.force_login(make_user(Role.PERFORMANCE_SECTION, make_department()))
    make_project(below, name="医疗设备")
    make_project(name="别的部门")

    assert listed(client, department=top.pk) == ["医疗设备"]


def test_projects_are_found_by_state_text_and_person(client, filler, unit):
    make_project(unit, name="执法 培训", code="111", contact="陈填报")
    make_project(unit, name="普法宣传", code="222", status="adjusted")

    assert listed(client, status="adjusted") == ["普法宣传"]
    assert listed(client, text="培训 执法") == ["执法 培训"]
    assert listed(client, text="22") == ["普法宣传"]
    assert listed(client, mine="true") == ["执法 培训"]


def test_projects_are_found_by_the_state_of_their_self_assessment(client, filler, unit):
    make_project(unit, name="未下达的")
    make_assessment(make_project(unit, name="在填的"))
    submit(make_assessment(make_project(unit, name="已送审的")))

    assert listed(client, assessment="none") == ["未下达的"]
    assert listed(client, assessment="draft") == ["在填的"]
    assert listed(client, assessment="in_review") == ["已送审的"]


def test_filters_stand_in_the_address_and_go_on_to_the_next_page(client, filler, unit):
    for _ in range(21):
        make_project(unit, name="培训")

    page = client.get(reverse("projects:list"), {"text": "培训"}).content.decode()

    assert 'value="培训"' in page
    assert "text=%E5%9F%B9%E8%AE%AD&amp;page=2" in page
    assert "清除条件" in page


def test_a_condition_that_makes_no_sense_is_named_and_breaks_nothing(client, filler):
    response = client.get(
        reverse("projects:list"), {"year": "二〇", "status": "x", "page": "-3"}
    )

    assert response.status_code == 200
    page = response.content.decode()
    assert "年度：选择一个有效的选项" in page
    assert "项目状态：选择一个有效的选项" in page


def test_an_empty_list_says_what_to_do(client, filler):
    page = client.get(reverse("projects:list")).content.decode()

    assert "还没有项目" in page
    assert reverse("projects:add") in page


def test_an_observer_learns_nothing_of_reports_that_are_not_final(client, unit):
    client.force_login(make_user(Role.OBSERVER, unit))
    make_assessment(make_project(unit, name="在填的"))

    page = client.get(reverse("projects:list")).content.decode()

    assert "在填的" in page
    assert "未下达" in page
    assert 'class="state state-draft"' not in page
    assert listed(client, assessment="draft") == []


def test_a_classified_project_is_a_code_and_a_state(client, filler, unit):
    make_project(unit, name="", code="990001", status="classified", money=None)

    page = client.get(reverse("projects:list")).content.decode()

    assert "涉密项目 990001" in page
    assert "涉密另报" in page


def test_the_list_asks_the_database_no_more_for_more_rows(
    client, filler, unit, django_assert_max_num_queries
):
    task = make_task()
    for _ in range(20):
        make_assessment(make_project(unit), task)

    with django_assert_max_num_queries(12):
        client.get(reverse("projects:list"))


def test_the_list_is_for_those_logged_in(client):
    response = client.get(reverse("projects:list"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))
