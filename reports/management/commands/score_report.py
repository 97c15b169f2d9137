"""score_report FILE.json [--scheme ID]: a document's points, each with its working."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from indicators.schemes import SchemeError
from reports.management.files import FileCommand, load_document
from reports.scorecard import document_scheme, score_document, scorecard_to_json


class Command(FileCommand):
    help = "计算自评表各行得分、总分、等级和得分上限，输出 JSON"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE.json", help="JSON 文件，- 表示标准输入"
        )
        parser.add_argument(
            "--scheme",
            metavar="ID",
            default="",
            help="评分方案，如 mof-2020 或 mof-2020@1；不写则按文件中的方案",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        document = load_document(options["file"])
        try:
            scheme = document_scheme(document, options["scheme"])
        except SchemeError as error:
            raise CommandError(str(error)) from None
        scorecard = scorecard_to_json(score_document(document, scheme))
        self.stdout.write(json.dumps(scorecard, ensure_ascii=False, indent=1))
