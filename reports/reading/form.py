"""A workbook with a 自评表 in any known layout becomes a ReportDocument (read_form)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from perfeval.workbooks.cell_values import LOST_DIGITS
from perfeval.workbooks.grid import Sheet
from perfeval.workbooks.sheet_scan import Limits
from reports.document import (
    Funds,
    Goal,
    People,
    Project,
    ReportDocument,
    parse_document,
)
from reports.reading.files import ReadingError
from reports.reading.form_cells import UNCERTAIN, CellReader, is_help
from reports.reading.form_columns import Columns, find_tables
from reports.reading.form_fields import Fields, find_title, find_year, read_fields
from reports.reading.form_funds import find_funds, read_funds
from reports.reading.form_goals import read_goals
from reports.reading.form_indicators import read_indicators
from reports.reading.form_labels import Field, field_of, is_title
from reports.reading.form_totals import GRADES, Totals
from reports.reading.kinds import workbook_kind_of
from reports.reading.marks import without_marks
from reports.reading.text import decode

NO_FORM = (
    "没有找到自评表：各工作表里都没有一行同时写着“三级指标”和“分值”“得分”等列标题。"
    "请核对是否选错了文件；若列标题被改过，请改回后再试"
)
IS_LIST = "工作表“{}”是一行一个项目的指标清单，不是自评表；请给出单个项目的自评表"
SIDE_BY_SIDE = "工作表“{}”并排放着两张表，请把要读取的一张单独存为一个文件"
# A sheet with more is data beside the form. 10,000 empty rows with borders are none.
LIMITS = Limits(
    rows=2_000, columns=100, elements=500_000, values=50_000, merged=100_000
)
# Shown with their label, so that nothing typed into the form is lost.
REMARKS: tuple[tuple[Field, str], ...] = (
    ("remarks", ""),
    ("causes", "偏差原因分析："),
    ("problems", "存在问题："),
    ("measures", "改进措施："),
)
SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")


@dataclass(frozen=True)
class _Form:
    """One form in a sheet: from its first row to before its end; its tables."""

    sheet: Sheet
    top: int
    end: int
    tables: tuple[Columns, ...]

    @property
    def project(self) -> str:
        """The name of the project, "" where it isn't filled in."""
        rows = list(range(self.top, self.tables[0].top))
        cell = read_fields(self.sheet, rows).cell("name")
        return "" if cell is None or is_help(cell.text) else cell.text


@dataclass(frozen=True)
class FormReading:
    """A form with the sheet it stands on (None for a document's JSON).

    places: {path in the document: address of its cell}, as CellReader keeps them.
    """

    document: ReportDocument
    sheet: Sheet | None = None
    places: Mapping[str, str] = field(default_factory=dict)


def read_form(data: bytes, name: str = "", sheet: str = "") -> ReportDocument:
    """Return the form that a workbook holds, values as filled in; sections are empty.

    name: of the file, for its suffix; sheet: the sheet to read, where several hold a
    form. Raises ReadingError, and DocumentError for the JSON of a document.
    """
    return open_form(data, name, sheet).document


def open_form(data: bytes, name: str = "", sheet: str = "") -> FormReading:
    """Return a form as read_form does, with the sheet and where everything stands."""
    kind = workbook_kind_of(data, name)
    if kind == "json":
        return FormReading(parse_document(decode(data)))
    # Only here: a refusal needs no library.
    if kind == "xls":
        from perfeval.workbooks.xls import open_xls as open_file
    else:
        from perfeval.workbooks.workbook import open_workbook as open_file

    workbook = open_file(data, LIMITS)
    sheets = [without_marks(each) for each in workbook.sheets]
    form = _choose(sheets, workbook.too_large, sheet)
    reader = CellReader(form.sheet)
    return FormReading(_read(form, reader), form.sheet, reader.places)


def _choose(sheets: list[Sheet], too_large: list[str], wanted: str) -> _Form:
    """Return the one form of a workbook; raise ReadingError: none, or several."""
    if wanted:
        names = [each.name for each in sheets]
        if wanted not in names:
            known = "、".join(f"“{each}”" for each in names)
            raise ReadingError(f"没有名为“{wanted}”的工作表，这个文件里有{known}")
        sheets = [each for each in sheets if each.name == wanted]
    problems: list[str] = []
    forms = [form for each in sheets for form in _forms(each, problems)]
    # A hidden sheet is read where no other holds a form, an empty form likewise.
    forms = [each for each in forms if not each.sheet.hidden] or forms
    forms = [each for each in forms if _is_filled(each)] or forms
    if len(forms) == 1:
        return forms[0]
    if forms:
        raise ReadingError(_several(forms))
    large = [
        f"工作表“{each}”内容太多（最多 2000 行、100 列），没有读取；请只留自评表"
        for each in too_large
    ]
    raise ReadingError(*(problems or [NO_FORM]), *large)


