"""The report as PDF/A-3u and PDF/UA-1; the one module that imports WeasyPrint.

Fonts, style sheet and WeasyPrint itself are loaded once per process; warm_up() does so
at a server's start. The same document gives the same bytes in every process: dates come
from the document, and there is no clock and no random number here.
"""

import gc
import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import cssselect2
import pydyf

from indicators.schemes import Scheme
from perfeval.templatetags.units import iso_date
from reports.document import ReportDocument, dump_document
from reports.reading.pdf import SEAL_KEY, SOURCE_NAME
from reports.rendering.annexes import printed_parts
from reports.rendering.characters import missing_problems, unprintable_problems
from reports.rendering.errors import RenderError
from reports.rendering.fonts import print_fonts
from reports.rendering.html import STATIC, print_html, report_view
from reports.rendering.lean_import import lean_import
from reports.rendering.xlsx import render_xlsx

with print_fonts(), lean_import():
    import weasyprint
    from weasyprint.css import ColorProfile
    from weasyprint.formatting_structure import boxes
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

from reports.rendering import justification, latin_breaks, line_shortcuts, shortcuts
from reports.rendering.merged_cells import repeat_labels

justification.install()
line_shortcuts.install()
latin_breaks.install()
shortcuts.install()

FORM_NAME = "form.xlsx"
COLORS = "print"
ARCHIVAL = {"pdf_variant": "pdf/a-3u", "pdf_tags": True, "output_intent": COLORS}
# PDF/A takes a property it does not know where its meaning is declared.
ACCESSIBLE = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" \
rdf:about=""><pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""
VOID = re.compile(r"<(meta|br|col)\b([^>]*)>")
MISSING = re.compile(r"\.notdef glyph rendered .* \(U\+([0-9A-F]+)\)")


class MissingGlyphs(Exception):  # noqa: N818 - an answer to the caller, not a fault
    """Characters that no font has were to be drawn."""

    def __init__(self, characters: set[str]) -> None:
        super().__init__("".join(sorted(characters)))
        self.characters = characters


