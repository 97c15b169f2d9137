"""load_schemes: the shipped scoring schemes become rows of the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.scheme_store import store_shipped_schemes
from indicators.schemes import SchemeError

REFUSED = 2


class Command(BaseCommand):
    help = "把程序自带的评分方案载入数据库；已载入的不变，已被使用的版本不能修改"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = store_shipped_schemes()
        except SchemeError as error:
            raise CommandError("\n".join(error.problems), returncode=REFUSED) from None
        for row in written:
            self.stdout.write(f"已载入评分方案 {row}")
        if not written:
            self.stdout.write("评分方案都已在数据库中，没有改动")
