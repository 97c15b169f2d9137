"""A file becomes a ReportDocument: its kind, its lines, its sections, its figures."""

from reports.document import ReportDocument, parse_document
from reports.reading.figures import find_figures
from reports.reading.files import ReadingError
from reports.reading.kinds import kind_of
from reports.reading.lines import Line, Notes, clean_lines
from reports.reading.sections import find_sections, split_closing, unplaced
from reports.reading.text import decode, read_text
from reports.reading.titles import read_project, split_title


def read_report(data: bytes, name: str = "") -> ReportDocument:
    """Return the report that a file holds: .txt, .docx, the JSON of a document.

    A PDF that this program made gives back the exact document it was made of.

    name: of the file, for its suffix. Raises ReadingError, and DocumentError for JSON.
    """
    kind = kind_of(data, name)
    notes = Notes()
    if kind == "json":
        return parse_document(decode(data))
    if kind == "pdf":
        from reports.reading.pdf import embedded_source

        return parse_document(decode(embedded_source(data)))
    if kind == "text":
        return build_document(read_text(data), notes)
    # Only here: reading a text needs no XML library, and starts the faster for it.
    from reports.reading.docx import read_docx

    return build_document(read_docx(data, notes), notes)


def build_document(lines: list[Line], notes: Notes) -> ReportDocument:
    """Return the document of a report's lines; raise ReadingError without any."""
    lines = clean_lines(lines, notes)
    if not lines:
        raise ReadingError("文件里没有文字，请核对是否选错了文件，或内容是不是图片")
    body, closing = split_closing(lines)
    outline = find_sections(body, notes)
    block = split_title(outline.preamble)
    sections = (
        *unplaced(block.lines, notes),
        *outline.sections,
        *unplaced(closing, notes),
    )
    text = "\n".join(line.text for line in lines if not line.row)
    figures = find_figures(block.title, [line.text for line in block.lines], text)
    return ReportDocument(
        year=figures.year,
        title=block.title,
        project=read_project(block.title, lines),
        sections=sections,
        figures=figures,
        reading_notes=notes.all(),
        given=frozenset(("year", "title")),
    )
