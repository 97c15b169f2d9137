"""Due times in the office's time zone: when over, how many days, which working day.

Pure functions. A due time means the end of its minute. calendar: {day: whether it is a
working day} for the days on which the week alone does not tell (节假日、调休上班日).
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.utils import timezone

Calendar = Mapping[date, bool]
# What becomes of a due time on a day off: it stays, moves on, or moves forward.
DueRule = Literal["as_typed", "next_workday", "previous_workday"]

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SATURDAY = 5
# No calendar has a longer row of days off; what runs on is a faulty list.
LONGEST_BREAK = 60


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def is_overdue(due: datetime, now: datetime) -> bool:
    """Whether the minute of a due time is over."""
    return now >= minute_of(due) + MINUTE


def over_before(now: datetime) -> datetime:
    """Return the moment before which every due time is over, for queries.

    due < over_before(now) says the same as is_overdue(due, now).
    """
    return minute_of(now)


def days_left(due: datetime, now: datetime) -> int:
    """Return the calendar days to the day of a due time, negative when it is past."""
    return (timezone.localdate(due) - timezone.localdate(now)).days


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether a day is worked: as the calendar says, else Monday to Friday."""
    return calendar.get(day, day.weekday() < SATURDAY)


def working_days_between(first: date, last: date, calendar: Calendar) -> int:
    """Return the working days after first, up to and including last."""
    span = range(1, (last - first).days + 1)
    return sum(is_working_day(first + DAY * each, calendar) for each in span)


def moved(due: datetime, rule: DueRule | str, calendar: Calendar) -> datetime:
    """Return a due time as it falls on holidays: same clock, the day by the rule.

    It stays where the calendar has no working day within LONGEST_BREAK days.
    """
    if rule == "as_typed":
        return due
    step = DAY if rule == "next_workday" else -DAY
    local = timezone.localtime(due)
    for days in range(LONGEST_BREAK):
        day = local.date() + step * days
        if is_working_day(day, calendar):
            return timezone.make_aware(datetime.combine(day, local.time()))
    return due


def year_end(year: int) -> datetime:
    """Return the last minute of a year, office time."""
    return timezone.make_aware(datetime.combine(date(year, 12, 31), time(23, 59)))


def is_after_year(moment: datetime, year: int) -> bool:
    """Whether a moment lies after 31 December of a year, office time."""
    return is_overdue(year_end(year), moment)
