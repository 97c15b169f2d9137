"""import_report FILE… --project CODE --year Y: forms and reports into the database."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django.core.management.base import CommandError, CommandParser

from indicators.access import why_not_fill
from indicators.models import EDITABLE, SelfAssessment
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from reports.management.files import FileCommand
from reports.management.people import person_named
from reports.offline import is_offline, plan_offline
from reports.reading.any_file import open_any
from reports.reading.files import ReadingError, load_bytes
from reports.takeover import (
    ConflictError,
    Plan,
    Proposal,
    TakeoverError,
    plan_takeover,
    take_over,
)

SHORT = 40


class Command(FileCommand):
    help = (
        "把自评表（.xlsx、.xls）、自评报告（.docx、.txt）或填报表写入项目的绩效自评；"
        "系统中已有的内容和文字中的金额只列出，不写入"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+", help="文件")
        parser.add_argument("--project", metavar="CODE", required=True, help="项目编码")
        parser.add_argument(
            "--year", metavar="Y", type=int, required=True, help="项目年度"
        )
        parser.add_argument(
            "--task", metavar="ID", type=int, help="项目在几个自评任务中时，写哪一个"
        )
        parser.add_argument(
            "--user", metavar="用户名", help="以谁的名义和权限写入；不写则以系统名义"
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="系统中已有的、拿不准的内容也照文件写入，金额除外",
        )
        parser.add_argument(
            "--money", action="store_true", help="须核对的金额也照文件写入"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="只核对并列出，不写入"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_named(options["user"])
        assessment = _assessment(options)
        if user and (reason := why_not_fill(user, assessment)):
            raise CommandError(f"{user}不能填报这个项目：{reason}")
        # All are read before anything is written.
        read = [(name, load_bytes(name)) for name in options["files"]]
        for name, data in read:
            _plan(name, data, assessment)
        for name, data in read:
            self._take(user, assessment, name, data, options)

    def _take(
        self,
        user: User | None,
        assessment: SelfAssessment,
        name: str,
        data: bytes,
        options: dict[str, Any],
    ) -> None:
        plan = _plan(name, data, assessment)
        chosen = [each for each in plan.proposals if _is_chosen(each, plan, options)]
        count = len(chosen)
        if not options["dry_run"]:
            count = _write(name, user, assessment, chosen)
        keys = {each.key for each in chosen}
        left = [each for each in plan.proposals if each.key not in keys]
        file = PurePath(name).name
        verb = "可写入" if options["dry_run"] else "写入"
        self.stdout.write(
            f"{file}：{verb} {count} 处，相同 {plan.same} 处，留待选择 {len(left)} 处"
        )
        for warning in plan.warnings:
            self.stderr.write(f"{file}：{warning}")
        for each in left:
            self.stdout.write(f"  {_told(each)}")


def _assessment(options: dict[str, Any]) -> SelfAssessment:
    """Return the self-assessment to write to; raise CommandError: none, several."""
    code, year = options["project"], options["year"]
    found = SelfAssessment.objects.with_facts().filter(
        project__code=code, project__year=year
    )
    if options["task"]:
        found = found.filter(task=options["task"])
    rows = list(found)
    if not rows:
        raise CommandError(f"没有 {year} 年度编码为“{code}”的项目的绩效自评")
    still = [each for each in rows if each.status in EDITABLE and not each.is_exempt]
    if not still:
        states = "、".join(each.state_words for each in rows)
        raise CommandError(f"该项目的绩效自评现在是“{states}”，不能修改")
    if len(still) > 1:
        tasks = "、".join(f"{each.task_id} {each.task}" for each in still)
        raise CommandError(f"该项目在几个自评任务中，请用 --task 指明：{tasks}")
    return still[0]


def _plan(name: str, data: bytes, assessment: SelfAssessment) -> Plan:
    """Return what a file would change; raise ReadingError, also for another project."""
    try:
        if is_offline(data):
            return plan_offline(data, assessment)[0]
        reading = open_any(data, name)
    except ReadingError as error:
        raise ReadingError(*(f"{name}：{each}" for each in error.problems)) from None
    plan = plan_takeover(reading.document, assessment, places=reading.places)
    if plan.is_other:
        raise ReadingError(*(f"{name}：{each}，没有写入" for each in plan.warnings[:1]))
    return plan


def _is_chosen(cell: Proposal, plan: Plan, options: dict[str, Any]) -> bool:
    if cell.closed:
        return False
    if cell.kind == "funds":
        return cell.is_ready or options["money"]
    return cell.is_ready or (options["overwrite"] and cell.kind != "create")


def _write(
    name: str, user: User | None, assessment: SelfAssessment, chosen: Sequence[Proposal]
) -> int:
    try:
        return take_over(user, assessment, chosen)
    except TakeoverError as error:
        lines = [f"{name}：{each}" for each in error.problems]
        raise CommandError("\n".join(lines)) from None
    except (ConflictError, ClosedError, StaleError) as error:
        raise CommandError(f"{name}：{error}，没有写入") from None


def _told(cell: Proposal) -> str:
    """Return one line: what is left, both texts, and why it was not written."""
    old, new = _short(cell.old) or "（空）", _short(cell.new)
    reason = cell.closed or cell.why
    return f"{cell.label}：系统中 {old}，文件中 {new}" + (
        f"（{reason}）" if reason else ""
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
