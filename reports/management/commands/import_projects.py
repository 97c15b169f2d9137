"""import_projects FILE.xlsx: projects and their money, as the web upload does."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from perfeval.imports.flow import ChangedMeanwhileError, Plan, import_now
from perfeval.imports.tables import Problem
from projects.project_import.importer import PROJECT_IMPORTER
from reports.management.files import FileCommand
from reports.management.people import person_named
from reports.reading.files import load_bytes


class Command(FileCommand):
    help = "把预算清单（.xlsx）导入为项目和资金；有一处错误就什么也不写"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="工作簿，- 表示标准输入")
        parser.add_argument(
            "--user",
            metavar="用户名",
            help="以谁的名义和权限导入；不写则以系统名义，可导入所有单位的项目",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="只核对并列出变化，不写入"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = load_bytes(options["file"])
        name = "标准输入" if options["file"] == "-" else options["file"].split("/")[-1]
        user = person_named(options["user"])
        try:
            plan = (
                PROJECT_IMPORTER.plan_of(data, user, source=name)
                if options["dry_run"]
                else import_now(PROJECT_IMPORTER, user, data, name)
            )
        except ChangedMeanwhileError:
            raise CommandError("系统中的数据刚刚有变化，没有导入；请再试一次") from None
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        if plan.problems:
            raise CommandError("\n".join(map(_told, plan.problems)))
        for note in plan.notes:
            self.stderr.write(note)
        self.stdout.write(_result(plan))


def _told(problem: Problem) -> str:
    """Return one line: where, what stands there, why not, how to mend it."""
    place = f"{problem.sheet}!{problem.place}" if problem.place else problem.sheet
    value = f"“{problem.value}”" if problem.value else ""
    return " ".join(f"{place}{value}：{problem.reason}；{problem.remedy}".split())


def _result(plan: Plan) -> str:
    """Return one line for each table: 项目 新增 3 修改 0 不变 12."""
    return "\n".join(
        f"{name} " + " ".join(f"{word} {count}" for word, count in counts)
        for name, counts in plan.counts
    )
