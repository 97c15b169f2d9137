"""The demo's projects with their money and indicators."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.forms import model_to_dict

from indicators.models import Comparator, Indicator
from indicators.schemes import RubricItem, Scheme
from perfeval.amounts import to_yuan
from perfeval.audit import Change, record_many, subject_of
from projects.models import BudgetProject, Department, FundingLine
from projects.services import create_project, save_funding
from reports.demo.data import DemoProject

AMOUNTS = ("initial", "adjusted", "received", "executed")


def create_demo_project(
    demo: DemoProject,
    unit: Department,
    people: Mapping[str, str],
    successor: BudgetProject | None,
) -> BudgetProject:
    """Create a project with its money; a classified one is a code and a status."""
    facts: dict[str, Any] = {
        name: value for name, value in demo.facts.items() if name != "merged_into"
    }
    if facts.get("status") != "classified":
        facts |= people
    project = create_project(
        None,
        {
            **facts,
            "year": int(demo.year),
            "unit": unit,
            "supervising_department": _supervisor(unit),
            "section": unit.section,
            "merged_into": successor,
        },
    )
    for line in demo.funds:
        amounts = {
            name: to_yuan(Decimal(line[name]), "万元")
            for name in AMOUNTS
            if name in line
        }
        values = {"source": line["source"], **amounts}
        save_funding(None, FundingLine(project=project), values, version=0)
    return project


def create_indicators(
    demo: DemoProject, project: BudgetProject, scheme: Scheme
) -> None:
    """Create the indicators in the order of the rows."""
    indicators = [
        Indicator(
            project=project,
            position=position,
            is_approved=True,
            **(_rubric(row, scheme) if "item" in row else _own(row)),
        )
        for position, row in enumerate(demo.rows, start=1)
    ]
    for each in indicators:
        each.clean_fields(exclude={"project"})
    Indicator.objects.bulk_create(indicators)
    changes = [
        Change(
            action="indicator.created",
            subject=subject_of(project),
            summary=f"新增指标“{each.level3}”",
            after=model_to_dict(each, exclude=["id", "project", "version"]),
        )
        for each in indicators
    ]
    record_many(None, changes)


def _own(row: Mapping[str, str]) -> dict[str, Any]:
    level1, _, level2 = row["at"].partition("/")
    return {
        "level1": level1,
        "level2": level2,
        "level3": row["name"],
        "comparator": row["sign"],
        "target": row.get("target", ""),
        "unit": row.get("unit", ""),
        "max_points": Decimal(row["max"]),
        "standard": row.get("standard", ""),
    }


def _rubric(row: Mapping[str, str], scheme: Scheme) -> dict[str, Any]:
    item = _item(row["item"], scheme)
    return {
        "level1": item.level1,
        "level2": item.level2,
        "level3": item.level3,
        "comparator": Comparator.RUBRIC,
        "unit": row.get("unit", ""),
        "max_points": item.max_points,
        "standard": item.standard,
    }


def _item(words: str, scheme: Scheme) -> RubricItem:
    return next(
        each for each in scheme.items if each.level3.rpartition("：")[2] == words
    )


def _supervisor(unit: Department) -> Department:
    """Return the department right below the root to which a unit belongs."""
    above = unit
    while above.parent and above.parent.parent:
        above = above.parent
    return above
