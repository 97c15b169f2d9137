"""periodic: what a timer runs once an hour or a day; doing it twice does no harm."""

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from perfeval.audit_check import note_heads
from reports.batches import expiry
from reports.models import WorkerBeat

# Batches keep what they made so long; then it can be made again.
DAYS = 30


class Command(BaseCommand):
    help = "定期工作：清理过期的会话和结果，留存审计链末位摘要；由定时任务调用"

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=DAYS)
        call_command("clearsessions")
        call_command("prune_db_task_results", verbosity=0)
        freed = expiry.expire_batches(before)
        WorkerBeat.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
        self.stdout.write(f"清理了 {freed} 个批量任务的结果")
        noted = note_heads(timezone.localdate())
        if noted:
            self.stdout.write(f"留存了审计链末位摘要 {noted}")
