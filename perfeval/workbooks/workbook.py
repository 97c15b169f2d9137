"""Opening a workbook somebody handed in: its sheets as grids, nothing else of it."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from perfeval.workbooks.archive import Answers, ReadingError, unpack
from perfeval.workbooks.cell_values import error_cell, lost_result, make_cell
from perfeval.workbooks.grid import Area, Cell, LazyCells, Sheet
from perfeval.workbooks.number_formats import (
    BUILT_IN,
    GENERAL,
    NumberFormat,
    parse_format,
)
from perfeval.workbooks.quick_scan import QuickScan, quick_scan
from perfeval.workbooks.sheet_scan import USUAL, Limits, SheetScan, walk

MOST_SHEETS = 200

ANSWERS = Answers(
    broken="文件已损坏，没有传完整或保存出错，请用 WPS 或 Excel 打开后重新保存",
    too_large="解压后超过 100 MB，不能读取；请删去图片和其他工作表，只留要读取的一张",
    macros="文件带有宏，不能读取；请另存为不带宏的 Excel 工作簿（*.xlsx）",
    entities="文件里有外部实体或 DTD 声明，不是正常保存的 Excel 工作簿，不能读取",
)


@dataclass(frozen=True)
class Workbook:
    """sheets: those that can be read; too_large: names of those beyond the limits."""

    sheets: list[Sheet]
    too_large: list[str]


@dataclass
class _Package:
    """What the workbook says of itself: parts by sheet name, formats by style."""

    parts: dict[str, str] = field(default_factory=dict)
    formats: list[NumberFormat] = field(default_factory=list)
    since_1904: bool = False

    def format_of(self, style: int) -> NumberFormat:
        return self.formats[style] if style < len(self.formats) else GENERAL


def open_workbook(data: bytes, limits: Limits = USUAL) -> Workbook:
    """Return the sheets of an .xlsx; raise ReadingError: not to be trusted, broken."""
    # One case for all names: not every program writes a part and its relation alike.
    parts = {name.lower(): each for name, each in unpack(data, ANSWERS).items()}
    try:
        package = _read_package(parts)
        scans: dict[str, SheetScan | QuickScan] = {
            name: quick_scan(content, limits, package.formats)
            or SheetScan(content, limits)
            for name, content in parts.items()
            if b"sheetData" in content
        }
    except expat.ExpatError:
        raise ReadingError(ANSWERS.broken) from None
    # calamine gets what was scanned and nothing else, whatever the file hides.
    kept = {
        name: content
        for name, content in parts.items()
        if not (name in scans and scans[name].too_large)
    }
    sheets: list[Sheet] = []
    too_large: list[str] = []
    for name, hidden, values in _values(kept):
        scan = scans.get(package.parts.get(name, ""))
        if scan is None or (values is None and not scan.too_large):
            # Its part is missing, named in no usual way, or in another encoding.
            raise ReadingError(ANSWERS.broken)
        merges = [] if values is None else _merges(values, limits)
        if values is None or _places(merges) > limits.merged:
            too_large.append(name)
            continue
        sheets.append(
            Sheet(
                name,
                _cells(values, scan, package),
                merges,
                hidden=hidden,
                hidden_rows=scan.hidden_rows,
            )
        )
    return Workbook(sheets, too_large)


def _values(
    parts: Mapping[str, bytes],
) -> Iterator[tuple[str, bool, CalamineSheet | None]]:
    """Yield name, whether hidden, and values of each sheet; None: no such part."""
    try:
        with CalamineWorkbook.from_filelike(_packed(parts)) as book:
            for metadata in book.sheets_metadata[:MOST_SHEETS]:
                if metadata.typ != SheetTypeEnum.WorkSheet:
                    continue
                hidden = metadata.visible != SheetVisibleEnum.Visible
                try:
                    yield metadata.name, hidden, book.get_sheet_by_name(metadata.name)
                except WorksheetNotFound:
                    yield metadata.name, hidden, None
    except CalamineError:
        raise ReadingError(ANSWERS.broken) from None


def _packed(parts: Mapping[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    stream.seek(0)
    return stream


def _merges(values: CalamineSheet, limits: Limits) -> list[Area]:
    ranges = values.merged_cell_ranges or []
    return [
        (top, left, min(bottom, limits.rows), min(right, limits.columns))
        for (top, left), (bottom, right) in ranges
    ]


def _places(merges: list[Area]) -> int:
    return sum(
        max(0, bottom - top + 1) * max(0, right - left + 1)
        for top, left, bottom, right in merges
    )


def _cells(
    values: CalamineSheet, scan: SheetScan | QuickScan, package: _Package
) -> LazyCells:
    first = values.start or (0, 0)
    lines = values.to_python()

    def make(row: int, column: int, value: Any) -> Cell:
        place = (row, column)
        return make_cell(
            row,
            column,
            value,
            package.format_of(scan.styles.get(place, 0)),
            computed=place in scan.formulas,
            since_1904=package.since_1904,
        )

    return LazyCells(lines, first, make, _odd_cells(lines, first, scan, package, make))


def _odd_cells(
    lines: list[list[Any]],
    first: tuple[int, int],
    scan: SheetScan | QuickScan,
    package: _Package,
    make: Callable[[int, int, Any], Cell],
) -> Iterator[Cell]:
    """Yield the cells that say something else than their value: by format, formula."""
    top, left = first
    telling = {
        place
        for place, style in scan.styles.items()
        if package.format_of(style) != GENERAL
    }
    for row, column in (telling | scan.formulas) - scan.errors.keys():
        line = lines[row - top] if 0 <= row - top < len(lines) else []
        value = line[column - left] if 0 <= column - left < len(line) else ""
        if value != "":
            yield make(row, column, value)
    for place, error in scan.errors.items():
        yield error_cell(*place, error.strip())
    for place in scan.formulas - scan.valued:
        yield lost_result(*place)


def _read_package(parts: Mapping[str, bytes]) -> _Package:
    """Read workbook, relations and styles; raise expat.ExpatError."""
    package = _Package()
    ids: dict[str, str] = {}

    def on_workbook(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            package.parts[attributes.get("name", "")] = attributes.get("id", "")
        elif name == "workbookPr":
            package.since_1904 = attributes.get("date1904") in ("1", "true")

    def on_relation(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            target = posixpath.join("/xl", attributes.get("Target", "").lower())
            ids[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")

    walk(parts.get("xl/workbook.xml", b"<none/>"), on_workbook)
    walk(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), on_relation)
    package.parts = {name: ids.get(key, "") for name, key in package.parts.items()}
    package.formats = _read_formats(parts.get("xl/styles.xml", b"<none/>"))
    return package


def _read_formats(styles: bytes) -> list[NumberFormat]:
    """Return the number format of each style that cells refer to."""
    codes = dict(BUILT_IN)
    chosen: list[int] = []
    inside: list[str] = []

    def end(_: str) -> None:
        inside.pop()

    def start(name: str, attributes: Mapping[str, str]) -> None:
        key = attributes.get("numFmtId", "")
        number = int(key) if key.isdigit() else 0
        if name == "numFmt":
            codes[number] = attributes.get("formatCode", "")
        elif name == "xf" and inside[-1:] == ["cellXfs"]:
            chosen.append(number)
        inside.append(name)

    walk(styles, start, end)
    return [parse_format(codes.get(number, "General")) for number in chosen]
