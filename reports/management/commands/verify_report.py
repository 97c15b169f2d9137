"""verify_report FILE: is this the approved file, unchanged? As JSON."""

import json
from typing import Any

from django.core.management.base import CommandParser

from reports.management.files import FileCommand
from reports.reading.files import ReadingError, load_bytes
from reports.reading.words import Words
from reports.verification import Verdict, verify_file


class Command(FileCommand):
    help = "查验文件是不是已审定的原件、有没有改动，输出 JSON；只查已审定的材料"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            help="PDF、DOCX、XLSX 或 JSON 文件，- 表示标准输入",
        )
        parser.add_argument(
            "--code", default="", help="纸面上的查验码；文件里没有时才需要"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        try:
            verdict = verify_file(load_bytes(name), options["code"])
        except ReadingError as error:
            raise ReadingError(
                *(f"{name}：{each}" for each in error.problems)
            ) from None
        told = _told(verdict) if verdict else {"result": "unknown"}
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "result": verdict.state,
        "title": verdict.title,
        "unit": verdict.unit,
        "year": verdict.year,
        "version": verdict.version,
        "submission": verdict.artifact.submission,
        "code": verdict.artifact.code,
        "kind": verdict.artifact.get_kind_display(),
        "approved_on": verdict.approved_on.isoformat(),
        "newer_version": verdict.newer,
        "signatures": [
            {"signer": each.signer, "at": each.at, "state": each.state}
            for each in verdict.signatures
        ],
        "added": [_words(each) for each in verdict.added],
        "missing": [_words(each) for each in verdict.missing],
    }


def _words(words: Words) -> dict[str, str]:
    return {"where": words.place, "text": words.text}
