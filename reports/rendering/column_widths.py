"""How wide each column of an annex is: as usual, or after what stands in the cells.

Widths are in pt, with padding and line. A form of short texts keeps its usual widths.
No number is broken where the page has room for it, and columns give way to one whose
texts would otherwise run over pages.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from math import ceil

from reports.rendering.annex_parts import Cell, Row, Table
from reports.rendering.titles import balanced_lines, width

PORTRAIT, LANDSCAPE = 442.2, 637.8  # the type area: 156 and 225 mm
EM, EDGES = (
    10.5,
    4.5,
)  # a character of report.css; padding and line beside a cell's text
# By layout and key of column; one that isn't here shares what is left.
USUAL: dict[str, dict[str, float]] = {
    "form": {
        "side-column": 26,
        "level1": 36.5,
        "level2": 47,
        "level3": 67.5,
        "nature": 36.5,
        "target": 57.5,
        "value": 57.5,
        "unit": 36.5,
        "actual": 57.5,
        "max_points": 30,
        "points": 43,
    },
    "sheet": {
        "level1": 26.5,
        "level2": 47,
        "level3": 72,
        "max_points": 30,
        "points": 47,
    },
    "evidence": {"number": 26, "proves": 84, "size": 52, "digest": 178},
    "opinions": {"level": 47, "body": 84, "decision": 47, "signed": 84},
}
USUAL_LANDSCAPE: dict[str, dict[str, float]] = {
    "form": {"level3": 110, "target": 80, "value": 80, "actual": 80},
}
# The least number of characters of a column, by the kind of cell in it.
LEAST = {"name": 4, "text": 6}
WHOLE = 8  # characters of a number with its unit beyond which it may break
TALL = 8  # lines of a cell beyond which its column is made wider
GAIN = 2  # lines that a character of width must save
NUMBER = re.compile("[≥≤＞＜＝]?[0-9][0-9.,]*[%‰]?[㐀-鿿]{0,2}(?![㐀-鿿])")
NAMES = re.compile(
    "指标|满意度|影响|效益|总体|目标|对象|资金|名称|部门|得分|管理|落实|立项|（"
    "|预算|执行|实际|偏差原因分析"
)


def column_widths(table: Table, *, landscape: bool = False) -> tuple[float, ...]:
    """Return the width of each column in pt; together they fill the type area."""
    total = LANDSCAPE if landscape else PORTRAIT
    known = USUAL[table.layout]
    if landscape:
        known = known | USUAL_LANDSCAPE.get(table.layout, {})
    usual = _usual([known.get(key) for key in table.keys], total)
    least = _least(table, len(usual))
    if sum(least) > total:
        return usual
    return _balanced(_fitted(usual, least), least, _counted_rows(table, len(usual)))


def capacity(widths: Sequence[float], start: int, columns: int) -> int:
    """Return how many characters fit into a line of a cell of so many columns."""
    return int((sum(widths[start : start + columns]) - EDGES) / EM)


def placed(row: Row, count: int) -> Iterator[tuple[int, Cell]]:
    """Yield the cells with the column they begin in: every row ends in the last one."""
    start = count - sum(cell.columns for cell in row.cells)
    for cell in row.cells:
        yield start, cell
        start += cell.columns


def broken(text: str, most: int) -> str:
    """Return the text with newlines so that no line holds more than most characters.

    A text that has no good break is left to the layout.
    """
    if len(text) <= most or not text.isprintable():
        return text
    costs = {place: 6.0 for place in range(1, len(text)) if text[place] not in "）)"}
    for word in NAMES.finditer(text):
        for place in word.span():
            costs[place] = 0.0
    costs.pop(0, None)
    costs.pop(len(text), None)
    return "\n".join(balanced_lines(text, costs, most))


def _usual(given: Sequence[float | None], total: float) -> tuple[float, ...]:
    known = sum(each for each in given if each is not None)
    share = (total - known) / given.count(None)
    return tuple(share if each is None else each for each in given)


def _least(table: Table, count: int) -> list[float]:
    """Return the width that each column needs for heads, labels and numbers."""
    need = [2.0] * count
    for start, words in enumerate(table.columns, start=count - len(table.columns)):
        need[start] = _widest(broken(words, max(3, ceil(len(words) / 2))))
    for row in (*table.head, *table.rows):
        for start, cell in placed(row, count):
            if cell.columns == 1:
                need[start] = max(need[start], _need(cell))
    return [each * EM + EDGES for each in need]


def _need(cell: Cell) -> float:
    """Return how many characters wide a cell must be at least."""
    if cell.is_label:
        return _widest(broken(cell.text, 2 if cell.kind == "side" else 3))
    if cell.kind == "number":
        return min(width(cell.text), WHOLE)
    if cell.kind == "value":
        numbers = [width(found[0]) for found in NUMBER.finditer(cell.text)]
        return max((each for each in numbers if each <= WHOLE), default=2)
    return LEAST.get(cell.kind, 2) if cell.text else 2


def _widest(text: str) -> float:
    return max(width(line) for line in text.split("\n"))


def _fitted(usual: Sequence[float], least: Sequence[float]) -> list[float]:
    """Return the usual widths, wider where needed, taken from who has most to spare."""
    widths = [max(each, need) for each, need in zip(usual, least, strict=True)]
    over = sum(widths) - sum(usual)
    while over > 0.01:
        spare = [own - need for own, need in zip(widths, least, strict=True)]
        giver = spare.index(max(spare))
        given = min(over, spare[giver], EM)
        widths[giver] -= given
        over -= given
    return widths


# Cells of a row that take lines: first column, column after the last, characters.
Texts = tuple[tuple[int, int, float], ...]


def _counted_rows(table: Table, count: int) -> Counter[Texts]:
    return Counter(
        tuple(
            (start, start + cell.columns, width(cell.text))
            for start, cell in placed(row, count)
            if cell.rows == 1 and cell.text
        )
        for row in (*table.head, *table.rows)
    )


def _balanced(
    widths: list[float], least: Sequence[float], rows: Counter[Texts]
) -> tuple[float, ...]:
    """Move width, a character at a time, to where it saves most lines."""
    if max(_lines(row, widths) for row in rows) <= TALL:
        return tuple(widths)
    now = _total(rows, widths)
    while True:
        tried = [
            _moved(widths, giver, taker)
            for giver, taker in permutations(range(len(widths)), 2)
            if widths[giver] - EM >= least[giver]
        ]
        best, lines = min(
            ((each, _total(rows, each)) for each in tried),
            key=lambda found: found[1],
            default=(widths, now),
        )
        if now - lines < GAIN:
            return tuple(widths)
        widths, now = best, lines


def _moved(widths: Sequence[float], giver: int, taker: int) -> list[float]:
    moved = list(widths)
    moved[giver] -= EM
    moved[taker] += EM
    return moved


def _total(rows: Counter[Texts], widths: Sequence[float]) -> int:
    return sum(_lines(row, widths) * times for row, times in rows.items())


def _lines(row: Texts, widths: Sequence[float]) -> int:
    """Return about how many lines a row is high."""
    return max(
        (
            ceil(length / max(capacity(widths, start, end - start), 1))
            for start, end, length in row
        ),
        default=1,
    )
