"""The 自评指标评分表 as rows of cells: standard, points and basis of each indicator."""

from collections.abc import Iterator, Sequence

from indicators.schemes import Scheme
from perfeval.templatetags.units import form_amount, max_points, percent, points
from reports.document import FundsRow, Indicator, ReportDocument
from reports.rendering.annex_parts import (
    Cell,
    Row,
    Table,
    actual_text,
    execution_ratio,
    goals,
    max_total,
    people_of,
    project_rows,
    remark_rows,
    row_kind,
    target_text,
)
from reports.rendering.grouping import Group, group_rows

SHEET_KEYS = (
    "level1",
    "level2",
    "level3",
    "max_points",
    "standard",
    "points",
    "basis",
)
SHEET_COLUMNS = (
    "一级指标",
    "二级指标",
    "三级指标",
    "分值",
    "评分标准",
    "自评得分",
    "得分依据",
)


def score_sheet(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the score sheet (评分表) of a document."""
    return Table(
        layout="sheet",
        keys=SHEET_KEYS,
        head=(
            *project_rows(document, label=2, name=2, unit=1, value=2),
            *_sheet_facts(document),
        ),
        columns=SHEET_COLUMNS,
        side="",
        rows=(
            *_sheet_rows(group_rows(document.indicators, scheme.layout)),
            Row(
                (
                    Cell("总分", "label", columns=3),
                    Cell(max_points(max_total(document, scheme)), "number"),
                    Cell(kind="blank"),
                    Cell(points(document.total), "number"),
                    Cell(f"等级：{document.grade}" if document.grade else "", "name"),
                ),
                "total",
            ),
        ),
        remarks=tuple(remark_rows(document, label=2, text=5)),
        people=people_of(document, scheme.layout),
    )


def _sheet_facts(document: ReportDocument) -> Iterator[Row]:
    """Rows for money and goal, which the sheet itself has no place for."""
    facts = [
        (f"项目资金（{document.funds.unit}）", _funds_text(document.funds.total)),
        *(
            fact
            for goal in goals(document)
            for fact in (
                ("预期目标", goal.expected),
                ("实际完成情况", goal.actual),
            )
        ),
    ]
    for label, words in facts:
        if words:
            yield Row((Cell(label, "side", columns=2), Cell(words, columns=5)), "long")


def _funds_text(total: FundsRow | None) -> str:
    if total is None:
        return ""
    parts = (
        ("年初预算数", form_amount(total.initial)),
        ("全年预算数", form_amount(total.adjusted)),
        ("到位数", form_amount(total.received)),
        ("全年执行数", form_amount(total.executed)),
        ("执行率", percent(execution_ratio(total))),
    )
    return "，".join(f"{name}{figure}" for name, figure in parts if figure)


def _sheet_rows(groups: Sequence[Group]) -> Iterator[Row]:
    labels: list[Cell] = []
    for group in groups:
        labels.append(Cell(group.level1, "level1", rows=group.size))
        for level2, indicators in group.parts:
            labels.append(Cell(level2, "level2", rows=max(len(indicators), 1)))
            for indicator in indicators or (None,):
                cells = _sheet_cells(indicator)
                yield Row((*labels, *cells), row_kind(cells))
                labels.clear()


def _sheet_cells(indicator: Indicator | None) -> tuple[Cell, ...]:
    if indicator is None:
        return (Cell(kind="name"), *(Cell(kind="blank") for _ in range(4)))
    return (
        Cell(indicator.level3, "name"),
        Cell(max_points(indicator.max_points), "number"),
        Cell(_standard_text(indicator)),
        Cell(points(indicator.points), "number"),
        Cell(_basis_text(indicator)),
    )


def _standard_text(indicator: Indicator) -> str:
    target = target_text(indicator)
    return "\n".join(
        filter(
            None,
            (
                indicator.standard or indicator.formula,
                f"年度指标值：{target}" if target else "",
            ),
        )
    )


def _basis_text(indicator: Indicator) -> str:
    actual = actual_text(indicator)
    return "\n".join(
        filter(
            None,
            (
                f"实际完成值：{actual}" if actual else "",
                indicator.basis,
                indicator.deviation_note,
            ),
        )
    )
