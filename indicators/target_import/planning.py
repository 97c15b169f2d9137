"""What a list of targets would make of projects' indicators, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max

from indicators.models import Comparator, Indicator
from indicators.models.targets import shown_target
from indicators.target_import.tables import COMPARATORS, level_name, points_of
from perfeval.imports.flow import Line, Plan, What
from perfeval.imports.reading import Row
from perfeval.models import User
from perfeval.numbers import Quantity, Words, normal_text, normal_unit, read_value
from perfeval.templatetags.units import max_points
from projects.access import roles_of
from projects.bulk import in_batches
from projects.models import BudgetProject, Role
from projects.project_import.known import load_known
from projects.project_import.roster import grouped, why_not_write

Name = tuple[str, str, str]
TOLD = ("comparator", "target", "unit", "max_points", "standard")


@dataclass(frozen=True, kw_only=True)
class TargetEdit:
    """An indicator to create (stored None) or change."""

    project: BudgetProject
    stored: Indicator | None
    values: Mapping[str, Any]


def approves(user: User | None) -> bool:
    """Whether what a person imports counts as approved (已批复)."""
    return user is None or Role.PERFORMANCE_SECTION in roles_of(user)


def plan_targets(rows: list[Row], user: User | None, plan: Plan) -> None:
    """Add the lines and problems of a list of targets."""
    groups, strays = grouped(rows, plan)
    known = load_known(user, groups)
    for row in strays:
        _target(row, plan)
    stored = _indicators(known.projects.values())
    for (year, code), group in groups.items():
        project = known.projects.get((year, code))
        if project is None or not known.may_write(project.unit):
            # Of other units' projects a person learns nothing.
            reason = f"{year} 年度没有编码为“{code}”的项目，或不属于您可以填报的单位"
            remedy = "核对年度和项目编码；新项目请先用“项目名册导入”建立"
            plan.problems.append(group[0].problem("code", reason, remedy))
            for row in group:
                _target(row, plan)
            continue
        refusal = why_not_write(project, known)
        if refusal:
            plan.problems.append(group[0].problem("code", *refusal))
            continue
        own = stored.get(project.pk, {})
        _plan_project(project, own, group, plan, approved=approves(user))
    if rows:
        words = "标为“已批复”" if approves(user) else "不标为“已批复”，由绩效科批复"
        plan.notes.append(f"导入的指标{words}")


def _indicators(projects: Any) -> dict[int, dict[Name, Indicator]]:
    """Return the indicators of projects by their names, with points already given."""
    found: dict[int, dict[Name, Indicator]] = {}
    for keys in in_batches([each.pk for each in projects]):
        rows = Indicator.objects.filter(project__in=keys)
        for each in rows.annotate(given=Max("results__self_points")):
            name = (each.level1, each.level2, each.level3)
            found.setdefault(each.project_id, {})[name] = each
    return found


def _plan_project(
    project: BudgetProject,
    stored: Mapping[Name, Indicator],
    rows: list[Row],
    plan: Plan,
    *,
    approved: bool,
) -> None:
    seen: dict[Name, int] = {}
    level1 = level2 = ""
    for row in rows:
        # Levels that a row leaves empty are those of the row above.
        if row.text("level1"):
            level1, level2 = level_name(row.text("level1")), ""
        level2 = level_name(row.text("level2")) or level2
        name = (level1, level2, row.text("level3"))
        if not row.text("level3"):
            continue
        if not level1:
            if not row.cell("level1").text:
                remedy = "照指标体系填写，如 产出指标"
                place = _place(row, "level1")
                plan.problems.append(row.problem(place, "没有填写一级指标", remedy))
            continue
        if name in seen:
            reason = f"与第 {seen[name]} 行重复：同一项目的同名指标"
            plan.problems.append(row.problem("level3", reason, "只保留一行，或改名"))
            continue
        seen[name] = row.number
        _plan_row(row, project, name, stored.get(name), plan, approved=approved)


def _plan_row(
    row: Row,
    project: BudgetProject,
    name: Name,
    indicator: Indicator | None,
    plan: Plan,
    *,
    approved: bool,
) -> None:
    before = len(plan.problems)
    values = _values(row, indicator, plan)
    lacks = indicator is None and not {"comparator", "max_points"} <= values.keys()
    # What it lacks stands wrong in its cell, which has been told of already.
    if lacks or len(plan.problems) > before:
        return
    if indicator is None:
        levels = dict(zip(("level1", "level2", "level3"), name, strict=True))
        values = {**levels, **values, "is_approved": approved}
    else:
        values = {k: v for k, v in values.items() if getattr(indicator, k) != v}
        if values and indicator.is_approved:
            reason = f"该指标已批复（{_shown(indicator)}），不能通过导入改变"
            remedy = "照批复的内容填写；需要改变时请办理绩效目标调整"
            plan.problems.append(row.problem("target", reason, remedy))
            return
        if approved and not indicator.is_approved:
            values["is_approved"] = True
    edit = TargetEdit(project=project, stored=indicator, values=values)
    plan.lines.append(_line(row, name, edit))


def _values(row: Row, indicator: Indicator | None, plan: Plan) -> dict[str, Any]:
    """Return the fields that a row fills in; of a new indicator all that it needs."""
    values = _target(row, plan)
    points = points_of(row.text("points")) if row.text("points") else None
    if points is not None:
        values["max_points"] = points
        given = getattr(indicator, "given", None)
        if given is not None and points < given:
            shown = max_points(given)
            reason = f"该指标已填自评得分 {shown}，分值不能低于它"
            plan.problems.append(row.problem("points", reason, "请先修改自评得分"))
    elif indicator is None and not row.cell("points").text:
        remedy = "填写 0 至 100 的数"
        place = _place(row, "points")
        plan.problems.append(row.problem(place, "没有填写分值", remedy))
    if row.text("standard"):
        values["standard"] = row.text("standard")
    if indicator is None and "comparator" not in values and not _is_wrong(row):
        remedy = "填写 ≥、≤、＝、定性等，或把符号写在指标值前面"
        place = _place(row, "comparator", "target")
        plan.problems.append(row.problem(place, "没有写明指标性质", remedy))
    kind = values.get("comparator") or (indicator.comparator if indicator else "")
    standard = values.get("standard") or (indicator.standard if indicator else "")
    if kind == Comparator.RUBRIC and not standard:
        remedy = "写明怎样得分、怎样扣分"
        place = _place(row, "standard")
        plan.problems.append(row.problem(place, "没有填写评分标准", remedy))
    return values


def _place(row: Row, *keys: str) -> str:
    """Return the first of the columns that the list has, else that of the name."""
    return next((key for key in keys if key in row.places), "level3")


def _is_wrong(row: Row) -> bool:
    """Whether the cell 指标性质 says something, which has been told of."""
    return bool(row.cell("comparator").text) and not row.text("comparator")


def _target(row: Row, plan: Plan) -> dict[str, Any]:
    """Return comparator, target and unit, from columns of their own or the target."""
    text, unit = row.text("target"), row.text("unit")
    column = COMPARATORS.get(normal_text(row.text("comparator")))
    values: dict[str, Any] = {"unit": unit} if unit else {}
    value = read_value(text)
    written = None if isinstance(value, Words) else value.sign
    sign = Comparator(written) if written else None
    if column and sign and column != sign:
        reason = f"指标值中的符号“{sign.label}”与指标性质“{column.label}”不同"
        remedy = "符号只写在一处，或使二者一致"
        plan.problems.append(row.problem("target", reason, remedy))
    kind = column or sign
    if text and kind is None and not isinstance(value, Quantity):
        kind = Comparator.QUALITATIVE
    if isinstance(value, Quantity) and kind not in (
        Comparator.QUALITATIVE,
        Comparator.RUBRIC,
    ):
        if value.unit and unit and normal_unit(unit) != value.unit:
            reason = f"指标值中的单位“{value.unit}”与度量单位“{unit}”不同"
            plan.problems.append(row.problem("target", reason, "单位只写在一处"))
        text = format(value.value, "f")
        values |= {"unit": unit or value.unit} if unit or value.unit else {}
    if kind:
        values["comparator"] = kind.value
    if text:
        values["target"] = text
    return values


def _shown(indicator: Indicator) -> str:
    points = max_points(Decimal(indicator.max_points))
    return f"{indicator.shown_target or '—'}，{points} 分"


def _line(row: Row, name: Name, edit: TargetEdit) -> Line:
    stored, values = edit.stored, edit.values
    what: What = "create" if stored is None else "change" if values else "leave"
    levels = " / ".join(filter(None, name))
    return Line(
        table="指标",
        number=row.number,
        name=f"{edit.project.code} {edit.project.name} · {levels}",
        what=what,
        told=_note(edit),
        values=edit,
    )


def _note(edit: TargetEdit) -> str:
    """Return in words what becomes of an indicator: ≥50件 → ≥40件；分值 10 → 8."""
    stored, values = edit.stored, edit.values
    new = {name: values.get(name, getattr(stored, name, "")) for name in TOLD}
    target = shown_target(new["comparator"], new["target"], new["unit"])
    if stored is None:
        return f"{target or '—'}，{max_points(values['max_points'])} 分"
    notes = []
    if {"comparator", "target", "unit"} & values.keys():
        notes.append(f"指标值：{stored.shown_target or '（空）'} → {target}")
    if "max_points" in values:
        old, points = max_points(stored.max_points), max_points(values["max_points"])
        notes.append(f"分值：{old} → {points}")
    if "standard" in values:
        notes.append("修改评分标准")
    if "is_approved" in values:
        notes.append("标为已批复")
    return "；".join(notes)
