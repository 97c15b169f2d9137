"""One import from its upload to its one write; what an importer has to say for that."""

import gc
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from perfeval.audit import Change, record, subject_of
from perfeval.files import path_of, read_upload, store_content, store_file
from perfeval.imports.marking import marked_workbook
from perfeval.imports.reading import LIMITS, Reading, read_tables
from perfeval.imports.tables import Problem, Table
from perfeval.models import DataImport, User
from perfeval.workbooks.archive import ReadingError
from perfeval.workbooks.sheet_scan import Limits
from perfeval.workbooks.xls import is_xls

What = Literal["create", "change", "leave"]
WORDS: dict[What, str] = {"create": "新增", "change": "修改", "leave": "不变"}
# What an .xlsx begins with, and every other packed file.
PACKED = b"PK\x03\x04"
NOT_A_WORKBOOK = (
    "这不是 Excel 工作簿（.xlsx、.xls）。请用 WPS 或 Excel 打开后另存："
    "点“文件—另存为”，文件类型选“Excel 工作簿（*.xlsx）”"
)


class Line(NamedTuple):
    """What becomes of one row; number: of the row in its sheet; told: in what way.

    values: what the importer needs to write it. A long list's notes are made for the
    page shown: told makes them then, and mark says the same, to be compared.
    """

    table: str
    number: int
    name: str
    what: What
    told: str | Callable[[], str] = ""
    values: Any = None
    mark: Any = None

    @property
    def word(self) -> str:
        return WORDS[self.what]

    @property
    def note(self) -> str:
        return self.told if isinstance(self.told, str) else self.told()


