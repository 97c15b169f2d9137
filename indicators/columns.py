"""The columns of the lists of self-assessments, tasks, changes and approvals."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from indicators.models import SelfAssessment, TaskExemption
from indicators.querysets import effective_due
from perfeval.lists import Column
from perfeval.sheets import Ratio, Value
from projects.columns import about_project
from projects.models import BudgetProject


def _due(row: SelfAssessment) -> Value:
    if row.is_editable:
        return row.deadline
    return row.current_level.due_at if row.current_level else None


def _ratio(row: SelfAssessment) -> Ratio | None:
    ratio = row.project.execution_ratio
    return None if ratio is None else Ratio(ratio)


CODE, NAME, UNIT, DEPARTMENT = about_project("project")
STATE = Column(
    key="state",
    label="状态",
    value=lambda row: row.state_words,
    order=("status", F("level")),
    width=22,
)

ASSESSMENT_COLUMNS = (
    CODE,
    NAME,
    Column(
        key="year",
        label="年度",
        value=lambda row: row.project.year,
        order=("project__year",),
        width=8,
        shown=False,
    ),
    STATE,
    Column(key="due", label="截止", value=_due, order=(effective_due(),), width=18),
    UNIT,
    DEPARTMENT,
    Column(
        key="task",
        label="自评任务",
        value=lambda row: row.task.title,
        order=("task__title",),
        width=30,
        css="fold",
    ),
    Column(
        key="material",
        label="材料要求",
        value=lambda row: row.get_material_display(),
        order=("material",),
        width=26,
        shown=False,
    ),
    Column(key="ratio", label="执行率", value=_ratio, css="num"),
    Column(
        key="total",
        label="自评得分",
        value=lambda row: row.total,
        order=(F("total"),),
        css="num",
    ),
    Column(key="grade", label="等级", value=lambda row: row.grade, order=("grade",)),
    Column(
        key="review",
        label="复核得分",
        value=lambda row: row.review_total,
        order=(F("review_total"),),
        css="num",
        shown=False,
    ),
    Column(
        key="changed",
        label="最近修改",
        value=lambda row: row.changed_at,
        order=(F("changed_at"),),
        width=18,
        shown=False,
    ),
)


@dataclass(frozen=True, kw_only=True)
class ExemptRow:
    """A project recorded as 免报, as a row of the file beside self-assessments."""

    project: BudgetProject
    exempt_reason: str
    state_words: str = "免报"
    is_exempt: bool = True

    def get_material_display(self) -> str:
        return ""


def exempt_rows(exemptions: Iterable[TaskExemption]) -> Iterator[ExemptRow]:
    for each in exemptions:
        yield ExemptRow(project=each.project, exempt_reason=each.reason)


TASK_PROJECT_COLUMNS = (
    CODE,
    NAME,
    UNIT,
    DEPARTMENT,
    STATE,
    Column(
        key="reason",
        label="免报原因",
        value=lambda row: row.exempt_reason,
        width=40,
        on_screen=False,
    ),
    Column(
        key="due",
        label="截止",
        value=lambda row: None if row.is_exempt else _due(row),
        order=(effective_due(),),
        width=18,
    ),
    Column(
        key="material",
        label="材料要求",
        value=lambda row: row.get_material_display(),
        order=("material",),
        width=26,
        css="fold",
    ),
)


def _tally(name: str) -> Callable[[Any], Value]:
    return lambda task: getattr(task.tally, name)


TASK_COLUMNS = (
    Column(
        key="title",
        label="任务",
        value=lambda row: row.title,
        width=40,
        css="first-column",
        fixed=True,
    ),
    Column(key="year", label="年度", value=lambda row: row.year, width=8, shown=False),
    Column(
        key="scheme",
        label="评分方案",
        value=lambda row: row.scheme.name,
        width=30,
        shown=False,
    ),
    Column(key="state", label="状态", value=lambda row: row.get_state_display()),
    Column(key="due", label="截止", value=lambda row: row.due_at, width=18),
    Column(key="required", label="应报", value=_tally("required"), css="num", width=8),
    Column(key="reported", label="已报", value=_tally("reported"), css="num", width=8),
    Column(
        key="unreported", label="未报", value=_tally("unreported"), css="num", width=8
    ),
    Column(key="exempt", label="免报", value=_tally("exempt"), css="num", width=8),
    Column(key="overdue", label="逾期", value=_tally("overdue"), css="num", width=8),
)

CHANGE_COLUMNS = (
    Column(
        key="code",
        label="项目编码",
        value=lambda row: row.code,
        width=24,
        on_screen=False,
    ),
    Column(
        key="name",
        label="项目",
        value=lambda row: row.name,
        width=40,
        css="first-column",
        fixed=True,
    ),
    Column(
        key="what",
        label="申请事项",
        value=lambda row: row.what,
        width=50,
        css="text-cell",
    ),
    Column(key="unit", label="单位", value=lambda row: row.unit, width=28),
    Column(key="person", label="申请人", value=lambda row: row.asked_by),
    Column(key="asked", label="申请时间", value=lambda row: row.asked_at, width=18),
    Column(key="flag", label="提示", value=lambda row: row.flag),
)

APPROVAL_COLUMNS = (
    *about_project(),
    Column(
        key="indicators",
        label="指标",
        value=lambda row: row.indicator_count,
        order=(F("indicator_count"),),
        css="num",
        width=8,
    ),
    Column(
        key="unapproved",
        label="未批复",
        value=lambda row: row.unapproved,
        order=(F("unapproved"),),
        css="num",
        width=8,
    ),
    Column(
        key="weight",
        label="分值合计",
        value=lambda row: row.weight,
        order=(F("weight"),),
        css="num",
    ),
)

LATE_COLUMNS = (
    Column(
        key="unit",
        label="单位",
        value=lambda row: row.assessment.project.unit.name,
        width=28,
        css="first-column",
        fixed=True,
    ),
    Column(
        key="department",
        label="主管部门",
        value=lambda row: row.assessment.project.supervising_department.name,
        width=24,
        shown=False,
    ),
    Column(
        key="code",
        label="项目编码",
        value=lambda row: row.assessment.project.code,
        width=24,
        on_screen=False,
    ),
    Column(
        key="name",
        label="项目",
        value=lambda row: row.assessment.project.shown_name,
        width=40,
    ),
    Column(key="person", label="联系人", value=lambda row: row.person),
    Column(key="phone", label="联系电话", value=lambda row: row.phone, width=18),
    Column(
        key="state",
        label="状态",
        value=lambda row: row.assessment.get_status_display(),
        shown=False,
    ),
    Column(
        key="due", label="截止时间", value=lambda row: row.assessment.deadline, width=18
    ),
    Column(key="days", label="逾期天数", value=lambda row: row.days, css="num"),
)

LIBRARY_COLUMNS = (
    Column(
        key="level1", label="一级指标", value=lambda row: row.level1, order=("level1",)
    ),
    Column(
        key="level2",
        label="二级指标",
        value=lambda row: row.level2,
        order=("level2",),
        width=18,
    ),
    Column(
        key="level3",
        label="三级指标",
        value=lambda row: row.level3,
        order=("level3",),
        width=36,
        css="first-column",
        fixed=True,
    ),
    Column(
        key="kind",
        label="指标性质",
        value=lambda row: row.get_comparator_display(),
        order=("comparator",),
    ),
    Column(
        key="target", label="参考指标值", value=lambda row: row.shown_target, width=18
    ),
    Column(
        key="points",
        label="建议分值",
        value=lambda row: row.max_points,
        order=(F("max_points"),),
        css="num",
    ),
    Column(
        key="standard",
        label="评分标准",
        value=lambda row: row.standard,
        width=48,
        css="text-cell",
        shown=False,
    ),
    Column(
        key="department",
        label="适用部门",
        value=lambda row: row.department.name if row.department else "共性指标",
        order=(F("department__path"),),
        width=24,
    ),
    Column(
        key="active",
        label="供选取",
        value=lambda row: "是" if row.is_active else "停用",
        order=("is_active",),
        shown=False,
    ),
)
