"""read_report FILE: a report (.txt, .docx, our own .pdf) becomes a JSON document."""

from typing import Any

from django.core.management.base import CommandParser

from reports.document import dump_document
from reports.management.files import FileCommand
from reports.reading.files import ReadingError, load_bytes
from reports.reading.report import read_report


class Command(FileCommand):
    help = "读取绩效自评报告（.txt、.docx 和本系统生成的 .pdf），输出 JSON 文档"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="报告文件，- 表示标准输入")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        data = load_bytes(name)
        try:
            document = read_report(data, name)
        except ReadingError as error:
            raise ReadingError(
                *(f"{name}：{each}" for each in error.problems)
            ) from None
        self.stdout.write(dump_document(document), ending="")
