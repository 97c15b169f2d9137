"""A workbook of our own comes back: what was changed in it, cell by cell."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace

from indicators.models import NarrativeKey, SelfAssessment
from perfeval.workbooks.archive import ReadingError
from perfeval.workbooks.cell_values import clean_text
from perfeval.workbooks.grid import Cell, Sheet
from perfeval.workbooks.workbook import open_workbook
from projects.models import FundSource
from reports.document import Indicator
from reports.offline.seal import BROKEN, SHEET, Seal, SealError, opened
from reports.reading.form import LIMITS
from reports.reading.marks import COLUMN
from reports.takeover.money import column_label
from reports.takeover.proposals import Kind, Plan, Proposal
from reports.takeover.rows import actual_value
from reports.takeover.standing import Standing

# workbook.xml of a few sheets is a few thousand bytes.
LARGEST_INDEX = 500_000
BOTH = "下载后系统中也改成了别的内容，请选择"
ERASED = "文件中已清空"


def is_offline(data: bytes) -> bool:
    """Whether a file is a workbook that was downloaded to be filled in."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            index = package.getinfo("xl/workbook.xml")
            if index.file_size > LARGEST_INDEX:
                return False
            return f'"{SHEET}"'.encode() in package.read(index)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError):
        return False


def plan_offline(data: bytes, assessment: SelfAssessment) -> tuple[Plan, Sheet]:
    """Return what a workbook would change, and its sheet.

    Changed only in it: ready; only here: left as it is; in both: asked. Raises
    ReadingError: of another project or version, or with its ids or targets changed.
    """
    sheets = open_workbook(data, LIMITS).sheets
    hidden = next((each for each in sheets if each.name == SHEET), None)
    form = next((each for each in sheets if _has_marks(each)), None)
    if hidden is None or form is None:
        raise ReadingError(BROKEN)
    try:
        seal = opened([hidden.block(row, 0).text for row in range(hidden.height)])
    except SealError as error:
        raise ReadingError(str(error)) from None
    _check_owner(seal, assessment)
    rows = _marked_rows(form, seal)
    standing = Standing.of(assessment.pk)
    found = [
        _compared(key, place, seal.cells[key][2], form, standing)
        for key, place in _places(form, rows, seal.cells)
    ]
    here = [each for each in found if _changed(each)]
    kept = [each for each in found if not _changed(each) and _moved(each)]
    told = [f"下载后系统中改过、文件中没有改的 {len(kept)} 处，保留系统中的内容"]
    return (
        Plan(
            proposals=(
                *(each for each in here if each.old != each.new),
                *_not_ours(form, rows, seal, standing),
            ),
            results=tuple(standing.results.values()),
            same=len(found) - len(here),
            warnings=tuple(told if kept else ()),
        ),
        form,
    )


def _has_marks(sheet: Sheet) -> bool:
    """Whether it is the form, wherever somebody has put other sheets."""
    marks = (sheet.block(row, COLUMN).text for row in range(sheet.height))
    return sheet.name != SHEET and any(":" in each for each in marks)


def _check_owner(seal: Seal, assessment: SelfAssessment) -> None:
    """Refuse the workbook of another self-assessment, or of another version of it."""
    if seal.assessment != assessment.pk:
        raise ReadingError(
            f"这是“{seal.project}”的填报表，不是本项目本次自评的；"
            "请到该项目的自评页面上传"
        )
    if seal.version != assessment.version:
        raise ReadingError(
            f"这份填报表是自评第 {seal.version} 版时下载的，"
            f"现在是第 {assessment.version} 版；请重新下载，把填写的内容粘贴过去再上传"
        )


