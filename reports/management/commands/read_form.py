"""read_form FILE.xlsx: a 自评表 in any known layout becomes a JSON document."""

from typing import Any

from django.core.management.base import CommandParser

from reports.document import dump_document
from reports.management.files import FileCommand
from reports.reading.files import ReadingError, load_bytes
from reports.reading.form import read_form


class Command(FileCommand):
    help = "读取项目支出绩效自评表（.xlsx、.xls），输出 JSON 文档"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="自评表文件，- 表示标准输入")
        parser.add_argument(
            "--sheet",
            metavar="NAME",
            default="",
            help="文件里有几张自评表时，读取哪一张工作表",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        data = load_bytes(name)
        try:
            document = read_form(data, name, options["sheet"])
        except ReadingError as error:
            raise ReadingError(
                *(f"{name}：{each}" for each in error.problems)
            ) from None
        self.stdout.write(dump_document(document), ending="")
