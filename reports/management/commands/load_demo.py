"""load_demo: the demo year of an invented city, for trying the program out."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.models import SelfAssessment
from perfeval.demo import logins_file
from reports.assembly import assemble
from reports.demo.data import DemoData, read_demo
from reports.demo.loading import (
    SHOWN_PROJECT,
    SHOWN_YEAR,
    DemoError,
    is_loaded,
    load,
    set_passwords,
)
from reports.demo.logins import keep_logins
from reports.document import dump_document
from reports.signing.demo import make_demo_certificate

REFUSED = 2


class Command(BaseCommand):
    help = "装入演示数据，写出演示登录名和演示报告；只能在调试模式和空数据库中使用"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "演示数据只能在调试模式下装入：请运行 ./perfeval.sh demo，"
                "或设置环境变量 PERFEVAL_DEBUG=1",
                returncode=REFUSED,
            )
        demo = read_demo(timezone.localdate())
        try:
            self._load(demo)
        except DemoError as error:
            raise CommandError(str(error), returncode=REFUSED) from None
        make_demo_certificate()
        path = _write_report()
        self.stdout.write(f"演示登录名：{logins_file()}")
        self.stdout.write(f"演示报告：{path}")

    def _load(self, demo: DemoData) -> None:
        loaded = is_loaded(demo)
        # Before loading: what is demo's is told by this file, also to the documents.
        logins = keep_logins(demo, is_loaded=loaded)
        if not loaded:
            load(demo, logins.passwords, timezone.localdate())
            self.stdout.write(f"已装入演示数据：{len(demo.projects)} 个项目")
            return
        if logins.are_new:
            set_passwords(logins.passwords)
        self.stdout.write("演示数据已在数据库中，没有改动")


def _write_report() -> Path:
    """Write the document of the report shown as an example; return where."""
    shown = SelfAssessment.objects.get(
        project__year=SHOWN_YEAR, project__code=SHOWN_PROJECT
    )
    path = logins_file().with_name("report.json")
    path.write_text(dump_document(assemble(shown.pk)), encoding="utf-8")
    return path
