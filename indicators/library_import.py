"""Import of indicators into the library from one workbook."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from indicators.forms.entry import PointsInput
from indicators.forms.library import departments_kept_by
from indicators.library import save_template
from indicators.models import Comparator, IndicatorTemplate
from indicators.querysets import IndicatorTemplateQuerySet
from indicators.target_entry import read_nature, understand_columns
from perfeval.imports.flow import Importer, Line, Plan
from perfeval.imports.reading import Reading, Row
from perfeval.imports.tables import Column, Table, field_check
from perfeval.models import User
from projects.access import scope_of
from projects.models import Department


def _check_points(text: str) -> None:
    points = PointsInput().clean(text)
    if points is not None and not 0 <= points <= 100:
        raise ValidationError(f"“{text}”不在 0 与 100 之间")


def _check_nature(text: str) -> None:
    if read_nature(text) is None:
        raise ValidationError(f"“{text[:20]}”不是指标性质")


TEMPLATES = Table(
    name="指标库",
    note="每行一项指标；部门编码留空的是共性指标，供所有单位选取",
    columns=(
        Column(
            key="department",
            heading="部门编码",
            help="适用部门的单位编码；共性指标留空",
            also=("适用部门编码", "部门代码"),
        ),
        Column(
            key="level1",
            heading="一级指标",
            help="如 产出指标",
            required=True,
            check=field_check(IndicatorTemplate, "level1"),
            example="产出指标",
        ),
        Column(
            key="level2",
            heading="二级指标",
            help="如 数量指标",
            check=field_check(IndicatorTemplate, "level2"),
            example="数量指标",
        ),
        Column(
            key="level3",
            heading="三级指标",
            help="指标名称",
            required=True,
            check=field_check(IndicatorTemplate, "level3"),
            also=("指标名称", "三级指标名称"),
            example="培训场次",
            width=28,
        ),
        Column(
            key="comparator",
            heading="指标性质",
            help="≥、≤、＝、＞、＜、定性或按评分标准；写在指标值里的可以留空",
            check=_check_nature,
            example="≥",
        ),
        Column(
            key="target",
            heading="参考指标值",
            help="可连符号和单位一起写，如 ≥50场；没有的留空",
            also=("指标值", "年度指标值", "目标值"),
            check=field_check(IndicatorTemplate, "target"),
            example="50",
        ),
        Column(
            key="unit",
            heading="度量单位",
            help="如 场、%、万元",
            also=("计量单位", "单位"),
            check=field_check(IndicatorTemplate, "unit"),
            example="场",
        ),
        Column(
            key="max_points",
            heading="建议分值",
            help="0 到 100，最多两位小数；没有的留空",
            also=("分值", "权重"),
            check=_check_points,
        ),
        Column(
            key="standard",
            heading="评分标准",
            help="怎样得分、怎样扣分；按评分标准给分的指标必填",
            also=("评分规则", "计分标准"),
            check=field_check(IndicatorTemplate, "standard"),
            width=40,
        ),
    ),
)
SEE_CODE = "核对部门编码；只能导入本部门及下属单位的指标"


@dataclass(frozen=True, kw_only=True)
class TemplateEdit:
    """One row to write; stored: None for a new one."""

    stored: IndicatorTemplate | None
    values: dict[str, Any]


class LibraryImporter(Importer):
    """Indicators of the library; matched on department and the three levels."""

    kind = "library"
    title = "指标库导入"
    intro = (
        "从一个工作簿导入共性指标和部门指标。"
        "同一部门中一、二、三级指标都相同的，更新原有的一项。"
    )
    urls = "indicators:library_import"
    tables = (TEMPLATES,)
    trail = (("指标库", "indicators:library"),)
    own_history = True
    sample = {
        TEMPLATES.name: [
            ["", "产出指标", "数量指标", "培训场次", "≥", "50", "场", "10"],
            [
                "",
                "效益指标",
                "社会效益指标",
                "群众安全感",
                "定性",
                "明显提升",
                "",
                "30",
            ],
        ]
    }

    def plan(self, reading: Reading, user: User | None) -> Plan:
        plan = Plan()
        departments = {each.code: each for each in departments_kept_by(user)}
        stored = {_key(each.department_id, each): each for each in _kept(user)}
        first: dict[tuple[Any, ...], int] = {}
        for row in reading.rows[TEMPLATES.name]:
            department = self._department(row, departments, user, plan)
            if department is False or not (row.text("level1") and row.text("level3")):
                continue
            values = _values(row, department, plan)
            if values is None:
                continue
            key = (
                department.pk if department else None,
                *(values[name] for name in ("level1", "level2", "level3")),
            )
            if key in first:
                reason = f"与第 {first[key]} 行是同一项指标"
                plan.problems.append(row.problem("level3", reason, "只保留一行"))
                continue
            first[key] = row.number
            plan.lines.append(_line(row, stored.get(key), values))
        return plan

    def _department(
        self, row: Row, known: dict[str, Department], user: User | None, plan: Plan
    ) -> "Department | Any | None":
        """Return whose the row is, None for all, False where that is refused."""
        code = row.text("department")
        if code in known:
            return known[code]
        if not code and (user is None or scope_of(user).everything):
            return None
        reason = f"没有可以维护的部门“{code}”" if code else "共性指标由绩效科维护"
        key = "department" if "department" in row.places else "level3"
        plan.problems.append(row.problem(key, reason, SEE_CODE))
        return False

    def save(self, user: User | None, plan: Plan) -> None:
        for line in plan.lines:
            edit: TemplateEdit = line.values
            row = edit.stored or IndicatorTemplate()
            save_template(user, row, edit.values, version=row.version)


def _kept(user: User | None) -> IndicatorTemplateQuerySet:
    kept: IndicatorTemplateQuerySet = IndicatorTemplate.objects.all()
    return kept if user is None else kept.kept_by(user)


def _key(department: int | None, each: IndicatorTemplate) -> tuple[Any, ...]:
    return department, each.level1, each.level2, each.level3


def _values(
    row: Row, department: Department | None, plan: Plan
) -> dict[str, Any] | None:
    nature = read_nature(row.text("comparator")) or ""
    read = understand_columns(row.text("target"), nature, row.text("unit"))
    standard = row.text("standard")
    if read.comparator == Comparator.RUBRIC and not standard:
        reason = "按评分标准给分的指标没有评分标准"
        remedy = "填写评分标准，或改指标性质"
        plan.problems.append(row.problem("comparator", reason, remedy))
        return None
    return {
        "department": department,
        **{name: row.text(name) for name in ("level1", "level2", "level3")},
        "comparator": read.comparator or Comparator.AT_LEAST,
        "target": read.target,
        "unit": read.unit,
        "max_points": PointsInput().clean(row.text("max_points")),
        "standard": standard,
        "is_active": True,
    }


def _line(row: Row, stored: IndicatorTemplate | None, values: dict[str, Any]) -> Line:
    different = [
        str(IndicatorTemplate._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name, value in values.items()
        if stored and getattr(stored, name) != value
    ]
    whose = values["department"] or "共性指标"
    return Line(
        table=TEMPLATES.name,
        number=row.number,
        name=f"{values['level1']} / {values['level2'] or '—'} / {values['level3']}",
        what="create" if stored is None else "change" if different else "leave",
        told=f"改{'、'.join(different)}" if different else str(whose),
        values=TemplateEdit(stored=stored, values=values),
    )


LIBRARY_IMPORTER = LibraryImporter()
