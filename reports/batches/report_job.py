"""The batch that makes many reports: a file of each, then one package of them all."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from indicators.models import FINAL, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from indicators.scheme_store import scheme_of
from perfeval.files import store_content, store_path
from perfeval.models import StoredFile, User
from reports.batches import queue
from reports.batches.jobs import ItemError, Job
from reports.file_names import file_name, safe_name
from reports.frozen import frozen_file
from reports.models import Batch, BatchItem, ItemState
from reports.rendering.blank import blank_document
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS, RenderOptions
from reports.submission import shown_document

KIND = "reports"
ZIP, BOOK = "zip", "book"
PACKAGES = {ZIP: "压缩包（按部门分文件夹，附汇总表）", BOOK: "合订本（一个 PDF）"}


def start_reports(
    user: User | None,
    rows: SelfAssessmentQuerySet,
    title: str,
    *,
    package: str,
    suffix: str = "pdf",
    issuer: str = "",
    parts: Sequence[str] = (),
    blank: bool = False,
) -> Batch:
    """Start making the reports of these self-assessments; return the batch.

    package: a key of PACKAGES; suffix: a name of rendering.formats, pdf in a book;
    issuer: the body (编制单位) that the book's cover names; parts: what alone is
    wanted of each (annexes.PARTS), () for the material required; blank: empty forms.
    """
    ordered = rows.order_by("project__supervising_department__path", "project__code")
    items = [
        (str(pk), f"{unit}　{name}")
        for pk, unit, name in ordered.values_list(
            "pk", "project__unit__name", "project__name"
        )
    ]
    params: dict[str, Any] = {
        "package": package,
        "format": "pdf" if package == BOOK else suffix,
        "user": str(user.pk if user else ""),
        "issuer": issuer,
        "parts": list(parts),
        "blank": blank,
    }
    finishing = PACKAGES[package].partition("（")[0]
    return queue.start(
        user, KIND, title, items, params=params, finishing=f"制作{finishing}"
    )


def make_report(item: BatchItem) -> StoredFile:
    """Return the file of one report: the frozen one where it is approved."""
    batch = item.batch
    kind = FORMATS[f".{batch.params['format']}"]
    assessment = _assessments(batch, [int(item.key)]).with_content().first()
    if assessment is None:
        raise ItemError("发起人已不能查看这份自评")
    if assessment.is_exempt:
        raise ItemError("该项目免评，没有自评报告")
    # A batch begun by an earlier version says nothing of parts.
    parts, blank = batch.params.get("parts", ()), batch.params.get("blank", False)
    if not (parts or blank) and (frozen := frozen_file(assessment, kind.name)):
        return frozen
    document = shown_document(assessment)
    if blank:
        document = blank_document(document)
    options = RenderOptions(draft=assessment.status not in FINAL, parts=tuple(parts))
    try:
        content = kind.write(document, scheme_of(assessment.task.scheme), options)
    except RenderError as error:
        raise ItemError("；".join(error.problems)) from None
    name = f"{file_name(document)}{kind.suffix}"
    return store_content(batch.user, name, content, kind.content_type)


def make_package(batch: Batch) -> StoredFile:
    """Return the package of a batch's reports."""
    from reports.batches.book import write_book
    from reports.batches.zip_package import write_zip

    with tempfile.TemporaryDirectory(prefix="perfeval-batch-") as folder:
        if batch.params["package"] == BOOK:
            path, kind = Path(folder) / "book.pdf", "application/pdf"
            write_book(batch, path)
        else:
            path, kind = Path(folder) / "reports.zip", "application/zip"
            write_zip(batch, path)
        name = f"{safe_name(batch.title)}{path.suffix}"
        return store_path(batch.user, name, path, kind)


def made_files(batch: Batch) -> Iterator[tuple[SelfAssessment, StoredFile]]:
    """Yield each finished report with its file, by department and code."""
    done = batch.items.filter(is_last=False, state=ItemState.DONE, file__isnull=False)
    files = {int(each.key): each.file for each in done.select_related("file")}
    rows = (
        _assessments(batch, files)
        .with_facts()
        .select_related("project__supervising_department")
    )
    ordered = rows.order_by(
        "project__supervising_department__path", "project__code", "pk"
    )
    for assessment in ordered:
        file = files[assessment.pk]
        assert file is not None
        yield assessment, file


def all_of(batch: Batch) -> SelfAssessmentQuerySet:
    """Return every self-assessment of a batch, also those without a report."""
    keys = batch.items.filter(is_last=False).values_list("key", flat=True)
    return _assessments(batch, [int(each) for each in keys])


def _assessments(batch: Batch, pks: Iterable[int]) -> SelfAssessmentQuerySet:
    """Return self-assessments as far as the person who started it may see them now."""
    seen = SelfAssessment.objects.all()
    if batch.user:
        seen = SelfAssessment.objects.visible_to(batch.user)
    return seen.filter(pk__in=list(pks))


JOB = Job(KIND, "批量生成报告", make_report, make_package, counter="份")
