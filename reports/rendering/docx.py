"""The report as a Word file with real styles, so that one can go on working in Word.

Made of the same view of the document as screen and print (html.py). Page, lines and
faces after GB/T 9704-2012; the faces are named as offices have them installed.
"""

import io
from datetime import datetime
from functools import cache
from math import ceil
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from indicators.schemes import Scheme
from reports.document import ReportDocument
from reports.rendering.annexes import TITLE_CAPACITY, Annex
from reports.rendering.characters import unprintable_problems
from reports.rendering.cover import Cover
from reports.rendering.docx_styles import (
    ANNEX_LABEL,
    ANNEX_SUBTITLE,
    ANNEX_TITLE,
    CHARACTER,
    CONTENTS,
    CONTENTS_TITLE,
    COVER_DATE,
    COVER_FACT,
    COVER_TITLE,
    LINE,
    MARK,
    NOTE,
    PEOPLE,
    SIGNATURE,
    define_styles,
    heading_run_style,
)
from reports.rendering.docx_tables import add_tables
from reports.rendering.errors import RenderError
from reports.rendering.html import ReportView, report_view
from reports.rendering.outline import AnnexNote, Paragraph, Signature
from reports.rendering.titles import title_lines, width

LINE_CHARACTERS = 28
RELEASE_LINE = Pt(12)  # which frozen file it is, under the number
NOTE_WORD = 3  # characters that 附件： takes


def render_docx(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
    parts: tuple[str, ...] = (),
) -> bytes:
    """Return the report as a Word file (.docx).

    Raises RenderError: a control character, with each place it stands in.
    """
    if problems := unprintable_problems(document):
        raise RenderError(problems)
    view = report_view(document, scheme, draft=draft, renumber=renumber, parts=parts)
    word = _new_document()
    _set_properties(word, view)
    if view.cover:
        _write_cover(word, view.cover)
    if view.contents:
        _write_contents(word, view)
    if view.sections or not view.annexes:
        # A character less than on paper: Word may have another face for a title.
        title = "\n".join(title_lines(view.title, document, TITLE_CAPACITY - 1))
        _add(word, title, "Title")
        _write_report(word, view)
    for index, annex in enumerate(view.annexes):
        _write_annex(word, annex, follows=bool(view.sections or index))
    unnumbered = bool(view.cover) + view.contents
    for index, section in enumerate(word.sections):
        _set_page(section, view, numbered=index >= unnumbered)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


@cache
def _template() -> tuple[bytes, dict[str, str]]:
    """Return an empty Word file with our styles, and their ids by name.

    Made once per process. By id, since python-docx looks at every style for a name.
    """
    word = Document()
    define_styles(word)
    word.settings.odd_and_even_pages_header_footer = True
    out = io.BytesIO()
    word.save(out)
    return out.getvalue(), {each.name: each.style_id for each in word.styles}


def _new_document() -> Any:
    return Document(io.BytesIO(_template()[0]))


def _add(word: Any, text: str, style: str) -> Any:
    """Add a paragraph at the end of a Word document and return it."""
    written = word.add_paragraph(text)
    written._p.style = _template()[1][style]
    return written


def _set_properties(word: Any, view: ReportView) -> None:
    properties = word.core_properties
    properties.title = view.title
    properties.author = view.issuer
    properties.comments = ""
    properties.language = "zh-CN"
    # Not the clock: the same document gives the same file.
    day = datetime.fromisoformat(view.date or "1970-01-01")
    properties.created = properties.modified = day


def _write_cover(word: Any, cover: Cover) -> None:
    written = _add(word, cover.title, COVER_TITLE)
    written.paragraph_format.space_before = 3 * LINE
    written.paragraph_format.space_after = 5 * LINE
    for label, text in cover.facts:
        _add(word, f"{label}：{text}", COVER_FACT)
    _add(word, cover.date, COVER_DATE).paragraph_format.space_before = 2 * LINE
    word.add_section(WD_SECTION.NEW_PAGE)


def _write_contents(word: Any, view: ReportView) -> None:
    """Write a table of contents that Word fills with page numbers (F9)."""
    _add(word, "目　录", CONTENTS_TITLE)
    entries = [part.heading for part in view.sections if part.heading]
    entries += [f"{each.label}　{each.title}" for each in view.annexes]
    for index, entry in enumerate(entries):
        line = _add(word, "", CONTENTS)
        if index == 0:
            _add_field_mark(line, "begin")
            instruction = OxmlElement("w:instrText")
            instruction.text = f'TOC \\h \\t "Heading 1,1,{ANNEX_TITLE},1"'
            line.add_run()._r.append(instruction)
            _add_field_mark(line, "separate")
        line.add_run(entry)
        if index == len(entries) - 1:
            _add_field_mark(line, "end")
    word.add_section(WD_SECTION.NEW_PAGE)


def _add_field_mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if kind == "begin":
        mark.set(qn("w:dirty"), "true")
    paragraph.add_run()._r.append(mark)


