"""The annex's tables in a Word file: merges, borders, a head repeated on each page.

Written as XML at once: python-docx looks at the whole table for every cell it merges.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reports.rendering.annex_parts import Cell, Row, Table
from reports.rendering.column_widths import placed
from reports.rendering.docx_styles import CELL, GAP, TABLE
from reports.rendering.narrow_labels import with_narrow_labels

CENTERED = frozenset(("number", "value"))
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
EDGE = 40  # twentieths of a point between line and text


def add_tables(
    body: Any, table: Table, styles: Mapping[str, str], *, landscape: bool
) -> None:
    """Add an annex's table at the end of a Word document's body.

    styles: their ids by name. As several tables of one grid: in Word only a table's
    first rows can be repeated.
    """
    table = with_narrow_labels(table, landscape=landscape, values=False)
    widths = [round(each * 20) for each in table.widths]
    head = Row(
        (
            *((Cell(kind="side"),) if table.side else ()),
            *(Cell(text, "label") for text in table.columns),
        ),
        "head",
    )
    parts = (table.head, (head, *table.rows), table.remarks)
    gap = f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{styles[GAP]}"/></w:pPr></w:p>'
    for rows in parts:
        if rows:
            _append(body, _table(rows, widths, styles))
            # Tables without a paragraph between them would be one table to Word.
            _append(body, gap)


def _append(body: Any, xml: str) -> None:
    # Before the last section's properties, which end the body.
    body.insert_element_before(parse_xml(xml), "w:sectPr")


def _table(
    rows: Sequence[Row], widths: Sequence[int], styles: Mapping[str, str]
) -> str:
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    margins = "".join(
        f'<w:{side} w:w="{EDGE}" w:type="dxa"/>' for side in ("left", "right")
    )
    return (
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblStyle w:val="{styles[TABLE]}"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{BORDERS}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"{''.join(_rows(rows, widths, styles[CELL]))}</w:tbl>"
    )


def _rows(rows: Sequence[Row], widths: Sequence[int], style: str) -> Iterator[str]:
    """Yield the rows; a cell that spans rows goes on as a blank one in each of them."""
    running: dict[int, tuple[int, Cell]] = {}
    for row in rows:
        begun = dict(placed(row, len(widths)))
        cells = []
        for start in sorted({*running, *begun}):
            merge = ""
            if start in begun:
                cell = begun[start]
                if cell.rows > 1:
                    running[start] = (cell.rows, cell)
                    merge = "restart"
            else:
                cell, merge = running[start][1], "continue"
            cells.append(_cell(cell, start, widths, style, merge))
        yield f"<w:tr>{_row_properties(row)}{''.join(cells)}</w:tr>"
        running = {
            start: (left - 1, cell)
            for start, (left, cell) in running.items()
            if left > 1
        }


def _row_properties(row: Row) -> str:
    whole = "" if row.kind in ("long", "remark") else "<w:cantSplit/>"
    head = "<w:tblHeader/>" if row.kind == "head" else ""
    return f"<w:trPr>{whole}{head}</w:trPr>" if whole or head else ""


def _cell(cell: Cell, start: int, widths: Sequence[int], style: str, merge: str) -> str:
    span = sum(widths[start : start + cell.columns])
    columns = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    text = "" if merge == "continue" else _runs(cell.text)
    centered = cell.is_label or cell.kind in CENTERED
    side = '<w:jc w:val="center"/>' if centered else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{span}" w:type="dxa"/>{columns}{merged}'
        f'<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>{text}</w:p></w:tc>'
    )


def _runs(text: str) -> str:
    if not text:
        return ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return f"<w:r>{lines}</w:r>"
