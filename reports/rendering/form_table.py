"""The 自评表 as rows of cells on its 9-column grid, exact in rows and merges."""

from collections.abc import Iterator, Sequence

from indicators.schemes import Layout, Scheme
from perfeval.templatetags.units import form_amount, max_points, percent, points
from reports.document import FundsRow, Goal, Indicator, ReportDocument
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
from reports.rendering.grouping import group_rows

NONE = "—"
FORM_COLUMNS = (
    "一级指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "实际完成值",
    "分值",
    "得分",
    "偏差原因分析及改进措施",
)


def form_table(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the self-evaluation form (自评表) of a document."""
    rows = tuple(_form_rows(document, scheme.layout))
    return Table(
        layout="form",
        head=(
            *project_rows(document, label=1, name=4, unit=1, value=3),
            *_funds_rows(document, scheme),
            *_goal_rows(goals(document)),
        ),
        columns=FORM_COLUMNS,
        side="绩效指标",
        rows=(
            *rows,
            Row(
                (
                    Cell("总分", "label", columns=6),
                    Cell(max_points(max_total(document, scheme)), "number"),
                    Cell(points(document.total), "number"),
                    Cell(kind="blank"),
                ),
                "total",
            ),
        ),
        remarks=tuple(remark_rows(document, label=2, text=7)),
        people=people_of(document, scheme.layout),
    )


def _funds_rows(document: ReportDocument, scheme: Scheme) -> Iterator[Row]:
    labels = scheme.layout.funds_labels
    funds = document.funds
    known = [row.source for row in funds.rows]
    rows = [
        *(
            row
            for source in labels
            for row in (
                [each for each in funds.rows if each.source == source]
                or ([_missing_row(source)] if source not in known else [])
            )
        ),
        *(row for row in funds.rows if row.source not in labels),
    ]
    yield Row(
        (
            Cell(f"项目资金（{funds.unit}）", "side", rows=len(rows) + 1),
            Cell(kind="blank", columns=2),
            *(
                Cell(text, "label")
                for text in (
                    "年初预算数",
                    "全年预算数",
                    "全年执行数",
                    "分值",
                    "执行率",
                    "得分",
                )
            ),
        )
    )
    for row in rows:
        yield _funds_row(row, labels.get(row.source, ""), scheme)


def _missing_row(source: str) -> FundsRow:
    """A row that the form has and the document has not."""
    return FundsRow(source=source)  # type: ignore[arg-type]


def _funds_row(row: FundsRow, label: str, scheme: Scheme) -> Row:
    total = row.source == "total"
    most = row.max_points
    if total and most is None and scheme.execution.place == "funds":
        most = scheme.execution.max_points
    kind = "name" if total or label.startswith("其中") else "name inner"
    return Row(
        (
            Cell(row.label or label or row.source, kind, columns=2),
            Cell(form_amount(row.initial), "number"),
            Cell(form_amount(row.adjusted), "number"),
            Cell(form_amount(row.executed), "number"),
            Cell(max_points(most) if total else NONE, "number"),
            Cell(percent(execution_ratio(row)), "number"),
            Cell(points(row.points) if total else NONE, "number"),
        )
    )


def _goal_rows(several: Sequence[Goal]) -> Iterator[Row]:
    yield Row(
        (
            Cell("年度总体目标", "side", rows=len(several) + 1),
            Cell("预期目标", "label", columns=4),
            Cell("实际完成情况", "label", columns=4),
        )
    )
    for index, goal in enumerate(several, start=1):
        number = f"目标{index}：" if len(several) > 1 else ""
        share = f"（权重{percent(goal.ratio)}）" if goal.ratio is not None else ""
        yield Row(
            (
                Cell(f"{number}{goal.expected}{share}", columns=4),
                Cell(goal.actual, columns=4),
            ),
            "long",
        )


def _form_rows(document: ReportDocument, layout: Layout) -> Iterator[Row]:
    groups = group_rows(document.indicators, layout)
    count = sum(group.size for group in groups)
    labels: list[Cell] = [Cell("绩效指标", "side", rows=count)]
    for group in groups:
        labels.append(Cell(group.level1, "level1", rows=group.size))
        for level2, indicators in group.parts:
            labels.append(Cell(level2, "level2", rows=max(len(indicators), 1)))
            for indicator in indicators or (None,):
                cells = _form_cells(indicator)
                yield Row((*labels, *cells), row_kind(cells))
                labels.clear()


def _form_cells(indicator: Indicator | None) -> tuple[Cell, ...]:
    if indicator is None:
        return (Cell(kind="name"), *(Cell(kind="blank") for _ in range(5)))
    return (
        Cell(indicator.level3, "name"),
        Cell(target_text(indicator) or indicator.standard, "value"),
        Cell(actual_text(indicator) or indicator.basis, "value"),
        Cell(max_points(indicator.max_points), "number"),
        Cell(points(indicator.points), "number"),
        Cell(indicator.deviation_note),
    )
