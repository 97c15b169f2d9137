"""periodic: what a timer runs once an hour or a day; doing it twice does no harm."""

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from indicators.reminders import remind
from perfeval.audit_check import note_heads
from perfeval.mails import send_mails
from reports.batches import expiry
from reports.models import WorkerBeat


class Command(BaseCommand):
    help = "定期工作：到期提醒、发送邮件、清理、留存审计链末位摘要；由定时任务调用"

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - expiry.KEPT
        call_command("clearsessions")
        call_command("prune_db_task_results", verbosity=0)
        freed = expiry.expire_batches(before)
        WorkerBeat.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
        self.stdout.write(f"清理了 {freed} 个批量任务的结果")
        noted = note_heads(timezone.localdate())
        if noted:
            self.stdout.write(f"留存了审计链末位摘要 {noted}")
        remind(timezone.now())
        mailing = send_mails()
        if mailing.sent or mailing.failed:
            told = f"发出 {mailing.sent} 封邮件，{mailing.failed} 封留待下次"
            self.stdout.write(told)
