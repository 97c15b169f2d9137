"""A report's text and its form become one document."""

from dataclasses import replace

from reports.document import ReportDocument
from reports.reading.files import ReadingError


def join_documents(documents: list[ReportDocument]) -> ReportDocument:
    """Return one document; of two, one holds the text and the other the form.

    The form's figures stand, the text's stay in figures. Raises ReadingError: not one
    document or such a pair.
    """
    if len(documents) == 1:
        return documents[0]
    texts = [each for each in documents if each.sections and not _has_form(each)]
    forms = [each for each in documents if _has_form(each) and not each.sections]
    if len(documents) != 2 or len(texts) != 1 or len(forms) != 1:
        raise ReadingError(
            "请给出一个文件，或同一份报告的文字（.docx、.txt）和自评表（.xlsx）各一个"
        )
    (text,), (form,) = texts, forms
    return replace(
        form,
        title=text.title or form.title,
        year=form.year if form.year is not None else text.year,
        scheme=form.scheme or text.scheme,
        project=replace(
            form.project,
            name=form.project.name or text.project.name,
            unit=form.project.unit or text.project.unit,
        ),
        issuer=form.issuer or text.issuer,
        sections=text.sections,
        figures=replace(text.figures, year=text.figures.year or text.year),
        attachments=form.attachments or text.attachments,
        reading_notes=(*text.reading_notes, *form.reading_notes),
    )


def _has_form(document: ReportDocument) -> bool:
    return bool(document.indicators or document.funds.rows)
