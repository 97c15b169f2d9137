"""The columns of a list of targets, one indicator a row."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from indicators.models import Comparator, Indicator
from perfeval.imports.tables import Column, Table, field_check
from perfeval.numbers import SIGNS, Quantity, normal_text, read_value
from projects.project_import.tables import CODE_COLUMN, YEAR_COLUMN

COMPARATORS: dict[str, Comparator | None] = {
    **{sign: Comparator(each) for sign, each in SIGNS.items()},
    **{normal_text(each.label): each for each in Comparator},
    **dict.fromkeys(("定性指标",), Comparator.QUALITATIVE),
    **dict.fromkeys(("正向", "正向指标", "正指标"), Comparator.AT_LEAST),
    **dict.fromkeys(
        ("反向", "反向指标", "负向", "逆向", "逆向指标"), Comparator.AT_MOST
    ),
    # They say what kind of target it is, not how it is compared.
    **dict.fromkeys(("定量", "定量指标"), None),
}
POINTS_IN_LEVEL = re.compile(r"[(（]\s*[0-9.]+\s*分?\s*[)）]$")


def level_name(text: str) -> str:
    """Return a level's name without its points: 产出指标（50分） → 产出指标."""
    return POINTS_IN_LEVEL.sub("", text).strip()


def points_of(text: str) -> Decimal | None:
    """Return the points that 10, 10分 or 10.5 means; None for others."""
    value = read_value(text)
    if not isinstance(value, Quantity) or value.sign or value.unit not in ("", "分"):
        return None
    return value.value


def _check_comparator(text: str) -> None:
    if normal_text(text) not in COMPARATORS:
        raise ValidationError(f"“{text}”不是指标性质")


def _check_points(text: str) -> None:
    points = points_of(text)
    if points is None:
        raise ValidationError(f"“{text}”不是分值")
    if not 0 <= points <= 100:
        raise ValidationError(f"“{text}”不在 0 与 100 之间")
    if points != round(points, 2):
        raise ValidationError(f"“{text}”多于两位小数")


TARGETS = Table(
    name="绩效目标",
    note="一行一项三级指标；项目按年度和编码识别，应在系统中已有。",
    columns=(
        YEAR_COLUMN,
        CODE_COLUMN,
        Column(
            key="level1",
            heading="一级指标",
            help="如 产出指标；同一项目下面各行可以留空，照上一行",
            check=field_check(Indicator, "level1"),
            example="产出指标",
        ),
        Column(
            key="level2",
            heading="二级指标",
            help="如 数量指标；同一项目下面各行可以留空，照上一行",
            check=field_check(Indicator, "level2"),
            example="数量指标",
        ),
        Column(
            key="level3",
            heading="三级指标",
            also=("指标名称", "绩效指标", "三级指标名称"),
            help="不超过 200 字；同一项目同一二级指标下不重名",
            required=True,
            check=field_check(Indicator, "level3"),
            example="法律援助办案数量",
            width=32,
        ),
        Column(
            key="comparator",
            heading="指标性质",
            also=("符号", "比较符号", "指标符号", "计算符号", "指标类型"),
            help="≥、≤、＝、＞、＜、定性或按评分标准；也可写在指标值前面",
            check=_check_comparator,
            example="≥",
            width=12,
        ),
        Column(
            key="target",
            heading="年度指标值",
            also=("指标值", "目标值", "年度目标值", "全年指标值"),
            help="定量指标填数字或期限，定性指标填应达到的程度；可写成 ≥50件",
            check=field_check(Indicator, "target"),
            example="50",
            width=18,
        ),
        Column(
            key="unit",
            heading="度量单位",
            also=("计量单位", "单位", "指标单位"),
            help="如 个、场、%、万元",
            check=field_check(Indicator, "unit"),
            example="件",
            width=10,
        ),
        Column(
            key="points",
            heading="分值",
            also=("权重", "指标分值", "权重分"),
            help="0 至 100 的数，最多两位小数；新指标必填",
            check=_check_points,
            example="10",
            width=8,
        ),
        Column(
            key="standard",
            heading="评分标准",
            also=("评分办法", "评分规则", "计分规则"),
            help="指标性质为“按评分标准”时必填：怎样得分、怎样扣分",
            check=field_check(Indicator, "standard"),
            width=32,
        ),
    ),
)
