"""The annex as rows of cells: 自评表 on its 9-column grid, or the 评分表.

Plain data for the templates of screen and paper, exact in rows and merges. A cell that
spans rows is a label; a print repeats it on each page (merged_cells.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from indicators.schemes import Layout, Scheme
from perfeval.templatetags.units import form_amount, max_points, percent, points
from reports.document import FundsRow, Goal, Indicator, ReportDocument
from reports.rendering.grouping import Group, group_rows

SIGNS = {">=": "≥", ">": "＞", "=": "＝", "<=": "≤", "<": "＜"}
PEOPLE = {
    "unit_leader": "单位负责人",
    "project_leader": "项目负责人",
    "finance_leader": "财务负责人",
    "filler": "填报人",
    "contact": "联系人",
    "phone": "联系电话",
}
NONE = "—"
LABELS = frozenset(("side", "level1", "level2", "label"))
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
SHEET_COLUMNS = (
    "一级指标",
    "二级指标",
    "三级指标",
    "分值",
    "评分标准",
    "自评得分",
    "得分依据",
)
# Characters in the indicator's cells beyond which a row may break across pages: a row
# that is taller than a page must, and WeasyPrint loses the head if it may not.
LONG = 120


@dataclass(frozen=True)
class Cell:
    """One cell; columns, rows: its span.

    kind: side, level1, level2 or label (a label of another place), name, value, text,
    number, blank.
    """

    text: str = ""
    kind: str = "text"
    columns: int = 1
    rows: int = 1

    @property
    def is_label(self) -> bool:
        return self.kind in LABELS


@dataclass(frozen=True)
class Row:
    """One row. kind: indicator, long (may break across pages), total, remark or ""."""

    cells: tuple[Cell, ...]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """head: the rows above the indicators; columns: the head repeated on each page.

    layout: form or sheet; side: the label merged down the left side, "" without;
    remarks: rows under the total, without a head.
    """

    layout: str
    head: tuple[Row, ...]
    columns: tuple[str, ...]
    side: str
    rows: tuple[Row, ...]
    remarks: tuple[Row, ...]
    people: tuple[tuple[str, str], ...]


def annex_table(document: ReportDocument, scheme: Scheme) -> Table:
    """Return the annex that the scheme asks for."""
    if scheme.layout.annex == "score_sheet":
        return _score_sheet(document, scheme)
    return _form(document, scheme)


def _form(document: ReportDocument, scheme: Scheme) -> Table:
    rows = tuple(_form_rows(document, scheme.layout))
    return Table(
        layout="form",
        head=(
            *_project_rows(document, label=1, name=4, unit=1, value=3),
            *_funds_rows(document, scheme),
            *_goal_rows(_goals(document)),
        ),
        columns=FORM_COLUMNS,
        side="绩效指标",
        rows=(
            *rows,
            Row(
                (
                    Cell("总分", "label", columns=6),
                    Cell(max_points(_max_total(document, scheme)), "number"),
                    Cell(points(document.total), "number"),
                    Cell(kind="blank"),
                ),
                "total",
            ),
        ),
        remarks=tuple(_remark_rows(document, label=2, text=7)),
        people=_people(document, scheme.layout),
    )


def _project_rows(
    document: ReportDocument, *, label: int, name: int, unit: int, value: int
) -> tuple[Row, Row]:
    """Return the rows of project and units; the figures are column spans."""
    project = document.project
    return (
        Row(
            (
                Cell("项目名称", "side", columns=label),
                Cell(project.name, columns=name + unit + value),
            )
        ),
        Row(
            (
                Cell("主管部门", "side", columns=label),
                Cell(project.supervising_department, columns=name),
                Cell("实施单位", "label", columns=unit),
                Cell(project.unit, columns=value),
            )
        ),
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


def execution_ratio(row: FundsRow) -> Decimal | None:
    """Return the row's ratio as given, else executed / adjusted to 4 decimals."""
    if row.ratio is not None or row.executed is None or not row.adjusted:
        return row.ratio
    return (row.executed / row.adjusted).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _goals(document: ReportDocument) -> tuple[Goal, ...]:
    return document.goals or (document.goal,)


