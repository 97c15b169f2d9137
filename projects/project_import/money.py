"""What the rows of a list make of a project's funding lines."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from perfeval.amounts import from_yuan
from perfeval.imports.flow import Line, Plan, What
from perfeval.imports.reading import Row
from perfeval.templatetags.units import form_amount
from projects.models import (
    AMOUNT_LABELS,
    AMOUNTS,
    BudgetProject,
    FundingLine,
    FundSource,
)
from projects.project_import.tables import SOURCES


class MoneyEdit(NamedTuple):
    """A funding line to create (stored None) or change; changes: amounts in 元.

    project: None where it comes with the same list.
    """

    year: int
    code: str
    source: FundSource
    project: BudgetProject | None
    stored: FundingLine | None
    changes: Mapping[str, Any]


class PartRow(Row):
    """What a row with a column for each source says of one of them.

    All sources have such a column: one without money becomes no line of its own.
    """


def amounts_in(row: Row) -> dict[str, Decimal]:
    """Return the amounts that a row fills in, in 元."""
    values = row.values
    return {name: values[name] for name in AMOUNTS if name in values}  # type: ignore[misc]  # money columns


def source_of(row: Row, default: FundSource) -> FundSource:
    text = row.text("source")
    return SOURCES.get(text, default)


def plan_money(
    rows: list[Row],
    key: tuple[int, str],
    project: BudgetProject | None,
    default: FundSource,
    plan: Plan,
    *,
    decides: bool,
) -> None:
    """Add lines and problems of one project's money; project: None for a new one."""
    year, code = key
    stored = {each.source: each for each in _lines_of(project)}
    seen: dict[FundSource, int] = {}
    for row in rows:
        amounts = amounts_in(row)
        if not amounts and not row.text("source"):
            continue
        source = source_of(row, default)
        if source in seen:
            reason = f"与第 {seen[source]} 行重复：同一项目的“{source.label}”"
            remedy = "同一项目的每种资金来源只写一行；不同来源请在“资金来源”列写明"
            place = "source" if row.text("source") else "code"
            plan.problems.append(row.problem(place, reason, remedy))
            continue
        seen[source] = row.number
        line = stored.get(source.value)
        if line is None and isinstance(row, PartRow) and not any(amounts.values()):
            continue
        changes = {
            name: value
            for name, value in amounts.items()
            if line is None or getattr(line, name) != value
        }
        if not decides and _refuse_imported(row, line, changes, plan):
            continue
        if changes or line is not None:
            edit = MoneyEdit(
                year=year,
                code=code,
                source=source,
                project=project,
                stored=line,
                changes=changes,
            )
            plan.lines.append(_line(row, edit, project))


def _lines_of(project: BudgetProject | None) -> list[FundingLine]:
    return list(project.funding_lines.all()) if project else []


def _refuse_imported(
    row: Row, line: FundingLine | None, changes: Mapping[str, Any], plan: Plan
) -> bool:
    closed = [name for name in changes if line and line.origin_of(name)]
    for name in closed:
        assert line is not None
        reason = (
            f"系统中是 {shown(getattr(line, name))}，来自{line.origin_of(name)}，"
            "不能直接修改"
        )
        remedy = (
            "照系统中的金额填写，或清空这一格；系统中的金额有误时请在项目页申请更正，"
            "由绩效科审批"
        )
        plan.problems.append(row.problem(name, reason, remedy))
    return bool(closed)


def _line(row: Row, edit: MoneyEdit, project: BudgetProject | None) -> Line:
    what: What = (
        "create" if edit.stored is None else "change" if edit.changes else "leave"
    )
    name = row.text("name") or (project.name if project else "")
    return Line(
        table="资金",
        number=row.number,
        name=f"{edit.code} {name} · {edit.source.label}",
        what=what,
        told=partial(_notes, edit),
        values=edit,
        mark=(edit.stored and edit.stored.version, *edit.changes.items()),
    )


def _notes(edit: MoneyEdit) -> str:
    return "；".join(_note(edit, name) for name in edit.changes)


def _note(edit: MoneyEdit, name: str) -> str:
    new = shown(edit.changes[name])
    old = f"{shown(getattr(edit.stored, name))} → " if edit.stored else ""
    return f"{AMOUNT_LABELS[name]}：{old}{new}"


def shown(yuan: Decimal | None) -> str:
    """Return an amount for a preview: 13.32 万元, （空）."""
    return "（空）" if yuan is None else f"{form_amount(from_yuan(yuan, '万元'))} 万元"
