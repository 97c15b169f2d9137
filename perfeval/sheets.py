"""A plain table as an .xlsx file, streamed: a head, rows, text that is never a formula.

Written row by row into the packed file that goes out, so that a list of a hundred
thousand rows takes no more memory than one of ten.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from xml.sax.saxutils import escape

from django.utils import timezone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Ratio(Decimal):
    """A fraction of 1 that a sheet shows as a percentage."""


Value = str | int | Decimal | date | None

# What XML cannot hold.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_TEXT = 32_767  # of a cell, as Excel counts
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
FIRST_DAY = date(1899, 12, 30)
PIECE = 64 * 1024
# Places in cellXfs of STYLES.
TEXT, TYPED_TEXT, NUMBER, AMOUNT, RATIO, DAY, MOMENT, HEAD = range(1, 9)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORMAT = '<xf numFmtId="{}" fontId="{}" fillId="0" borderId="0"'
STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    f"<cellStyleXfs>{_FORMAT.format(0, 0)}/></cellStyleXfs>"
    f'<cellXfs>{_FORMAT.format(0, 0)} xfId="0"/>'
    + "".join(
        f'{_FORMAT.format(number, font)} xfId="0" applyNumberFormat="1" {more}/>'
        for number, font, more in (
            (49, 0, ""),
            # Also where somebody edits the cell, its text is no formula.
            (49, 0, 'quotePrefix="1"'),
            (1, 0, ""),
            (4, 0, ""),
            (10, 0, ""),
            (164, 0, ""),
            (165, 0, ""),
            (49, 1, 'applyFont="1"'),
        )
    )
    + '</cellXfs><cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)
PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_DOCUMENT}.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" '
        f'ContentType="{_DOCUMENT}.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{_DOCUMENT}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": STYLES,
}


def table_workbook(
    title: str,
    head: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
) -> bytes:
    """Return a workbook of one sheet; head: name and width in characters per column."""
    return b"".join(stream_table(title, head, rows))


def stream_table(
    title: str,
    head: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
) -> Iterator[bytes]:
    """Yield the same workbook in pieces, while the rows are read."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**PARTS, "xl/workbook.xml": _book(title)}.items():
            package.writestr(name, content)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for text in _sheet(head, rows):
                sheet.write(text.encode())
                if outlet.size >= PIECE:
                    yield outlet.take()
    yield outlet.take()


class _Outlet(io.RawIOBase):
    """Where the packed file is written to and taken away from; it cannot go back."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return taken


def _book(title: str) -> str:
    name = escape(re.sub(r"[\\/*?:\[\]]", " ", title)[:31], {'"': "&quot;"})
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _sheet(
    head: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]]
) -> Iterator[str]:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, (_, width) in enumerate(head, start=1)
    )
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
    )
    yield _row(1, [_text(place, 1, name, HEAD) for place, (name, _) in enumerate(head)])
    for number, row in enumerate(rows, start=2):
        yield _row(
            number, [_cell(place, number, value) for place, value in enumerate(row)]
        )
    yield "</sheetData></worksheet>"


def _row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: int, row: int, value: Value) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        style = TYPED_TEXT if value.startswith(FORMULA_SIGNS) else TEXT
        return _text(place, row, value, style)
    figure, style = _figure(value)
    return f'<c r="{_letters(place)}{row}" s="{style}"><v>{figure}</v></c>'


def _text(place: int, row: int, text: str, style: int) -> str:
    kept = escape(ILLEGAL.sub("", text)[:LONGEST_TEXT])
    return (
        f'<c r="{_letters(place)}{row}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{kept}</t></is></c>'
    )


def _figure(value: int | Decimal | date) -> tuple[str, int]:
    """Return what a cell holds of a number or a time, and its style."""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        seconds = (local.hour * 60 + local.minute) * 60 + local.second
        return f"{(local.date() - FIRST_DAY).days + seconds / 86_400:.10f}", MOMENT
    if isinstance(value, date):
        return str((value - FIRST_DAY).days), DAY
    if isinstance(value, Ratio):
        return f"{value:f}", RATIO
    return f"{value:f}" if isinstance(value, Decimal) else str(value), (
        AMOUNT if isinstance(value, Decimal) else NUMBER
    )


@cache
def _letters(place: int) -> str:
    """Return the letters of a column, counted from 0: A, …, Z, AA."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
