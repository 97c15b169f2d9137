"""Many reports bound into one PDF: cover, contents, 汇总表, then each with a bookmark.

The reports keep their own page numbers; a running number through all that follows the
contents stands at the head of each page. Contents and bookmarks name it.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from django.core.files.storage import default_storage
from django.template.loader import get_template
from django.utils import timezone

from perfeval.files import path_of
from perfeval.templatetags.units import chinese_date
from reports.batches.jobs import ItemError
from reports.batches.report_job import all_of, made_files
from reports.models import Batch
from reports.rendering.pdf import write_pdf
from reports.rendering.summary import TITLE, summary_html
from reports.summary import summary_of

# Pages of one sheet of running numbers: rendering holds them all at once.
SHEET = 500
# Annotations that are nothing without the file that they stood in.
LEADING = ("/Link", "/Widget")


@dataclass(frozen=True)
class Entry:
    """One report in the book; page: the running number of its first page."""

    department: str
    title: str
    page: int


def write_book(batch: Batch, target: Path) -> None:
    """Write the book of a batch; raise ItemError where there is no report to bind."""
    with pikepdf.new() as book:
        _append(book, summary_html(summary_of(all_of(batch))))
        entries = list(_bound(batch, book))
        if not entries:
            raise ItemError("没有一份报告生成成功，不能装订")
        _number(book)
        before = _put_in_front(book, batch, entries)
        _add_bookmarks(book, entries, before)
        _say_archival(book, batch.title)
        book.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _append(book: pikepdf.Pdf, html: str) -> None:
    with pikepdf.open(io.BytesIO(write_pdf(html, archival=False))) as source:
        _without_tags(source)
        book.pages.extend(source.pages)


def _bound(batch: Batch, book: pikepdf.Pdf) -> Iterator[Entry]:
    """Add each report's pages to the book and yield where it begins."""
    for assessment, file in made_files(batch):
        page = len(book.pages) + 1
        with opened_report(file.sha256) as source:
            _without_tags(source)
            book.pages.extend(source.pages)
        project = assessment.project
        yield Entry(str(project.supervising_department), project.shown_name, page)


def _without_tags(source: pikepdf.Pdf) -> None:
    """Take from pages what leads into a file's own trees, which stay behind.

    Tags (PDF/UA) of many files cannot be joined by copying pages, nor can names that
    links go to, nor the form of a signature that shows no picture.
    """
    for page in source.pages:
        for key in ("/StructParents", "/Tabs"):
            if key in page.obj:
                del page.obj[key]
        if "/Annots" in page.obj:
            kept = [each for each in page.obj.Annots if each.Subtype not in LEADING]
            page.obj.Annots = pikepdf.Array(kept)


def _put_in_front(book: pikepdf.Pdf, batch: Batch, entries: Sequence[Entry]) -> int:
    """Put cover and contents before the rest; return how many pages they take."""
    html = get_template("reports/book_front.html").render(
        {
            "title": batch.title,
            "issuer": batch.params.get("issuer", ""),
            "day": chinese_date(f"{timezone.localtime(batch.created_at):%Y-%m-%d}"),
            "summary": (TITLE, 1),
            "entries": entries,
        }
    )
    with pikepdf.open(io.BytesIO(write_pdf(html))) as source:
        _without_tags(source)
        colors = source.make_indirect(source.Root.OutputIntents)
        book.Root.OutputIntents = book.copy_foreign(colors)
        for place, page in enumerate(source.pages):
            book.pages.insert(place, page)
        return len(source.pages)


def opened_report(digest: str) -> pikepdf.Pdf:
    """Open a stored report; a signature in it becomes the picture that it shows.

    Bound with others its bytes are no longer those that were signed.
    """
    with default_storage.open(path_of(digest)) as data:
        report = pikepdf.open(io.BytesIO(data.read()))
    if "/AcroForm" in report.Root:
        report.flatten_annotations()
    return report


def _number(book: pikepdf.Pdf) -> None:
    """Put the running number on every page, before the front is there."""
    pages = list(book.pages)
    for start in range(0, len(pages), SHEET):
        several = pages[start : start + SHEET]
        html = get_template("reports/book_numbers.html").render(
            {
                "numbers": [
                    (place, _is_landscape(page))
                    for place, page in enumerate(several, start=start + 1)
                ]
            }
        )
        numbers = write_pdf(html, archival=False)
        with pikepdf.open(io.BytesIO(numbers)) as sheet:
            for page, number in zip(several, sheet.pages, strict=True):
                page.add_overlay(number, pikepdf.Rectangle(*page.mediabox))


def _is_landscape(page: pikepdf.Page) -> bool:
    _, _, width, height = (float(each) for each in page.mediabox)
    return width > height


def _add_bookmarks(book: pikepdf.Pdf, entries: Sequence[Entry], before: int) -> None:
    with book.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(TITLE, before))
        department: pikepdf.OutlineItem | None = None
        for entry in entries:
            place = before + entry.page - 1
            if department is None or department.title != entry.department:
                department = pikepdf.OutlineItem(entry.department, place)
                outline.root.append(department)
            department.children.append(pikepdf.OutlineItem(entry.title, place))


def _say_archival(book: pikepdf.Pdf, title: str) -> None:
    """Say that the book is PDF/A-3u, as its pages, their fonts and colours are."""
    book.Root.Lang = pikepdf.String("zh-CN")
    book.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    with book.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
        metadata["pdfaid:part"] = "3"
        metadata["pdfaid:conformance"] = "U"
