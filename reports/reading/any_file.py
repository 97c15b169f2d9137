"""A file somebody hands in, of any kind: told by its content, then by its name."""

from reports.document import ReportDocument, parse_document
from reports.reading.files import ReadingError
from reports.reading.form import FormReading, open_form
from reports.reading.kinds import content_of, either_answer, refuse_other_suffix
from reports.reading.report import read_report
from reports.reading.text import decode


def read_any(data: bytes, name: str = "") -> ReportDocument:
    """Return the document that open_any() reads."""
    return open_any(data, name).document


def open_any(data: bytes, name: str = "", sheet: str = "") -> FormReading:
    """Return what a form (.xlsx, .xls), a report (.docx, .txt, a PDF of ours) or the
    JSON of a document says.

    Only a form has a sheet. name: of the file, - for standard input, which is a JSON
    document; sheet: the one to read, where several hold a form. Raises ReadingError
    with what the file is and how to save it, and DocumentError.
    """
    content = content_of(data, name)
    if content == "text" and (name == "-" or name.lower().endswith(".json")):
        return FormReading(parse_document(decode(data)))
    if content in ("xlsx", "xls", "json"):
        refuse_other_suffix(content, name)
        return open_form(data, name, sheet)
    if content in ("text", "docx", "pdf"):
        return FormReading(read_report(data, name))
    raise ReadingError(either_answer(content))
