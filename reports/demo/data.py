"""The demo's data as dataclasses, read from data/*.toml.

In the files {year} stands for last year and {next} for the year after it. Money is in
万元, points and figures are text as people write them.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

DIRECTORY = Path(__file__).with_name("data")
PROJECT_FILES = ("justice", "library", "culture", "sports", "others")


@dataclass(frozen=True, kw_only=True)
class DemoDepartment:
    """A department; parent and section: codes. people: fields of its projects."""

    code: str
    name: str
    parent: str = ""
    section: str = ""
    people: dict[str, str] = field(default_factory=dict)
    former_names: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """A person with one role in these departments (codes)."""

    username: str
    name: str
    role: str
    departments: list[str]


@dataclass(frozen=True, kw_only=True)
class DemoTask:
    """A task; opens, due and the due of its levels: moments (see moment())."""

    key: str
    year: str
    title: str
    notice: str
    scheme: str
    state: str
    opens: dict[str, Any]
    due: dict[str, Any]
    levels: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class DemoHoliday:
    """Days off from first to last, and the weekends worked for them (ISO dates)."""

    name: str
    first: str
    last: str
    worked: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DemoProject:
    """A project with its self-assessment.

    facts: fields of BudgetProject. funds: one table per source, in 万元. rows: an
    indicator with its result each: at “一级/二级”, name, sign, target, unit, max; or
    item: words of a level-3 name in the scheme's own sheet; then actual, achievement,
    self, basis, note. task: key of the task, "" without self-assessment. steps: action,
    by, when, note; comments: about (an indicator's name or a key of texts), by, when,
    text. answers: what is said to findings, by their code. recheck: by (a third
    party), days_left and, where it is handed in, opinion and rows (name, actual,
    points, reason, note).
    """

    year: str
    unit: str
    facts: dict[str, str]
    funds: list[dict[str, str]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    task: str = ""
    material: str = "form_report"
    report_date: str = ""
    report_days_ago: int | None = None
    recheck: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DemoTemplate:
    """An indicator of the library; department: a code, "" for all."""

    department: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DemoData:
    """All of the demo, in the order in which it is created."""

    departments: list[DemoDepartment]
    people: list[DemoPerson]
    holidays: list[DemoHoliday]
    templates: list[DemoTemplate]
    tasks: list[DemoTask]
    projects: list[DemoProject]


def read_demo(today: date) -> DemoData:
    """Return the demo as on the day of loading: its running tasks are last year's."""
    year = today.year - 1
    organisation = _read("organisation", year)
    return DemoData(
        departments=[DemoDepartment(**each) for each in organisation["departments"]],
        people=[DemoPerson(**each) for each in organisation["people"]],
        holidays=[DemoHoliday(**each) for each in _read("holidays", year)["holidays"]],
        templates=list(_templates(_read("templates", year)["templates"])),
        tasks=[DemoTask(**each) for each in _read("tasks", year)["tasks"]],
        projects=[
            _project(each, year)
            for name in PROJECT_FILES
            for each in _read(name, year)["projects"]
        ],
    )


def moment(when: dict[str, Any], today: date, clock: time) -> datetime:
    """Return a moment: on a date (“on”), or some days before loading (“days_ago”)."""
    if "on" in when:
        day = date.fromisoformat(when["on"])
    else:
        day = today - timedelta(days=when["days_ago"])
    return timezone.make_aware(datetime.combine(day, clock))


def _read(name: str, year: int) -> dict[str, Any]:
    text = (DIRECTORY / f"{name}.toml").read_text(encoding="utf-8")
    text = text.replace("{year}", str(year)).replace("{next}", str(year + 1))
    return tomllib.loads(text)


TEMPLATE_FIELDS = (
    "level2",
    "level3",
    "comparator",
    "target",
    "unit",
    "max_points",
    "standard",
)


def _templates(tables: list[dict[str, Any]]) -> Iterator[DemoTemplate]:
    for table in tables:
        for row in table["rows"]:
            values = dict(zip(TEMPLATE_FIELDS, row, strict=True))
            values = {**values, "level1": table["level1"]}
            yield DemoTemplate(department=table.get("department", ""), values=values)


def _project(table: dict[str, Any], year: int) -> DemoProject:
    own = {
        name: table[name] for name in DemoProject.__dataclass_fields__ if name in table
    }
    facts = {name: value for name, value in table.items() if name not in own}
    return DemoProject(**{"year": str(year), **own, "facts": facts})
