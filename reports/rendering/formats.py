"""The formats a report can be written in, by file suffix: the one list of them.

Command line, downloads and frozen files all read it. Each writer loads only what it
needs: WeasyPrint and its fonts are not read for a JSON file.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from indicators.schemes import Scheme
from reports.document import ReportDocument, dump_document


@dataclass(frozen=True)
class RenderOptions:
    """draft: mark every page 草稿; renumber: print the standard's numerals.

    parts: what alone is printed (annexes.PARTS), () for the material required.
    """

    draft: bool = False
    renumber: bool = False
    parts: tuple[str, ...] = ()


Writer = Callable[[ReportDocument, Scheme, RenderOptions], bytes]


@dataclass(frozen=True)
class Format:
    """label: as buttons name it; write raises RenderError."""

    suffix: str
    label: str
    content_type: str
    write: Writer

    @property
    def name(self) -> str:
        """The suffix without its dot, as addresses have it."""
        return self.suffix[1:]


def _pdf(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> bytes:
    from reports.rendering.pdf import render_pdf

    return render_pdf(document, scheme, **asdict(options))


def _html(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> bytes:
    from reports.rendering.html import render_html

    return render_html(document, scheme, **asdict(options)).encode()


def _docx(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> bytes:
    from reports.rendering.docx import render_docx

    return render_docx(document, scheme, **asdict(options))


def _xlsx(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> bytes:
    """Write the annex alone: a workbook is a form, it has no place for sections."""
    from reports.rendering.xlsx import render_xlsx

    return render_xlsx(document, scheme, draft=options.draft, parts=options.parts)


def _json(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> bytes:
    return dump_document(document).encode()


FORMATS = {
    each.suffix: each
    for each in (
        Format(".pdf", "PDF", "application/pdf", _pdf),
        Format(
            ".docx",
            "Word",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            _docx,
        ),
        Format(
            ".xlsx",
            "Excel（自评表）",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _xlsx,
        ),
        Format(".html", "网页", "text/html; charset=utf-8", _html),
        Format(".json", "数据（JSON）", "application/json", _json),
    )
}


def render(
    document: ReportDocument,
    scheme: Scheme,
    suffix: str,
    options: RenderOptions = RenderOptions(),
) -> bytes:
    """Return the report as a file of this suffix (a key of FORMATS).

    Raises RenderError: what cannot be written, with each place it stands in.
    """
    return FORMATS[suffix].write(document, scheme, options)