def _forms(sheet: Sheet, problems: list[str]) -> list[_Form]:
    """Return the forms of a sheet; a new one begins at its title or 项目名称."""
    tables = find_tables(sheet)
    if any(each.is_list for each in tables):
        problems.append(IS_LIST.format(sheet.name))
        return []
    if any(each.doubled for each in tables):
        problems.append(SIDE_BY_SIDE.format(sheet.name))
        return []
    starts = [0]
    for table, before in zip(tables[1:], tables, strict=False):
        rows = range(before.bottom + 1, table.top)
        begin = next((row for row in rows if _begins_form(sheet, row)), None)
        if begin is not None:
            starts.append(begin)
    ends = [*starts[1:], sheet.height]
    found = []
    for top, end in zip(starts, ends, strict=True):
        own = tuple(each for each in tables if top <= each.top < end)
        if own:
            found.append(_Form(sheet, top, end, own))
    return found


def _begins_form(sheet: Sheet, row: int) -> bool:
    filled = [each for each in sheet.filled(row) if each.area[0] == row]
    alone = len(filled) == 1 and is_title(filled[0].text)
    return alone or any(field_of(each.text) == "name" for each in filled)


def _is_filled(form: _Form) -> bool:
    reader = CellReader(form.sheet)
    found = read_indicators(list(form.tables), form.end, reader).indicators
    return bool(form.project) or any(each.actual or each.points for each in found)


def _several(forms: list[_Form]) -> str:
    listed = "、".join(
        f"“{each.sheet.name}”" + (f"（{each.project}）" if each.project else "")
        for each in forms
    )
    if len({each.sheet.name for each in forms}) < len(forms):
        return (
            f"文件里有 {len(forms)} 张自评表：{listed}；"
            "同一工作表里只能有一张，请把要读取的一张单独存为一个文件"
        )
    return (
        f"文件里有 {len(forms)} 张自评表，在工作表{listed}；"
        "请指明读取哪一张（--sheet 工作表名），或只留一张后再试"
    )


def _read(form: _Form, reader: CellReader) -> ReportDocument:
    _note_hidden_rows(form, reader)
    table = read_indicators(list(form.tables), form.end, reader)
    funds, taken = _funds(form, reader)
    taken |= table.rows
    rows = [row for row in range(form.top, form.end) if row not in taken]
    fields = read_fields(form.sheet, rows)
    goals = read_goals(rows, table.goal_labels, reader)
    totals = _totals(table.totals, fields, reader)
    day = fields.cell("date")

    def text(name: Field) -> str:
        cell = fields.cell(name)
        if cell is None:
            return ""
        reader.locate(name, cell)
        return reader.text(cell)

    return ReportDocument(
        year=find_year(form.sheet, rows, fields, reader),
        title=find_title(form.sheet, rows),
        project=Project(
            code=_code(fields, reader),
            name=text("name"),
            supervising_department=text("supervising_department"),
            unit=text("unit"),
        ),
        date=reader.day(day) if day else None,
        funds=funds,
        goal=goals[0] if goals else Goal(),
        goals=goals if len(goals) > 1 else (),
        sections=(),
        indicators=tuple(table.indicators),
        total=totals.total,
        max_total=totals.max_total,
        review_total=totals.review_total,
        grade=totals.grade,
        conclusion=text("conclusion"),
        remarks="\n".join(
            f"{label}{words}" for name, label in REMARKS if (words := text(name))
        ),
        people=People(
            unit_leader=text("unit_leader"),
            project_leader=text("project_leader"),
            finance_leader=text("finance_leader"),
            filler=text("filler"),
            contact=text("contact"),
            phone=text("phone"),
        ),
        reading_notes=reader.notes,
        given=frozenset(("year", "total", "grade")),
    )


def _funds(form: _Form, reader: CellReader) -> tuple[Funds, set[int]]:
    """Return the funds and the rows they take, above the indicators or below."""
    first, last = form.tables[0].top, form.tables[-1].bottom
    for top, end in ((form.top, first), (last + 1, form.end)):
        heading = find_funds(form.sheet, top, end)
        if heading:
            return read_funds(heading, form.top, end, reader)
    return Funds(), set()


def _note_hidden_rows(form: _Form, reader: CellReader) -> None:
    hidden = [row for row in form.sheet.hidden_rows if form.top <= row < form.end]
    if hidden:
        rows = "、".join(str(row + 1) for row in hidden[:10])
        more = "等" if len(hidden) > 10 else ""
        where = f"{form.sheet.name}!第 {rows} 行{more}"
        reader.note_sheet(where, "这些行被隐藏，已照常读入")
    if form.sheet.hidden:
        reader.note_sheet(form.sheet.name, "这张工作表被隐藏，已照常读入")


def _code(fields: Fields, reader: CellReader) -> str:
    """Return the project's code as text; what Excel made of a long one is noted."""
    cell = fields.cell("code")
    if cell is None:
        return ""
    if SCIENTIFIC.fullmatch(cell.text):
        reader.note(UNCERTAIN, cell, LOST_DIGITS)
    return reader.text(cell)


def _totals(totals: Totals, fields: Fields, reader: CellReader) -> Totals:
    """Take 总分 and 等级 from fields of their own where the table has none."""
    total, grade = fields.cell("total"), fields.cell("grade")
    if total and totals.total is None:
        totals = replace(totals, total=reader.points(total))
    if grade and totals.grade is None and (text := reader.text(grade)):
        totals = replace(totals, grade=GRADES.get(text))
        if totals.grade is None:
            reader.note(UNCERTAIN, grade, "没有读出等级，应为优、良、中、差")
    return totals