def _marked_rows(form: Sheet, seal: Seal) -> dict[str, int]:
    """Return {mark: row}; refuse a form whose marks or locked cells were changed."""
    rows: dict[str, int] = {}
    for row in range(form.height):
        mark = form.block(row, COLUMN).text
        if mark:
            if mark in rows:
                raise ReadingError(BROKEN)
            rows[mark] = row
    wanted = {mark for mark, _, _ in seal.cells.values()}
    # Rows without a field of their own carry a mark too.
    if not wanted <= rows.keys() or not rows.keys() <= wanted | _rowmarks(rows, seal):
        raise ReadingError(BROKEN)
    for mark, texts in seal.locked.items():
        found = {c: form.block(rows[mark], int(c) - 1).text for c in texts}
        if found != {column: clean_text(text) for column, text in texts.items()}:
            raise ReadingError(
                f"第 {rows[mark] + 1} 行的指标名称、指标值或分值与下载时不同，"
                "这些内容不能在填报表中修改；请改回后再上传"
            )
    return rows


def _rowmarks(rows: dict[str, int], seal: Seal) -> set[str]:
    funds = {f"funds:{source}" for source in FundSource.values}
    return {mark for mark in rows if mark in seal.locked or mark in funds}


def _places(
    form: Sheet, rows: dict[str, int], cells: Mapping[str, tuple[str, int, str]]
) -> Iterator[tuple[str, Cell]]:
    for key, (mark, column, _) in cells.items():
        yield key, form.block(rows[mark], column - 1).cell


def _not_ours(
    form: Sheet, rows: dict[str, int], seal: Seal, standing: Standing
) -> Iterator[Proposal]:
    """Yield what was typed where units fill in their parts: told, not written."""
    for key, cell in _places(form, rows, seal.closed):
        if cell.text in ("", clean_text(seal.closed[key][2])):
            continue
        now = standing.text(_proposal(key, standing))
        found = _compared(key, cell, now, form, standing)
        if found.old != found.new:
            yield found


def _compared(
    key: str, cell: Cell, base: str, form: Sheet, standing: Standing
) -> Proposal:
    """Return what one cell says, beside what stood there and what stands there now."""
    proposal = _proposal(key, standing)
    new, why = _text(proposal, cell, standing)
    base = clean_text(base)
    old = standing.text(proposal)
    # Line ends and blanks that the file could not keep are no change.
    new = old if new == clean_text(old) else new
    base = old if base == clean_text(old) else base
    if new != base:
        why = why or (ERASED if not new else BOTH if old != base else "")
    return replace(
        proposal,
        new=new,
        old=old,
        base=base,
        place=form.place(cell),
        certain=not why and not cell.doubt,
        why=why or cell.doubt,
        closed=standing.closed(proposal),
    )


def _proposal(key: str, standing: Standing) -> Proposal:
    kind, row, column = key.split(":")
    found: Kind = "result" if kind == "result" else "funds"
    label, is_long = "", False
    if kind == "result":
        if row not in standing.results:
            raise ReadingError("填报表中有的指标已从系统中删除，请重新下载")
        result = standing.results[row]
        name = result._meta.get_field(column).verbose_name  # type: ignore[union-attr]
        label = f"{result.indicator.level3}·{name}"
        is_long = column in ("deviation_note", "basis")
    elif kind == "funds":
        money = f"{column_label(column)}（{standing.money_unit}）"
        label = f"{FundSource(row).label}·{money}"
    else:
        found, is_long = "text", True
        label = NarrativeKey(row).label
    return Proposal(
        kind=found, row=row, column=column, label=label, new="", is_long=is_long
    )


def _text(cell: Proposal, found: Cell, standing: Standing) -> tuple[str, str]:
    """Return what a cell says and the doubt of it."""
    if cell.kind == "funds" and found.number is not None:
        return format(found.number.normalize(), "f"), ""
    if cell.column != "actual":
        return found.text, ""
    result = standing.results[cell.row]
    typed = Indicator(level1="", level3="", actual=found.text)
    return actual_value(typed, result)


def _changed(cell: Proposal) -> bool:
    """Whether the file says something else than when it was made."""
    return cell.new != cell.base


def _moved(cell: Proposal) -> bool:
    """Whether something else stands here than when the file was made."""
    return cell.old != cell.base
