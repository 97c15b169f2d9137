"""The 自评表 as rows of cells on the grid of the scheme's columns, with its merges."""

from collections.abc import Iterator, Sequence

from indicators.schemes import ColumnKey, Layout, Scheme
from perfeval.templatetags.units import form_amount, max_points, percent, points
from reports.document import FundsRow, Goal, Indicator, ReportDocument
from reports.rendering.annex_parts import (
    Cell,
    Row,
    Table,
    actual_text,
    bare_target,
    execution_ratio,
    goals,
    max_total,
    nature_text,
    people_of,
    project_rows,
    remark_row,
    remark_rows,
    remarks_text,
    row_kind,
    target_text,
)
from reports.rendering.grouping import group_rows

NONE = "—"
# What a source is called that the scheme's form has no row for.
SOURCES = {
    "total": "年度资金总额",
    "appropriation": "财政拨款",
    "carryover": "上年结转资金",
    "other": "其他资金",
    "fiscal": "财政资金",
    "special_account": "财政专户管理资金",
    "unit_funds": "单位资金",
}
LABELS = 3  # columns of the levels; the label of a funding source takes two of them
FUNDS = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")


def form_table(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the self-evaluation form (自评表) of a document."""
    columns = scheme.layout.columns
    count = len(columns) + 1
    name = (count - 1) // 2
    return Table(
        layout="form",
        keys=("side-column", *(each.key for each in columns)),
        head=(
            *project_rows(document, label=1, name=name, unit=1, value=count - name - 2),
            *_funds_rows(document, scheme),
            *_goal_rows(goals(document), name, count - 1 - name),
        ),
        columns=tuple(each.title for each in columns),
        side="绩效指标",
        rows=(*_form_rows(document, scheme.layout), _total_row(document, scheme)),
        remarks=tuple(_remarks(document, scheme.layout, count)),
        people=people_of(document, scheme.layout),
    )


def _total_row(document: ReportDocument, scheme: Scheme) -> Row:
    layout = scheme.layout
    graded = layout.grade_in_total and document.grade
    return Row(
        (
            Cell("总分", "label", columns=len(layout.columns) - 2),
            Cell(max_points(max_total(document, scheme)), "number"),
            Cell(points(document.total), "number"),
            Cell(document.grade or "", "number") if graded else Cell(kind="blank"),
        ),
        "total",
    )


def _remarks(document: ReportDocument, layout: Layout, count: int) -> Iterator[Row]:
    if not layout.boxes:
        yield from remark_rows(document, label=2, text=count - 2)
    problems = document.section("problems")
    texts = {
        "conclusion": document.conclusion,
        "problems": problems.text if problems else "",
        "remarks": remarks_text(document),
    }
    for box in layout.boxes:
        yield remark_row(box.title, texts[box.text], label=2, text=count - 2)


def _funds_spans(layout: Layout) -> tuple[int, ...]:
    """Return how many columns each figure of the funds block takes.

    The last three stand over 分值, 得分 and the note; the amounts share what is left.
    """
    room = len(layout.columns) - LABELS - 2
    share, rest = divmod(room, 3)
    return (*(share + (place >= 3 - rest) for place in range(3)), 1, 1, 1)


def _funds_rows(document: ReportDocument, scheme: Scheme) -> Iterator[Row]:
    labels = scheme.layout.funds_labels
    funds = document.funds
    rows = ordered_funds(document, scheme)
    spans = _funds_spans(scheme.layout)
    yield Row(
        (
            Cell(f"项目资金（{funds.unit}）", "side", rows=len(rows) + 1),
            Cell(kind="blank", columns=2),
            *(
                Cell(text, "label", columns=span)
                for text, span in zip(FUNDS, spans, strict=True)
            ),
        )
    )
    for row in rows:
        yield _funds_row(row, labels.get(row.source, ""), scheme)


def ordered_funds(document: ReportDocument, scheme: Scheme) -> list[FundsRow]:
    """Return the funds as the form prints them, with an empty row for each it lacks."""
    labels = scheme.layout.funds_labels
    funds = document.funds
    known = [row.source for row in funds.rows]
    return [
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


def _missing_row(source: str) -> FundsRow:
    """A row that the form has and the document has not."""
    return FundsRow(source=source)  # type: ignore[arg-type]


def _funds_row(row: FundsRow, label: str, scheme: Scheme) -> Row:
    total = row.source == "total"
    most = row.max_points
    if total and most is None and scheme.execution.place == "funds":
        most = scheme.execution.max_points
    kind = "name" if total or label.startswith("其中") else "name inner"
    figures = (
        form_amount(row.initial),
        form_amount(row.adjusted),
        form_amount(row.executed),
        max_points(most) if total else NONE,
        percent(execution_ratio(row)),
        points(row.points) if total else NONE,
    )
    return Row(
        (
            Cell(row.label or label or SOURCES[row.source], kind, columns=2),
            *(
                Cell(text, "number", columns=span)
                for text, span in zip(figures, _funds_spans(scheme.layout), strict=True)
            ),
        )
    )


def _goal_rows(several: Sequence[Goal], left: int, right: int) -> Iterator[Row]:
    yield Row(
        (
            Cell("年度总体目标", "side", rows=len(several) + 1),
            Cell("预期目标", "label", columns=left),
            Cell("实际完成情况", "label", columns=right),
        )
    )
    for index, goal in enumerate(several, start=1):
        number = f"目标{index}：" if len(several) > 1 else ""
        share = f"（权重{percent(goal.ratio)}）" if goal.ratio is not None else ""
        yield Row(
            (
                Cell(f"{number}{goal.expected}{share}", columns=left),
                Cell(goal.actual, columns=right),
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
                cells = _form_cells(indicator, layout)
                yield Row((*labels, *cells), row_kind(cells))
                labels.clear()


def _form_cells(indicator: Indicator | None, layout: Layout) -> tuple[Cell, ...]:
    keys = [each.key for each in layout.columns][LABELS - 1 :]
    if indicator is None:
        return tuple(Cell(kind="name" if key == "level3" else "blank") for key in keys)
    return tuple(_form_cell(indicator, key) for key in keys)


def _form_cell(indicator: Indicator, key: ColumnKey) -> Cell:
    text, kind = {
        "level3": (indicator.level3, "name"),
        "target": (target_text(indicator) or indicator.standard, "value"),
        "nature": (nature_text(indicator), "value"),
        "value": (bare_target(indicator) or indicator.standard, "value"),
        "unit": (indicator.unit, "value"),
        "method": (indicator.formula or indicator.standard, "text"),
        "actual": (actual_text(indicator) or indicator.basis, "value"),
        "max_points": (max_points(indicator.max_points), "number"),
        "points": (points(indicator.points), "number"),
        "note": (indicator.deviation_note, "text"),
    }[key]
    return Cell(text, kind)
