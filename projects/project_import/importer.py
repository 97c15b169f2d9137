"""The importers of a budget list and of the year-end execution."""

from collections.abc import Iterable
from typing import TypeVar

from django.utils import timezone

from perfeval.imports.flow import ChangedMeanwhileError, Importer, Line, Plan
from perfeval.imports.reading import Reading
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from perfeval.workbooks.sheet_scan import Limits
from projects.bulk import (
    ProjectChange,
    change_projects,
    create_projects,
    tell_changed,
    write_funding,
)
from projects.models import BudgetProject, FundingLine
from projects.project_import.execution import plan_execution
from projects.project_import.known import Key
from projects.project_import.money import MoneyEdit
from projects.project_import.roster import ProjectEdit, plan_projects
from projects.project_import.tables import EXECUTION, PROJECTS
from projects.services import FundingEdit

# A city's budget: ten thousand rows and as many again.
LIMITS = Limits(rows=20_000, columns=100, elements=2_000_000)
TRAIL = (("项目", "projects:list"), ("导入", "projects:imports"))

Edit = TypeVar("Edit")


class ProjectImporter(Importer):
    """Projects with their funding lines, from a budget list."""

    kind = "projects"
    title = "项目名册导入"
    as_text = "编码、电话"
    intro = (
        "把预算批复或部门预算项目表整表导入：建立项目和资金来源，已有的按年度和编码更新。"
        "先核对将要发生的变化，再导入。"
    )
    urls = "projects:import"
    tables = (PROJECTS,)
    limits = LIMITS
    trail = TRAIL
    own_history = True
    sample = {
        PROJECTS.name: [
            [
                *("2024", "440700240000000000101", "法律援助办案补贴", "118001"),
                *("云水市法律援助中心", "118", "", "", "", "部门预算项目"),
                *("一般公共预算", "延续项目", "正常", "当年财政拨款"),
                *("13.32", "13.32", "13.32"),
            ],
            [
                *("2024", "440700240000000000101", "", "", "", "", "", "", "", ""),
                *("", "", "", "上年结转资金", "", "2.5", "2.5"),
            ],
            [
                *("2024", "440700240000000000102", "人民调解员培训", "118"),
                *("云水市司法局", "118", "", "", "", "部门预算项目"),
                *("一般公共预算", "新增项目", "年中追加", "当年财政拨款", "", "8", "8"),
            ],
        ]
    }

    def plan(self, reading: Reading, user: User | None) -> Plan:
        plan = Plan()
        plan_projects(reading.rows[PROJECTS.name], user, plan)
        return plan

    def save(self, user: User | None, plan: Plan) -> list[Key]:
        """Write; return (year, code) of the projects that the list names."""
        try:
            return save_projects(user, plan)
        except (StaleError, ClosedError) as error:
            raise ChangedMeanwhileError from error


class ExecutionImporter(Importer):
    """Money of existing projects by source, as the budget system exports it."""

    kind = "execution"
    title = "年末执行数导入"
    intro = (
        "把预算系统导出的年末执行情况按资金来源导入已有项目。先核对将要发生的变化，再导入；"
        "导入的金额由填报人查看，有误时申请更正。"
    )
    urls = "projects:execution_import"
    tables = (EXECUTION,)
    limits = LIMITS
    trail = TRAIL
    own_history = True
    sample = {
        EXECUTION.name: [
            [
                *("2024", "440700240000000000101", "法律援助办案补贴"),
                *("当年财政拨款", "13.32", "13.32", "12.98"),
            ],
            ["2024", "440700240000000000101", "", "上年结转资金", "2.5", "2.5", "2.5"],
        ]
    }

    def plan(self, reading: Reading, user: User | None) -> Plan:
        plan = Plan()
        plan_execution(reading.rows[EXECUTION.name], user, plan)
        return plan

    def save(self, user: User | None, plan: Plan) -> list[Key]:
        try:
            return save_projects(user, plan)
        except (StaleError, ClosedError) as error:
            raise ChangedMeanwhileError from error


def save_projects(user: User | None, plan: Plan) -> list[Key]:
    """Write projects and money of a plan; return (year, code) of all that it names.

    Raises StaleError and ClosedError where something changed since it was made.
    """
    projects = _edits(plan.lines, ProjectEdit)
    new = {
        (each.year, each.code): BudgetProject(
            year=each.year, code=each.code, **each.values
        )
        for each in projects
        if each.stored is None
    }
    create_projects(user, list(new.values()))
    changed = [
        ProjectChange(project=each.stored, changes=each.values)
        for each in projects
        if each.stored and each.values
    ]
    change_projects(user, changed)
    money = [each for each in _edits(plan.lines, MoneyEdit) if each.changes]
    edits = [_funding_edit(each, new) for each in money]
    write_funding(user, edits, source=plan.source, at=timezone.now())
    touched = {each.project.pk for each in changed}
    touched |= {each.line.project_id for each in edits}
    new_keys = {each.pk for each in new.values()}
    tell_changed(sorted(touched - new_keys))
    named = [(each.year, each.code) for each in projects]
    return list(dict.fromkeys([*named, *((each.year, each.code) for each in money)]))


def _funding_edit(edit: MoneyEdit, new: dict[Key, BudgetProject]) -> FundingEdit:
    line = edit.stored
    if line is None:
        project = new.get((edit.year, edit.code)) or edit.project
        assert project is not None
        line = FundingLine(project=project, source=edit.source.value)
    return FundingEdit(line=line, changes=edit.changes, version=line.version)


def _edits(lines: Iterable[Line], kind: type[Edit]) -> list[Edit]:
    return [each.values for each in lines if isinstance(each.values, kind)]


PROJECT_IMPORTER = ProjectImporter()
EXECUTION_IMPORTER = ExecutionImporter()
