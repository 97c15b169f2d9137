"""The columns of the lists of projects, people and departments."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import (
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Sum,
)
from django.db.models import (
    Value as Given,
)
from django.db.models.functions import NullIf

from perfeval.amounts import from_yuan
from perfeval.lists import Column
from perfeval.models import User
from perfeval.sheets import Ratio, Value
from projects.models import (
    BudgetProject,
    Department,
    FundingLine,
    ratio_of,
    sum_known,
)

MONEY = DecimalField(max_digits=19, decimal_places=2)
SUMS = ("initial", "adjusted", "executed")
RATE = DecimalField(max_digits=19, decimal_places=6)

# None where nothing was budgeted, as ratio_of has it.
RATIO = ExpressionWrapper(
    Sum("executed") / NullIf(Sum("adjusted"), Given(0, output_field=MONEY)), RATE
)


def told(value: Callable[[BudgetProject], Value]) -> Callable[[BudgetProject], Value]:
    """Return what a file tells of a project: of a classified one nothing."""
    return lambda project: None if project.is_classified else value(project)


def look_up(projects: list[BudgetProject]) -> None:
    """Keep with each loaded project what several of its columns tell.

    sums: its money by name, in 元; newest: its newest self-assessment that a person
    sees, or None.
    """
    for project in projects:
        known = vars(project)
        lines = known.get("money_lines")
        if lines is None:
            lines = list(project.funding_lines.all())
        seen = known.get("seen_assessments")
        if seen is None:
            seen = project.assessments.all()
        known["sums"] = {
            name: sum_known(getattr(each, name) for each in lines) for name in SUMS
        }
        known["newest"] = next(iter(seen), None)


def money(name: str) -> Callable[[BudgetProject], Value]:
    """Return an amount in 万元, None where unknown."""

    def value(project: BudgetProject) -> Decimal | None:
        yuan = _sums(project)[name]
        return None if yuan is None else from_yuan(yuan, "万元")

    return told(value)


def _of_lines(expression: Any, field: DecimalField) -> Subquery:  # type: ignore[type-arg]
    lines = FundingLine.objects.filter(project=OuterRef("pk")).order_by()
    summed = lines.values("project").annotate(figure=expression).values("figure")
    return Subquery(summed, output_field=field)


def _sums(project: BudgetProject) -> dict[str, Decimal | None]:
    return vars(project)["sums"]  # type: ignore[no-any-return]


def _newest(project: BudgetProject) -> Any:
    return vars(project)["newest"]


def _state(project: BudgetProject) -> Value:
    newest = _newest(project)
    return newest.get_status_display() if newest else "未下达"


def _due(project: BudgetProject) -> datetime | None:
    newest = _newest(project)
    return newest.deadline if newest and newest.is_editable else None


def _ratio(project: BudgetProject) -> Ratio | None:
    sums = _sums(project)
    ratio = ratio_of(sums["executed"], sums["adjusted"])
    return None if ratio is None else Ratio(ratio)


def about_project(path: str = "") -> tuple[Column, Column, Column, Column]:
    """Return code (in files alone), name, unit and department of a row's project.

    path: from the row to the project, as in a query ("assessment__project"), "" where
    the row is the project.
    """
    prefix = f"{path}__" if path else ""

    def of(row: Any) -> BudgetProject:
        found: BudgetProject = attrgetter(path.replace("__", "."))(row) if path else row
        return found

    def telling(value: Callable[[BudgetProject], Value]) -> Callable[[Any], Value]:
        tell = told(value)
        return lambda row: tell(of(row))

    return (
        Column(
            key="code",
            label="项目编码",
            value=lambda row: of(row).code,
            width=24,
            on_screen=False,
        ),
        Column(
            key="name",
            label="项目",
            value=lambda row: of(row).shown_name,
            order=(f"{prefix}name", f"{prefix}code"),
            width=40,
            css="first-column",
            fixed=True,
        ),
        Column(
            key="unit",
            label="单位",
            value=telling(lambda project: project.unit.name),
            order=(f"{prefix}unit__path",),
            width=28,
        ),
        Column(
            key="department",
            label="主管部门",
            value=telling(lambda project: project.supervising_department.name),
            order=(f"{prefix}supervising_department__path",),
            width=28,
            shown=False,
        ),
    )


_CODE, _NAME, _UNIT, _DEPARTMENT = about_project()
PROJECT_COLUMNS = (
    _CODE,
    _NAME,
    Column(
        key="year", label="年度", value=lambda row: row.year, order=("year",), width=8
    ),
    replace(_UNIT, css="fold"),
    _DEPARTMENT,
    Column(
        key="category",
        label="项目类别",
        value=told(lambda row: row.category),
        order=("category",),
        width=16,
        shown=False,
    ),
    Column(
        key="nature",
        label="资金性质",
        value=told(lambda row: row.get_fund_nature_display()),
        order=("fund_nature",),
        width=20,
        shown=False,
    ),
    Column(
        key="leader",
        label="项目负责人",
        value=told(lambda row: row.project_leader),
        order=("project_leader",),
        shown=False,
    ),
    Column(
        key="contact",
        label="联系人",
        value=told(lambda row: row.contact),
        order=("contact",),
        shown=False,
    ),
    Column(key="assessment", label="绩效自评", value=told(_state)),
    Column(key="due", label="截止", value=told(_due), width=18),
    Column(
        key="total",
        label="自评得分",
        value=told(lambda row: getattr(_newest(row), "total", None)),
        css="num",
    ),
    Column(
        key="initial",
        label="年初预算数（万元）",
        value=money("initial"),
        order=(_of_lines(Sum("initial"), MONEY),),
        css="num",
        shown=False,
    ),
    Column(
        key="adjusted",
        label="全年预算数（万元）",
        value=money("adjusted"),
        order=(_of_lines(Sum("adjusted"), MONEY),),
        css="num",
    ),
    Column(
        key="executed",
        label="全年执行数（万元）",
        value=money("executed"),
        order=(_of_lines(Sum("executed"), MONEY),),
        css="num",
    ),
    Column(
        key="ratio",
        label="预算执行率",
        value=told(_ratio),
        order=(_of_lines(RATIO, RATE),),
    ),
    Column(
        key="status",
        label="项目状态",
        value=lambda row: row.get_status_display(),
        order=("status",),
    ),
)


def project_columns(*, of_one_year: bool) -> tuple[Column, ...]:
    """Return the columns of the project list; the year where there are several."""
    return tuple(
        replace(each, shown=not of_one_year) if each.key == "year" else each
        for each in PROJECT_COLUMNS
    )


def _roles(person: User) -> str:
    held = person.current_memberships  # type: ignore[attr-defined]
    return "；".join(f"{each.department} {each.get_role_display()}" for each in held)


def _work(name: str) -> Callable[[Any], Value]:
    return lambda person: getattr(person.open_work, name)


def person_state(person: User) -> str:
    """Return in a word whether a person uses the system."""
    if not person.is_active:
        return "已停用"
    return "未设置密码" if person.must_change_password else "在用"


PERSON_COLUMNS = (
    Column(
        key="name",
        label="姓名",
        value=lambda row: str(row),
        order=("name", "pk"),
        css="first-column",
        fixed=True,
    ),
    Column(
        key="username",
        label="用户名",
        value=lambda row: row.username,
        order=("username",),
        on_screen=False,
    ),
    Column(
        key="roles",
        label="单位和角色",
        value=_roles,
        order=(F("unit_path"),),
        width=50,
    ),
    Column(key="phone", label="联系电话", value=lambda row: row.phone, width=18),
    Column(
        key="login",
        label="最近登录",
        value=lambda row: row.last_login,
        order=(F("last_login"),),
        width=18,
    ),
    Column(key="drafts", label="填报中", value=_work("drafts"), css="num", width=10),
    Column(
        key="returned", label="已退回", value=_work("returned"), css="num", width=10
    ),
    Column(key="waiting", label="待审核", value=_work("waiting"), css="num", width=10),
    Column(key="state", label="状态", value=person_state),
)


def department_state(department: Department) -> str:
    """Return in words whether a body is in use, or where it went."""
    if department.merged_into:
        return f"已并入{department.merged_into}"
    return "在用" if department.is_active else "已停用"


DEPARTMENT_COLUMNS = (
    Column(
        key="name",
        label="单位",
        value=lambda row: row.name,
        order=("name", "path"),
        width=36,
        css="first-column",
        fixed=True,
    ),
    Column(key="code", label="单位编码", value=lambda row: row.code, order=("code",)),
    Column(
        key="parent",
        label="上级单位",
        value=lambda row: row.parent.name if row.parent else None,
        order=(F("parent__path"),),
        width=28,
        shown=False,
    ),
    Column(
        key="section",
        label="归口业务科室",
        value=lambda row: row.section.name if row.section else None,
        order=(F("section__path"),),
        width=28,
    ),
    Column(
        key="people",
        label="在任人员",
        value=lambda row: row.people,
        order=(F("people"),),
        css="num",
    ),
    Column(
        key="state",
        label="状态",
        value=department_state,
        order=("is_active",),
        width=24,
    ),
)
