"""What a list of the year-end execution would make of the money of projects."""

from perfeval.imports.flow import Plan
from perfeval.imports.reading import Row
from perfeval.models import User
from projects.models import AMOUNTS, BudgetProject, FundNature, FundSource
from projects.project_import.known import Key, load_known
from projects.project_import.money import plan_money
from projects.project_import.roster import grouped, why_not_write
from projects.project_import.tables import SOURCE_OF_NATURE


def plan_execution(rows: list[Row], user: User | None, plan: Plan) -> None:
    """Add the lines and problems of a list of execution."""
    groups, strays = grouped(rows, plan)
    known = load_known(user, groups)
    for row in strays:
        _ask_for_money(row, plan)
    for key, group in groups.items():
        project = known.projects.get(key)
        if project is None or not known.may_write(project.unit):
            # Of other units' projects a person learns nothing.
            _ask_for_project(key, group[0], plan)
            for row in group:
                _ask_for_money(row, plan)
            continue
        refusal = why_not_write(project, known)
        if refusal:
            plan.problems.append(group[0].problem("code", *refusal))
            continue
        _check_name(group, project, plan)
        for row in group:
            _ask_for_money(row, plan)
        nature = FundNature(project.fund_nature)
        default = SOURCE_OF_NATURE.get(nature, FundSource.APPROPRIATION)
        plan_money(group, key, project, default, plan, decides=known.decides)


def _ask_for_project(key: Key, row: Row, plan: Plan) -> None:
    year, code = key
    reason = f"{year} 年度没有编码为“{code}”的项目，或不属于您可以填报的单位"
    remedy = "核对年度和项目编码；新项目请先用“项目名册导入”建立"
    plan.problems.append(row.problem("code", reason, remedy))


def _check_name(group: list[Row], project: BudgetProject, plan: Plan) -> None:
    """Refuse a name that is not the project's: the code may be mistyped."""
    for row in group:
        name = row.text("name")
        if name and "".join(name.split()) != "".join(project.name.split()):
            reason = f"系统中该编码的项目是“{project.name}”"
            remedy = "核对项目编码；编码无误时请照系统中的名称填写，或清空这一格"
            plan.problems.append(row.problem("name", reason, remedy))


def _ask_for_money(row: Row, plan: Plan) -> None:
    filled = any(row.cell(name).text or row.cell(name).doubt for name in AMOUNTS)
    if not filled:
        remedy = "填写全年预算数、到位数或全年执行数，或删去这一行"
        plan.problems.append(row.problem("code", "这一行没有金额", remedy))