def _goal_rows(goals: Sequence[Goal]) -> Iterator[Row]:
    yield Row(
        (
            Cell("年度总体目标", "side", rows=len(goals) + 1),
            Cell("预期目标", "label", columns=4),
            Cell("实际完成情况", "label", columns=4),
        )
    )
    for index, goal in enumerate(goals, start=1):
        number = f"目标{index}：" if len(goals) > 1 else ""
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
                yield Row((*labels, *cells), _row_kind(cells))
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


def target_text(indicator: Indicator) -> str:
    """Return the target as the form prints it: sign, number, unit, or its words."""
    target = _with_sign(indicator, indicator.target)
    if indicator.target_before:
        return f"{target}（原指标值{_with_sign(indicator, indicator.target_before)}）"
    return target


def _with_sign(indicator: Indicator, target: str | None) -> str:
    if not target:
        return ""
    sign = SIGNS.get(indicator.comparator or "", "")
    return f"{sign}{_with_unit(target, indicator.unit)}"


def actual_text(indicator: Indicator) -> str:
    """Return the actual value as written, with the unit after a plain number."""
    if not indicator.applicable and not indicator.actual:
        return "不适用"
    return _with_unit(indicator.actual or "", indicator.unit)


def _with_unit(value: str, unit: str) -> str:
    return f"{value}{unit}" if value and value[-1] in "0123456789" else value


def _row_kind(cells: Iterable[Cell]) -> str:
    return "long" if any(len(cell.text) > LONG for cell in cells) else "indicator"


def _max_total(document: ReportDocument, scheme: Scheme) -> Decimal | None:
    if document.max_total is not None:
        return document.max_total
    total = document.funds.total
    parts = [indicator.max_points for indicator in document.indicators]
    if scheme.execution.place == "funds":
        given = total.max_points if total else None
        parts.append(scheme.execution.max_points if given is None else given)
    return sum((part for part in parts if part is not None), Decimal(0))


def _remark_rows(document: ReportDocument, *, label: int, text: int) -> Iterator[Row]:
    """Rows for what the document says beyond the form; none where it says nothing."""
    remarks = [document.remarks] if document.remarks else []
    remarks += [row.note for row in document.funds.rows if row.note]
    for title, words in (
        ("评价结论", document.conclusion),
        ("其他需要说明事项", "\n".join(remarks)),
    ):
        if words:
            yield Row(
                (Cell(title, "label", columns=label), Cell(words, columns=text)),
                "remark",
            )


def _people(document: ReportDocument, layout: Layout) -> tuple[tuple[str, str], ...]:
    return tuple((PEOPLE[key], getattr(document.people, key)) for key in layout.people)


def _score_sheet(document: ReportDocument, scheme: Scheme) -> Table:
    return Table(
        layout="sheet",
        head=(
            *_project_rows(document, label=2, name=2, unit=1, value=2),
            *_sheet_facts(document),
        ),
        columns=SHEET_COLUMNS,
        side="",
        rows=(
            *_sheet_rows(group_rows(document.indicators, scheme.layout)),
            Row(
                (
                    Cell("总分", "label", columns=3),
                    Cell(max_points(_max_total(document, scheme)), "number"),
                    Cell(kind="blank"),
                    Cell(points(document.total), "number"),
                    Cell(f"等级：{document.grade}" if document.grade else "", "name"),
                ),
                "total",
            ),
        ),
        remarks=tuple(_remark_rows(document, label=2, text=5)),
        people=_people(document, scheme.layout),
    )


def _sheet_facts(document: ReportDocument) -> Iterator[Row]:
    """Rows for money and goal, which the sheet itself has no place for."""
    facts = [
        (f"项目资金（{document.funds.unit}）", _funds_text(document.funds.total)),
        *(
            fact
            for goal in _goals(document)
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
                yield Row((*labels, *cells), _row_kind(cells))
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
