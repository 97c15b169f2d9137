"""The importer of many forms: each is read, matched to its project and taken over."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.models import SelfAssessment
from perfeval.imports.flow import ChangedMeanwhileError, Importer, Line, Plan
from perfeval.imports.marking import problem_list
from perfeval.imports.reading import Reading
from perfeval.imports.tables import Problem
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from perfeval.workbooks.archive import ReadingError
from perfeval.workbooks.bundle import unbundle
from projects.project_import.importer import TRAIL
from reports.document import DocumentError
from reports.forms_import.matching import Candidates
from reports.offline import is_offline, plan_offline
from reports.reading.form import FormReading, open_form
from reports.takeover import (
    ConflictError,
    Proposal,
    TakeoverError,
    plan_takeover,
    take_over,
)
from reports.takeover.proposals import Plan as TakeoverPlan

# What a form says of its own project's year: targets and goals were approved before.
TAKEN = frozenset(("result", "funds", "text"))
FORMS = (".xlsx", ".xls")
ONE_BY_ONE = "请打开这个项目的自评，用“上传自评表”单独核对"
REPLACE = "更正这个文件后重新上传，或从压缩包中删去"


@dataclass(frozen=True, kw_only=True)
class FormEdit:
    """What is taken of one form into its self-assessment."""

    assessment: SelfAssessment
    cells: Sequence[Proposal]


@dataclass(frozen=True)
class ReadFile:
    """A form of a ZIP as it was read."""

    name: str
    data: bytes
    reading: FormReading

    def compared(self, assessment: SelfAssessment) -> TakeoverPlan:
        """Return what it would change; one of our own tells what was changed in it.

        Raises ReadingError: our own, of another version, or tampered with.
        """
        if is_offline(self.data):
            return plan_offline(self.data, assessment)[0]
        document, places = self.reading.document, self.reading.places
        return plan_takeover(document, assessment, places=places)


class FormImporter(Importer):
    """Filled-in forms, in a ZIP: what leaves no question is taken over."""

    kind = "forms"
    title = "自评表批量导入"
    intro = (
        "把各项目填好的自评表一次导入：逐个读取，按项目编码（没有编码的按名称、单位和年度）"
        "找到对应的自评，写入实际完成值等内容。先核对将要发生的变化，再导入。"
    )
    urls = "reports:forms_import"
    tables = ()
    trail = TRAIL
    own_history = True
    media_type = "application/zip"
    not_packed = (
        "请选择 ZIP 压缩包，或一次选中多个 .xlsx 自评表；.rar、.7z 请改存为 .zip"
    )
    upload_template = "reports/forms_import.html"
    place_label = "文件"
    takes_many = True

    def look_into(self, data: bytes) -> None:
        if not any(_is_form(each.name) for each in unbundle(data)):
            raise ReadingError("压缩包里没有自评表（.xlsx、.xls），请核对后重新选择")

    def marked(self, data: bytes, problems: Sequence[Problem]) -> bytes:
        return problem_list(problems, self.place_label)

    def plan(self, reading: Reading, user: User | None) -> Plan:
        raise NotImplementedError("a ZIP holds no tables")

    def plan_of(self, data: bytes, user: User | None, *, source: str = "") -> Plan:
        assert user is not None
        plan = Plan(source=source)
        forms = _readings(data, plan)
        candidates = Candidates(user, [each.reading.document for each in forms])
        seen: dict[int, str] = {}
        for number, form in enumerate(forms, start=1):
            name = form.name
            found, why = candidates.find(form.reading.document)
            if found is None:
                remedy = f"核对表中的年度、项目名称和编码；{REPLACE}"
                plan.problems.append(Problem(name, "", "", why, remedy))
            elif found.pk in seen:
                reason = f"与“{seen[found.pk]}”是同一项目的自评表"
                plan.problems.append(Problem(name, "", "", reason, "只保留一个文件"))
            else:
                seen[found.pk] = name
                _plan_form(number, form, found, user, plan)
        return plan

    def save(self, user: User | None, plan: Plan) -> int:
        """Write; return how many self-assessments changed."""
        edits = [x.values for x in plan.lines if isinstance(x.values, FormEdit)]
        for edit in edits:
            if not edit.cells:
                continue
            try:
                take_over(user, edit.assessment, edit.cells)
            except TakeoverError as error:
                raise ValidationError(error.problems) from error
            except (ConflictError, StaleError, ClosedError) as error:
                raise ChangedMeanwhileError from error
        return sum(bool(each.cells) for each in edits)


def _is_form(name: str) -> bool:
    return name.lower().endswith(FORMS)


def _readings(data: bytes, plan: Plan) -> list[ReadFile]:
    """Return the forms that can be read; tell of the others."""
    found = []
    others = []
    for each in unbundle(data):
        if each.refusal:
            problem = Problem(each.name, "", "", each.refusal, REPLACE)
            plan.problems.append(problem)
        elif not _is_form(each.name):
            others.append(each.name)
        else:
            try:
                reading = open_form(each.data, each.name)
                found.append(ReadFile(each.name, each.data, reading))
            except (ReadingError, DocumentError) as error:
                plan.problems += [
                    Problem(each.name, "", "", reason, REPLACE)
                    for reason in error.problems
                ]
    if others:
        few = "、".join(others[:5]) + (" 等" if len(others) > 5 else "")
        plan.notes.append(f"不是 .xlsx 或 .xls 的文件没有读取：{few}")
    return found


def _plan_form(
    number: int, form: ReadFile, assessment: SelfAssessment, user: User, plan: Plan
) -> None:
    """Add what one form changes: a line for it, one for each cell that is taken."""
    name = form.name
    try:
        takeover = form.compared(assessment)
    except ReadingError as error:
        plan.problems += [
            Problem(name, "", "", reason, REPLACE) for reason in error.problems
        ]
        return
    if takeover.is_other:
        plan.problems += [
            Problem(name, "", "", reason, f"核对是不是选错了文件；{REPLACE}")
            for reason in takeover.warnings
        ]
        return
    cells = [each for each in takeover.ready if each.kind in TAKEN]
    refused = _refused(user, assessment, cells)
    plan.problems += [Problem(name, "", "", each, REPLACE) for each in refused]
    left = len(takeover.proposals) - len(cells)
    notes = [f"采用 {len(cells)} 处，{takeover.same} 处与系统中相同"]
    if left:
        notes.append(
            f"{left} 处与系统中已有的内容不同或读取没有把握，不写入：{ONE_BY_ONE}"
        )
    notes += takeover.warnings
    project = assessment.project
    plan.lines.append(
        Line(
            table="自评表",
            number=number,
            name=f"{name} → {project.year} {project.code} {project.shown_name}",
            what="change" if cells else "leave",
            told="；".join(notes),
            values=FormEdit(assessment=assessment, cells=cells),
        )
    )
    plan.lines += [
        Line(
            table="内容",
            number=number,
            name=f"{project.shown_name} · {cell.label}",
            what="change",
            told=f"{_short(cell.old)} → {_short(cell.new)}（{cell.place or name}）",
        )
        for cell in cells
    ]


def _refused(
    user: User, assessment: SelfAssessment, cells: Sequence[Proposal]
) -> list[str]:
    """Return what the services refuse of these cells: tried, and undone at once."""
    if not cells:
        return []
    try:
        with transaction.atomic():
            take_over(user, assessment, cells)
            transaction.set_rollback(True)
    except TakeoverError as error:
        return error.problems
    except (ConflictError, StaleError, ClosedError) as error:
        return [str(error)]
    return []


def _short(text: str) -> str:
    text = " ".join(text.split())
    return "（空）" if not text else text if len(text) <= 60 else f"{text[:59]}…"


FORM_IMPORTER = FormImporter()
