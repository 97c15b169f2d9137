"""Bring a backup file into an empty database and folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfeval.backup import BackupError, restore_backup


class Command(BaseCommand):
    help = "把备份恢复到空的数据库和文件夹"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore_backup(options["file"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        count = len(manifest["sha256"]) - 1
        self.stdout.write(f"已从 {options['file']} 恢复数据库和 {count} 个文件")
