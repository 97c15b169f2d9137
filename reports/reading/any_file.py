"""A file somebody hands in, a form or a report: told apart by its content and read."""

from pathlib import PurePath

from reports.reading.files import ReadingError
from reports.reading.form import FormReading, open_form
from reports.reading.kinds import content_of, either_answer


def open_any(data: bytes, name: str = "", sheet: str = "") -> FormReading:
    """Return what a form (.xlsx, .xls) or a report (.docx, .txt) says.

    A report has no sheet. sheet: the one to read, where several hold a form. Raises
    ReadingError with what the file is and how to save it, and DocumentError.
    """
    content = content_of(data, name)
    if content in ("xlsx", "xls", "json"):
        return open_form(data, name, sheet)
    is_text = content == "text" and PurePath(name).suffix.lower() == ".txt"
    if content == "docx" or is_text:
        from reports.reading.report import read_report

        return FormReading(read_report(data, name))
    raise ReadingError(either_answer(content))
