"""Due times: the minute, the time zone, days off, 调休上班日, the end of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perfeval.deadlines import (
    days_left,
    is_after_year,
    is_overdue,
    is_working_day,
    moved,
    over_before,
    working_days_between,
    year_end,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The week of 1 October 2024: off from Tuesday 1 to Monday 7, worked on Sunday 29
# September and Saturday 12 October.
CALENDAR = {
    **{date(2024, 10, day): False for day in range(1, 8)},
    date(2024, 9, 29): True,
    date(2024, 10, 12): True,
}


def at(*moment):
    return datetime(*moment).replace(tzinfo=SHANGHAI)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (at(2025, 3, 31, 17, 30, 0), False),
        (at(2025, 3, 31, 17, 30, 59, 999_999), False),
        (at(2025, 3, 31, 17, 31, 0), True),
        # The same minute as a server in London writes it.
        (datetime(2025, 3, 31, 9, 30, 59, tzinfo=UTC), False),
        (datetime(2025, 3, 31, 9, 31, 0, tzinfo=UTC), True),
    ],
    ids=["begins", "last instant", "next minute", "in UTC", "over in UTC"],
)
def test_a_due_time_means_the_end_of_its_minute(now, over):
    due = at(2025, 3, 31, 17, 30)

    assert is_overdue(due, now) is over
    assert (due < over_before(now)) is over


def test_seconds_in_a_due_time_do_not_count():
    due = at(2025, 3, 31, 17, 30, 45)

    assert not is_overdue(due, at(2025, 3, 31, 17, 30, 59))
    assert is_overdue(due, at(2025, 3, 31, 17, 31, 0))


@pytest.mark.parametrize(
    ("now", "left"),
    [
        # 23:30 of 30 March in UTC is the morning of 31 March in Shanghai.
        (datetime(2025, 3, 30, 23, 30, tzinfo=UTC), 0),
        (at(2025, 3, 30, 23, 59), 1),
        (at(2025, 4, 1, 0, 0), -1),
        (at(2025, 4, 1, 23, 59), -1),
    ],
    ids=["UTC night", "eve", "midnight", "end of the day after"],
)
def test_days_are_counted_by_the_calendar_of_the_office(now, left):
    assert days_left(at(2025, 3, 31, 17, 30), now) == left


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 10, 8), True),
        (date(2024, 10, 7), False),
        (date(2024, 10, 5), False),
        (date(2024, 10, 12), True),
        (date(2024, 10, 13), False),
    ],
    ids=["Tuesday", "holiday", "Saturday", "worked Saturday", "Sunday"],
)
def test_holidays_and_worked_weekends_are_known(day, worked):
    assert is_working_day(day, CALENDAR) is worked


@pytest.mark.parametrize(
    ("due", "rule", "day"),
    [
        ((2024, 10, 1), "as_typed", (2024, 10, 1)),
        ((2024, 10, 1), "next_workday", (2024, 10, 8)),
        ((2024, 10, 1), "previous_workday", (2024, 9, 30)),
        ((2024, 9, 29), "next_workday", (2024, 9, 29)),
        ((2024, 10, 13), "previous_workday", (2024, 10, 12)),
        ((2024, 10, 19), "next_workday", (2024, 10, 21)),
    ],
    ids=[
        "as typed",
        "after the week",
        "before the week",
        "worked Sunday stays",
        "back to a worked Saturday",
        "plain weekend",
    ],
)
def test_a_day_off_moves_a_due_time_as_the_task_says(due, rule, day):
    assert moved(at(*due, 17, 30), rule, CALENDAR) == at(*day, 17, 30)


def test_the_day_that_counts_is_the_offices():
    # 16:30 UTC on Friday is 00:30 on Saturday in Shanghai.
    due = datetime(2024, 10, 18, 16, 30, tzinfo=UTC)

    assert moved(due, "next_workday", {}) == at(2024, 10, 21, 0, 30)


def test_a_list_without_any_working_day_moves_nothing():
    off = {date(2024, 10, 1) + timedelta(days=each): False for each in range(90)}
    due = at(2024, 10, 1, 17, 30)

    assert moved(due, "next_workday", off) == due


def test_working_days_leave_out_what_is_off():
    # 8, 9, 10, 11 and the worked Saturday 12 October.
    assert working_days_between(date(2024, 9, 30), date(2024, 10, 13), CALENDAR) == 5
    assert working_days_between(date(2024, 10, 8), date(2024, 10, 8), CALENDAR) == 0
    assert working_days_between(date(2024, 10, 9), date(2024, 10, 8), CALENDAR) == 0


def test_the_year_ends_with_the_last_minute_of_december_in_shanghai():
    assert year_end(2024) == at(2024, 12, 31, 23, 59)
    assert not is_after_year(at(2024, 12, 31, 23, 59, 59), 2024)
    assert is_after_year(at(2025, 1, 1, 0, 0), 2024)
    # Still 31 December in London, no longer here.
    assert is_after_year(datetime(2024, 12, 31, 16, 0, tzinfo=UTC), 2024)
    assert not is_after_year(datetime(2024, 12, 31, 15, 59, tzinfo=UTC), 2024)
