"""The list of holidays and 调休上班日; due times of running tasks follow it."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.models import DueRule, EvaluationTask, Holiday, TaskLevel, TaskState
from perfeval.audit import Change, record, record_many, subject_of
from perfeval.deadlines import SATURDAY, Calendar, moved
from perfeval.models import User

LONGEST = 31


def calendar() -> Calendar:
    """Return {day: whether it is a working day} for the days that are listed."""
    return dict(Holiday.objects.values_list("date", "is_workday"))


@transaction.atomic
def save_holidays(
    user: User | None, first: date, last: date, name: str, *, is_workday: bool
) -> int:
    """List each day from first to last; return how many. A listed day is overwritten.

    Raises ValidationError: dates not in order or too far apart, or a 调休上班日 that is
    a working day anyhow.
    """
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    if not 1 <= len(days) <= LONGEST:
        raise ValidationError(
            {"last": f"结束日期应不早于开始日期，且一次不超过 {LONGEST} 天"}
        )
    worked = [day for day in days if day.weekday() < SATURDAY]
    if is_workday and worked:
        names = "、".join(f"{day.month}月{day.day}日" for day in worked)
        raise ValidationError({"first": f"{names}不是周末，本来就是工作日"})
    rows = [Holiday(date=day, name=name, is_workday=is_workday) for day in days]
    for row in rows:
        row.full_clean(validate_unique=False)
    Holiday.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["name", "is_workday"],
    )
    change = Change(
        action="holiday.saved",
        subject="indicators.holiday",
        summary=f"登记{'调休上班日' if is_workday else '节假日'}“{name}”"
        f"{first.isoformat()} 至 {last.isoformat()}",
        after={"first": first, "last": last, "is_workday": is_workday},
    )
    record(user, change)
    _move_due_times(user)
    return len(days)


@transaction.atomic
def delete_holiday(user: User | None, holiday: Holiday) -> None:
    change = Change(
        action="holiday.deleted",
        subject="indicators.holiday",
        summary=f"删除节假日“{holiday}”",
        before={"date": holiday.date, "is_workday": holiday.is_workday},
    )
    holiday.delete()
    record(user, change)
    _move_due_times(user)


def _move_due_times(user: User | None) -> None:
    """Move what running tasks are due by, from what was typed, to the new list."""
    days = calendar()
    tasks = (
        EvaluationTask.objects.select_for_update()
        .exclude(state=TaskState.CLOSED)
        .exclude(due_rule=DueRule.AS_TYPED)
    )
    changes = []
    for task in tasks.prefetch_related("levels").order_by("pk"):
        rows: list[EvaluationTask | TaskLevel] = [task, *task.levels.all()]
        shifted = [row for row in rows if _shift(row, task.due_rule, days)]
        for row in shifted:
            row.save(update_fields=["due_at"])
        if shifted:
            changes.append(
                Change(
                    action="task.due_moved",
                    subject=subject_of(task),
                    summary=f"“{task}”的截止时间随节假日调整",
                    after={"due_at": task.due_at},
                )
            )
    if changes:
        record_many(user, changes)


def _shift(row: EvaluationTask | TaskLevel, rule: str, days: Calendar) -> bool:
    """Set a row's due time as the list of holidays asks; return whether it changed."""
    if row.typed_due_at is None:
        return False
    due = moved(row.typed_due_at, rule, days)
    if row.opens_at and due <= row.opens_at:
        return False
    changed = due != row.due_at
    row.due_at = due
    return changed
