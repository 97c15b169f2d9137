"""What a budget list would make of projects, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from perfeval.imports.flow import Line, Plan, What
from perfeval.imports.reading import Row
from perfeval.imports.tables import PART
from perfeval.models import User
from projects.models import (
    BudgetProject,
    Department,
    FundNature,
    FundSource,
    ProjectStatus,
)
from projects.project_import.known import Key, Known, load_known
from projects.project_import.money import plan_money
from projects.project_import.parts import by_source
from projects.project_import.tables import (
    CONTINUITIES,
    NATURES,
    SOURCE_OF_NATURE,
    STATUSES,
    year_in_title,
    year_of,
)

FIELDS = frozenset(
    (
        "name",
        "level1_code",
        "level1_name",
        "category",
        "fund_nature",
        "continuity",
        "status",
        "goal",
        "unit_leader",
        "project_leader",
        "finance_leader",
        "contact",
        "phone",
    )
)
# {field: {word of the list: what is stored}}
WORDS: Mapping[str, Mapping[str, str]] = {
    name: {word: str(each.value) for word, each in words.items()}
    for name, words in (
        ("fund_nature", NATURES),
        ("continuity", CONTINUITIES),
        ("status", STATUSES),
    )
}
# What of a project its rows may say, each the same.
SAID = frozenset((*FIELDS, "unit", "unit_name", "department", "department_code"))
SEE_UNITS = "照系统中的单位编码或全称填写；没有的单位请系统管理员先建立"


class ProjectEdit(NamedTuple):
    """A project to create (stored None), or fields of a stored one that change."""

    year: int
    code: str
    stored: BudgetProject | None
    values: Mapping[str, Any]


def key_of(row: Row, plan: Plan) -> Key | None:
    """Return year and code of a row; None where one is missing, with its problem."""
    code = row.text("code")
    year = year_of(row.text("year")) or year_in_title(row.above)
    if not code:
        return None
    if year is None:
        # A year that is wrong in its cell has been told of already.
        if not row.cell("year").text:
            reason = "没有写明年度"
            remedy = "补上“年度”列，或在表上方的标题中写明，如“2024年部门预算项目表”"
            plan.problems.append(row.problem("code", reason, remedy))
        return None
    return year, code


def grouped(rows: list[Row], plan: Plan) -> tuple[dict[Key, list[Row]], list[Row]]:
    """Return the rows of each project in the order of the list, and those of none.

    The latter lack year or code, which has been told of: what else is wrong with them
    is told in the same round.
    """
    groups: dict[Key, list[Row]] = defaultdict(list)
    strays: list[Row] = []
    for row in by_source(rows, plan):
        key = key_of(row, plan)
        (groups[key] if key else strays).append(row)
    return groups, strays


def plan_projects(rows: list[Row], user: User | None, plan: Plan) -> None:
    """Add the lines and problems of a budget list."""
    groups, strays = grouped(rows, plan)
    known = load_known(user, groups)
    for row in strays:
        said = _said([row], plan)
        _unit(said, known, plan)
        _department(said, known, plan)
    for key, group in groups.items():
        _plan_project(key, group, known, plan)
    tells_source = any(
        key == "source" or PART in key for row in rows[:1] for key in row.places
    )
    if not tells_source and any(map(has_money, rows)):
        plan.notes.append(
            "表中没有“资金来源”列：金额按资金性质记入，财政专户和单位资金以外的都记入"
            "“当年财政拨款”"
        )


def has_money(row: Row) -> bool:
    return any(row.amount(name) is not None for name in ("initial", "adjusted"))


def _plan_project(key: Key, group: list[Row], known: Known, plan: Plan) -> None:
    project = known.projects.get(key)
    before = len(plan.problems)
    refusal = project and why_not_write(project, known)
    if refusal:
        plan.problems.append(group[0].problem("code", *refusal))
        return
    said = _said(group, plan)
    unit = _unit(said, known, plan)
    department = _department(said, known, plan)
    _check_fields(group[0], said, project, plan)
    values = _values(said, unit, department)
    nature = values.get("fund_nature", project.fund_nature if project else None)
    default = SOURCE_OF_NATURE.get(
        nature or FundNature.GENERAL, FundSource.APPROPRIATION
    )
    right = len(plan.problems) == before
    if right:
        if project is None:
            assert unit is not None
            values = _with_defaults(values, unit, known)
        plan.lines.append(_line(group[0], key, project, values))
    plan_money(group, key, project, default, plan, decides=known.decides)


def why_not_write(project: BudgetProject, known: Known) -> tuple[str, str] | None:
    """Return reason and remedy why a list may not change a project, or None."""
    if not known.may_write(project.unit):
        return "本年度已有此编码的项目，不属于您可以填报的单位", "核对年度和项目编码"
    if project.is_classified:
        return "该编码是涉密另报项目，不得导入内容", "从文件中删去这一行"
    closed = [each for each in project.assessments.all() if each.is_sent_up]
    if closed:
        state = closed[0].get_status_display()
        reason = f"“{project.name}”的绩效自评{state}，项目信息和资金不能修改"
        return reason, "从文件中删去这个项目的各行，或请审核单位退回后再导入"
    return None


def _said(group: list[Row], plan: Plan) -> dict[str, Row]:
    """Return for each field the row that says it; rows that differ are told of."""
    said = {name: group[0] for name in group[0].values if name in SAID}
    for row in group[1:]:
        for name in [each for each in row.values if each in SAID]:
            first = said.setdefault(name, row)
            if first.values[name] != row.values[name]:
                label = row.table.column(name).heading
                reason = f"与第 {first.number} 行同一项目的{label}不同"
                remedy = f"照第 {first.number} 行填写；不是同一项目时改项目编码"
                plan.problems.append(row.problem(name, reason, remedy))
    return said


def _unit(said: Mapping[str, Row], known: Known, plan: Plan) -> Department | None:
    """Return the unit that code or name means; None where none is named or right."""
    by_code = _by_code("unit", said, known, plan) if "unit" in said else None
    if "unit_name" not in said:
        return _writable("unit", by_code, said, known, plan)
    row = said["unit_name"]
    name = row.text("unit_name")
    if by_code is not None:
        if name != by_code.name:
            reason = f"编码 {by_code.code} 的单位是“{by_code.name}”"
            remedy = "核对单位编码和单位名称，二者应是同一单位"
            plan.problems.append(row.problem("unit_name", reason, remedy))
            return None
        return _writable("unit", by_code, said, known, plan)
    found = _by_name("unit_name", row, known, plan)
    # A code that is wrong has been told of: the name beside it does not stand for it.
    return None if "unit" in said else _writable("unit_name", found, said, known, plan)


def _writable(
    place: str,
    unit: Department | None,
    said: Mapping[str, Row],
    known: Known,
    plan: Plan,
) -> Department | None:
    if unit is None or known.may_write(unit):
        return unit
    reason = f"您不能为“{unit}”填报项目"
    plan.problems.append(
        said[place].problem(place, reason, "删去这一行，或由该单位导入")
    )
    return None


def _by_code(
    place: str, said: Mapping[str, Row], known: Known, plan: Plan
) -> Department | None:
    row = said[place]
    unit = known.by_code.get(row.text(place))
    if unit is None:
        reason = f"没有编码为“{row.text(place)}”的单位"
        plan.problems.append(row.problem(place, reason, SEE_UNITS))
        return None
    return _in_use(place, row, unit, plan)


def _by_name(place: str, row: Row, known: Known, plan: Plan) -> Department | None:
    name = row.text(place)
    found = known.by_name.get(name, [])
    if len(found) == 1:
        return _in_use(place, row, found[0], plan)
    many = f"有 {len(found)} 个单位叫“{name}”"
    reason = many if found else f"没有名称为“{name}”的单位"
    remedy = "请填写单位编码" if found else SEE_UNITS
    plan.problems.append(row.problem(place, reason, remedy))
    return None


def _in_use(place: str, row: Row, unit: Department, plan: Plan) -> Department | None:
    if unit.is_active:
        return unit
    into = unit.merged_into
    reason = f"“{unit}”已并入“{into}”（{into.code}）" if into else f"“{unit}”已停用"
    plan.problems.append(row.problem(place, reason, "改填现在使用的单位"))
    return None


def _department(said: Mapping[str, Row], known: Known, plan: Plan) -> Department | None:
    """Return the department that its column, or the one of its code, means."""
    row = said.get("department")
    named = None
    if row and row.text("department") in known.by_code:
        named = _by_code("department", said, known, plan)
    elif row:
        named = _by_name("department", row, known, plan)
    if "department_code" not in said:
        return named
    found = _by_code("department_code", said, known, plan)
    if row and named and found and named != found:
        reason = f"编码 {found.code} 的单位是“{found.name}”"
        remedy = "核对主管部门及其编码，二者应是同一单位"
        plan.problems.append(row.problem("department", reason, remedy))
    return found


def _check_fields(
    row: Row, said: Mapping[str, Row], project: BudgetProject | None, plan: Plan
) -> None:
    """Ask a new project for its name and unit; leave what stopped reporting alone."""
    if project is None:
        if "name" not in said and not _is_filled(row, "name"):
            remedy = "新项目写明名称；已有项目请核对年度和项目编码"
            plan.problems.append(row.problem("name", "没有填写项目名称", remedy))
        named = {"unit", "unit_name"} & said.keys()
        if not named and not (_is_filled(row, "unit") or _is_filled(row, "unit_name")):
            plan.problems.append(row.problem("unit", "没有填写单位", SEE_UNITS))
    elif not project.is_reporting and "status" in said:
        state = project.get_status_display()
        reason = f"项目现在是“{state}”，不通过导入恢复"
        remedy = "清空这一格；需要恢复时由绩效科在项目页修改"
        plan.problems.append(said["status"].problem("status", reason, remedy))


def _is_filled(row: Row, name: str) -> bool:
    """Whether anything stands there, right or told of already."""
    cell = row.cell(name)
    return bool(cell.text or cell.doubt)


def _values(
    said: Mapping[str, Row], unit: Department | None, department: Department | None
) -> dict[str, Any]:
    """Return the fields that the rows fill in."""
    values: dict[str, Any] = {
        name: WORDS[name][row.text(name)] if name in WORDS else row.text(name)
        for name, row in said.items()
        if name in FIELDS
    }
    if unit:
        values["unit"] = unit
    if department:
        values["supervising_department"] = department
    return values


def _with_defaults(
    values: Mapping[str, Any], unit: Department, known: Known
) -> dict[str, Any]:
    """Return the fields of a new project, its department and section named."""
    department = values.get("supervising_department") or known.department_of(unit)
    section = department.section or unit.section
    return {
        "status": ProjectStatus.NORMAL.value,
        **values,
        "supervising_department": department,
        "section": section,
    }


def _line(
    row: Row, key: Key, project: BudgetProject | None, values: Mapping[str, Any]
) -> Line:
    year, code = key
    changes = {
        name: value
        for name, value in values.items()
        if project is None or getattr(project, name) != value
    }
    what: What = "create" if project is None else "change" if changes else "leave"
    notes = (
        [f"{values['unit']}，主管部门{values['supervising_department']}"]
        if project is None
        else [_changed(project, name, value) for name, value in changes.items()]
    )
    name = values.get("name") or (project.name if project else "")
    return Line(
        table="项目",
        number=row.number,
        name=f"{year} {code} {name}",
        what=what,
        told="；".join(notes),
        values=ProjectEdit(year=year, code=code, stored=project, values=changes),
    )


def _changed(project: BudgetProject, name: str, value: Any) -> str:
    """Return in words what changes: 项目名称：旧 → 新."""
    field: Any = BudgetProject._meta.get_field(name)
    words = dict(field.flatchoices)
    old = getattr(project, name)
    before, after = (_short(str(words.get(each, each) or "")) for each in (old, value))
    return f"{field.verbose_name}：{before} → {after}"


def _short(text: str) -> str:
    return "（空）" if not text else text if len(text) <= 60 else f"{text[:59]}…"
