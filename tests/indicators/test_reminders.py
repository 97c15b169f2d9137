"""Reminders: 7 and 1 days before and after, on working days, once; 催办 by hand."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from indicators.models import Holiday
from indicators.reminders import remind, stage_on
from perfeval.models import AuditEvent, Notice
from projects.models import Role
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

# A Wednesday; the reminders' days are 12 and 18 (Tuesday), 20 and 26 March 2025.
DUE = date(2025, 3, 19)


def at(day, month=3, hour=9):
    return datetime(2025, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def task():
    return make_task(opens_at=at(1), due_at=at(19, hour=17), title="年度自评")


@pytest.fixture
def texts(filler, assessment):
    """Return what the filler was told, the earliest first."""
    rows = Notice.objects.filter(person=filler).order_by("pk")
    return lambda: [each.text for each in rows.all()]


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2025, 3, 11), None),
        (date(2025, 3, 12), -7),
        (date(2025, 3, 17), -7),
        (date(2025, 3, 18), -1),
        (date(2025, 3, 19), None),
        (date(2025, 3, 20), 1),
        (date(2025, 3, 25), 1),
        (date(2025, 3, 26), 7),
        (date(2025, 4, 18), 7),
        (date(2025, 4, 19), None),
    ],
)
def test_the_last_reminder_whose_day_has_come_is_due(day, stage):
    assert stage_on(day, DUE) == stage


def test_from_before_to_after_four_reminders_come_each_once(texts, task):
    for day in range(10, 29):
        remind(at(day))
        remind(at(day, hour=15))

    assert texts() == [
        f"“{task}”“执法培训”未送审，还有 7 天到期（2025年3月19日）",
        f"“{task}”“执法培训”未送审，还有 1 天到期（2025年3月19日）",
        f"“{task}”“执法培训”未送审，已逾期 1 天（2025年3月19日）",
        f"“{task}”“执法培训”未送审，已逾期 7 天（2025年3月19日）",
    ]


def test_a_reminder_on_a_day_off_comes_on_the_next_working_day(texts):
    Holiday.objects.create(date=date(2025, 3, 12), name="节日", is_workday=False)

    remind(at(12))
    assert texts() == []
    remind(at(13))

    assert "还有 6 天到期" in texts()[0]


def test_a_due_time_that_was_moved_is_reminded_of_anew(texts, assessment):
    remind(at(18))
    assessment.due_at = at(31, hour=17)
    assessment.save(update_fields=["due_at"])

    remind(at(19))
    remind(at(24))

    days = [text[-12:] for text in texts()]
    assert days == ["（2025年3月19日）", "（2025年3月31日）"]


def test_several_projects_are_one_reminder_that_leads_to_their_list(texts, unit, task):
    make_assessment(make_project(unit), task)

    remind(at(18))

    assert texts() == [f"“{task}”2 个项目未送审，还有 1 天到期（2025年3月19日）"]
    address = Notice.objects.get().address
    assert address == f"{reverse('indicators:list')}?task={task.pk}"


def test_what_is_sent_up_reminds_the_reviewer_of_the_levels_own_time(
    texts, assessment, filler, unit_reviewer, task
):
    task.levels.filter(position=1).update(due_at=at(26, hour=17))
    submit(complete(assessment, filler), filler)

    remind(at(18))
    remind(at(25))

    assert texts() == []
    _sent_up, notice = Notice.objects.filter(person=unit_reviewer).order_by("pk")
    assert notice.text == f"“{task}”“执法培训”待审核，还有 1 天到期（2025年3月26日）"


def test_of_a_closed_task_nobody_is_reminded(texts, task):
    task.state = "closed"
    task.save(update_fields=["state"])

    remind(at(18))

    assert texts() == []


def test_reminding_takes_as_many_queries_for_many_as_for_one(
    texts, unit, task, django_assert_max_num_queries
):
    for _ in range(5):
        make_assessment(make_project(unit), task)

    with django_assert_max_num_queries(12):
        remind(at(18))


def test_the_chosen_units_are_urged_once_a_day_on_record(
    client, texts, task, unit, department, performance_section
):
    page = reverse("indicators:task_urge", args=[task.pk])
    nobody = make_department(department, name="空处")
    make_assessment(make_project(nobody), task)
    client.force_login(performance_section)

    for _ in range(2):
        answer = client.post(page, {"unit": [unit.pk, nobody.pk]}, follow=True)

    [text] = texts()
    assert "尚有 1 个项目未送审：“执法培训”（逾期" in text
    assert "空处没有填报人，请电话联系" in answer.text
    event = AuditEvent.objects.filter(action="task.urged").first()
    assert event is not None
    assert event.after["units"] == [unit.pk]


def test_without_a_unit_nobody_is_urged(client, texts, task, performance_section):
    client.force_login(performance_section)
    page = reverse("indicators:task_urge", args=[task.pk])

    answer = client.post(page, follow=True)

    assert "请先勾选要催办的单位" in answer.text
    assert texts() == []


def test_urging_is_for_those_who_see_the_list(client, texts, task, filler, unit):
    page = reverse("indicators:task_urge", args=[task.pk])

    client.force_login(filler)
    assert client.post(page, {"unit": unit.pk}).status_code == 403
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, make_department()))
    assert client.post(page, {"unit": unit.pk}).status_code == 404
    assert texts() == []
