"""Write database and files into one backup file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfeval.backup import BackupError, write_backup


class Command(BaseCommand):
    help = "备份数据库和文件"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = write_backup(options["file"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        count = len(manifest["sha256"]) - 1
        self.stdout.write(f"已备份数据库和 {count} 个文件到 {options['file']}")
