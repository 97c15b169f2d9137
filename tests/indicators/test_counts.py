"""应报 = 已报 + 未报 + 免报: per body with all below it, over all, and in the table."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from indicators import task_changes
from indicators.campaign import send_out
from indicators.counts import Tally, count_task, count_tasks, running_progress
from indicators.models import SelfAssessment, TaskState
from indicators.overdue import late_rows, late_units
from projects.models import BudgetProject, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def late_task():
    now = timezone.now().replace(second=0, microsecond=0)
    return make_task(
        due_at=now - timedelta(days=3),
        title="年度自评",
        contact="郑岚",
        phone="07000101",
    )


def counted(task, user):
    """Return {name: (应报, 已报, 未报, 免报, 逾期)} of the rows, and of the sum."""
    found = count_task(task, user)

    def figures(tally):
        return (
            tally.required,
            tally.reported,
            tally.unreported,
            tally.exempt,
            tally.overdue,
        )

    rows = {row.department.name: figures(row.tally) for row in found.rows}
    return rows, figures(found.total)


def test_the_counts_add_up_per_body_and_over_all(
    performance_section, department, unit, filler, late_task
):
    beside = make_department(department, name="法律援助中心")
    other = make_department(name="市卫健局")
    make_assessment(make_project(unit), late_task)
    submit(make_assessment(make_project(unit), late_task), filler)
    taken = make_assessment(make_project(beside), late_task)
    task_changes.take_back(None, late_task, [taken.pk], "误下达")
    extended = make_assessment(make_project(other), late_task)
    later = timezone.now() + timedelta(days=9)
    task_changes.extend(None, late_task, [extended.pk], later, "系统故障")
    send_out(None, late_task, [make_project(other, status="cancelled").pk])

    rows, total = counted(late_task, performance_section)

    # 应报 已报 未报 免报 逾期
    assert rows == {
        "市司法局": (3, 1, 1, 1, 1),
        "执法监督处": (2, 1, 1, 0, 1),
        "法律援助中心": (1, 0, 0, 1, 0),
        "市卫健局": (2, 0, 1, 1, 0),
    }
    assert total == (5, 1, 2, 2, 1)


def test_a_project_cancelled_after_sending_out_is_exempt_at_once(
    performance_section, unit, filler, late_task
):
    waiting = make_assessment(make_project(unit), late_task)
    sent = submit(make_assessment(make_project(unit), late_task), filler)
    projects = [waiting.project_id, sent.project_id]
    BudgetProject.objects.filter(pk__in=projects).update(status="cancelled")

    _, total = counted(late_task, performance_section)

    # What was sent up counts as handed in, whatever became of the project.
    assert total == (2, 1, 0, 1, 0)


@pytest.mark.parametrize(
    ("status", "level", "figures"),
    [
        ("draft", 0, (1, 0, 1, 0, 1)),
        ("returned", 0, (1, 0, 1, 0, 1)),
        ("in_review", 1, (1, 1, 0, 0, 0)),
        ("approved", 0, (1, 1, 0, 0, 0)),
        ("published", 0, (1, 1, 0, 0, 0)),
    ],
)
def test_each_state_counts_once(
    performance_section, unit, late_task, status, level, figures
):
    row = make_assessment(make_project(unit), late_task)
    SelfAssessment.objects.filter(pk=row.pk).update(status=status, level=level)

    _, total = counted(late_task, performance_section)

    assert total == figures


def test_a_department_counts_its_own_alone(department_reviewer, unit, late_task):
    make_assessment(make_project(unit), late_task)
    make_assessment(make_project(make_department()), late_task)
    send_out(None, late_task, [make_project(make_department(), status="unspent").pk])

    rows, total = counted(late_task, department_reviewer)

    assert rows == {
        "市司法局": (1, 0, 1, 0, 1),
        "执法监督处": (1, 0, 1, 0, 1),
    }
    assert total == (1, 0, 1, 0, 1)


def test_a_unit_whose_name_begins_as_anothers_is_not_below_it(
    performance_section, late_task
):
    make_assessment(make_project(make_department(code="11", name="甲局")), late_task)
    make_assessment(make_project(make_department(code="118", name="乙局")), late_task)

    rows, _ = counted(late_task, performance_section)

    assert [each[0] for each in rows.values()] == [1, 1]


def test_the_list_of_tasks_and_the_workbench_count_the_same(
    performance_section, unit, filler, late_task
):
    make_assessment(make_project(unit), late_task)
    submit(make_assessment(make_project(unit), late_task), filler)
    send_out(None, late_task, [make_project(unit, status="cancelled").pk])
    over = make_task(state=TaskState.CLOSED)
    make_assessment(make_project(unit), over)

    totals = count_tasks(performance_section)
    (progress,) = running_progress()

    assert totals[late_task.pk] == Tally(reported=1, unreported=1, exempt=1, overdue=1)
    (row,) = progress.rows
    assert row.counts == {
        "required": 3,
        "draft": 1,
        "in_review": 1,
        "returned": 0,
        "approved": 0,
        "published": 0,
        "exempt": 1,
        "overdue": 1,
    }


def fill(task, units, each):
    for _ in range(units):
        unit = make_department(make_department())
        projects = [make_project(unit) for _ in range(each)]
        SelfAssessment.objects.bulk_create(
            SelfAssessment(project=project, task=task) for project in projects
        )


@pytest.mark.parametrize("units", [2, 30])
def test_counting_takes_three_queries_whatever_the_size(
    performance_section, late_task, units, django_assert_max_num_queries
):
    fill(late_task, units, each=4)

    # One more for the person's roles.
    with django_assert_max_num_queries(4):
        count_task(late_task, performance_section)
    with django_assert_max_num_queries(3):
        running_progress()


# --- What is overdue


def late(task, user):
    seen = SelfAssessment.objects.visible_to(user).filter(task=task)
    return late_units(task, late_rows(seen.overdue()))


def test_the_overdue_list_names_whom_to_ask_and_what_to_say(
    performance_section, unit, filler, late_task
):
    filler.phone = "0700222"
    filler.save()
    contact = {"contact": "苏敏", "phone": "0700118"}
    first = make_project(unit, name="执法培训", code="A1", **contact)
    second = make_project(unit, name="法治宣传", code="A2")
    for each in (first, second):
        make_assessment(each, late_task)
    submit(make_assessment(make_project(unit), late_task))

    (found,) = late(late_task, performance_section)

    assert [(row.person, row.phone, row.days) for row in found.rows] == [
        ("苏敏", "0700118", 3),
        ("陈填报", "0700222", 3),
    ]
    assert found.text == (
        "执法监督处：“年度自评”尚有 2 个项目未送审：“执法培训”（逾期 3 天）、"
        "“法治宣传”（逾期 3 天）。请尽快填报并送审。如有困难请联系郑岚，07000101。"
    )


def test_what_is_due_today_is_late_once_its_minute_is_over(
    performance_section, unit, monkeypatch
):
    due = timezone.now().replace(hour=2, minute=0, second=0, microsecond=0)
    task = make_task(opens_at=due - timedelta(days=9), due_at=due)
    make_assessment(make_project(unit), task)

    found = {}
    for seconds in (59, 60):
        now = due + timedelta(seconds=seconds)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        found[seconds] = late(task, performance_section)

    assert found[59] == []
    assert found[60][0].rows[0].words == "今天到期，已逾时"


def test_the_file_says_the_same_and_no_text_is_a_formula(
    client, performance_section, unit, late_task
):
    make_assessment(make_project(unit, name="=1+1", contact="苏敏"), late_task)
    client.force_login(performance_section)

    address = reverse("indicators:task_overdue", args=[late_task.pk])
    content = client.get(address, {"file": "xlsx"}).getvalue()

    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    head, row = sheet.iter_rows()
    told = {name.value: cell for name, cell in zip(head, row, strict=True)}
    assert (told["项目"].value, told["项目"].data_type) == ("=1+1", "s")
    assert (told["联系人"].value, told["逾期天数"].value) == ("苏敏", 3)


def test_the_overdue_list_takes_few_queries(
    performance_section, late_task, django_assert_max_num_queries
):
    fill(late_task, 10, each=3)
    for unit in {each.project.unit for each in late_task.assessments.all()}:
        make_membership(make_user(), Role.FILLER, unit)

    with django_assert_max_num_queries(3):
        assert len(late(late_task, performance_section)) == 10
