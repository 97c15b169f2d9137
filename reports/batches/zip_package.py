"""Many reports as one ZIP: a folder for each department and unit, and the 汇总表."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.core.files.storage import default_storage

from indicators.models import SelfAssessment
from perfeval.files import path_of
from perfeval.models import StoredFile
from reports.batches.report_job import all_of, made_files
from reports.file_names import NOT_IN_NAMES
from reports.models import Batch
from reports.rendering.summary import summary_workbook
from reports.summary import summary_of

SUMMARY = "自评结果汇总表.xlsx"


def write_zip(batch: Batch, target: Path) -> None:
    """Write the package of a batch; files go through it in pieces."""
    with zipfile.ZipFile(target, "w") as package:
        book = summary_workbook(summary_of(all_of(batch)))
        package.writestr(zipfile.ZipInfo(SUMMARY), book, zipfile.ZIP_DEFLATED)
        for name, file in file_names(batch):
            with (
                default_storage.open(path_of(file.sha256)) as source,
                package.open(zipfile.ZipInfo(name), "w") as entry,
            ):
                shutil.copyfileobj(source, entry)


def file_names(batch: Batch) -> Iterator[tuple[str, StoredFile]]:
    """Yield each report's file with its path: 部门/单位/报告.pdf."""
    names: set[str] = set()
    for assessment, file in made_files(batch):
        yield _free_name(_name(assessment, file), names), file


def _name(assessment: SelfAssessment, file: StoredFile) -> str:
    project = assessment.project
    folders = (str(project.supervising_department), str(project.unit))
    parts = [NOT_IN_NAMES.sub("_", each) for each in (*folders, file.name)]
    return str(PurePosixPath(*parts))


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, with a number where another file has it already."""
    path, number = PurePosixPath(name), 1
    free = name
    while free in taken:
        number += 1
        free = str(path.with_name(f"{path.stem}（{number}）{path.suffix}"))
    taken.add(free)
    return free