class StaticFetcher(URLFetcher):  # type: ignore[misc]
    """Serves static:name from the project's static files and refuses all else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        path = (STATIC / name).resolve()
        if scheme != "static" or not path.is_relative_to(STATIC):
            raise ValueError(f"只能取用程序自带的文件：{url}")
        return URLFetcherResponse(url, path.read_bytes())


def warm_up() -> None:
    """Load fonts and styles with one small print; what is then alive stays.

    For a server's start: the first report costs no more than the next ones.
    """
    write_pdf(
        '<html lang="zh-CN"><head><title>绩效</title></head>'
        "<body><h1>绩效</h1><h2>自评</h2><h3>报告</h3><p>2023年</p>"
        '<table class="grid"><tr><td>表</td></tr></table></body></html>'
    )
    gc.collect()
    gc.freeze()


class PrintSource(weasyprint.HTML):  # type: ignore[misc]
    """A print's HTML, read as the XML that our templates write: twenty times as fast.

    report.css says all there is to say, so the sheet for any HTML stays away.
    """

    def __init__(self, html: str) -> None:
        root = ElementTree.fromstring(VOID.sub(r"<\1\2/>", html))
        for element in root.iter():
            if element.text and element.text.isspace():
                element.text = None
            if element.tail and element.tail.isspace():
                element.tail = None
        self.base_url = "static:"
        self.url_fetcher = StaticFetcher()
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(
            root, content_language=None
        )
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return []


def render_pdf(
    document: ReportDocument,
    scheme: Scheme,
    *,
    draft: bool = False,
    renumber: bool = False,
    parts: tuple[str, ...] = (),
) -> bytes:
    """Return the report as PDF/A-3u and PDF/UA-1, with tags and bookmarks.

    Raises RenderError: a character that no font has, with each place it stands in.
    """
    if problems := unprintable_problems(document):
        raise RenderError(problems)
    view = report_view(document, scheme, draft=draft, renumber=renumber, parts=parts)
    try:
        return write_pdf(
            print_html(view), attachments=_attachments(document, scheme, parts)
        )
    except MissingGlyphs as error:
        raise RenderError(missing_problems(document, error.characters)) from None


def _attachments(
    document: ReportDocument, scheme: Scheme, parts: tuple[str, ...]
) -> list[weasyprint.Attachment]:
    """Return what a print carries: its document, and its form as a workbook.

    With the document a PDF gives back exactly what it was made of.
    """
    found = [_attached(document, SOURCE_NAME, "自评报告数据", dump_document(document))]
    printed = printed_parts(document, scheme, parts)
    if "form" in printed or "score" in printed:
        try:
            book = render_xlsx(document, scheme, parts=printed)
        except RenderError:
            return found  # a text longer than a cell of Excel still prints
        found.append(_attached(document, FORM_NAME, "自评表（Excel）", book, "Data"))
    return found


def _attached(
    document: ReportDocument,
    name: str,
    description: str,
    content: str | bytes,
    relationship: str = "Source",
) -> weasyprint.Attachment:
    """Return a file to be embedded; its dates must not come from the clock."""
    day = datetime.fromisoformat(iso_date(document.date) or "1970-01-01")
    return weasyprint.Attachment(
        string=content,
        name=name,
        description=description,
        created=day,
        modified=day,
        relationship=relationship,
    )


def write_pdf(
    html: str,
    *,
    archival: bool = True,
    attachments: Sequence[weasyprint.Attachment] = (),
) -> bytes:
    """Return a print's HTML as PDF; archival: PDF/A-3u with tags.

    Raises MissingGlyphs, and RenderError for whatever else WeasyPrint complains of.
    """
    options = ARCHIVAL if archival else {}
    with _complaints() as complaints, _without_collector():
        laid_out = PrintSource(html).render(
            font_config=_font_configuration(),
            stylesheets=[_style_sheet()],
            color_profiles={COLORS: PrintColors()} if archival else None,
            **options,
        )
        repeat_labels(laid_out.pages)
        if archival:
            _say_accessible(laid_out.metadata)
        data = laid_out.write_pdf(
            **options, attachments=list(attachments), finisher=_finish
        )
    missing = {
        chr(int(found[1], 16)) for found in map(MISSING.match, complaints) if found
    }
    if missing:
        raise MissingGlyphs(missing)
    if complaints:
        raise RenderError([f"排版程序报告：{each}" for each in complaints])
    return bytes(data)


def _finish(document: Any, pdf: Any) -> None:
    """Name each embedded file once, not twice as upstream; say where the seal goes."""
    if files_named := pdf.catalog.get("AF"):
        files_named[:] = dict.fromkeys(files_named)
    for number, page in enumerate(document.pages):
        if place := page.anchors.get("seal"):
            x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
            seat = [number, round(x * 0.75, 2), round((page.height - y) * 0.75, 2)]
            pdf.catalog[SEAL_KEY[1:]] = pydyf.Array(seat)
        _say_scopes(page._page_box)


def _say_scopes(box: Any) -> None:
    """Tell for what each head of a table stands: its row, or its column.

    Upstream names the heads of each cell instead, wrongly where a label stands beside
    several rows, and by names that it leaves out of the file's list of them.
    """
    for child in box.children:
        if not isinstance(child, boxes.TableCellBox):
            if isinstance(child, boxes.ParentBox):
                _say_scopes(child)
        elif tag := getattr(child, "mark", None):
            tag.pop("ID", None)
            tag["A"].pop("Headers", None)
            if child.element_tag == "th":
                whose = "Row" if child.element.get("scope") == "row" else "Column"
                tag["A"]["Scope"] = f"/{whose}"


def _say_accessible(metadata: Any) -> None:
    """Let a print say that it is PDF/UA-1 beside PDF/A: upstream takes one of them."""
    own = metadata.generate_rdf_metadata

    def both(*args: Any) -> bytes:
        return bytes(own(*args)).replace(b"</rdf:RDF>", ACCESSIBLE)

    metadata.generate_rdf_metadata = both


@cache
def _font_configuration() -> FontConfiguration:
    with print_fonts():
        return FontConfiguration()


class PrintColors(ColorProfile):  # type: ignore[misc]
    """sRGB, which the archive format asks for, as its file says it byte for byte.

    Upstream leaves the file open and writes out what the colour library makes of it,
    which is not the same a second time.
    """

    def __init__(self) -> None:
        self.file = files("weasyprint.pdf") / "sRGB2014.icc"
        self.bytes = self.file.read_bytes()
        super().__init__(
            io.BytesIO(self.bytes), self.file.name, "relative-colorimetric", "rgb"
        )

    @property
    def content(self) -> bytes:
        return self.bytes


@cache
def _style_sheet() -> weasyprint.CSS:
    return weasyprint.CSS(
        string=(STATIC / "css/report.css").read_text(encoding="utf-8"),
        url_fetcher=StaticFetcher(),
        base_url="static:",
        font_config=_font_configuration(),
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rendering makes many objects and few cycles; collecting them waits."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs as a warning or worse; nothing of it is harmless."""
    messages: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger = logging.getLogger("weasyprint")
    handler, propagate = Collector(logging.WARNING), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
