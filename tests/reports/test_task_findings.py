"""检查结果统计: which mistakes the reports of a task hold, and in which units."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from indicators.models import Narrative, SelfAssessment, Status
from indicators.services import write_narrative
from projects.models import Role
from reports.statistics import findings_over, reports_of
from reports.submission import submit
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department(name="市司法局")


@pytest.fixture
def task():
    return make_task()


def report(task, unit, words):
    made = make_assessment(make_project(unit), task)
    text = made.narratives.get(key="problems")
    write_narrative(make_user(Role.FILLER, unit), text, words, version=1)
    SelfAssessment.objects.filter(pk=made.pk).update(status=Status.IN_REVIEW, level=1)
    return made


@pytest.fixture
def reports(task, department):
    """Two of one unit with a telephone number, one of another unit without."""
    first = make_department(department, name="执法监督处")
    second = make_department(department, name="法律援助处")
    return [
        report(task, first, "联系人手机13812345678。"),
        report(task, first, "联系人手机13912345678，另有13712345678。"),
        report(task, second, "无联系方式。"),
    ]


@pytest.fixture
def finance(client):
    made = make_user(Role.PERFORMANCE_SECTION, make_department(name="市财政局"))
    client.force_login(made)
    return made


def page_of(client, task, **query):
    return client.get(reverse("statistics:findings", args=[task.pk]), query)


def test_mistakes_are_counted_by_report_and_by_place(task, reports):
    found = findings_over(reports_of(task, SelfAssessment.objects.all(), drafts=False))

    (numbers,) = [each for each in found.mistakes if each.code == "personal-data"]
    assert (numbers.reports, numbers.count) == (2, 3)


def test_units_stand_beside_each_other_with_their_sound_reports(task, reports):
    found = findings_over(reports_of(task, SelfAssessment.objects.all(), drafts=False))

    first, second = sorted(found.units, key=lambda each: each.reports, reverse=True)
    assert (first.unit.name, first.reports, first.sound) == ("执法监督处", 2, 0)
    assert (second.unit.name, second.reports) == ("法律援助处", 1)
    assert first.errors > second.errors


def test_drafts_are_looked_at_only_where_asked_for(client, task, reports, finance):
    SelfAssessment.objects.filter(pk=reports[2].pk).update(status=Status.DRAFT, level=0)

    assert "检查了 2 份已送审的自评" in page_of(client, task).content.decode()
    assert "检查了 3 份自评" in page_of(client, task, drafts="1").content.decode()


def test_of_more_than_fit_the_first_are_looked_at_and_it_is_said(task, reports):
    found = findings_over(SelfAssessment.objects.filter(task=task), most=2)

    assert found.is_cut
    assert (len(found.reports), found.total) == (2, 3)


def test_a_department_sees_its_own_alone(client, task, department, reports):
    other = make_department(name="市文化局")
    report(task, make_department(other, name="图书馆"), "手机13612345678。")
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, department))

    page = page_of(client, task).content.decode()

    assert "执法监督处" in page
    assert "图书馆" not in page


def test_a_filler_is_refused_and_a_stranger_finds_nothing(client, task, reports):
    unit = reports[0].project.unit
    client.force_login(make_user(Role.FILLER, unit))
    assert page_of(client, task).status_code == 403

    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, make_department()))
    assert page_of(client, task).status_code == 404


def test_a_department_asked_for_in_nonsense_asks_for_nothing(
    client, task, reports, finance
):
    for nonsense in ("x", "²", "9" * 40, "-1"):
        assert page_of(client, task, department=nonsense).status_code == 200


def test_the_file_holds_a_line_for_each_finding(client, task, reports, finance):
    url = reverse("statistics:file", args=[task.pk])
    found = findings_over(reports_of(task, SelfAssessment.objects.all(), drafts=False))

    answer = client.get(url)

    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.max_row == 1 + found.count
    codes = {row[2] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert reports[0].project.code in codes


def test_queries_do_not_grow_with_the_reports(client, task, reports, finance):
    url = reverse("statistics:findings", args=[task.pk])
    few = len(queries_of(client, url))
    unit = reports[0].project.unit
    for _ in range(5):
        report(task, unit, "联系人手机13812345678。")

    many = queries_of(client, url)

    assert len(many) == few, "\n".join(each[:160] for each in many)
    assert few <= 20


def test_what_was_sent_up_counts_as_it_was_found_then_however_many(task, department):
    unit = make_department(department)
    filler = make_user(Role.FILLER, unit)
    for _ in range(3):
        made = complete(make_assessment(make_project(unit), task), filler)
        submit(filler, made, version=made.version)
    # Not to be seen in what was found at 送审.
    Narrative.objects.update(text="联系人手机13812345678。")

    found = findings_over(SelfAssessment.objects.filter(task=task), most=1)

    assert (len(found.reports), found.is_cut) == (3, False)
    assert {each.code: each.reports for each in found.mistakes} == {
        "score-execution-gap": 3
    }
