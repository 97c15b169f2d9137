"""archive_access FILE: old log-ins into a file, out of the database."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from perfeval.access_log import archive

# Log-ins stay at least six months where they can be looked up.
LEAST_DAYS = 184


class Command(BaseCommand):
    help = "把较早的登录记录写入文件（每行一条 JSON）并移出数据库；最近 184 天的保留"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="新建的归档文件")
        parser.add_argument(
            "--days",
            type=int,
            default=365,
            help=f"归档多少天以前的，不少于 {LEAST_DAYS}，默认 365",
        )

    def handle(self, *args: Any, file: Path, days: int, **options: Any) -> None:
        if days < LEAST_DAYS:
            raise CommandError(f"登录记录至少保留六个月，--days 应不少于 {LEAST_DAYS}")
        try:
            count = archive(file, timezone.now() - timedelta(days=days))
        except FileExistsError:
            raise CommandError(f"{file} 已存在，请换一个文件名") from None
        except OSError as error:
            raise CommandError(f"不能写入 {file}：{error.strerror}") from None
        told = f"归档了 {count} 条登录记录" if count else "没有可以归档的登录记录"
        self.stdout.write(told)
