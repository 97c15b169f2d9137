"""Rows for tests: one function per model, valid by default, others by keyword."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

from django.utils import timezone

from indicators.models import (
    EvaluationTask,
    Indicator,
    Problem,
    ProblemState,
    Recheck,
    ResultUse,
    ScoringScheme,
    SelfAssessment,
    TaskLevel,
    TaskState,
    Use,
    UseRule,
)
from indicators.scheme_store import store_scheme
from indicators.schemes import load_scheme, scheme_text
from indicators.services import record_result, start_assessment, write_narrative
from indicators.workflow import advance
from perfeval.models import User
from projects.models import BudgetProject, Department, FundingLine, Membership, Role
from projects.services import place_department

YEAR = 2024
_numbers = itertools.count(1)

REVIEWERS = {
    Role.UNIT_REVIEWER: "单位审核",
    Role.DEPARTMENT_REVIEWER: "主管部门审核",
    Role.SECTION_REVIEWER: "归口业务科室审核",
    Role.PERFORMANCE_SECTION: "绩效科复核",
}


def make_user(role=None, department=None, **values):
    """A person, with a role in a department where both are given."""
    number = next(_numbers)
    # “!”: no password fits; tests log in by client.force_login.
    values = {
        "username": f"user{number}",
        "name": f"人员{number}",
        "password": "!",
        **values,
    }
    user = User.objects.create(**values)
    if role:
        make_membership(user, role, department)
    return user


def make_membership(user, role, department, **values):
    values = {"valid_from": date(2020, 1, 1), **values}
    return Membership.objects.create(
        user=user, role=role, department=department, **values
    )


def make_department(parent=None, **values):
    number = next(_numbers)
    values = {"code": f"{number:06}", "name": f"单位{number}", **values}
    return place_department(Department(parent=parent, **values))


def make_project(unit=None, *, money=("230000", "230000", "133200"), **values):
    """A project; money: 年初预算数, 全年预算数, 全年执行数 in 元, None without."""
    unit = unit or make_department()
    number = next(_numbers)
    values = {
        "year": YEAR,
        "code": f"4407{number:017}",
        "name": f"项目{number}",
        "unit": unit,
        "supervising_department": unit.parent or unit,
        **values,
    }
    project = BudgetProject.objects.create(**values)
    if money:
        initial, adjusted, executed = (Decimal(amount) for amount in money)
        FundingLine.objects.create(
            project=project,
            source="appropriation",
            initial=initial,
            adjusted=adjusted,
            executed=executed,
        )
    return project


# The national form at its smallest: one row in each place, 50 + 30 + 10.
INDICATORS = (
    ("产出指标", "数量指标", "培训场次", ">=", "50", "场", "50"),
    ("效益指标", "社会效益指标", "群众知晓程度", "qualitative", "明显提高", "", "30"),
    ("满意度指标", "服务对象满意度指标", "群众满意度", ">=", "90", "%", "10"),
)


def make_indicators(project, rows=INDICATORS):
    return [
        Indicator.objects.create(
            project=project,
            position=position,
            level1=level1,
            level2=level2,
            level3=level3,
            comparator=comparator,
            target=target,
            unit=unit,
            max_points=Decimal(points),
        )
        for position, (
            level1,
            level2,
            level3,
            comparator,
            target,
            unit,
            points,
        ) in enumerate(rows, start=1)
    ]


def make_scheme(name="mof-2020"):
    scheme = load_scheme(name)
    store_scheme(scheme_text(scheme.ref))
    return ScoringScheme.objects.get(scheme_id=scheme.id, version=scheme.version)


LEVELS = (Role.UNIT_REVIEWER, Role.DEPARTMENT_REVIEWER, Role.PERFORMANCE_SECTION)


def make_task(scheme="mof-2020", *, levels=LEVELS, **values):
    now = timezone.now()
    values = {
        "year": YEAR,
        "title": f"{YEAR}年度自评任务{next(_numbers)}",
        "scheme": make_scheme(scheme),
        "opens_at": now - timedelta(days=20),
        "due_at": now + timedelta(days=10),
        "state": TaskState.SENT,
        **values,
    }
    task = EvaluationTask.objects.create(**values)
    for position, role in enumerate(levels, start=1):
        TaskLevel.objects.create(
            task=task, position=position, role=role, name=REVIEWERS[role]
        )
    return task


def make_assessment(project=None, task=None, **values):
    """A self-assessment with indicators and money, nothing filled in."""
    project = project or make_project()
    if not project.indicators.exists():
        make_indicators(project)
    return start_assessment(None, project, task or make_task(), **values)


def complete(assessment, user=None):
    """Fill in all that is asked of one made with INDICATORS; return it as stored."""
    entries: dict[str, dict[str, object]] = {
        "培训场次": {"actual": "50"},
        "群众满意度": {"actual": "95"},
        "群众知晓程度": {
            "achievement": "met",
            "self_points": Decimal(30),
            "actual": "知晓率比上年提高 12 个百分点",
        },
    }
    for result in assessment.results.select_related("indicator"):
        record_result(
            user, result, entries[result.indicator.level3], version=result.version
        )
    for text in assessment.narratives.exclude(key="remarks"):
        write_narrative(user, text, "已写明", version=text.version)
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def make_problem(assessment, user, **values):
    """A problem that was sent out to the unit, nothing done about it yet."""
    now = timezone.now()
    values = {
        "text": "执行率偏低。",
        "state": ProblemState.OPEN,
        "listed_as": Role.PERFORMANCE_SECTION,
        "listed_by": user,
        "listed_at": now,
        "sent_at": now,
        **values,
    }
    return Problem.objects.create(assessment=assessment, **values)


def make_result_use(assessment, user, **values):
    """A decision of what is made of a result, not sent to the unit."""
    values = {
        "use": Use.KEEP,
        "note": "正常安排。",
        "decided_at": timezone.now(),
        **values,
    }
    return ResultUse.objects.create(assessment=assessment, decided_by=user, **values)


def submit(assessment, user=None):
    """Send a self-assessment up, as a filler of its unit."""
    user = user or make_user(Role.FILLER, assessment.project.unit)
    return advance(
        assessment.pk, "submit", user, version=assessment.version, snapshot={}
    )


def make_recheck(assessment, person=None, **values):
    """A recheck given to a third party: a person, or body= a department."""
    now = timezone.now()
    values = {
        "due_at": now + timedelta(days=10),
        "assigned_at": now,
        "submission": assessment.submission,
        **values,
    }
    return Recheck.objects.create(assessment=assessment, person=person, **values)


def make_use_rules():
    """Make what a new installation has; tests that flush the tables take it away."""
    first = import_module("indicators.migrations.0019_first_use_rules")
    for grade, use, note in first.RULES:
        UseRule.objects.get_or_create(grade=grade, task=None, use=use, note=note)
