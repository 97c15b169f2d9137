"""Lines become title and sections: found by title words, numerals and their order.

Nothing is dropped: what stands in no section lands in sections of the kind other.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from reports.document import SECTION_KEYS, Section, SectionKey
from reports.reading.headings import (
    Heading,
    Style,
    is_contents_line,
    may_have_numeral,
    read_heading,
)
from reports.reading.lines import Line, Notes, excerpt
from reports.reading.titles import BODY, SEAL

ANNEX = re.compile(r"附(?:件|表|录)\s?[0-9０-９一二三四五六七八九十]{0,2}[：:]?")
# 落款: the body that signs and the date, alone on the last lines.
DATE_ALONE = re.compile(
    r"[0-9〇零○O一二三四五六七八九十\s]{4,9}年[0-9一二三四五六七八九十\s]{1,4}月"
    r"[0-9一二三四五六七八九十\s]{1,5}日"
)
MOST_CLOSING = 6
ANNEX_NOTE = re.compile("附[件表][0-9]{0,2}[：:]")
# The longest line that is still taken as an unnumbered heading.
LONGEST_UNNUMBERED = 20


@dataclass
class Outline:
    """What the lines say, in order: preamble (lines before the first heading)."""

    preamble: list[Line]
    sections: tuple[Section, ...]


@dataclass
class _Part:
    """A section as it is being put together."""

    key: SectionKey
    title: str
    number: str
    lines: list[str] = field(default_factory=list)

    def section(self) -> Section:
        return Section(
            key=self.key,
            title=self.title,
            text="\n".join(self.lines),
            number=self.number,
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line that could be the heading of a section; index: among all lines."""

    index: int
    line: Line
    heading: Heading


def find_sections(lines: list[Line], notes: Notes) -> Outline:
    """Return the sections in the order found, after the preamble."""
    heads = {each.index: each for each in _choose(_candidates(lines))}
    preamble: list[Line] = []
    parts: list[_Part] = []
    open_part: _Part | None = None
    for index, line in enumerate(lines):
        if head := heads.get(index):
            open_part = _begin(head, parts, notes)
        elif parts and ANNEX.fullmatch(line.text):
            open_part = _Part("other", line.text, "")
            parts.append(open_part)
        elif open_part is None:
            preamble.append(line)
        else:
            open_part.lines.append(line.text)
    _note_numerals([heads[index].heading for index in sorted(heads)], notes)
    return Outline(preamble, tuple(part.section() for part in parts))


def _begin(head: _Candidate, parts: list[_Part], notes: Notes) -> _Part:
    """Open the section of a heading, or join it to the section of the same kind."""
    heading = head.heading
    key: SectionKey = heading.key or "other"
    part = next((p for p in parts if p.key == key != "other"), None)
    if part:
        part.lines.append(head.line.text)
        return part
    part = _Part(key, heading.title, heading.number)
    parts.append(part)
    if heading.text:
        part.lines.append(heading.text)
    if heading.end:
        shown = f"{heading.number}{heading.title}{heading.end}"
        notes.add("numbering-broken", f"{head.line.place}标题与正文相连", shown)
    return part


def _candidates(lines: list[Line]) -> list[_Candidate]:
    return [
        _Candidate(index, line, heading)
        for index, line in enumerate(lines)
        if not (line.row or _is_plain(line))
        and _may_be_heading(heading := read_heading(line.text), line)
    ]


def _is_plain(line: Line) -> bool:
    """Whether a line is text at first sight: long, without style and numeral."""
    return (
        len(line.text) > LONGEST_UNNUMBERED
        and line.level is None
        and not may_have_numeral(line.text)
    )


def _may_be_heading(heading: Heading, line: Line) -> bool:
    if is_contents_line(line.text):
        return False
    if heading.style == "none":
        return line.level is not None or (
            heading.key is not None
            and not heading.text
            and 4 <= len(heading.title) <= LONGEST_UNNUMBERED
        )
    return heading.is_short or heading.key is not None


def _choose(candidates: list[_Candidate]) -> list[_Candidate]:
    """Return the headings of sections among the candidates.

    The document's main kind of heading (一、 as a rule) makes sections; others do
    where they fill a gap in its sequence: 1、 2、 三、.
    """
    choice = _Choice(_main_style(candidates), _main_level(candidates))
    choice.main_keys = {
        each.heading.key
        for each in candidates
        if each.heading.key and choice.is_main(each)
    }
    return [each for each in candidates if choice.takes(each)]


