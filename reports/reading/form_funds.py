"""The funds block of a form: its columns, its sources, and whether it is in 万元."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from perfeval.amounts import MoneyUnit
from perfeval.numbers import Quantity, read_value, unit_factor
from perfeval.workbooks.grid import Block, Cell, Sheet
from reports.document import Funds, FundSource, FundsRow
from reports.reading.form_cells import UNCERTAIN, CellReader
from reports.reading.form_labels import field_of, is_label, label_key

COLUMNS: tuple[tuple[str, str], ...] = (
    ("note", "原因|备注|说明"),
    ("ratio", "执行率|支出率|完成率|使用率|^(?:执行|支出)比例$"),
    ("review", "(?:复核|审核|财政).*分"),
    ("max_points", "分值|权重|满分"),
    ("points", "得分|自评分"),
    ("received", "到位"),
    (
        "executed",
        "执行数|执行金?额|支出数|支出金?额|实际支出|实际使用|^全年执行$|已支出",
    ),
    ("initial", "年初|批复"),
    ("adjusted", "全年预算|调整|预算数|预算金?额|预算安排|预算资金|计划"),
)
COLUMN = [(kind, re.compile(pattern)) for kind, pattern in COLUMNS]
MONEY = ("initial", "adjusted", "received", "executed")

SOURCES: tuple[tuple[FundSource, str], ...] = (
    ("special_account", "专户"),
    ("carryover", "结转|结余"),
    ("total", "总额|合计|总计|总金额|资金总|^项目资金$|预算总"),
    ("unit_funds", "单位资金|自有资金|自筹|单位自有|事业收入|经营收入"),
    ("other", "其他|其它|非财政"),
    ("appropriation", "拨款|一般公共预算"),
    ("fiscal", "财政|政府性基金|专项债"),
)
SOURCE = [(source, re.compile(pattern)) for source, pattern in SOURCES]
UNIT = re.compile(
    r"[(（][^()（）]*?(亿元|百万元|万元|千元|元)[^()（）]*[)）]"
    r"|单位[:：](?:人民币)?(亿元|百万元|万元|千元|元)"
)


@dataclass(frozen=True)
class FundsHeading:
    """Where a form names budget and spending; spans: columns of the figures by kind.

    beside: the figures stand in the row itself, each beside its name.
    """

    row: int
    spans: dict[str, tuple[int, int]]
    beside: bool = False

    @property
    def first_figure(self) -> int:
        return min(self.spans[each][0] for each in MONEY if each in self.spans)


def find_funds(sheet: Sheet, top: int, end: int) -> FundsHeading | None:
    """Return the heading row between two rows that names budget and spending."""
    for row in range(top, end):
        names: dict[str, Block] = {}
        for block in sheet.filled(row):
            kind = _column_kind(block.text)
            if kind and not _names_sources(sheet, block):
                names.setdefault(kind, block)
        if "executed" in names and ("adjusted" in names or "initial" in names):
            return _heading(sheet, row, names)
    return None


def _heading(sheet: Sheet, row: int, names: dict[str, Block]) -> FundsHeading:
    after = {kind: sheet.block(row, block.last + 1) for kind, block in names.items()}
    if all(_is_figure(each) for kind, each in after.items() if kind in MONEY):
        return FundsHeading(row, {k: (e.first, e.last) for k, e in after.items()}, True)
    return FundsHeading(row, {k: (e.first, e.last) for k, e in names.items()})


def _is_figure(block: Block) -> bool:
    return isinstance(read_value(block.text), Quantity)


def _names_sources(sheet: Sheet, heading: Block) -> bool:
    """Whether sources stand under a heading (年度预算数), not figures."""
    below = sheet.block(heading.area[2] + 1, heading.first).cell
    return below.number is None and _source(label_key(below.text)) is not None


def _column_kind(text: str) -> str | None:
    key = label_key(text) if len(text) <= 40 else ""
    if not key or any(words.search(key) for _, words in SOURCE[:3]):
        return None
    return next((kind for kind, words in COLUMN if words.search(key)), None)


def read_funds(
    heading: FundsHeading, top: int, end: int, reader: CellReader
) -> tuple[Funds, set[int]]:
    """Return the funds and the rows they take; top: where the form begins."""
    if heading.beside:
        first = reader.sheet.filled(heading.row)[0]
        rows = [(heading.row, first)]
    else:
        rows = list(_source_rows(heading, end, reader.sheet))
    unit, scale = _money_unit(heading, top, [row for row, _ in rows], reader)
    found = [_read_row(heading, row, label, unit, scale, reader) for row, label in rows]
    for index, (row, _) in enumerate(rows):
        for kind, span in heading.spans.items():
            cell = _under(reader.sheet, row, span)
            reader.locate(f"funds.rows[{index}].{kind}", cell)
    taken = {heading.row, *(row for row, _ in rows)}
    return Funds(unit=unit, rows=tuple(found), given=frozenset(("unit",))), taken


def _source_rows(
    heading: FundsHeading, end: int, sheet: Sheet
) -> Iterator[tuple[int, Block]]:
    """Yield the rows below the heading and the block that names their source."""
    for row in range(heading.row + 1, end):
        filled = sheet.filled(row)
        figures = [each for each in filled if each.first >= heading.first_figure]
        labels = [each for each in filled if each.first < heading.first_figure]
        own = [each for each in labels if each.area[0] == row]
        if any(field_of(each.text) or is_label(each.text) for each in own):
            return
        known = [each for each in labels if _source(label_key(each.text))]
        if own and known[-1:] != own[-1:] and not any(map(_is_figure, figures)):
            return
        if own and own[-1].last >= heading.first_figure:
            return
        if own or (figures and known):
            yield row, (own or known)[-1]


def _source(key: str) -> FundSource | None:
    return next((source for source, words in SOURCE if words.search(key)), None)


def _money_unit(
    heading: FundsHeading, top: int, rows: list[int], reader: CellReader
) -> tuple[MoneyUnit, Decimal]:
    """Return the unit of the funds, and what a bare number is times to be in it.

    Looked for in the block itself, then above it, then in the figures.
    """
    sheet = reader.sheet
    # Not in the figures' columns: a note there may speak of another sum.
    labels = [
        each
        for row in rows
        for each in sheet.filled(row)
        if each.first < heading.first_figure
    ]
    above = (
        each
        for row in range(heading.row - 1, top - 1, -1)
        for each in sheet.filled(row)
    )
    for each in (*sheet.filled(heading.row), *labels, *above):
        found = UNIT.search(each.text)
        if found:
            return _known_unit(found[1] or found[2])
    for row in rows:
        for each in sheet.filled(row):
            value = read_value(each.text)
            if isinstance(value, Quantity) and value.unit in ("元", "万元"):
                return _known_unit(value.unit)
    corner = sheet.block(heading.row, heading.spans["executed"][0]).cell
    reader.note(UNCERTAIN, corner, "表中没有写金额单位，按万元理解")
    return "万元", Decimal(1)


def _known_unit(written: str) -> tuple[MoneyUnit, Decimal]:
    if written == "元":
        return "元", Decimal(1)
    return "万元", unit_factor(written, "万元") or Decimal(1)


def _read_row(
    heading: FundsHeading,
    row: int,
    label: Block,
    unit: MoneyUnit,
    scale: Decimal,
    reader: CellReader,
) -> FundsRow:
    source: FundSource | None
    source = "total" if heading.beside else _source(label_key(label.text))
    if source is None:
        reader.note(UNCERTAIN, label.cell, "没有认出这是哪种资金来源，按其他资金读入")
    cells = {
        kind: _under(reader.sheet, row, span) for kind, span in heading.spans.items()
    }
    empty = Cell(row, 0)
    initial, adjusted, received, executed = (
        reader.amount(cells.get(kind, empty), unit, scale) for kind in MONEY
    )
    ratio_heading = _ratio_heading(heading, reader.sheet)
    return FundsRow(
        source=source or "other",
        label=" ".join(label.text.split()).rstrip(":："),
        initial=initial,
        adjusted=adjusted,
        received=received,
        executed=executed,
        max_points=reader.points(cells.get("max_points", empty)),
        ratio=reader.ratio(cells.get("ratio", empty), ratio_heading),
        points=reader.points(cells.get("points", empty)),
        note=reader.text(cells.get("note", empty)),
    )


def _under(sheet: Sheet, row: int, span: tuple[int, int]) -> Cell:
    blocks = [sheet.block(row, column) for column in range(span[0], span[1] + 1)]
    return next((each.cell for each in blocks if each.text), blocks[0].cell)


def _ratio_heading(heading: FundsHeading, sheet: Sheet) -> str:
    span = heading.spans.get("ratio")
    if span is None:
        return ""
    return sheet.block(heading.row, span[0] - heading.beside).text