def _write_report(word: Any, view: ReportView) -> None:
    for section in view.sections:
        if section.heading:
            _add(word, section.heading, "Heading 1")
        for paragraph in section.paragraphs:
            _add_paragraph(word, paragraph)
    for index, note in enumerate(view.notes):
        _add_note(word, note, first=index == 0)
    if view.signature:
        # Signature and date never stand alone on a page.
        word.paragraphs[-1].paragraph_format.keep_with_next = True
        _add_signature(word, view.signature)


def _add_paragraph(word: Any, paragraph: Paragraph) -> None:
    if paragraph.alone:
        _add(word, paragraph.heading, f"Heading {paragraph.depth}")
        return
    written = word.add_paragraph()
    if paragraph.heading:
        heading = written.add_run(paragraph.heading)
        heading._r.style = _template()[1][heading_run_style(paragraph.depth)]
    written.add_run(paragraph.text)


def _add_note(word: Any, note: AnnexNote, *, first: bool) -> None:
    """Add a line of the annex note; further lines begin under the name."""
    written = _add(word, "", NOTE)
    number = ceil(width(note.number)) if note.number else 0
    hanging = NOTE_WORD + number
    layout = written.paragraph_format
    layout.left_indent = (2 + hanging) * CHARACTER
    layout.first_line_indent = -(hanging if first else number) * CHARACTER
    layout.tab_stops.add_tab_stop((2 + hanging) * CHARACTER)
    if first:
        layout.space_before = LINE
    word_part = note.word if first else ""
    tab = "\t" if note.number else ""
    written.add_run(f"{word_part}{note.number}{tab}{note.name}")


def _add_signature(word: Any, signature: Signature) -> None:
    """Add body and date, unsealed: the body 2 characters from the right edge, the date
    beginning 2 characters to the right of it.
    """
    long = width(signature.issuer) > LINE_CHARACTERS - 4
    # Word sets a quarter between Chinese and digits: five times in a date.
    date_width = ceil(width(signature.date) + 1.25)
    start = LINE_CHARACTERS - 2 - max(ceil(width(signature.issuer)), date_width)
    for index, (text, left) in enumerate(
        ((signature.issuer, start), (signature.date, start + 2))
    ):
        if not text:
            continue
        written = _add(word, text, SIGNATURE)
        layout = written.paragraph_format
        if long:
            layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            layout.right_indent = (2 if index == 0 else 4) * CHARACTER
        else:
            layout.left_indent = min(left, LINE_CHARACTERS - date_width) * CHARACTER
        if index == 0 or not signature.issuer:
            layout.space_before = LINE
        layout.keep_with_next = index == 0 and bool(signature.date)


def _write_annex(word: Any, annex: Annex, *, follows: bool) -> None:
    if follows:
        word.add_section(WD_SECTION.NEW_PAGE)
    section = word.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE if annex.landscape else WD_ORIENT.PORTRAIT
    _add(word, annex.label, ANNEX_LABEL)
    _add(word, annex.broken_title, ANNEX_TITLE)
    if annex.subtitle:
        _add(word, annex.subtitle, ANNEX_SUBTITLE)
    add_tables(
        word.element.body, annex.table, _template()[1], landscape=annex.landscape
    )
    if annex.table.people:
        told = "　　".join(f"{label}：{name}" for label, name in annex.table.people)
        _add(word, told, PEOPLE)


def _set_page(section: Any, view: ReportView, *, numbered: bool) -> None:
    """Set paper, margins, lines, number and release at the foot, marks at the head."""
    landscape = section.orientation == WD_ORIENT.LANDSCAPE
    paper = Mm(297), Mm(210)
    section.page_width, section.page_height = paper if landscape else paper[::-1]
    margins = (28, 37, 26, 35) if landscape else (37, 26, 35, 28)
    (
        section.top_margin,
        section.right_margin,
        section.bottom_margin,
        section.left_margin,
    ) = (Mm(each) for each in margins)
    # 7 mm from the type area to the number's dash, 14 pt high.
    section.footer_distance = section.bottom_margin - Mm(7) - Pt(14)
    if view.release:
        section.footer_distance -= RELEASE_LINE
    section.header_distance = Mm(15)
    grid = section._sectPr.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), "579")
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        if numbered:
            _add_number(footer, side)
        if view.release:
            _add_release(footer, view.release)
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        header.paragraphs[0]._p.style = _template()[1][MARK]
        header.paragraphs[0].text = "　".join(view.marks)


def _add_number(footer: Any, side: WD_ALIGN_PARAGRAPH) -> None:
    """Write — 1 — one character from the outer edge."""
    written = footer.paragraphs[0]
    written._p.style = _template()[1]["Footer"]
    written.alignment = side
    edge = "right" if side == WD_ALIGN_PARAGRAPH.RIGHT else "left"
    setattr(written.paragraph_format, f"{edge}_indent", Pt(14))
    written.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    written._p.append(field)
    written.add_run(" —")


def _add_release(footer: Any, release: str) -> None:
    written = footer.add_paragraph()
    written._p.style = _template()[1]["Footer"]
    written.alignment = WD_ALIGN_PARAGRAPH.CENTER
    written.paragraph_format.line_spacing = RELEASE_LINE
    written.add_run(release).font.size = Pt(9)
