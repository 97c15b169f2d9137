"""check_report FILE… [--scheme ID]: the findings of a report, or of a folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from indicators.schemes import SchemeError, load_scheme
from reports.checks.check import check_document
from reports.checks.findings import Finding
from reports.checks.folder import Checked, check_folder, folder_to_json, summary_table
from reports.document import DocumentError, ReportDocument
from reports.management.files import REFUSED, FileCommand
from reports.reading.any_file import read_any
from reports.reading.files import ReadingError, load_bytes
from reports.reading.pairs import join_documents

ERRORS_FOUND = 1


class Command(FileCommand):
    help = (
        "检查绩效自评报告和自评表，输出 JSON；有必改问题时退出码为 1。"
        "可给一个文件、同一份报告的文字和自评表，或一个文件夹"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            metavar="FILE",
            nargs="+",
            help="报告（.docx、.txt）、自评表（.xlsx、.xls）、JSON 文档或文件夹，"
            "- 表示标准输入",
        )
        parser.add_argument(
            "--scheme",
            metavar="ID",
            default="",
            help="评分方案，如 mof-2020 或 mof-2020@1；不写则按文件中的方案",
        )
        parser.add_argument(
            "--last-year",
            metavar="FILE",
            default="",
            help="同一项目上一年的报告，用来找出照抄的内容",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names, scheme = options["files"], options["scheme"]
        try:
            if scheme:
                load_scheme(scheme)
            if len(names) == 1 and names[0] != "-" and Path(names[0]).is_dir():
                self._check_folder(Path(names[0]), scheme)
            else:
                last_year = options["last_year"]
                before = _read(last_year) if last_year else None
                document = join_documents([_read(name) for name in names])
                self._print(check_document(document, scheme, before))
        except SchemeError as error:
            raise CommandError(str(error)) from None

    def _print(self, findings: list[Finding]) -> None:
        self._write({"findings": [each.to_json() for each in findings]})
        if any(each.severity == "error" for each in findings):
            self._leave(ERRORS_FOUND)

    def _check_folder(self, folder: Path, scheme: str) -> None:
        reports = check_folder(folder, scheme)
        if not reports:
            raise ReadingError(
                f"{folder}：文件夹里没有报告或自评表（.docx、.txt、.xlsx、.xls、.json）"
            )
        self._write(folder_to_json(reports))
        self.stderr.write(summary_table(reports))
        self._leave(_exit_code(reports))

    def _write(self, data: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=1))

    def _leave(self, code: int) -> None:
        if code:
            self.stdout.flush()
            raise SystemExit(code)


def _read(name: str) -> ReportDocument:
    """Return the document of one file, its problems named with it."""
    data = load_bytes(name)
    try:
        return read_any(data, name)
    except (ReadingError, DocumentError) as error:
        raise ReadingError(*(f"{name}：{each}" for each in error.problems)) from None


def _exit_code(reports: list[Checked]) -> int:
    if any(each.problems for each in reports):
        return REFUSED
    return ERRORS_FOUND if any(each.errors for each in reports) else 0
