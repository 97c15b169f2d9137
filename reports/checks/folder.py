"""A folder of reports checked one by one, and a summary of what was found.

Files of one name and different endings (甲.docx, 甲.xlsx) are one report.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indicators.schemes import SchemeError
from reports.checks.check import CHECKS, check_document
from reports.checks.findings import SEVERITY_LABELS, Finding
from reports.document import DocumentError
from reports.reading.any_file import read_any
from reports.reading.files import ReadingError, load_bytes
from reports.reading.pairs import join_documents

SUFFIXES = (".docx", ".txt", ".json", ".xlsx", ".xls")
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Checked:
    """One report of the folder; problems: why it could not be read."""

    name: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()

    def count(self, severity: str) -> int:
        return sum(each.severity == severity for each in self.findings)

    @property
    def errors(self) -> int:
        return self.count("error")


def check_folder(folder: Path, scheme: str = "") -> list[Checked]:
    """Return every report of a folder in the order of names; a broken file stops none.

    Raises ReadingError: the folder cannot be read.
    """
    groups: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.iterdir()):
            # ~$ is what Word keeps beside a file that is open.
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(
                ("~$", ".")
            ):
                groups.setdefault(path.stem, []).append(path)
    except OSError as error:
        raise ReadingError(f"{folder}：读不出文件夹（{error.strerror}）") from None
    return [_check(name, paths, scheme) for name, paths in groups.items()]


def _check(name: str, paths: list[Path], scheme: str) -> Checked:
    files = tuple(path.name for path in paths)
    try:
        documents = [read_any(load_bytes(str(path)), path.name) for path in paths]
        findings = check_document(join_documents(documents), scheme)
    except (ReadingError, DocumentError, SchemeError) as error:
        return Checked(name, files, problems=tuple(error.problems))
    return Checked(name, files, findings=tuple(findings))


def folder_to_json(reports: list[Checked]) -> dict[str, Any]:
    """Return {"reports": each with its findings, "summary": counts per code}."""
    counts = Counter(each.code for report in reports for each in report.findings)
    touched = Counter(
        code for report in reports for code in {each.code for each in report.findings}
    )
    return {
        "reports": [
            {
                "name": report.name,
                "files": list(report.files),
                "problems": list(report.problems),
                "findings": [each.to_json() for each in report.findings],
            }
            for report in reports
        ],
        "summary": [
            {"code": code, "findings": counts[code], "reports": touched[code]}
            for code in CHECKS
            if counts[code]
        ],
    }


def summary_table(reports: list[Checked]) -> str:
    """Return a table to read: per report its counts, then what is found most."""
    head = ("报告", *(SEVERITY_LABELS[each] for each in SEVERITIES), "备注")
    lines = [head]
    for report in reports:
        counts = [str(report.count(each)) for each in SEVERITIES]
        if report.problems:
            counts = ["—"] * len(SEVERITIES)
        lines.append((report.name, *counts, "；".join(report.problems)))
    totals = [str(sum(each.count(kind) for each in reports)) for kind in SEVERITIES]
    lines.append((f"共 {len(reports)} 份", *totals, ""))
    summary = folder_to_json(reports)["summary"]
    most = sorted(summary, key=lambda row: -row["findings"])
    named = [
        f"{row['code']}：{row['findings']} 处，{row['reports']} 份" for row in most
    ]
    return "\n".join([*_aligned(lines), *named])


def _aligned(lines: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in text)
