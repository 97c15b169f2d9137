"""Due times as people say them: 还剩 3 天, 今天截止, 已逾期 2 天."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

from perfeval import deadlines

register = template.Library()

SOON_DAYS = 3


def _days_until(due: datetime) -> int:
    """Return the calendar days from today to the day of a due time, office time."""
    return deadlines.days_left(due, timezone.now())


@register.filter
def is_overdue(due: datetime | None) -> bool:
    """Whether the minute of a due time is over."""
    return due is not None and deadlines.is_overdue(due, timezone.now())


@register.filter
def remaining(due: datetime | None) -> str:
    """Return the time left until a due time in words, "" without one."""
    if due is None:
        return ""
    days = _days_until(due)
    clock = timezone.localtime(due).strftime("%H:%M")
    if is_overdue(due):
        return f"已逾期 {-days} 天" if days else f"今天 {clock} 已截止"
    return f"还剩 {days} 天" if days else f"今天 {clock} 截止"


@register.filter
def due_class(due: datetime | None) -> str:
    """Return the style of a due time: due-past, due-soon (three days left) or none."""
    if due is None:
        return ""
    if is_overdue(due):
        return "due-past"
    return "due-soon" if _days_until(due) <= SOON_DAYS else ""


@register.filter
def minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)
