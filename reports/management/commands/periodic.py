"""periodic: what a timer runs once an hour or a day; doing it twice does no harm."""

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.batches import expiry
from reports.models import WorkerBeat

# Batches keep what they made so long; then it can be made again.
DAYS = 30


class Command(BaseCommand):
    help = "定期清理：过期的会话、任务记录、批量任务的结果；由定时任务调用"

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=DAYS)
        call_command("clearsessions")
        call_command("prune_db_task_results", verbosity=0)
        freed = expiry.expire_batches(before)
        WorkerBeat.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
        self.stdout.write(f"清理了 {freed} 个批量任务的结果")
