"""A file uploaded to a self-assessment: kept, read, shown again until it is decided."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from indicators.models import SelfAssessment
from perfeval.audit import Change, record, subject_of
from perfeval.files import read_upload, store_file
from perfeval.imports.flow import content_of
from perfeval.models import DataImport, User
from perfeval.workbooks.archive import ReadingError
from reports.document import DocumentError, ReadingNote
from reports.drawn_sheet import DrawnSheet, draw
from reports.offline import is_offline, plan_offline
from reports.reading import kinds
from reports.reading.any_file import open_any
from reports.reading.marks import without_marks
from reports.takeover.planning import plan_takeover
from reports.takeover.proposals import Plan, Proposal

# What the command line calls the choice of a sheet, and what the page does.
OPTION = ("--sheet 工作表名", "写在“工作表”一栏")


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What an uploaded file says; drawn: its sheet, None for a report's text."""

    plan: Plan
    drawn: DrawnSheet | None
    notes: tuple[ReadingNote, ...]


def kind_for(assessment: SelfAssessment) -> str:
    """Return the kind of DataImport of files that belong to one self-assessment."""
    return f"form:{assessment.pk}"


def start_intake(
    user: User,
    assessment: SelfAssessment,
    upload: "UploadedFile[Any]",
    sheet: str = "",
) -> DataImport:
    """Keep a file that can be read; raise ValidationError with what to do instead.

    sheet: the one to read, where several hold a form.
    """
    data = read_upload(upload)
    try:
        if (content := kinds.content_of(data)) in ("text", "pdf"):
            # Only files of offices are kept; a text is pasted as easily.
            raise ReadingError(kinds.either_answer(content))
        look_into(data, upload.name or "", assessment, sheet=sheet)
    except (ReadingError, DocumentError) as error:
        told = [each.replace(*OPTION) for each in error.problems]
        raise ValidationError(told) from None
    return DataImport.objects.create(
        kind=kind_for(assessment),
        file=store_file(user, upload),
        user=user,
        sheet=sheet,
    )


def read_intake(
    started: DataImport,
    assessment: SelfAssessment,
    matches: Mapping[int, int] | None = None,
) -> Intake:
    """Return what a kept file would change now."""
    data, name = content_of(started), started.file.name
    return look_into(data, name, assessment, matches, started.sheet)


def look_into(
    data: bytes,
    name: str,
    assessment: SelfAssessment,
    matches: Mapping[int, int] | None = None,
    sheet: str = "",
) -> Intake:
    """Read a file and compare it; raise ReadingError, DocumentError."""
    if is_offline(data):
        plan, form = plan_offline(data, assessment)
        asked = {each.place: each.why for each in plan.proposals if each.why}
        return Intake(plan=plan, drawn=draw(without_marks(form), asked), notes=())
    reading = open_any(data, name, sheet)
    plan = plan_takeover(
        reading.document, assessment, places=reading.places, matches=matches
    )
    notes = reading.document.reading_notes
    doubts = {note.where: note.reason for note in notes}
    drawn = draw(reading.sheet, doubts) if reading.sheet else None
    return Intake(plan=plan, drawn=drawn, notes=notes)


@transaction.atomic
def note_taken(user: User, started: DataImport, assessment: Any, count: int) -> None:
    """Keep beside the file when and how much was taken of it."""
    started.done_at = timezone.now()
    started.result = f"采用 {count} 处"
    started.save(update_fields=["done_at", "result"])
    change = Change(
        action="takeover.done",
        subject=subject_of(assessment),
        summary=f"从文件“{started.file.name}”采用 {count} 处",
        after={"file": started.file.name, "sha256": started.file.sha256},
    )
    record(user, change, chain=assessment.chain)


def seen_mark(cell: Proposal) -> str:
    """Return the mark of what a person saw standing in a cell."""
    return hashlib.sha256(cell.old.encode()).hexdigest()[:16]