@dataclass
class _Choice:
    """Which candidates make sections, asked one after the other.

    main, level: the numerals and the heading style that sections have; main_keys: the
    kinds that such headings hold; seen: the kinds so far; previous: the last section's
    value; listed: per style, the last value that made no section since.
    """

    main: Style
    level: int | None
    main_keys: set[SectionKey] = field(default_factory=set)
    seen: set[SectionKey] = field(default_factory=set)
    previous: int = 0
    listed: dict[Style, int] = field(default_factory=dict)

    def takes(self, each: _Candidate) -> bool:
        """Whether this candidate makes a section; keep count of it."""
        heading = each.heading
        taken = self._fits(each)
        if taken:
            self.seen |= {heading.key} if heading.key else set()
            self.previous = heading.value or self.previous + 1
            self.listed.clear()
        elif heading.value:
            self.listed[heading.style] = heading.value
        return taken

    def is_main(self, each: _Candidate) -> bool:
        if self.level and each.line.level:
            return each.line.level <= self.level
        return each.heading.style == self.main

    def _fits(self, each: _Candidate) -> bool:
        heading = each.heading
        if self.level and each.line.level and each.line.level > self.level:
            return False
        if not self.is_main(each):
            return self._fills_gap(heading)
        if self._is_new(heading):
            return True
        if heading.style == "none":
            # A styled line before all sections is the title.
            return bool(each.line.level and self.seen)
        if self.main in ("part", "chinese"):
            starts_again = heading.value == 1 and self.previous >= 1
            rises = heading.key is not None or heading.value > self.previous
            return rises and not starts_again and not self._continues_list(heading)
        return self._is_next(heading)

    def _fills_gap(self, heading: Heading) -> bool:
        """Whether another kind of heading stands where a main one is missing."""
        if not self._is_new(heading) or heading.key in self.main_keys:
            return False
        if heading.style == "none":
            return self._comes_next(heading)
        return self._is_next(heading) or (
            heading.value > 1
            # （三）stands one level below as a rule, also where（二）is no heading.
            and heading.style != "bracket"
            and self._comes_next(heading)
            and not self._continues_list(heading)
        )

    def _is_new(self, heading: Heading) -> bool:
        return heading.key is not None and heading.key not in self.seen

    def _is_next(self, heading: Heading) -> bool:
        is_next = heading.value == self.previous + 1
        return is_next and not self._continues_list(heading)

    def _continues_list(self, heading: Heading) -> bool:
        """Whether the numeral goes on with a list inside a section."""
        last = self.listed.get(heading.style, 0)
        return bool(last) and heading.value == last + 1

    def _comes_next(self, heading: Heading) -> bool:
        """Whether all kinds so far stand before this one in a report."""
        assert heading.key is not None
        place = SECTION_KEYS.index(heading.key)
        return all(SECTION_KEYS.index(key) < place for key in self.seen)


def _main_level(candidates: list[_Candidate]) -> int | None:
    """Return the heading style's level that holds the sections, None without styles."""
    levels = Counter(
        each.line.level for each in candidates if each.line.level and each.heading.key
    )
    return min((level for level, count in levels.items() if count >= 2), default=None)


def _main_style(candidates: list[_Candidate]) -> Style:
    """Return the numerals of sections: the highest kind that title words stand at."""
    keyed = Counter(each.heading.style for each in candidates if each.heading.key)
    if not keyed:
        return "chinese"
    if keyed["part"] >= 2:
        return "part"
    ranked: tuple[Style, ...] = ("chinese", "arabic", "bracket")
    return next((style for style in ranked if keyed[style]), "none")


def _note_numerals(headings: list[Heading], notes: Notes) -> None:
    """Note each heading whose numeral is missing, out of order or of another style."""
    styles = Counter(each.style for each in headings if each.number)
    if not styles:
        return
    usual = max(styles, key=lambda style: (styles[style], style == "chinese"))
    for place, heading in enumerate(headings, start=1):
        if heading.style != usual or heading.value != place:
            shown = f"{heading.number}{heading.title}"
            notes.add("numbering-broken", f"第 {place} 个标题", excerpt(shown))


def split_closing(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines and, apart, those that sign the report (落款) at its end.

    They end with a date alone; before it stand names and notes of the annex.
    """
    if not lines or not DATE_ALONE.fullmatch(lines[-1].text):
        return lines, []
    first = len(lines) - 1
    while len(lines) - first < MOST_CLOSING and _signs(lines[first - 1]):
        first -= 1
    return lines[:first], lines[first:]


def _signs(line: Line) -> bool:
    is_body = not line.row and BODY.fullmatch(SEAL.sub("", line.text))
    return bool(is_body or ANNEX_NOTE.match(line.text))


def unplaced(lines: list[Line], notes: Notes) -> Iterator[Section]:
    """Give lines that belong to no section one of their own."""
    if lines:
        notes.add("section-missing", lines[0].place, excerpt(lines[0].text))
        yield Section(
            key="other", title="", text="\n".join(line.text for line in lines)
        )
