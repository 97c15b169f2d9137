"""What the sheet 单位 would change, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from perfeval.imports.flow import Line, Plan, What
from perfeval.imports.reading import Row
from projects.departments import LONGEST_PATH, named_since
from projects.models import Department

SEE_PAGE = "核对编码；该单位的情况见“单位管理”"


@dataclass(frozen=True, kw_only=True)
class UnitEdit:
    """How a unit is to become; codes, not rows: those may come with the same file.

    stored: None for a new one; renamed: from when a new name counts.
    """

    code: str
    name: str
    parent: str
    section: str
    stored: Department | None
    renamed: date | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def plan_units(rows: list[Row], stored: Mapping[str, Department], plan: Plan) -> None:
    """Add the lines and problems of the rows; stored: {code: department}."""
    first: dict[str, Row] = {}
    for row in rows:
        code = row.text("code")
        if not code:
            continue
        if code in first:
            reason = f"与第 {first[code].number} 行的编码相同"
            plan.problems.append(row.problem("code", reason, "只保留一行"))
        else:
            first[code] = row
    for row in rows:
        _check_codes(row, first, stored, plan)
    parents = _parents(first, stored)
    for code, row in first.items():
        before = len(plan.problems)
        _check_place(row, parents, plan)
        _check_stored(row, stored.get(code), plan)
        if len(plan.problems) == before and "name" in row.values:
            plan.lines.append(_line(row, stored.get(code)))


def _parents(
    first: Mapping[str, Row], stored: Mapping[str, Department]
) -> dict[str, str]:
    """Return {code: parent's code} as it will be, "" at the top."""
    parents = {
        code: each.parent.code if each.parent else "" for code, each in stored.items()
    }
    for code, row in first.items():
        parents[code] = row.text("parent") or parents.get(code, "")
    return parents


def _check_codes(
    row: Row,
    first: Mapping[str, Row],
    stored: Mapping[str, Department],
    plan: Plan,
) -> None:
    for key in ("parent", "section"):
        code = row.text(key)
        if not code or code in first:
            continue
        reason = refused_unit(code, stored)
        if reason:
            remedy = "核对编码，或在“单位”表中补上这个单位"
            plan.problems.append(row.problem(key, reason, remedy))


def refused_unit(code: str, stored: Mapping[str, Department]) -> str:
    """Return why a stored unit cannot be named, "" where it can."""
    if code not in stored:
        return f"没有编码为“{code}”的单位"
    unit = stored[code]
    if unit.merged_into:
        return f"“{unit}”已并入“{unit.merged_into}”（{unit.merged_into.code}）"
    return "" if unit.is_active else f"“{unit}”已停用"


def _check_place(row: Row, parents: Mapping[str, str], plan: Plan) -> None:
    """Refuse a unit that would stand below itself, or too deep."""
    code = row.text("code")
    above: list[str] = []
    each = parents[code]
    while each and each not in above and each != code:
        above.append(each)
        each = parents.get(each, "")
    if each:
        ring = " → ".join([code, *above, each])
        reason = f"上级单位绕成了一圈：{ring}"
        plan.problems.append(row.problem("parent", reason, "核对这几个单位的上级"))
    elif len("/".join([code, *above])) + 1 > LONGEST_PATH:
        reason = "单位层级过深"
        plan.problems.append(row.problem("parent", reason, "选择更高的上级单位"))


def _check_stored(row: Row, unit: Department | None, plan: Plan) -> None:
    """Check the row of a unit that exists: in use, and a new name with its day."""
    if unit is None:
        return
    refused = refused_unit(unit.code, {unit.code: unit})
    if refused:
        plan.problems.append(row.problem("code", refused, SEE_PAGE))
        return
    if row.text("name") in ("", unit.name):
        return
    since, begin = row.day("renamed"), named_since(unit)
    if since is None:
        reason = f"系统中该编码的单位名称是“{unit.name}”"
        remedy = "单位更名请填“更名日期”；编码填错请更正；只改错字请在“单位管理”中修改"
        plan.problems.append(row.problem("name", reason, remedy))
    elif not begin < since <= timezone.localdate():
        reason = f"现名称自{date_format(begin)}起使用"
        remedy = "更名日期应在这之后，且不晚于今天"
        plan.problems.append(row.problem("renamed", reason, remedy))


def _line(row: Row, unit: Department | None) -> Line:
    code, name = row.text("code"), row.text("name")
    edit = UnitEdit(
        code=code,
        name=name,
        parent=row.text("parent"),
        section=row.text("section"),
        stored=unit,
        renamed=row.day("renamed") if unit and name != unit.name else None,
    )
    notes = _notes(edit)
    what: What = "create" if unit is None else "change" if notes else "leave"
    return Line(
        table="单位",
        number=row.number,
        name=f"{code} {name}",
        what=what,
        told="；".join(notes),
        values=edit,
    )


def _notes(edit: UnitEdit) -> list[str]:
    """Return in words what the edit changes."""
    unit = edit.stored
    if unit is None:
        above = [f"上级 {edit.parent}"] if edit.parent else []
        return [*above, *([f"归口业务科室 {edit.section}"] if edit.section else [])]
    notes = []
    if edit.renamed:
        notes.append(
            f"更名：{unit.name} → {edit.name}，自{date_format(edit.renamed)}起"
        )
    for label, code, held in (
        ("上级单位", edit.parent, unit.parent),
        ("归口业务科室", edit.section, unit.section),
    ):
        if code and code != (held.code if held else ""):
            notes.append(f"{label}：{held or '（空）'} → {code}")
    return notes
