"""What stands in the text of a report: headings with their depth, paragraphs, ends.

Plain data for the templates of screen and paper. Depth 1 is a section's title; below
it the depth follows the order in which kinds of numerals appear, not the numeral: a
（1） directly under a section is depth 2 and is set like every heading of depth 2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from perfeval.numbers import chinese_numeral
from perfeval.templatetags.units import chinese_date
from reports.document import ReportDocument, Section

CHINESE = "一二三四五六七八九十百零〇"
# Each kind of numeral, in the order of GB/T 9704; a kind met first is the outer one.
NUMERALS = (
    re.compile(rf"[{CHINESE}]+[、.．]\s*"),
    re.compile(rf"[（(][{CHINESE}]+[）)]\s*"),
    re.compile(r"[0-9]{1,2}(?:[、．]|\.(?![0-9]))\s*"),
    re.compile(r"[（(][0-9]{1,2}[）)]\s*"),
    re.compile(r"[①-⑳]\s*"),
)
SENTENCE_END = re.compile(r"[。！？]")
# A heading is short; a numbered sentence that is longer is an item of a list.
LONGEST_HEADING = 50
DEEPEST = 4
LABEL = re.compile(r"(附件|附表)\s*([0-9]*)")


@dataclass(frozen=True)
class Paragraph:
    """heading: the part set as a heading, "" if none; text: what follows it.

    depth: 2 to 4 where the paragraph is numbered, 0 elsewhere.
    """

    depth: int
    heading: str
    text: str

    @property
    def alone(self) -> bool:
        """Whether the heading is the whole paragraph."""
        return bool(self.heading) and not self.text

    @property
    def level(self) -> int:
        """Level of its HTML heading: the title is h1, a section's h2."""
        return self.depth + 1


@dataclass(frozen=True)
class SectionOutline:
    """heading: numeral and title as printed, "" where the section has neither."""

    key: str
    anchor: str
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class AnnexNote:
    """The note under the text; word: 附件：; number: "1." or ""."""

    word: str
    number: str
    name: str


def section_outlines(
    document: ReportDocument, *, renumber: bool = False
) -> tuple[SectionOutline, ...]:
    """Return the sections in order.

    renumber: print the standard's numerals. They are also printed where no section of
    the document has one; a document with some of them is printed as it is.
    """
    unnumbered = not any(section.number.strip() for section in document.sections)
    outlines = []
    place = 0
    for index, section in enumerate(document.sections):
        number = section.number.strip()
        if section.title.strip() and (renumber or unnumbered):
            place += 1
            number = f"{chinese_numeral(place)}、"
        outlines.append(
            SectionOutline(
                key=section.key,
                anchor=f"section-{index + 1}",
                heading=f"{number}{section.title.strip()}",
                paragraphs=tuple(_paragraphs(section, renumber=renumber)),
            )
        )
    return tuple(outlines)


def _paragraphs(section: Section, *, renumber: bool) -> Iterator[Paragraph]:
    kinds: list[int] = []
    counts: list[int] = []
    for line in section.paragraphs:
        text = line.strip()
        kind, numeral = _numeral(text)
        if kind is None:
            yield Paragraph(0, "", text)
            continue
        if kind in kinds:
            del kinds[kinds.index(kind) + 1 :], counts[kinds.index(kind) + 1 :]
        else:
            kinds.append(kind)
            counts.append(0)
        counts[-1] += 1
        depth = min(len(kinds) + 1, DEEPEST)
        if renumber and len(kinds) < DEEPEST:
            text = standard_numeral(depth, counts[-1]) + text[len(numeral) :]
        yield _heading(depth, text)


def _numeral(text: str) -> tuple[int | None, str]:
    """Return the kind of numeral a paragraph starts with, and the numeral."""
    for kind, pattern in enumerate(NUMERALS):
        found = pattern.match(text)
        if found and found.end() < len(text):
            return kind, found[0]
    return None, ""


def _heading(depth: int, text: str) -> Paragraph:
    end = SENTENCE_END.search(text)
    cut = end.end() if end else len(text)
    if cut > LONGEST_HEADING:
        return Paragraph(depth, "", text)
    return Paragraph(depth, text[:cut], text[cut:])


def standard_numeral(depth: int, number: int) -> str:
    """Return the standard's numeral of a heading: （一） at 2, 1. at 3, （1） at 4."""
    if depth == 2:
        return f"（{chinese_numeral(number)}）"
    return f"{number}." if depth == 3 else f"（{number}）"


def annex_notes(document: ReportDocument) -> tuple[AnnexNote, ...]:
    """Return the annex note, one entry for each attachment that the document lists.

    A number stands where there are several, or where the document's label has one.
    """
    several = len(document.attachments) > 1
    notes = []
    for index, attachment in enumerate(document.attachments, start=1):
        label = LABEL.match(attachment.label.strip())
        word, number = (label[1], label[2]) if label else ("附件", "")
        notes.append(
            AnnexNote(
                word=f"{word}：",
                number=f"{number or index}." if several or number else "",
                name=attachment.title.strip().rstrip("。；，、.;") or word,
            )
        )
    return tuple(notes)


def annex_label(document: ReportDocument, annex_title: str, default: str) -> str:
    """Return the label of the printed form: the document's own word for it.

    That of the attachment with the form's title, else of the first; else the word by
    which the text refers to it (见附表); else default.
    """
    for attachment in document.attachments:
        if attachment.label and (
            annex_title in attachment.title or "表" in attachment.title
        ):
            return attachment.label.strip()
    for attachment in document.attachments:
        if attachment.label:
            return attachment.label.strip()
    for section in reversed(document.sections):
        if found := LABEL.search(section.text):
            return found[1] + found[2]
    return default


@dataclass(frozen=True)
class Signature:
    """Who signs (落款) and the date as printed; either may be empty."""

    issuer: str
    date: str


def signature(document: ReportDocument) -> Signature | None:
    """Return the signature block, None where the document has no issuer and no date."""
    if not document.issuer.strip() and not document.date:
        return None
    return Signature(document.issuer.strip(), chinese_date(document.date))
