"""Lines of a report as readers hand them on, and notes of what they repaired."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reports.document import ReadingNote
from reports.reading.residue import without_residue

EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, without blanks at its ends.

    place: where it stands in the file (第 3 行); level: of a heading style, 1–9, or 0
    for a title style; row: a row of a table, which is never a heading.
    """

    text: str
    place: str
    level: int | None = None
    row: bool = False


class Notes:
    """Collects reading notes; the same thing found again counts, it isn't listed."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], tuple[str, int]] = {}

    def add(self, code: str, where: str, original: str) -> None:
        """Note what was repaired or could not be placed; code: a finding code."""
        first, count = self._places.get((code, original), (where, 0))
        self._places[code, original] = first, count + 1

    def all(self) -> tuple[ReadingNote, ...]:
        return tuple(
            ReadingNote(
                code=code,
                where=where if count == 1 else f"{where}等 {count} 处",
                original=original,
            )
            for (code, original), (where, count) in self._places.items()
        )


def clean_lines(lines: Iterable[Line], notes: Notes) -> list[Line]:
    """Return the lines that are not empty, without residue; note what was removed."""
    cleaned = []
    for line in lines:
        text, removed = without_residue(line.text)
        for original in removed:
            notes.add("text-leftover", line.place, original)
        if text := text.strip():
            cleaned.append(line if text == line.text else replace(line, text=text))
    return cleaned


def excerpt(text: str) -> str:
    """Return the beginning of a text, for a note."""
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"