@dataclass
class Plan:
    """What an import would write; nothing may be written while there are problems.

    source: name of the file it comes from.
    """

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    source: str = ""

    def count(self, what: What, table: str = "") -> int:
        return sum(
            each.what == what and table in ("", each.table) for each in self.lines
        )

    @property
    def counts(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """For each table: [(新增, 3), (修改, 0), (不变, 12)]."""
        tables = dict.fromkeys(each.table for each in self.lines)
        return [
            (name, [(word, self.count(what, name)) for what, word in WORDS.items()])
            for name in tables
        ]

    @property
    def changes_nothing(self) -> bool:
        return all(each.what == "leave" for each in self.lines)

    @property
    def digest(self) -> str:
        """What the person agreed to: another plan has another digest."""
        told = [
            (each.table, each.name, each.what, each.mark or each.note)
            for each in self.lines
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def result(self) -> str:
        """What was written, counted: 单位新增 3、修改 0；人员新增 12、修改 1."""
        return "；".join(
            name + "、".join(f"{word} {count}" for word, count in counts[:2])
            for name, counts in self.counts
        )


class Importer(ABC):
    """One kind of import: its tables, what a file would change, and the writing.

    kind: its name in DataImport; title: on pages; urls: namespace and beginning of the
    url names (people:import → people:import, people:import_preview …); limits: what a
    sheet may hold; sample: {table name: rows} that show how to fill in, empty without;
    trail: (label, url name) of the pages above; own_history: whether a person sees of
    earlier imports only the own ones. An importer of something else than a workbook
    says so: media_type, not_packed (what is told of other files), upload_template,
    place_label (what a problem's sheet is), and look_into, marked, plan_of of its own.
    as_text: columns whose cells have to be text, as the upload page names them.
    in_background_from: with more rows it is written in the background; None: never.
    """

    kind: str
    title: str
    intro: str
    urls: str
    tables: tuple[Table, ...]
    limits: Limits = LIMITS
    sample: Mapping[str, Sequence[Sequence[str]]] = {}
    trail: tuple[tuple[str, str], ...] = ()
    own_history: bool = False
    media_type: str = ""
    not_packed: str = NOT_A_WORKBOOK
    upload_template: str = "imports/import_upload.html"
    place_label: str = "工作表"
    as_text: str = "编码"
    takes_many: bool = False
    in_background_from: int | None = 2000

    @abstractmethod
    def plan(self, reading: Reading, user: User | None) -> Plan:
        """Return what the rows would change, with all that is wrong about them.

        user: None for the command line, which may do everything.
        """

    @abstractmethod
    def save(self, user: User | None, plan: Plan) -> Any:
        """Write a plan without problems, inside the transaction; return an outcome.

        Raises ChangedMeanwhileError where the data differ from what was planned on.
        """

    def takes(self, data: bytes) -> bool:
        """Whether a file is of a kind that this importer reads."""
        if self.media_type:
            return data.startswith(PACKED)
        return data.startswith(PACKED) or is_xls(data)

    def look_into(self, data: bytes) -> None:
        """Open a file handed in; raise ReadingError: it cannot be opened."""
        read_tables(data, self.tables, self.limits)

    def marked(self, data: bytes, problems: Sequence[Problem]) -> bytes:
        """Return an .xlsx that tells the problems: the file with its cells marked.

        Raises ReadingError where it cannot be written again.
        """
        return marked_workbook(data, problems, self.limits)

    def plan_of(self, data: bytes, user: User | None, *, source: str = "") -> Plan:
        """Return the plan of a file; raise ReadingError: it cannot be opened.

        source: the file's name.
        """
        with _uncollected():
            reading = read_tables(data, self.tables, self.limits)
            plan = self.plan(reading, user)
        plan.source = source
        plan.problems = _in_order([*reading.problems, *plan.problems])
        plan.notes = [*reading.notes, *plan.notes]
        return plan


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make no search for garbage: a long list makes 100,000 objects that all stay.

    Every search among them would find nothing and takes a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Sort by sheet, row, column: as the person goes through the file."""
    sheets = list(dict.fromkeys(each.sheet for each in problems))

    def place(problem: Problem) -> tuple[int, int, int, str]:
        letters = problem.place.rstrip("0123456789")
        row = int(problem.place[len(letters) :] or 0)
        return sheets.index(problem.sheet), row, len(letters), letters

    return sorted(problems, key=place)


CHANGED = "系统中的数据刚刚有变化，还没有导入；请重新核对后再导入"


class ChangedMeanwhileError(Exception):
    """The data changed after the preview: what would be written is something else."""


class AlreadyDoneError(Exception):
    """This import was written before."""


def start_import(
    importer: Importer, user: User, upload: "UploadedFile[Any]"
) -> DataImport:
    """Keep an uploaded workbook to be looked through; raise ValidationError."""
    data = read_upload(upload)
    if not importer.takes(data):
        raise ValidationError(importer.not_packed)
    try:
        importer.look_into(data)
    except ReadingError as error:
        raise ValidationError(error.problems) from None
    with transaction.atomic():
        # A ZIP is no attachment: the importer alone has looked into it.
        kind = importer.media_type
        stored = (
            store_content(user, upload.name or "文件", data, kind)
            if kind
            else store_file(user, upload)
        )
        return DataImport.objects.create(kind=importer.kind, file=stored, user=user)


def content_of(started: DataImport) -> bytes:
    """Return the workbook as it was handed in."""
    with default_storage.open(path_of(started.file.sha256)) as file:
        data: bytes = file.read()
    return data


def finish_import(
    importer: Importer, user: User, started: DataImport, digest: str
) -> Any:
    """Write an import in one transaction, once; return the importer's outcome.

    digest: of the plan that the person saw. Raises AlreadyDoneError, ValidationError,
    and ChangedMeanwhileError where there is something to look at again.
    """
    data = content_of(started)
    try:
        with transaction.atomic():
            locked = DataImport.objects.select_for_update().get(pk=started.pk)
            if locked.done_at:
                raise AlreadyDoneError
            plan = importer.plan_of(data, user, source=locked.file.name)
            if plan.problems or plan.digest != digest:
                raise ChangedMeanwhileError
            outcome = importer.save(user, plan)
            locked.done_at = timezone.now()
            locked.result = plan.result
            locked.save(update_fields=["done_at", "result"])
            record(user, _told(importer, locked))
    except IntegrityError as error:
        # Somebody else entered the same in the same moment.
        raise ChangedMeanwhileError from error
    return outcome


def _told(importer: Importer, done: DataImport) -> Change:
    return Change(
        action="import.done",
        subject=subject_of(done),
        summary=f"{importer.title}：{done.result}",
        after={"file": done.file.name, "sha256": done.file.sha256},
    )


def import_now(importer: Importer, user: User | None, data: bytes, name: str) -> Plan:
    """Write a file without a preview, in one transaction, as the command line does.

    Returns the plan; nothing is written where it has problems or changes nothing.
    Raises ReadingError, ValidationError, ChangedMeanwhileError.
    """
    if not importer.takes(data):
        raise ReadingError(NOT_A_WORKBOOK)
    with transaction.atomic():
        plan = importer.plan_of(data, user, source=name)
        if plan.problems or plan.changes_nothing:
            return plan
        importer.save(user, plan)
        change = Change(
            action="import.done",
            subject=f"import:{importer.kind}",
            summary=f"{importer.title}：{plan.result}",
            after={"file": name, "sha256": hashlib.sha256(data).hexdigest()},
        )
        record(user, change)
    return plan
