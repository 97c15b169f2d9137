"""A short scan for sheets as programs usually write them; SheetScan for all others.

What it looks for could not be hidden from it: it counts every cell in the part and
answers only where each is written in the one plain way, without formulas, errors,
comments and prefixes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from perfeval.workbooks.number_formats import NumberFormat
from perfeval.workbooks.sheet_scan import MOST_MERGES, Limits, Place, column_number

# What a plain sheet does not have: names with a prefix, formulas, comments, other ways
# to write a cell; and errors.
NOT_PLAIN = re.compile(rb"<(?:[^\s<>/!?:]+:|!|f[\s/>]|c(?![a-zA-Z ]))")
ERROR = b't="e"'
ROW = re.compile(rb'<row(?: r="([0-9]{1,7})")?([^<>]*)>')
HIDDEN = re.compile(rb'\shidden="(?:1|true)"')


@dataclass(frozen=True)
class QuickScan:
    """What a plain sheet keeps silent about; the same attributes as SheetScan."""

    styles: dict[Place, int] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    formulas: set[Place] = field(default_factory=set)
    valued: set[Place] = field(default_factory=set)
    too_large: bool = False


def quick_scan(
    data: bytes, limits: Limits, formats: Sequence[NumberFormat]
) -> QuickScan | None:
    """Return the scan of a plain sheet within the limits, None for any other.

    formats: by style; only places whose format changes what is read are kept.
    """
    if ERROR in data or NOT_PLAIN.search(data):
        return None
    cells = data.count(b"<c ")
    if cells > min(limits.elements, limits.values):
        return None
    if data.count(b"<mergeCell ") > MOST_MERGES:
        return None
    found = _plain_cells(limits.rows).findall(data)
    columns = {column_number(letters.decode()) for letters in set(found)}
    if len(found) != cells or max(columns, default=0) >= limits.columns:
        return None
    hidden = _hidden_rows(data)
    return None if hidden is None else QuickScan(_styles(data, formats), hidden)


@cache
def _plain_cells(rows: int) -> re.Pattern[bytes]:
    """Return the pattern of a cell in a row that is surely within the limit."""
    digits, lead = len(str(rows)), int(str(rows)[0])
    number = f"[0-9]{{1,{digits - 1}}}"
    if lead > 1:
        number += f"|[1-{lead - 1}][0-9]{{{digits - 1}}}"
    pattern = (
        rf'<c r="([A-Z]{{1,2}})(?:{number})"(?: s="[0-9]{{1,5}}")?'
        r'(?: t="(?:s|n|b|d|str|inlineStr)")?/?>'
    )
    return re.compile(pattern.encode())


def _styles(data: bytes, formats: Sequence[NumberFormat]) -> dict[Place, int]:
    telling = [
        str(style)
        for style, shown in enumerate(formats)
        if shown.date or shown.percent or shown.before or shown.after
    ]
    if not telling:
        return {}
    pattern = rf'<c r="([A-Z]{{1,2}})([0-9]{{1,7}})" s="({"|".join(telling)})"'
    return {
        (int(row) - 1, column_number(letters.decode())): int(style)
        for letters, row, style in re.findall(pattern.encode(), data)
    }


def _hidden_rows(data: bytes) -> set[int] | None:
    """Return the hidden rows; None where one does not say its number."""
    if b"hidden=" not in data:
        return set()
    hidden = {row for row, rest in ROW.findall(data) if HIDDEN.search(rest)}
    return None if b"" in hidden else {int(row) - 1 for row in hidden}
