"""build_reports: a year's reports into a folder or a ZIP, resumable, with a bar."""

import shutil
import time
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from indicators.models import SelfAssessment
from perfeval.files import path_of
from projects.models import Department
from reports.batches import queue, working
from reports.batches.report_job import ZIP, made_files, start_reports
from reports.batches.zip_package import SUMMARY, file_names
from reports.management.parts import add_parts
from reports.models import Batch, BatchState, ItemState
from reports.rendering.formats import FORMATS
from reports.rendering.summary import summary_workbook
from reports.summary import summary_of

PAUSE = 0.5  # seconds


class Command(BaseCommand):
    help = "生成一个年度的自评报告，放入文件夹或压缩包；中断后再运行一次，从中断处继续"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, required=True, help="年度")
        parser.add_argument(
            "--department",
            metavar="CODE",
            default="",
            help="只要这个部门（编码）及其下属",
        )
        parser.add_argument(
            "--format",
            choices=[each.name for each in FORMATS.values()],
            default="pdf",
            help="每份报告的格式（默认 pdf）",
        )
        add_parts(parser)
        parser.add_argument(
            "-o",
            dest="out",
            metavar="DIR_OR_ZIP",
            required=True,
            help="文件夹，或以 .zip 结尾的文件",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        if not out.parent.is_dir():
            raise CommandError(f"没有文件夹 {out.parent}，请先建立")
        rows = SelfAssessment.objects.filter(project__year=options["year"]).required()
        if code := options["department"]:
            department = Department.objects.filter(code=code).first()
            if department is None:
                raise CommandError(f"没有编码为“{code}”的部门")
            rows = rows.filter(project__unit__path__startswith=department.path)
        if not rows.exists():
            raise CommandError(f"{options['year']} 年度没有应报的自评")
        title = f"{options['year']}年度绩效自评报告"
        batch = start_reports(
            None,
            rows,
            title,
            package=ZIP,
            suffix=options["format"],
            parts=options["parts"],
            blank=options["blank"],
        )
        self._work(batch)
        self._write(batch, out)
        self._tell(batch, out)

    def _work(self, batch: Batch) -> None:
        """Do the batch here, beside any worker that is at it as well."""
        reports = batch.items.filter(is_last=False)
        total = reports.count()
        with tqdm(total=total, unit="份", desc="生成报告", ascii=" █") as bar:
            while batch.is_open and not working.stopping.is_set():
                for _ in working.items_done(batch.pk):
                    bar.n = reports.exclude(state=ItemState.WAITING).count()
                    bar.refresh()
                batch.refresh_from_db()
                if batch.is_open:
                    # Another worker is at the rest.
                    time.sleep(PAUSE)
        if batch.state != BatchState.DONE:
            why = batch.message or batch.get_state_display()
            raise CommandError(f"没有全部完成：{why}。再运行一次，从这里继续")

    def _write(self, batch: Batch, out: Path) -> None:
        if out.suffix.lower() == ".zip":
            assert batch.result is not None
            _copy(batch.result.sha256, out)
            return
        out.mkdir(exist_ok=True)
        rows = SelfAssessment.objects.filter(
            pk__in=[each.pk for each, _ in made_files(batch)]
        )
        (out / SUMMARY).write_bytes(summary_workbook(summary_of(rows)))
        for name, file in file_names(batch):
            _copy(file.sha256, out / name)

    def _tell(self, batch: Batch, out: Path) -> None:
        told = queue.progress(batch)
        self.stdout.write(f"{out}：{told.done} 份")
        for each in batch.items.filter(state=ItemState.FAILED):
            self.stderr.write(f"{each.label}：{each.error}")


def _copy(digest: str, target: Path) -> None:
    """Write a stored file to a path, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    with default_storage.open(path_of(digest)) as source, draft.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    draft.replace(target)
