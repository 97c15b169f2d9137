"""A self-assessment becomes a workbook to be filled in: targets locked, fields open."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from indicators.models import IndicatorResult, NarrativeKey, SelfAssessment
from projects.models import FundSource
from reports.assembly import document_of
from reports.document import Indicator, ReportDocument
from reports.offline.seal import SHEET, Seal, sealed
from reports.reading.marks import COLUMN
from reports.rendering.column_widths import placed
from reports.rendering.form_table import ordered_funds
from reports.rendering.grouping import group_rows
from reports.rendering.xlsx import BODY, FormBook, form_book, packed, put
from reports.takeover.proposals import Kind, Proposal
from reports.takeover.rows import form_fields
from reports.takeover.standing import Standing

OPEN = PatternFill("solid", fgColor="FFFFF8DC")
CLOSED = PatternFill("solid", fgColor="FFD9D9D9")
BY_UNITS = "由各单位分别填写"
EDGE = Side(style="thin")
BORDER = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
UNLOCKED = Protection(locked=False)
# The column of the printed table in which a field is filled in; where the table has
# none, a column beside it.
PLACES = {
    "actual": ("actual",),
    "basis": ("basis", "actual"),
    "self_points": ("points",),
    "deviation_note": ("note",),
    "achievement": (),
}
HEADS = {
    "achievement": "达成程度",
    "deviation_note": "偏差原因分析及改进措施",
    "actual": "实际完成值",
}
# Columns of a row that nobody may change.
LOCKED = ("level3", "target", "nature", "value", "unit", "standard", "max_points")
MARKS = COLUMN + 1  # as openpyxl counts
MONEY = ("initial", "adjusted", "executed")
FORM_TEXTS = (NarrativeKey.GOAL, NarrativeKey.FUNDS, NarrativeKey.REMARKS)
HELP = (
    "填表说明：黄色的单元格可以填写，其他单元格已锁定。得分由系统在上传后计算，"
    "只有定性指标和按评分标准的指标填写得分。填好后在系统的自评页面上传本文件。"
)


def offline_workbook(
    assessment: SelfAssessment,
    *,
    results: Collection[int] | None = None,
    sections: Collection[str] | None = None,
) -> bytes:
    """Return the workbook of a self-assessment loaded with_content().

    results, sections: keys of the only rows and texts it carries; without both it has
    all rows, the money and the form's own texts. Raises RenderError.
    """
    if results is not None or sections is not None:
        results, sections = results or (), sections or ()
    return packed(_Maker(assessment, results, sections).made.book)


@dataclass
class _Maker:
    """Opens cells of the printed form and keeps what stood in them."""

    assessment: SelfAssessment
    only_results: Collection[int] | None
    only_sections: Collection[str] | None
    cells: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    closed: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    locked: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.standing = Standing(self.assessment)
        # What is written into boxes has rows of its own here, below the form.
        scheme = self.standing.scheme
        self.scheme = replace(scheme, layout=replace(scheme.layout, boxes=()))
        document, self.by_row = self._document()
        self.document = document
        self.made: FormBook = form_book(document, self.scheme, parts=("form", "score"))
        self.sheet = self.made.sheet
        self.layout = self.made.table.layout
        self.columns = _columns(self.made.table.keys)
        self._open_rows()
        if self.only_results is None and self.layout == "form":
            self._open_money()
        self._open_texts()
        self._close()

    def _document(self) -> tuple[ReportDocument, dict[int, IndicatorResult]]:
        """Return the document to lay out and {id of an indicator in it: its row}."""
        whole = document_of(self.assessment)
        pairs = list(zip(whole.indicators, self.assessment.results.all(), strict=True))
        if self.only_results is not None:
            pairs = [pair for pair in pairs if pair[1].pk in self.only_results]
        indicators = tuple(each for each, _ in pairs)
        is_part = self.only_results is not None
        rows = tuple(replace(row, note="") for row in whole.funds.rows)
        document = replace(
            whole,
            indicators=indicators,
            funds=replace(whole.funds, rows=rows),
            remarks="",
            conclusion="",
            parts=(),
            total=None if is_part else whole.total,
            max_total=_sum(indicators) if is_part else whole.max_total,
        )
        return document, {id(each): result for each, result in pairs}

    def _open_rows(self) -> None:
        keys = self.made.table.keys
        for number, indicator in zip(self.made.rows, self._in_order(), strict=False):
            if indicator is None:
                continue
            result = self.by_row[id(indicator)]
            mark = f"result:{result.pk}"
            by_money = result == self.standing.by_money
            self.locked[mark] = {
                str(column): str(self.sheet.cell(number, column).value or "")
                for column, key in enumerate(keys, start=1)
                if key in LOCKED
            }
            for name in form_fields(result, by_money=by_money):
                cell = self._proposal("result", str(result.pk), name)
                if self.standing.closed(cell):
                    self._shut(number, self.columns[name], mark, cell)
                    continue
                self._open(number, self.columns[name], mark, cell)
                self._limit(number, self.columns[name], name, result)
            self._mark(number, mark)
        self._head_extras()

    def _in_order(self) -> Iterator[Indicator | None]:
        """Yield the indicators as the form prints them, None for an empty row."""
        for group in group_rows(self.document.indicators, self.scheme.layout):
            for _, indicators in group.parts:
                yield from indicators or (None,)

    def _open_money(self) -> None:
        # Project, units, and the head of the funds stand above.
        rows = ordered_funds(self.document, self.scheme)
        for place, row in enumerate(rows, start=3):
            if row.source not in FundSource.values:
                continue
            number, mark = self.made.head[place], f"funds:{row.source}"
            # After its name a source has the three amounts, then three more figures.
            cells = list(placed(self.made.table.head[place], len(self.made.widths)))
            for (start, _), name in zip(cells[-6:-3], MONEY, strict=True):
                cell = self._proposal("funds", row.source, name)
                if not self.standing.closed(cell):
                    self._open(number, start + 1, mark, cell, is_figure=True)
                    self._validate(
                        number, start + 1, "decimal", "greaterThanOrEqual", "0"
                    )
            self._mark(number, mark)

    def _open_texts(self) -> None:
        """Write the texts below the form; the goal of a form has its place in it."""
        for key in self._texts():
            cell = self._proposal("text", key, "text")
            mark = f"text:{key}"
            if key == NarrativeKey.GOAL and self.layout == "form":
                number = self.made.head[-1]
                cells = list(placed(self.made.table.head[-1], len(self.made.widths)))
                self._open(number, cells[-1][0] + 1, mark, cell)
            else:
                number = self._text_row(self.standing.narratives[key])
                self._open(number, 3, mark, cell)
            self._mark(number, mark)

    def _texts(self) -> list[str]:
        if self.only_sections is not None:
            wanted: Collection[str] = self.only_sections
        else:
            wanted = () if self.only_results is not None else FORM_TEXTS
        return [key for key in self.standing.narratives if key in wanted]

    def _text_row(self, narrative: Any) -> int:
        number, last = self._next_row(), len(self.made.widths)
        label = self.sheet.cell(number, 1)
        put(label, narrative.get_key_display())
        for column in range(1, last + 1):
            self.sheet.cell(number, column).border = BORDER
        self.sheet.merge_cells(f"A{number}:B{number}")
        self.sheet.merge_cells(
            start_row=number, start_column=3, end_row=number, end_column=last
        )
        label.alignment = Alignment(
            wrap_text=True, horizontal="center", vertical="center"
        )
        label.font = Font(name=BODY, size=10.5)
        self.sheet.row_dimensions[number].height = 120
        return number

    def _next_row(self) -> int:
        number = self.made.end
        self.made = replace(self.made, end=number + 1)
        return number

    def _proposal(self, kind: Kind, row: str, column: str) -> Proposal:
        return Proposal(kind=kind, row=row, column=column, label="", new="")

    def _open(
        self,
        number: int,
        column: int,
        mark: str,
        proposal: Proposal,
        *,
        is_figure: bool = False,
    ) -> None:
        """Let a cell be filled in; what stands there now is kept in the mark."""
        text = self.standing.text(proposal)
        cell = self.sheet.cell(number, column)
        put(cell, text, is_figure=is_figure)
        cell.protection = UNLOCKED
        cell.fill = OPEN
        cell.border = BORDER
        cell.font = Font(name=BODY, size=10.5)
        place = "center" if is_figure else "general"
        cell.alignment = Alignment(place, vertical="center", wrap_text=True)
        if is_figure:
            # To the 分 of 元 at the finest, whatever the unit is.
            cell.number_format = "0.00####"
        self.cells[proposal.key] = (mark, column, text)

    def _shut(self, number: int, column: int, mark: str, proposal: Proposal) -> None:
        """Say in a cell that the units fill it in, each its part, on the site."""
        now = self.standing.text(proposal)
        cell = self.sheet.cell(number, column)
        text = f"{now}\n{BY_UNITS}" if now else BY_UNITS
        put(cell, text)
        cell.fill, cell.border = CLOSED, BORDER
        cell.font = Font(name=BODY, size=10.5)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        self.closed[proposal.key] = (mark, column, text)

    def _limit(
        self, number: int, column: int, name: str, result: IndicatorResult
    ) -> None:
        """Let Excel itself refuse what the site would."""
        if name == "achievement":
            words = [
                self.standing.achievement_word(band.achievement)
                for band in self.scheme.bands
            ]
            self._validate(number, column, "list", None, f'"{",".join(words)}"')
        elif name == "self_points":
            most = format(result.indicator.max_points, "f")
            self.sheet.cell(number, column).number_format = "0.00"
            self._validate(number, column, "decimal", "between", "0", most)
        elif name == "actual":
            self._validate(number, column, "textLength", "lessThanOrEqual", "500")

    def _validate(
        self,
        number: int,
        column: int,
        kind: Any,
        operator: Any,
        first: str,
        second: str | None = None,
    ) -> None:
        words = {
            "list": "请从列表中选择",
            "decimal": f"请填数字，{first} 到 {second}" if second else "请填数字",
            "textLength": f"不超过 {first} 字",
        }
        rule = DataValidation(
            type=kind,
            operator=operator,
            formula1=first,
            formula2=second,
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="绩效自评",
            error=words[kind],
        )
        rule.add(f"{get_column_letter(column)}{number}")
        self.sheet.add_data_validation(rule)

    def _mark(self, number: int, mark: str) -> None:
        put(self.sheet.cell(number, MARKS), mark)

    def _head_extras(self) -> None:
        """Name the columns that stand beside the printed table."""
        used = {column for _, column, _ in self.cells.values()}
        for name, column in self.columns.items():
            if column in used and column > len(self.made.widths):
                cell = self.sheet.cell(self.made.columns_row, column)
                put(cell, HEADS[name])
                cell.font, cell.border = Font(name=BODY, size=10.5), BORDER
                width = 12 if name == "achievement" else 28
                self.sheet.column_dimensions[get_column_letter(column)].width = width

    def _close(self) -> None:
        """Lock everything else, hide the marks, add the signed sheet."""
        last = get_column_letter(len(self.made.widths))
        self.sheet.print_area = f"A1:{last}{self.made.end - 1}"
        number = self._next_row()
        put(self.sheet.cell(number, 1), HELP)
        self.sheet.merge_cells(
            start_row=number,
            start_column=1,
            end_row=number,
            end_column=len(self.made.widths),
        )
        self.sheet.cell(number, 1).alignment = Alignment(wrap_text=True)
        self.sheet.row_dimensions[number].height = 36
        self.sheet.column_dimensions[get_column_letter(MARKS)].hidden = True
        guard = self.sheet.protection
        guard.sheet = True
        # Rows may be made taller and columns wider: what was typed should be seen.
        guard.formatRows = guard.formatColumns = False
        hidden = self.made.book.create_sheet(SHEET)
        hidden.sheet_state = "veryHidden"
        for row, piece in enumerate(sealed(self._seal()), start=1):
            put(hidden.cell(row, 1), piece)

    def _seal(self) -> Seal:
        project = self.assessment.project
        return Seal(
            assessment=self.assessment.pk,
            version=self.assessment.version,
            project=f"{project.code} {project.shown_name}",
            made_at=timezone.localtime().isoformat(timespec="minutes"),
            cells=self.cells,
            locked=self.locked,
            closed=self.closed,
        )


def _columns(keys: tuple[str, ...]) -> dict[str, int]:
    """Return the column from 1 of each field, those beside the table after it."""
    found, beside = {}, len(keys)
    for name, wanted in PLACES.items():
        own = next((key for key in wanted if key in keys), None)
        if own is None:
            beside += 1
        found[name] = beside if own is None else keys.index(own) + 1
    return found


def _sum(indicators: Collection[Indicator]) -> Decimal:
    known = [each.max_points for each in indicators if each.max_points is not None]
    return sum(known, Decimal(0))
