"""The page of one project, and its history."""

import pytest
from django.urls import reverse

from indicators.services import record_result
from projects.models import Role
from projects.services import save_funding, update_project
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


def page_of(client, project, name="projects:detail"):
    response = client.get(reverse(name, args=[project.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_money_goal_indicators_and_self_assessments(
    client, filler, unit
):
    project = make_project(unit, goal="培训执法人员不少于 50 场")
    make_indicators(project)
    assessment = make_assessment(project)

    page = page_of(client, project)

    assert "23.00" in page
    assert "13.32" in page
    assert "57.91%" in page
    assert "培训执法人员不少于 50 场" in page
    assert "≥50场" in page
    assert "明显提高" in page
    assert reverse("indicators:detail", args=[assessment.pk]) in page
    assert assessment.task.title in page


def test_indicators_of_one_level_share_one_cell(client, filler, unit):
    project = make_project(unit)
    rows = [
        ("产出指标", "数量指标", "培训场次", ">=", "50", "场", "25"),
        ("产出指标", "数量指标", "培训人次", ">=", "2000", "人次", "15"),
        ("产出指标", "质量指标", "合格率", ">=", "90", "%", "10"),
    ]
    make_indicators(project, rows)

    page = page_of(client, project)

    assert page.count("产出指标") == 1
    assert 'rowspan="3">产出指标' in page
    assert 'rowspan="2">数量指标' in page


def test_who_may_edit_finds_the_buttons_and_others_do_not(client, filler, unit):
    project = make_project(unit)
    edit = reverse("projects:edit", args=[project.pk])
    assert edit in page_of(client, project)

    client.force_login(make_user(Role.UNIT_REVIEWER, unit))

    page = page_of(client, project)
    assert edit not in page
    assert reverse("projects:funding", args=[project.pk]) not in page


def test_a_project_in_a_report_that_was_sent_up_says_so(client, filler, unit):
    assessment = make_assessment(make_project(unit))
    submit(assessment)

    page = page_of(client, assessment.project)

    assert "本项目的绩效自评审核中，项目信息、资金和指标不能修改" in page
    assert reverse("projects:edit", args=[assessment.project_id]) not in page


def test_another_units_project_is_not_found(client, filler):
    project = make_project()

    for name in ("projects:detail", "projects:history"):
        assert client.get(reverse(name, args=[project.pk])).status_code == 404


def test_the_history_tells_what_changed_by_whom(client, filler, unit):
    project = make_project(unit, contact="张三")
    update_project(filler, project, {"contact": "李四"}, version=1)
    line = project.funding_lines.get()
    save_funding(filler, line, {"executed": "200000.00"}, version=1)

    page = page_of(client, project)

    assert "联系人：张三 → 李四" in page
    assert "全年执行数：133,200.00 元 → 200,000.00 元" in page
    assert filler.name in page


def test_the_history_holds_what_happened_to_the_self_assessment(client, filler, unit):
    assessment = make_assessment(make_project(unit))
    result = assessment.results.first()
    record_result(filler, result, {"actual": "48"}, version=1)
    record_result(filler, result, {"actual": "49"}, version=2)

    page = page_of(client, assessment.project, "projects:history")

    assert "的绩效自评" in page
    assert page.count(f"填报指标“{result.indicator.level3}”完成情况") == 1
    assert "当日共 2 次" in page


def test_an_observer_reads_no_history_of_reports_that_are_not_final(client, unit):
    client.force_login(make_user(Role.OBSERVER, unit))
    assessment = make_assessment(make_project(unit))
    result = assessment.results.first()
    record_result(None, result, {"actual": "48"}, version=1)

    page = page_of(client, assessment.project, "projects:history")

    assert "填报指标" not in page
    assert "没有绩效自评" in page_of(client, assessment.project)


def test_a_classified_project_shows_code_and_state_alone(client, filler, unit):
    project = make_project(
        unit, name="", code="990001", status="classified", money=None
    )

    page = page_of(client, project)

    assert "990001" in page
    assert "涉密另报" in page
    assert "项目资金" not in page
    assert "操作记录" not in page
    history = client.get(reverse("projects:history", args=[project.pk]))
    assert history.status_code == 403


def test_the_page_asks_the_database_twelve_times_at_most(
    client, filler, unit, django_assert_max_num_queries
):
    assessment = make_assessment(make_project(unit))
    for version in range(1, 30):
        result = assessment.results.first()
        record_result(filler, result, {"actual": str(version)}, version=version)

    with django_assert_max_num_queries(12):
        client.get(reverse("projects:detail", args=[assessment.project_id]))
