"""Reminders of due times: 7 and 1 days before and after, on working days, once each.

A reminder whose day is no working day, or on which nothing ran, comes on the next
working day, as long as the following one is not due. 催办 by hand is told beside it.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from indicators.holidays import calendar
from indicators.models import (
    EDITABLE,
    WITH_UNIT,
    EvaluationTask,
    Problem,
    Recheck,
    RecheckState,
    SelfAssessment,
    Status,
    TaskState,
)
from indicators.overdue import LateUnit
from indicators.problem_notices import place_of_problem
from indicators.recheck_telling import tell_due
from indicators.recipients import holders, holders_of_many
from indicators.telling import place_of
from perfeval.audit import Change, record, subject_of
from perfeval.deadlines import is_working_day
from perfeval.models import User
from perfeval.notices import notify
from projects.models import Role

STAGES = (-7, -1, 1, 7)
DAY = timedelta(days=1)
# A task longer overdue than that is not spoken of again.
LATEST = 30


def stage_on(day: date, due: date) -> int | None:
    """Return the reminder that a day calls for: the last whose day has come, if any.

    On the due day itself, and long after, there is none.
    """
    gap = (day - due).days
    if gap == 0 or gap > LATEST:
        return None
    return max((each for each in STAGES if each <= gap), default=None)


def remind(now: datetime) -> None:
    """Remind of all that is due soon or late, where today is a working day."""
    today = timezone.localdate(now)
    if not is_working_day(today, calendar()):
        return
    running = SelfAssessment.objects.filter(task__state=TaskState.SENT).required()
    rows = running.with_facts().prefetch_related("task__levels").order_by("pk")
    _remind_fillers(rows.filter(status__in=EDITABLE), today)
    _remind_reviewers(rows.filter(status=Status.IN_REVIEW), today)
    _remind_of_problems(today)
    _remind_third_parties(today)


Group = tuple[int, date, int, str]


def _remind_fillers(rows: Iterable[SelfAssessment], today: date) -> None:
    groups = _grouped(rows, today, lambda each: (each.deadline, Role.FILLER))
    for (_, due, stage, role), members in groups.items():
        _tell(members, role, f"due:{due:%Y%m%d}:{stage}", "未送审", due, today)


def _remind_reviewers(rows: Iterable[SelfAssessment], today: date) -> None:
    def step(each: SelfAssessment) -> tuple[datetime | None, str]:
        level = each.current_level
        waits = level and not each.sealing
        return (each.review_due_at, level.role) if waits and level else (None, "")

    for (_, due, stage, role), members in _grouped(rows, today, step).items():
        key = f"review:{role}:{due:%Y%m%d}:{stage}"
        _tell(members, role, key, "待审核", due, today)


def _remind_third_parties(today: date) -> None:
    waiting = Recheck.objects.filter(
        state=RecheckState.ASSIGNED, assessment__task__state=TaskState.SENT
    )
    for each in waiting.with_facts():
        stage = stage_on(today, timezone.localdate(each.due_at))
        if stage is not None:
            tell_due(each, stage, today)


def _grouped(
    rows: Iterable[SelfAssessment],
    today: date,
    step: Callable[[SelfAssessment], tuple[datetime | None, str]],
) -> dict[Group, list[SelfAssessment]]:
    """Return what is to be told together: {(task, due day, stage, role): rows}."""
    groups: dict[Group, list[SelfAssessment]] = {}
    for each in rows:
        due, role = step(each)
        day = timezone.localdate(due) if due else None
        stage = stage_on(today, day) if day else None
        if day and stage is not None:
            groups.setdefault((each.task_id, day, stage, role), []).append(each)
    return groups


def _tell(
    members: list[SelfAssessment],
    role: str,
    key: str,
    state: str,
    due: date,
    today: date,
) -> None:
    by_project = {each.project_id: each for each in members}
    task = members[0].task
    gap = (due - today).days
    when = f"还有 {gap} 天到期" if gap > 0 else f"已逾期 {-gap} 天"
    projects = [each.project for each in members]
    for person, own in holders_of_many(projects, role).items():
        mine = [by_project[pk] for pk in sorted(own)]
        name = mine[0].project.shown_name
        what = f"“{name}”" if len(mine) == 1 else f"{len(mine)} 个项目"
        notify(
            [person],
            key=f"{key}:{task.pk}",
            text=f"“{task}”{what}{state}，{when}（{date_format(due)}）",
            address=place_of(mine),
        )


def _remind_of_problems(today: date) -> None:
    """Remind units of problems (问题整改) that are soon to be solved, or late."""
    near = Problem.objects.filter(
        state__in=WITH_UNIT,
        due_on__range=(today - DAY * LATEST, today - DAY * STAGES[0]),
    )
    for problem in near.with_facts().order_by("pk"):
        due = problem.due_on
        stage = stage_on(today, due) if due else None
        if due is None or stage is None:
            continue
        project = problem.assessment.project
        gap = (due - today).days
        when = f"还有 {gap} 天到期" if gap > 0 else f"已逾期 {-gap} 天"
        notify(
            holders(project, Role.FILLER),
            key=f"problem-due:{problem.pk}:{due:%Y%m%d}:{stage}",
            text=f"“{project.shown_name}”的问题待整改，{when}（{date_format(due)}）：{problem}",
            address=place_of_problem(problem),
        )


@transaction.atomic
def urge(
    user: User, task: EvaluationTask, units: Collection[LateUnit]
) -> tuple[int, list[LateUnit]]:
    """Send each unit's fillers its 催办文字, once a day.

    Returns how many people, and the units without any. Notice and event are one write.
    """
    today = timezone.localdate()
    told: set[int] = set()
    nobody = []
    for each in units:
        rows = [row.assessment for row in each.rows]
        projects = [row.project for row in rows]
        people = set(holders_of_many(projects, Role.FILLER))
        if not people:
            nobody.append(each)
            continue
        notify(
            people,
            key=f"urge:{task.pk}:{each.unit.pk}:{today:%Y%m%d}",
            text=each.text,
            address=place_of(rows),
        )
        told |= people
    if told:
        reached = [each.unit.pk for each in units if each not in nobody]
        change = Change(
            action="task.urged",
            subject=subject_of(task),
            summary=f"催办“{task}”：{len(reached)} 个单位",
            after={"units": reached, "people": sorted(told)},
        )
        record(user, change)
    return len(told), nobody
