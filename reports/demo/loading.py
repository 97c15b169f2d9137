"""Loading the demo year into an empty database, once."""

from datetime import date

from django.db import transaction

from indicators.scheme_store import scheme_of, store_shipped_schemes
from perfeval.models import User
from projects.models import BudgetProject, Department
from reports.demo.assessments import Stage, create_assessment
from reports.demo.changes import create_changes
from reports.demo.data import DemoData
from reports.demo.follow_up import create_follow_up
from reports.demo.logins import hashed
from reports.demo.organisation import (
    create_departments,
    create_holidays,
    create_library,
    create_people,
    create_tasks,
)
from reports.demo.projects import create_demo_project, create_indicators
from reports.demo.rechecks import create_rechecks

# The project whose report the demo writes to a file.
SHOWN_YEAR, SHOWN_PROJECT = 2021, "118001"


class DemoError(Exception):
    """The demo is not loaded; the message says why, in Chinese."""


def is_loaded(demo: DemoData) -> bool:
    """Whether the database holds the demo, whatever was changed in it since.

    Raises DemoError: it holds departments, projects or people of somebody else.
    """
    root = demo.departments[0]
    if Department.objects.filter(code=root.code, name=root.name).exists():
        return True
    names = [person.username for person in demo.people]
    if (
        Department.objects.exists()
        or BudgetProject.objects.exists()
        or User.objects.filter(username__in=names).exists()
    ):
        raise DemoError(
            "数据库中已有其他单位、项目或同名用户，没有装入演示数据；"
            "请用环境变量 DATABASE_URL 或 PERFEVAL_VAR 另指定一个空的数据库"
        )
    return False


@transaction.atomic
def load(demo: DemoData, passwords: dict[str, str], today: date) -> None:
    """Create everything in a database that holds nothing of it yet."""
    store_shipped_schemes()
    departments = create_departments(demo.departments)
    hashes = hashed({each.username: passwords[each.username] for each in demo.people})
    stage = Stage(create_people(demo.people, hashes, departments), today)
    create_holidays(demo.holidays)
    create_library(demo.templates, departments)
    tasks = create_tasks(demo.tasks, today)
    leaders = {each.code: each.people for each in demo.departments}
    created: dict[str, BudgetProject] = {}
    for each in demo.projects:
        successor = created.get(each.facts.get("merged_into", ""))
        unit = departments[each.unit]
        project = create_demo_project(each, unit, leaders[each.unit], successor)
        created[project.code] = project
        if each.task:
            task = tasks[each.task]
            create_indicators(each, project, scheme_of(task.scheme))
            create_assessment(each, project, task, stage)
    create_changes(created, stage)
    create_rechecks(demo.projects, created, tasks, stage)
    create_follow_up(stage)


@transaction.atomic
def set_passwords(passwords: dict[str, str]) -> None:
    """Give the demo's people new passwords: the file with the old ones is gone."""
    hashes = hashed(passwords)
    people = list(User.objects.filter(username__in=hashes))
    for person in people:
        person.password = hashes[person.username]
    User.objects.bulk_update(people, ["password"])
