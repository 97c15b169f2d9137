"""Many reports bound into one PDF: cover, contents, 汇总表, then each with a bookmark.

The reports keep their own page numbers; a running number through the whole stands at
the head of each page. Contents and bookmarks name it.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from django.core.files.storage import default_storage
from django.template.loader import get_template

from perfeval.files import path_of
from reports.batches.jobs import ItemError
from reports.batches.report_job import all_of, made_files
from reports.models import Batch
from reports.rendering.pdf import write_pdf
from reports.rendering.summary import summary_html
from reports.summary import summary_of

# Pages of one sheet of running numbers: rendering holds them all at once.
SHEET = 500


@dataclass(frozen=True)
class Entry:
    """One report in the book; page: the running number of its first page."""

    department: str
    title: str
    page: int
    count: int
    digest: str


def write_book(batch: Batch, target: Path) -> None:
    """Write the book of a batch; raise ItemError where there is no report to bind."""
    entries = list(_entries(batch))
    if not entries:
        raise ItemError("没有一份报告生成成功，不能装订")
    front = write_pdf(_front_html(batch, entries), archival=False)
    summary = write_pdf(summary_html(summary_of(all_of(batch))), archival=False)
    with pikepdf.new() as book:
        for part in (front, summary):
            with pikepdf.open(io.BytesIO(part)) as source:
                book.pages.extend(source.pages)
        before = len(book.pages)
        for entry in entries:
            with _opened(entry.digest) as source:
                book.pages.extend(source.pages)
        _number(book, before)
        _add_bookmarks(book, entries, before)
        book.docinfo["/Title"] = batch.title
        book.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _entries(batch: Batch) -> Iterator[Entry]:
    page = 1
    for assessment, file in made_files(batch):
        with _opened(file.sha256) as source:
            count = len(source.pages)
        project = assessment.project
        yield Entry(
            department=str(project.supervising_department),
            title=project.shown_name,
            page=page,
            count=count,
            digest=file.sha256,
        )
        page += count


def _opened(digest: str) -> pikepdf.Pdf:
    with default_storage.open(path_of(digest)) as data:
        return pikepdf.open(io.BytesIO(data.read()))


def _front_html(batch: Batch, entries: Sequence[Entry]) -> str:
    return get_template("reports/book_front.html").render(
        {"title": batch.title, "entries": entries, "count": len(entries)}
    )


def _number(book: pikepdf.Pdf, before: int) -> None:
    """Put the running number on every page after the front."""
    pages = list(book.pages)[before:]
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
        department: pikepdf.OutlineItem | None = None
        for entry in entries:
            place = before + entry.page - 1
            if department is None or department.title != entry.department:
                department = pikepdf.OutlineItem(entry.department, place)
                outline.root.append(department)
            department.children.append(pikepdf.OutlineItem(entry.title, place))
