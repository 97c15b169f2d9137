"""A report without a mistake, and the ways to put one in."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from reports.document import (
    Funds,
    FundsRow,
    Goal,
    Indicator,
    Project,
    ReportDocument,
    Section,
    SectionKey,
)

ROWS: tuple[tuple[Any, ...], ...] = (
    # level 1, level 2, name, sign, target, unit, actual, 分值, 得分, note
    ("产出", "数量", "整修渠道", ">=", "36", "公里", "33", "12", "11.00", "征地延后"),
    ("产出", "数量", "新装水闸", ">=", "14", "座", "14", "10", "10.00", ""),
    ("产出", "质量", "工程合格率", "=", "100", "%", "100", "10", "10.00", ""),
    ("产出", "时效", "完工时间", "<=", "2023年11月", "", "2023年10月", "8", "8.00", ""),
    ("产出", "成本", "每公里造价", "<=", "2.5", "万元", "2.4", "10", "10.00", ""),
    ("效益", "经济效益", "新增灌溉面积", ">=", "5200", "亩", "5310",
     "15", "15.00", ""),
    ("效益", "可持续影响", "管护机制", "qualitative", "建立", "", "已建立，待完善",
     "15", "10.50", "两村管护员未到位"),
    ("满意度", "服务对象满意度", "农户满意度", ">=", "90", "%", "94.5",
     "10", "10.00", ""),
)  # fmt: skip
TEXTS: tuple[tuple[SectionKey, str, str, str], ...] = (
    (
        "basics",
        "一、",
        "项目基本情况",
        "项目整修全县末级渠系，改善灌溉条件。2023年度年初预算118万元，年中追加2万元，"
        "全年预算120万元，由县水利局组织实施。",
    ),
    (
        "implementation",
        "二、",
        "项目组织实施情况",
        "（一）投入。绩效目标随预算申报并经批复。\n"
        "（二）过程。全年实际支出114.6万元，预算执行率95.5%，按合同和进度付款。",
    ),
    (
        "results",
        "三、",
        "项目绩效情况和主要做法",
        "（一）工程建设。整修渠道33公里，其中：干渠9公里，支渠24公里；新装水闸14座，"
        "验收合格率100%。\n（二）灌溉效益。新增灌溉面积5310亩，农户满意度94.5%。",
    ),
    (
        "problems",
        "四、",
        "存在问题和建议",
        "三公里渠道因征地延后未能整修，两村管护员未到位。下一步协调征地，落实管护人员。",
    ),
    (
        "score",
        "五、",
        "项目自评结论及得分",
        "根据评分标准，该项目自评得分94.05分，等级为优，具体情况见附表。",
    ),
)


def clean_document() -> ReportDocument:
    """Return a report with its form in which everything agrees.

    114.6 ÷ 120 × 10 = 9.55; rows 11 + 10 + 10 + 8 + 10 + 15 + 10.5 + 10 = 84.5.
    """
    money: dict[str, Any] = {"initial": Decimal(118), "adjusted": Decimal(120)}
    executed = Decimal("114.6")
    return ReportDocument(
        scheme="mof-2020",
        year=2023,
        title="2023年度末级渠系整修项目绩效自评报告",
        project=Project(name="末级渠系整修", unit="河湾县水利局"),
        funds=Funds(
            rows=(
                FundsRow(
                    source="total",
                    executed=executed,
                    max_points=Decimal(10),
                    ratio=Decimal("0.955"),
                    points=Decimal("9.55"),
                    **money,
                ),
                FundsRow(source="appropriation", executed=executed, **money),
            )
        ),
        goal=Goal(
            expected="整修渠道36公里，新装水闸14座，改善灌溉条件",
            actual="整修渠道33公里，新装水闸14座，新增灌溉面积5310亩",
        ),
        sections=tuple(
            Section(key=key, number=number, title=title, text=text)
            for key, number, title, text in TEXTS
        ),
        indicators=tuple(map(_indicator, ROWS)),
        total=Decimal("94.05"),
        max_total=Decimal(100),
        grade="优",
    )


def _indicator(row: tuple[Any, ...]) -> Indicator:
    level1, level2, name, sign, target, unit, actual, most, points, note = row
    return Indicator(
        level1=f"{level1}指标",
        level2=f"{level2}指标",
        level3=name,
        comparator=sign,
        target=target,
        unit=unit,
        actual=actual,
        achievement="partly" if sign == "qualitative" else None,
        max_points=Decimal(most),
        points=Decimal(points),
        deviation_note=note,
    )


def with_row(document: ReportDocument, index: int, **fields: Any) -> ReportDocument:
    """Return the document with fields of one indicator changed; figures as text."""
    rows = list(document.indicators)
    rows[index] = replace(rows[index], **_decimals(fields))
    return replace(document, indicators=tuple(rows))


def with_funds(document: ReportDocument, index: int, **fields: Any) -> ReportDocument:
    """Return the document with fields of one row of the funds changed."""
    rows = list(document.funds.rows)
    rows[index] = replace(rows[index], **_decimals(fields))
    return replace(document, funds=replace(document.funds, rows=tuple(rows)))


def with_text(document: ReportDocument, old: str, new: str) -> ReportDocument:
    """Return the document with one passage of its sections replaced."""
    assert any(old in each.text for each in document.sections), old
    sections = tuple(
        replace(each, text=each.text.replace(old, new)) for each in document.sections
    )
    return replace(document, sections=sections)


def _decimals(fields: dict[str, Any]) -> dict[str, Any]:
    text = ("target", "actual", "level1", "level2", "level3", "unit", "note")
    return {
        name: Decimal(value)
        if isinstance(value, str)
        and name not in text
        and not name.endswith("note")
        and name not in ("comparator", "achievement")
        else value
        for name, value in fields.items()
    }
