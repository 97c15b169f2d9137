"""The rows of a form's indicator table become indicators."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from indicators.schemes import DEFAULT_SCHEME, load_scheme
from perfeval.numbers import is_blank, normal_unit
from perfeval.workbooks.grid import Block, Cell, Sheet
from reports.document import Achievement, Comparator, Indicator
from reports.reading.form_cells import UNCERTAIN, CellReader
from reports.reading.form_columns import LEVELS, Columns
from reports.reading.form_labels import (
    NOTES,
    NUMBERED_GOAL,
    SUBTOTAL,
    field_of,
    glued_fields,
    is_label,
    label_key,
)
from reports.reading.form_targets import Target, read_comparator, read_target
from reports.reading.form_totals import Totals, is_total, read_totals

WEIGHT = re.compile(
    r"\s*[(（]\s*(?:权重|分值)?[:：]?\s*([0-9.]+)\s*(?:分|%|％)?\s*[)）]$"
)
BARE_WEIGHT = re.compile(r"(?<=[^0-9.])([0-9.]+)\s*分$")
ORDINAL = re.compile(r"^指标\s*[0-9]+\s*[:：.、]\s*")
# Names that the empty form is printed with.
UNNAMED = re.compile(r"指标\s*[0-9]*\s*[:：]?|[.…·]+|[xX×]+|无|不涉及|不适用")
CHINESE = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])"
)


@dataclass
class IndicatorTable:
    """goal_labels: the cells 年度绩效目标1… beside the rows, in their order."""

    indicators: list[Indicator] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    goal_labels: list[Cell] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)


def achievement_of(text: str | None) -> Achievement | None:
    """Return the level that 实际完成值 names in the words of the scheme."""
    bands = load_scheme(DEFAULT_SCHEME).bands
    return next((each.achievement for each in bands if text in each.words), None)


def read_indicators(
    tables: list[Columns], end: int, reader: CellReader
) -> IndicatorTable:
    """Return the indicators of a form; end: the row where the form ends."""
    found = IndicatorTable()
    for table, following in zip(tables, [*tables[1:], None], strict=True):
        limit = following.top if following else end
        found.rows.update(range(table.top, table.bottom + 1))
        _TableReader(table, reader, found).read(limit)
    return found


class _TableReader:
    """Reads the rows below one heading into found."""

    def __init__(
        self, columns: Columns, reader: CellReader, found: IndicatorTable
    ) -> None:
        self._columns = columns
        self._reader = reader
        self._sheet: Sheet = reader.sheet
        self._found = found
        self._level1 = self._level2 = ""

    def read(self, limit: int) -> None:
        ended = False
        for row in range(self._columns.bottom + 1, limit):
            filled = self._sheet.filled(row)
            own = [each for each in filled if each.area[0] == row]
            total = next((e for e in own if is_total(self._columns, e)), None)
            if total:
                self._found.rows.add(row)
                self._add(read_totals(self._columns, total, filled, self._reader))
            # 总分 may stand below remarks; what else stands there is no indicator.
            ended = ended or self._ends(own)
            if filled and not ended and not total:
                self._found.rows.add(row)
                # Where all began above, a row was only made taller by merging.
                if own:
                    self._read_row(row)

    def _add(self, totals: Totals) -> None:
        """Of several rows of totals the last one with a total counts."""
        if totals.total is not None or self._found.totals.total is None:
            self._found.totals = totals

    def _ends(self, own: list[Block]) -> bool:
        """Whether a row is no longer of the table: a label, a note, a wide text."""
        if not own:
            return False
        first = own[0]
        if first.first > self._columns.names_end:
            return False
        if field_of(first.text) or glued_fields(first.text) or is_label(first.text):
            return not NUMBERED_GOAL.match(label_key(first.text))
        if NOTES.match(first.text):
            return True
        values = self._columns.spans.get("max_points") or self._columns.spans.get(
            "points", (self._columns.names_end + 1,) * 2
        )
        return first.first <= self._columns.names_end and first.last >= values[1]

    def _blocks(self, row: int, kind: str) -> list[Block]:
        """Return the filled blocks of a row under a heading, from left to right."""
        span = self._columns.spans.get(kind)
        if span is None:
            return []
        blocks = [
            each
            for each in self._sheet.filled(row)
            if each.first <= span[1] and each.last >= span[0]
        ]
        # What begins in the column before belongs to that heading.
        inside = [each for each in blocks if each.first >= span[0]]
        return inside or (blocks[:1] if kind in LEVELS else [])

    def _cell(self, row: int, kind: str) -> Cell:
        """Return the cell of a row under a heading, an empty one where none is."""
        blocks = self._blocks(row, kind)
        if blocks:
            return blocks[0].cell
        span = self._columns.spans.get(kind)
        return Cell(row, span[0] if span else 0)

    def _joined(self, row: int, kind: str) -> str:
        """Return what a row says under a heading, ≥, 50, 个 in several cells too."""
        cells = [each.cell for each in self._blocks(row, kind)]
        return "".join(self._reader.text(each) for each in cells)

    def _text(self, row: int, kind: str) -> str:
        return self._reader.text(self._cell(row, kind))

    def _points(self, row: int, kind: str) -> Decimal | None:
        cell = self._cell(row, kind)
        if cell.row < row:
            # Counted once, or the rows would come to more than the form says.
            self._reader.note(UNCERTAIN, cell, "几行指标合并填一个分数，只记在第一行")
            return None
        return self._reader.points(cell)

    def _levels(self, row: int) -> tuple[str, str, str]:
        """Return the three names of a row; the first two carried down."""
        cells = {kind: self._blocks(row, kind) for kind in LEVELS}
        names = {
            kind: one_line("".join(each.text for each in blocks), kind)
            for kind, blocks in cells.items()
        }
        # 满意度指标 merged over the columns of both levels is of the first.
        second = {each.area for each in cells["level2"]}
        if second.intersection(
            each.area for each in (*cells["level1"], *cells["level3"])
        ):
            names["level2"] = ""
        if names["level1"] and names["level1"] != self._level1:
            self._level1, self._level2 = names["level1"], ""
        if names["level2"]:
            self._level2 = names["level2"]
        return self._level1, self._level2, names["level3"]

    def _read_row(self, row: int) -> None:
        level1, level2, level3 = self._levels(row)
        if SUBTOTAL.fullmatch(level3 or level2):
            return
        fourth = one_line(self._joined(row, "level4"), "level4")
        if fourth and fourth != level3:
            level3 = f"{level3}：{fourth}" if level3 else fourth
        indicator = self._indicator(row, level1, level2, level3)
        empty = indicator.target is None and indicator.actual is None
        unnamed = is_blank(level3) or UNNAMED.fullmatch(level3)
        if unnamed and empty and not indicator.points:
            if indicator.max_points:
                cell = self._cell(row, "max_points")
                self._reader.note(UNCERTAIN, cell, "有分值而没有指标名称，没有读入")
            return
        if unnamed:
            cell = self._cell(row, "level3")
            self._reader.note(UNCERTAIN, cell, "这一行没有指标名称")
        self._locate(row, len(self._found.indicators))
        self._found.indicators.append(indicator)

    def _locate(self, row: int, index: int) -> None:
        for kind in self._columns.spans:
            path = f"indicators[{index}].{kind}"
            self._reader.locate(path, self._cell(row, kind))

    def _indicator(self, row: int, level1: str, level2: str, level3: str) -> Indicator:
        max_points = self._points(row, "max_points")
        if "max_points" not in self._columns.spans and (w := WEIGHT.search(level3)):
            max_points, level3 = Decimal(w[1]), level3[: w.start()]
        standard = self._text(row, "standard")
        target = self._target(row, standard)
        unit, actual = self._actual(row, target.unit)
        return Indicator(
            level1=level1,
            level2=level2,
            level3=level3,
            comparator=target.comparator,
            target=target.target,
            target_before=self._joined(row, "target_before") or None,
            unit=unit,
            actual=actual,
            achievement=achievement_of(actual),
            max_points=max_points,
            points=self._points(row, "points"),
            review_points=self._points(row, "review_points"),
            deduction=self._points(row, "deduction"),
            deviation_note=self._text(row, "deviation_note"),
            review_note=self._text(row, "review_note"),
            goal=self._goal(row),
            standard=standard,
            basis=self._text(row, "basis"),
            formula=self._text(row, "formula"),
            data_source=self._text(row, "data_source"),
            given=frozenset(("target", "actual", "max_points", "points")),
        )

    def _target(self, row: int, standard: str) -> Target:
        sign: Comparator | None = read_comparator(
            self._cell(row, "comparator"), self._reader
        )
        cell = self._cell(row, "target")
        unit = normal_unit(self._text(row, "unit"))
        found = read_target(cell, self._joined(row, "target"), sign, unit, self._reader)
        if found.target is None and sign is None and standard:
            return replace(found, comparator="rubric")
        return found

    def _actual(self, row: int, unit: str) -> tuple[str, str | None]:
        """Return unit and 实际完成值: of a percent cell the number, its unit %."""
        cell = self._cell(row, "actual")
        text = self._joined(row, "actual")
        is_percent = cell.number is not None and cell.text.endswith("%")
        if is_percent and text == cell.text and unit in ("", "%"):
            return "%", text.removesuffix("%")
        return unit, text or None

    def _goal(self, row: int) -> int:
        """Return the place of the goal that stands beside a row, 0 where none does."""
        for block in self._sheet.filled(row):
            if block.first >= self._columns.first:
                break
            if NUMBERED_GOAL.match(label_key(block.text)):
                labels = self._found.goal_labels
                if block.cell not in labels:
                    labels.append(block.cell)
                return labels.index(block.cell)
        return max(len(self._found.goal_labels) - 1, 0)


def one_line(text: str, kind: str) -> str:
    """Return a name on one line; level 1 and 2 without blanks and their weight."""
    if kind in ("level1", "level2"):
        text = "".join(text.split())
        return BARE_WEIGHT.sub("", WEIGHT.sub("", text))
    text = ORDINAL.sub("", CHINESE.sub("", text)).replace("\n", " ")
    return text.strip()
