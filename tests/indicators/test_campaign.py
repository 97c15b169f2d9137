"""Sending a task out; taking back, extending and passing down afterwards."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import task_changes
from indicators.campaign import preview, send_out
from indicators.holidays import delete_holiday, save_holidays
from indicators.models import (
    EvaluationTask,
    Holiday,
    Indicator,
    IndicatorResult,
    Material,
    MaterialRule,
    Narrative,
    SelfAssessment,
    TaskExemption,
    TaskState,
)
from indicators.services import write_narrative
from indicators.task_setup import LevelPlan, TaskPlan, save_task
from indicators.workflow import TransitionError
from perfeval.models import AuditChain, AuditEvent
from perfeval.versions import ClosedError, StaleError
from projects.models import BudgetProject, FundingLine, Role
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_scheme,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def draft():
    return make_task(state=TaskState.DRAFT, title="年度自评")


def projects(**conditions):
    return BudgetProject.objects.filter(**conditions).order_by("code", "pk")


def rule(task, position, material, **values):
    return MaterialRule.objects.create(
        task=task, position=position, material=material, **values
    )


def started_in(task):
    return SelfAssessment.objects.filter(task=task)


# --- Who is in and who is out


def test_the_preview_tells_who_is_in_and_who_is_out_and_why(draft, unit):
    make_indicators(make_project(unit, name="有指标"))
    make_project(unit, name="没有指标")
    make_project(unit, name="撤销的", status="cancelled", status_reason="任务取消")
    make_project(unit, name="去年的", year=YEAR - 1)
    make_assessment(make_project(unit, name="已经下达"), draft)
    make_assessment(make_project(unit, name="在别的任务"), make_task(title="试点自评"))

    found = preview(draft, projects())

    assert [(each.project.name, each.note, each.proposed) for each in found.enters] == [
        ("有指标", "", True),
        ("没有指标", "还没有绩效指标", True),
        ("在别的任务", "已在“试点自评”中", False),
    ]
    assert [(each.project.name, each.note) for each in found.exempt] == [
        ("撤销的", "撤销（任务取消）")
    ]
    assert [(each.project.name, each.note) for each in found.out] == [
        ("去年的", f"是{YEAR - 1}年度的项目"),
        ("已经下达", "已在本任务中"),
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("cancelled", "撤销"),
        ("unspent", "未安排支出"),
        ("classified", "涉密另报"),
    ],
)
def test_a_project_that_will_not_report_counts_as_exempt(draft, unit, status, words):
    values = {"name": "", "money": None} if status == "classified" else {}
    project = make_project(unit, status=status, **values)

    sent = send_out(None, draft, [project.pk])

    assert sent.started == []
    assert not started_in(draft).exists()
    assert TaskExemption.objects.get(task=draft).reason == words


@pytest.mark.parametrize(
    ("adjusted", "category", "material"),
    [
        ("5000000.00", "部门预算项目", Material.FORM_REPORT_SCORE),
        ("4999999.99", "部门预算项目", Material.FORM),
        ("100.00", "专项资金项目", Material.FORM_REPORT),
        ("5000000.00", "专项资金项目", Material.FORM_REPORT_SCORE),
    ],
    ids=["at the amount", "a 分 below", "by category", "first rule wins"],
)
def test_material_follows_the_first_rule_that_fits(
    draft, unit, adjusted, category, material
):
    draft.default_material = Material.FORM
    draft.save()
    rule(draft, 1, Material.FORM_REPORT_SCORE, from_amount=Decimal(5_000_000))
    rule(draft, 2, Material.FORM_REPORT, category="专项资金项目")
    money = ("1", adjusted, "1")
    project = make_project(unit, category=category, money=money)

    (started,) = send_out(None, draft, [project.pk]).started

    assert started.material == material


def test_without_an_adjusted_amount_the_initial_one_decides(draft, unit):
    rule(draft, 1, Material.FORM_REPORT_SCORE, from_amount=Decimal(100))
    project = make_project(unit)
    FundingLine.objects.filter(project=project).update(
        initial=Decimal(100), adjusted=None, executed=None
    )

    (started,) = send_out(None, draft, [project.pk]).started

    assert started.material == Material.FORM_REPORT_SCORE


# --- Sending out


def test_one_sent_out_in_bulk_is_as_one_started_alone(draft, unit):
    alone = make_assessment(make_project(unit))
    project = make_project(unit)
    make_indicators(project)

    (started,) = send_out(None, draft, [project.pk]).started

    stored = SelfAssessment.objects.get(pk=started.pk)
    alone.refresh_from_db()
    assert (stored.total, stored.grade, stored.status, stored.material) == (
        alone.total,
        alone.grade,
        alone.status,
        alone.material,
    )
    columns = ("indicator__level3", "max_points", "auto_points", "version")
    assert list(stored.results.values_list(*columns)) == list(
        alone.results.values_list(*columns)
    )
    assert set(stored.narratives.values_list("key", flat=True)) == set(
        alone.narratives.values_list("key", flat=True)
    )
    draft.refresh_from_db()
    assert draft.state == TaskState.SENT
    (event,) = AuditEvent.objects.filter(chain__key=stored.chain)
    assert (event.action, event.sequence) == ("assessment.started", 1)


def test_sent_out_again_nothing_is_doubled(draft, unit, filler):
    first, second = make_project(unit), make_project(unit)
    gone = make_project(unit, status="unspent")
    send_out(None, draft, [first.pk, gone.pk])
    text = Narrative.objects.get(assessment__project=first, key="goal")
    write_narrative(filler, text, "已写的内容", version=text.version)

    again = send_out(None, draft, [first.pk, second.pk, gone.pk])

    assert [each.project for each in again.started] == [second]
    assert started_in(draft).count() == 2
    assert TaskExemption.objects.count() == 1
    text.refresh_from_db()
    assert text.text == "已写的内容"


def test_a_project_that_reports_after_all_is_exempt_no_longer(draft, unit):
    project = make_project(unit, status="unspent")
    send_out(None, draft, [project.pk])
    BudgetProject.objects.filter(pk=project.pk).update(status="normal")

    sent = send_out(None, draft, [project.pk])

    assert len(sent.started) == 1
    assert not TaskExemption.objects.exists()


def test_to_a_task_that_is_over_nothing_is_sent(unit):
    over = make_task(state=TaskState.CLOSED)

    with pytest.raises(ClosedError):
        send_out(None, over, [make_project(unit).pk])


def make_many(count):
    """Projects with money and indicators, in bulk: 20 units, two indicators each."""
    units = [make_department(make_department()) for _ in range(20)]
    made = BudgetProject.objects.bulk_create(
        BudgetProject(
            year=YEAR,
            code=f"P{number:06}",
            name=f"批量项目{number}",
            unit=units[number % 20],
            supervising_department=units[number % 20].parent,
            status="cancelled" if number % 100 == 0 else "normal",
        )
        for number in range(count)
    )
    FundingLine.objects.bulk_create(
        FundingLine(project=each, source="appropriation", adjusted=Decimal(number))
        for number, each in enumerate(made)
    )
    rows = (("数量指标", "场次"), ("质量指标", "合格率"))
    Indicator.objects.bulk_create(
        Indicator(
            project=each,
            position=position,
            level1="产出指标",
            level2=level2,
            level3=level3,
            target="10",
            max_points=Decimal(25),
        )
        for each in made
        for position, (level2, level3) in enumerate(rows, start=1)
    )
    return [each.pk for each in made]


def bulk_work(queries):
    """Return the statements, those that continue one bulk write counted as one.

    SQLite takes few parameters at once: Django cuts one bulk write into batches.
    """
    kept: list[str] = []
    for query in (each["sql"] for each in queries):
        words = query.split("(", 1)[0][:60]
        if query.startswith(("SAVEPOINT", "RELEASE")):
            continue
        if kept and kept[-1] == words and query.startswith(("INSERT", "UPDATE")):
            continue
        kept.append(words)
    return kept


def test_2000_projects_are_sent_out_in_30_queries_of_bulk_work(draft):
    ids = make_many(2000)
    person = make_user()

    with CaptureQueriesContext(connection) as asked:
        sent = send_out(person, draft, ids)

    assert (len(sent.started), len(sent.exempt)) == (1980, 20)
    assert IndicatorResult.objects.count() == 2 * 1980
    assert Narrative.objects.count() == 8 * 1980
    # One event of each self-assessment, in its own chain; one of the task.
    events = AuditEvent.objects.filter(user=person)
    assert events.filter(action="assessment.started").count() == 1980
    assert AuditChain.objects.filter(key__startswith="assessment:").count() == 1980
    assert events.filter(action="task.sent").count() == 1
    assert events.filter(action="task.exempted").count() == 20
    assert len(bulk_work(asked)) <= 30
    if connection.vendor == "postgresql":
        assert len(asked) <= 30


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_send_out_at_once_double_nothing(draft, unit):
    ids = [make_project(unit).pk for _ in range(5)]
    barrier = threading.Barrier(2)
    counts = []

    def send():
        barrier.wait()
        counts.append(len(send_out(None, draft, ids).started))
        close_old_connections()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(counts) == [0, 5]
    assert started_in(draft).count() == 5


# --- Taken back and given back


def test_taken_back_it_keeps_what_was_typed_and_closes_to_the_unit(
    assessment, task, filler
):
    text = assessment.narratives.get(key="goal")
    write_narrative(filler, text, "已写的内容", version=text.version)

    done = task_changes.take_back(None, task, [assessment.pk], "项目并入其他项目")

    assert [each.pk for each in done.changed] == [assessment.pk]
    text.refresh_from_db()
    assert text.text == "已写的内容"
    with pytest.raises(ClosedError):
        write_narrative(filler, text, "再写", version=text.version)
    stored = SelfAssessment.objects.get(pk=assessment.pk)
    assert stored.state_words == "免报"
    with pytest.raises(TransitionError):
        submit(stored, filler)
    event = AuditEvent.objects.get(action="assessment.taken_back")
    assert event.chain.key == assessment.chain
    assert "项目并入其他项目" in event.summary


def test_given_back_it_goes_on_where_it_was(assessment, task, filler):
    submit(assessment, filler)
    task_changes.take_back(None, task, [assessment.pk], "误下达")

    task_changes.give_back(None, task, [assessment.pk], "经核实应报")

    stored = SelfAssessment.objects.get(pk=assessment.pk)
    assert (stored.status, stored.level, stored.is_exempt) == ("in_review", 1, False)
    assert stored.exempt_reason == ""


def test_what_is_approved_is_not_taken_back(assessment, task):
    SelfAssessment.objects.filter(pk=assessment.pk).update(status="approved")

    done = task_changes.take_back(None, task, [assessment.pk], "误下达")

    assert done.changed == []
    assert [why for _, why in done.left] == ["已审定，不能收回"]


@pytest.mark.parametrize("act", [task_changes.take_back, task_changes.give_back])
def test_every_act_asks_for_a_reason(act, assessment, task):
    with pytest.raises(ValidationError, match="请填写原因"):
        act(None, task, [assessment.pk], "  ")


def test_those_of_another_task_are_not_touched(assessment):
    other = make_task()

    done = task_changes.take_back(None, other, [assessment.pk], "误下达")

    assert done.changed == []
    assessment.refresh_from_db()
    assert not assessment.is_exempt


def test_a_page_from_before_decides_no_longer(assessment, task, filler):
    old = assessment.version
    task_changes.take_back(None, task, [assessment.pk], "误下达")
    task_changes.give_back(None, task, [assessment.pk], "恢复")

    assessment.refresh_from_db()
    assert assessment.version == old + 2


# --- Extended


def test_extended_by_department_all_below_it_get_the_later_time(unit, department):
    now = timezone.now()
    task = make_task(due_at=now - timedelta(days=1))
    below = make_assessment(make_project(unit), task)
    beside = make_assessment(make_project(make_department()), task)
    sent_up = submit(make_assessment(make_project(unit), task))
    later = (now + timedelta(days=5)).replace(second=0, microsecond=0)

    done = task_changes.extend(None, task, department, later, "系统故障")

    assert [each.pk for each in done.changed] == [below.pk]
    below.refresh_from_db()
    beside.refresh_from_db()
    sent_up.refresh_from_db()
    assert below.deadline == later
    assert (beside.due_at, sent_up.due_at) == (None, None)
    overdue = SelfAssessment.objects.filter(task=task).overdue()
    assert list(overdue) == [beside]
    (event,) = AuditEvent.objects.filter(action="assessment.extended")
    assert event.chain.key == below.chain
    assert "系统故障" in event.summary


def test_who_has_as_late_a_time_keeps_it(assessment, task):
    late = timezone.now() + timedelta(days=60)
    task_changes.extend(None, task, [assessment.pk], late, "一次")

    done = task_changes.extend(
        None, task, [assessment.pk], late - timedelta(days=1), "二次"
    )

    assert [why for _, why in done.left] == ["原截止时间不早于所填时间"]
    assessment.refresh_from_db()
    assert assessment.due_at == late


def test_a_time_that_is_past_extends_nothing(assessment, task):
    with pytest.raises(ValidationError, match="已经过去"):
        task_changes.extend(
            None, task, [assessment.pk], timezone.now() - timedelta(days=1), "补"
        )


def test_an_extension_onto_a_day_off_moves_as_the_task_says(assessment, task):
    saturday = datetime(2099, 3, 7, 17, 30, tzinfo=SHANGHAI)
    task.due_rule = "next_workday"
    task.save()

    task_changes.extend(None, task, [assessment.pk], saturday, "系统故障")

    assessment.refresh_from_db()
    assert assessment.due_at == datetime(2099, 3, 9, 17, 30, tzinfo=SHANGHAI)


def test_extending_hundreds_takes_few_queries(draft):
    send_out(None, draft, make_many(300))
    draft.refresh_from_db()
    root = make_department()
    BudgetProject.objects.filter(pk__gt=0).update(unit=root)
    later = timezone.now() + timedelta(days=60)

    with CaptureQueriesContext(connection) as asked:
        done = task_changes.extend(None, draft, root, later, "系统故障")

    assert len(done.changed) == 297
    assert len(bulk_work(asked)) <= 10


# --- Passed down


def pass_down(task, department, due_at, remarks="", version=None):
    person = make_user(Role.DEPARTMENT_REVIEWER, department)
    return task_changes.pass_down(
        person, task, department, due_at=due_at, remarks=remarks, version=version
    )


def test_passed_down_the_earlier_time_counts_below_the_department(
    assessment, task, department
):
    beside = make_assessment(make_project(make_department()), task)
    earlier = task.due_at - timedelta(days=3)

    pass_down(task, department, earlier, "请先报财务科")

    assessment.refresh_from_db()
    beside.refresh_from_db()
    assert assessment.deadline == earlier
    assert beside.deadline == task.due_at


def test_what_is_added_later_has_the_departments_time(unit, task, department):
    earlier = task.due_at - timedelta(days=3)
    pass_down(task, department, earlier)

    (added,) = send_out(None, task, [make_project(unit).pk]).started

    added.refresh_from_db()
    assert added.deadline == earlier


def test_the_earliest_of_those_above_a_unit_counts(assessment, task, department, unit):
    first = pass_down(task, department, task.due_at - timedelta(days=2))
    pass_down(task, unit, task.due_at - timedelta(days=4))
    assessment.refresh_from_db()
    deepest = assessment.deadline

    pass_down(task, department, task.due_at - timedelta(days=6), version=first.version)

    assessment.refresh_from_db()
    assert deepest == task.due_at - timedelta(days=4)
    assert assessment.deadline == task.due_at - timedelta(days=6)


def test_a_department_can_take_its_time_back(assessment, task, department):
    row = pass_down(task, department, task.due_at - timedelta(days=2))

    pass_down(task, department, None, "时间照通知", version=row.version)

    assessment.refresh_from_db()
    assert assessment.deadline == task.due_at


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "不能晚于任务的截止时间"), (-30, "已经过去")],
    ids=["later than the task", "past"],
)
def test_a_department_cannot_pass_down_a_time(task, department, days, words):
    with pytest.raises(ValidationError, match=words):
        pass_down(task, department, task.due_at + timedelta(days=days))


def test_a_task_due_earlier_than_the_department_says_wins(assessment, task, department):
    pass_down(task, department, task.due_at - timedelta(days=1))
    task.due_at -= timedelta(days=5)
    task.save()

    stored = SelfAssessment.objects.select_related("task").get(pk=assessment.pk)

    assert stored.deadline == task.due_at


def test_an_extension_stands_above_what_was_passed_down(assessment, task, department):
    later = task.due_at + timedelta(days=5)
    task_changes.extend(None, task, [assessment.pk], later, "系统故障")

    pass_down(task, department, task.due_at - timedelta(days=2))

    assessment.refresh_from_db()
    assert assessment.deadline == later


def test_two_who_pass_down_at_once_see_each_other(task, department):
    pass_down(task, department, None, "甲的说明")

    with pytest.raises(StaleError):
        pass_down(task, department, None, "乙的说明")


@pytest.mark.parametrize(
    ("own", "passed", "over"),
    [
        (None, None, True),
        (None, -5, True),
        (3, None, False),
        (3, -5, False),
        (-2, None, True),
    ],
    ids=["task", "passed", "extended", "extended and passed", "extension over"],
)
def test_queries_and_pages_agree_on_what_is_overdue(unit, own, passed, over):
    now = timezone.now()

    def in_days(days):
        return None if days is None else now + timedelta(days=days)

    task = make_task(due_at=now - timedelta(days=1))
    row = make_assessment(make_project(unit), task)
    SelfAssessment.objects.filter(pk=row.pk).update(
        due_at=in_days(own), passed_due_at=in_days(passed)
    )

    row.refresh_from_db()
    found = SelfAssessment.objects.overdue().filter(pk=row.pk).exists()
    assert found is over
    assert (row.deadline < now) is over


# --- The task itself and the list of holidays


def plan(**values):
    values = {
        "year": YEAR,
        "title": "节假日任务",
        "scheme": make_scheme(),
        "opens_at": datetime(2025, 2, 10, 9, 0, tzinfo=SHANGHAI),
        # A Saturday.
        "due_at": datetime(2025, 4, 5, 17, 30, tzinfo=SHANGHAI),
        "due_rule": "next_workday",
        **values,
    }
    return TaskPlan(values=values, levels=[LevelPlan(role=Role.UNIT_REVIEWER)])


def new_task(**values):
    return save_task(None, EvaluationTask(), plan(**values))


def test_a_due_time_on_a_weekend_is_moved_and_what_was_typed_is_kept():
    task = new_task()

    task.refresh_from_db()
    assert task.due_at == datetime(2025, 4, 7, 17, 30, tzinfo=SHANGHAI)
    assert task.typed_due_at == datetime(2025, 4, 5, 17, 30, tzinfo=SHANGHAI)
    assert task.is_due_moved


def test_due_times_follow_the_list_of_holidays_and_come_back():
    task = new_task()
    off = date(2025, 4, 7)

    save_holidays(None, off, off, "清明节补休", is_workday=False)
    task.refresh_from_db()
    with_holiday = task.due_at
    delete_holiday(None, Holiday.objects.get(date=off))
    task.refresh_from_db()

    assert with_holiday == datetime(2025, 4, 8, 17, 30, tzinfo=SHANGHAI)
    assert task.due_at == datetime(2025, 4, 7, 17, 30, tzinfo=SHANGHAI)


def test_a_worked_saturday_is_no_day_off():
    task = new_task()

    save_holidays(None, date(2025, 4, 5), date(2025, 4, 5), "调休", is_workday=True)

    task.refresh_from_db()
    assert task.due_at == task.typed_due_at


def test_a_task_that_is_over_keeps_its_due_time():
    task = new_task()
    type(task).objects.filter(pk=task.pk).update(state=TaskState.CLOSED)
    before = task.due_at

    save_holidays(None, date(2025, 4, 7), date(2025, 4, 9), "放假", is_workday=False)

    task.refresh_from_db()
    assert task.due_at == before


@pytest.mark.parametrize(
    ("first", "last", "is_workday", "words"),
    [
        (date(2025, 4, 9), date(2025, 4, 7), False, "不早于开始日期"),
        (date(2025, 4, 1), date(2025, 5, 30), False, "不超过 31 天"),
        (date(2025, 4, 7), date(2025, 4, 7), True, "4月7日不是周末"),
    ],
    ids=["not in order", "too long", "worked anyhow"],
)
def test_a_faulty_holiday_is_refused_with_the_reason(first, last, is_workday, words):
    with pytest.raises(ValidationError, match=words):
        save_holidays(None, first, last, "节日", is_workday=is_workday)

    assert not Holiday.objects.exists()


def test_once_in_use_year_scheme_and_levels_stay(unit):
    task = new_task()
    make_assessment(make_project(unit), task)
    changed = TaskPlan(
        values={**plan().values, "year": YEAR - 1, "title": "改名"},
        levels=[LevelPlan(role=Role.PERFORMANCE_SECTION)],
    )

    saved = save_task(None, task, changed, version=task.version)

    saved.refresh_from_db()
    assert (saved.title, saved.year) == ("改名", YEAR)
    assert [each.role for each in saved.levels.all()] == [Role.UNIT_REVIEWER]
