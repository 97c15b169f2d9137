"""A process that looks through a budget list as the preview does, and reads it barely.

Run as a worker: python -m tests.benchmarks.budget_list FILE.
"""

import io
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import openpyxl

from tests.benchmarks.workers import serve

ROWS = 10_000
UNIT = "118001"
HEAD = (
    *("年度", "项目编码", "项目名称", "单位编码", "一级项目编码", "一级项目名称"),
    *("项目类别", "资金性质", "资金来源"),
    *("年初预算数（万元）", "全年预算数（万元）", "全年执行数（万元）"),
)


def write_list(path: Path, rows: int = ROWS) -> None:
    """Write a budget list: each row another project, as a city's budget has them."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("项目")
    sheet.append(HEAD)
    for number in range(rows):
        words = ("A1001", "一般性项目", "部门预算项目", "一般公共预算", "当年财政拨款")
        money = (number * 1.37 + 3, number * 1.4 + 2, number * 1.1)
        sheet.append(
            [
                *(2024, f"4407{number:017}", f"信息化建设项目第{number}号", UNIT),
                *words,
                *(round(each, 2) for each in money),
            ]
        )
    book.save(path)


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from python_calamine import CalamineWorkbook

    from projects.models import Department
    from projects.project_import.importer import PROJECT_IMPORTER
    from projects.services import place_department

    data = Path(sys.argv[1]).read_bytes()

    def prepare() -> None:
        call_command("migrate", verbosity=0)
        place_department(Department(code=UNIT, name="云水市法律援助中心"))

    def bare() -> float:
        start = time.process_time()
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            book.get_sheet_by_index(0).to_python()
        return time.process_time() - start

    def preview() -> float:
        start = time.process_time()
        plan = PROJECT_IMPORTER.plan_of(data, None)
        assert plan.digest
        seconds = time.process_time() - start
        assert not plan.problems
        assert len(plan.lines) >= ROWS
        return seconds

    def peak() -> float:
        # KiB on Linux.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    jobs: dict[str, Callable[[], Any]] = {
        "prepare": prepare,
        "bare": bare,
        "preview": preview,
        "peak": peak,
    }
    serve(jobs)


if __name__ == "__main__":
    main()
