"""Labels of merged cells on every page that their rows reach.

WeasyPrint leaves a cell that spans rows where its first row stands: overleaf its
columns are blank, and at a page's foot it may hang below its last row. After layout and
before drawing, this module cuts each such cell to the rows on its page and puts a copy
of its label beside the rest overleaf. It moves finished boxes about, so it costs no
second layout. Rows that are themselves split repeat their labels in the same way, and
what goes on overleaf in them goes on at the top.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from weasyprint.formatting_structure import boxes

REPEATED = "th"  # labels; also the name of the indicator in a row that is split
NAME = "name"
TEXT = "text"


@dataclass
class _Part:
    """The rows of one label that stand on one page, from first to last."""

    rows: list[Any]
    cell: Any = None  # the label's own box, where layout put one here

    @property
    def top(self) -> float:
        return float(self.rows[0].position_y)

    @property
    def height(self) -> float:
        last = self.rows[-1]
        return float(last.position_y + last.height) - self.top


@dataclass
class _Label:
    """One label cell: its box with the text, its lines, and its rows by page."""

    source: Any
    lines: list[Any] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)


def repeat_labels(pages: Iterable[Any]) -> None:
    """Make each merged label end and begin again with the page; changes the boxes."""
    tables: dict[Any, list[list[Any]]] = {}
    for page in pages:
        for table in _tables(page._page_box):
            rows = [
                row
                for group in table.children
                if not (group.is_header or group.is_footer)
                for row in group.children
            ]
            _end_with_last_row(table, rows)
            tables.setdefault(table.element, []).append(rows)
    for fragments in tables.values():
        if len(fragments) > 1:
            for label in _split_labels(fragments):
                _place(label)
            _begin_at_the_top(fragments)


def _end_with_last_row(table: Any, rows: list[Any]) -> None:
    """Make a table as high as its rows: rows that went overleaf still count in it."""
    if rows:
        bottom = rows[-1].position_y + rows[-1].height
        table.height = bottom - table.content_box_y()


def _begin_at_the_top(fragments: list[list[Any]]) -> None:
    """Set the texts of rows that stand on several pages at the top of their cells."""
    parts: dict[Any, list[Any]] = {}
    for rows in fragments:
        for row in rows:
            parts.setdefault(row.element, []).append(row)
    for several in parts.values():
        cells = [cell for row in several for cell in row.children if cell.children]
        places = Counter(cell.element for cell in cells)
        for cell in cells if len(several) > 1 else ():
            kind = cell.element.get("class")
            going_on = places[cell.element] > 1 and not _is_repeated(cell)
            if kind == TEXT or going_on:
                _raise_text(cell)


def _raise_text(cell: Any) -> None:
    shift = cell.padding_top - cell.style["padding_top"].value
    for child in cell.children:
        child.translate(dy=-shift)
    cell.padding_top -= shift
    cell.padding_bottom += shift


def _is_repeated(cell: Any) -> bool:
    """Whether a cell is printed again on each page that its rows reach."""
    return cell.element_tag == REPEATED or NAME in cell.element.get("class", "").split()


def _tables(box: Any) -> Iterator[Any]:
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.TableBox):
            yield child
        elif isinstance(child, boxes.BlockLevelBox) and not isinstance(
            child, boxes.TableCellBox
        ):
            yield from _tables(child)


def _split_labels(fragments: list[list[Any]]) -> Iterator[_Label]:
    """Yield the labels whose rows stand on more than one page."""
    order: dict[Any, int] = {}
    for rows in fragments:
        for row in rows:
            order.setdefault(row.element, len(order))
    labels: dict[Any, _Label] = {}
    spans: dict[Any, range] = {}
    for rows in fragments:
        for row in rows:
            for cell in row.children:
                if _is_repeated(cell):
                    label = labels.setdefault(cell.element, _Label(cell))
                    label.lines += cell.children
                    start = order[row.element]
                    spans[cell.element] = range(start, start + cell.rowspan)
    for element, label in labels.items():
        for rows in fragments:
            own = [row for row in rows if order[row.element] in spans[element]]
            if own:
                label.parts.append(_Part(own, _own_cell(own[0], element)))
        if len(label.parts) > 1:
            yield label


def _own_cell(row: Any, element: Any) -> Any:
    return next((cell for cell in row.children if cell.element is element), None)


def _place(label: _Label) -> None:
    """Give each part of a label its cell: the whole text wherever it fits.

    Where it fits nowhere, it goes on from part to part.
    """
    need = sum(line.height for line in label.lines)
    edges = _edges(label.source)
    rest = list(label.lines)
    fits = [need <= part.height - edges + 0.01 for part in label.parts]
    for part, whole in zip(label.parts, fits, strict=True):
        if whole:
            lines = label.lines
        else:
            lines = [] if any(fits) else _take(rest, part.height - edges)
        cell = _cell(label.source, lines, part)
        if part.cell is None:
            part.rows[0].children = _with_cell(part.rows[0].children, cell)
        else:
            part.rows[0].children = [
                cell if child is part.cell else child for child in part.rows[0].children
            ]


def _edges(cell: Any) -> float:
    """Return the height of a cell's borders and of the padding its style asks for."""
    style = cell.style
    return float(
        style["border_top_width"]
        + style["border_bottom_width"]
        + style["padding_top"].value
        + style["padding_bottom"].value
    )


def _take(lines: list[Any], height: float) -> list[Any]:
    """Take from lines those that fit into height, one at least."""
    taken: list[Any] = []
    while lines and (
        not taken or sum(x.height for x in taken) + lines[0].height <= height
    ):
        taken.append(lines.pop(0))
    return taken


def _cell(source: Any, lines: list[Any], part: _Part) -> Any:
    """Return a copy of the label's cell, as high as the part, lines in its middle."""
    edges = _edges(source)
    cell = source.copy_with_children([])
    cell.position_y = part.top
    cell.padding_top = source.style["padding_top"].value
    cell.padding_bottom = source.style["padding_bottom"].value
    cell.border_top_width = source.style["border_top_width"]
    cell.border_bottom_width = source.style["border_bottom_width"]
    cell.height = part.height - edges
    cell.rowspan = len(part.rows)
    y = part.top + cell.border_top_width + cell.padding_top
    y += max(0.0, (cell.height - sum(line.height for line in lines)) / 2)
    for line in lines:
        copy = line.deepcopy()
        copy.translate(dy=y - copy.position_y)
        cell.children.append(copy)
        y += line.height
    return cell


def _with_cell(children: Iterable[Any], cell: Any) -> list[Any]:
    return sorted([*children, cell], key=lambda child: child.position_x)
