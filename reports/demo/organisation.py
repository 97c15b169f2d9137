"""The demo's departments, people, tasks and indicator library."""

from datetime import date, time
from decimal import Decimal

from indicators.holidays import save_holidays
from indicators.library import save_template
from indicators.models import (
    EvaluationTask,
    IndicatorTemplate,
    ScoringScheme,
    TaskLevel,
)
from indicators.schemes import load_scheme
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.memberships import place_membership
from projects.models import Department, FormerName, Membership
from projects.services import place_department
from reports.demo.data import (
    DemoDepartment,
    DemoHoliday,
    DemoPerson,
    DemoTask,
    DemoTemplate,
    moment,
)

OPENING, CLOSING = time(9), time(17, 30)
ROLES_SINCE = date(2021, 1, 1)


def create_departments(demo: list[DemoDepartment]) -> dict[str, Department]:
    """Create the tree; return {code: department}."""
    created: dict[str, Department] = {}
    for each in demo:
        created[each.code] = place_department(
            Department(
                code=each.code,
                name=each.name,
                parent=created.get(each.parent),
                section=created.get(each.section),
            )
        )
        for name in each.former_names:
            FormerName.objects.create(department=created[each.code], **name)
    return created


def create_people(
    demo: list[DemoPerson], hashes: dict[str, str], departments: dict[str, Department]
) -> dict[str, User]:
    """Create the people with their roles; return {username: user}."""
    created: dict[str, User] = {}
    for each in demo:
        person = User(
            username=each.username, name=each.name, password=hashes[each.username]
        )
        person.full_clean()
        person.save()
        change = Change(
            action="user.created",
            subject=subject_of(person),
            summary=f"新建用户“{person}”",
            after={"username": person.username, "name": person.name},
        )
        record(None, change)
        for code in each.departments:
            membership = Membership(
                user=person,
                department=departments[code],
                role=each.role,
                valid_from=ROLES_SINCE,
            )
            place_membership(membership)
        created[each.username] = person
    return created


def create_library(
    demo: list[DemoTemplate], departments: dict[str, Department]
) -> None:
    """Fill the indicator library."""
    for each in demo:
        points = Decimal(each.values["max_points"])
        values = {
            **each.values,
            "max_points": points,
            "department": departments.get(each.department),
        }
        save_template(None, IndicatorTemplate(), values, version=1)


def create_tasks(demo: list[DemoTask], today: date) -> dict[str, EvaluationTask]:
    """Create the tasks with their levels of review; return {key: task}."""
    return {each.key: _create_task(each, today) for each in demo}


def _create_task(demo: DemoTask, today: date) -> EvaluationTask:
    scheme = load_scheme(demo.scheme)
    task = EvaluationTask(
        year=int(demo.year),
        title=demo.title,
        notice=demo.notice,
        scheme=ScoringScheme.objects.get(scheme_id=scheme.id, version=scheme.version),
        contact="郑岚",
        phone="0700-0000101",
        opens_at=moment(demo.opens, today, OPENING),
        due_at=moment(demo.due, today, CLOSING),
        state=demo.state,
    )
    task.full_clean()
    task.save()
    opens = task.due_at
    for position, level in enumerate(demo.levels, start=1):
        due = moment(level["due"], today, CLOSING)
        values = {name: value for name, value in level.items() if name != "due"}
        TaskLevel.objects.create(
            task=task, position=position, opens_at=opens, due_at=due, **values
        )
        opens = due
    change = Change(
        action="evaluationtask.created",
        subject=subject_of(task),
        summary=f"新建自评任务“{task}”",
        after={"scheme": task.scheme.reference, "due_at": task.due_at},
    )
    record(None, change)
    return task


def create_holidays(demo: list[DemoHoliday]) -> None:
    """List the days off and the worked weekends, as an administrator would."""
    for each in demo:
        first, last = date.fromisoformat(each.first), date.fromisoformat(each.last)
        save_holidays(None, first, last, each.name, is_workday=False)
        for text in each.worked:
            day = date.fromisoformat(text)
            save_holidays(None, day, day, f"{each.name}调休", is_workday=True)
