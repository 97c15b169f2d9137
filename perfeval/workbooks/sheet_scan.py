"""What the values of a sheet keep silent about, and how much there is, read from XML.

calamine reads the values, but neither formats nor errors, and it asks for memory for
the whole rectangle between the first cell and the last: one cell at XFD1048576 ends the
process. So every part is scanned before calamine sees it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

MOST_ROWS = 5_000
MOST_COLUMNS = 256
MOST_MERGES = 20_000
MOST_MERGED = 1_000_000
# Cells with a format and without a value count only here.
MOST_ELEMENTS = 3_000_000


@dataclass(frozen=True)
class Limits:
    """What a sheet may hold.

    elements: its cells, those without a value too; values: those with one; merged:
    places in merged cells, each taken apart.
    """

    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS
    elements: int = MOST_ELEMENTS
    values: int = MOST_ELEMENTS
    merged: int = MOST_MERGED


USUAL = Limits()

REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
VALUES = frozenset(("v", "is"))

Place = tuple[int, int]


class _TooMuch(Exception):  # noqa: N818 - ends the scan, no error
    pass


class SheetScan:
    """The scan of one part; too_large: there is more than the limits allow."""

    def __init__(self, data: bytes, limits: Limits = USUAL) -> None:
        """Scan; raise expat.ExpatError: not well-formed, or not UTF-8."""
        self._limits = limits
        self.styles: dict[Place, int] = {}
        self.errors: dict[Place, str] = {}
        self.formulas: set[Place] = set()
        self.valued: set[Place] = set()
        self.hidden_rows: set[int] = set()
        self.too_large = False
        self._row, self._column = -1, -1
        self._elements = self._values = self._merges = 0
        self._style = 0
        self._is_error = self._in_value = False
        try:
            walk(data, self._start, self._end, self._text)
        except _TooMuch:
            self.too_large = True

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._start_row(attributes)
        elif name == "c":
            self._start_cell(attributes)
        elif name == "f":
            self.formulas.add((self._row, self._column))
        elif name in VALUES:
            self._start_value(name)
        elif name == "mergeCell":
            self._merges += 1
            self._stop_if(self._merges > MOST_MERGES)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) - 1 if number.isdigit() else self._row + 1
        self._column = -1
        if attributes.get("hidden") in ("1", "true"):
            self.hidden_rows.add(self._row)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._stop_if(self._elements > self._limits.elements)
        reference = REFERENCE.fullmatch(attributes.get("r", ""))
        if reference:
            self._row = int(reference[2]) - 1
            self._column = column_number(reference[1])
        else:
            self._column += 1
        style = attributes.get("s", "")
        self._style = int(style) if style.isdigit() else 0
        self._is_error = attributes.get("t") == "e"

    def _start_value(self, name: str) -> None:
        limits = self._limits
        self._values += 1
        self._stop_if(
            self._row >= limits.rows
            or self._column >= limits.columns
            or self._values > limits.values
        )
        self._in_value = name == "v"
        place = (self._row, self._column)
        if name == "is":
            self.valued.add(place)
        if self._style:
            self.styles[place] = self._style

    def _end(self, name: str) -> None:
        if name == "v":
            self._in_value = False

    def _text(self, text: str) -> None:
        if self._in_value:
            place = (self._row, self._column)
            self.valued.add(place)
            if self._is_error:
                self.errors[place] = self.errors.get(place, "") + text

    def _stop_if(self, too_much: bool) -> None:
        if too_much:
            raise _TooMuch


def column_number(letters: str) -> int:
    """Return the number of a column from 0: A → 0, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def walk(
    data: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call back for each element, its name and attributes without their prefixes.

    Read as UTF-8 whatever the part says, as calamine does. Raises expat.ExpatError.
    """

    def local(name: str) -> str:
        return name.rpartition(":")[2]

    def on_start(name: str, attributes: dict[str, str]) -> None:
        start(local(name), {local(key): value for key, value in attributes.items()})

    def on_end(name: str) -> None:
        if end:
            end(local(name))

    parser: Any = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    if text:
        parser.CharacterDataHandler = text
    parser.Parse(data, True)
