"""verify_audit: whether every chain of audit events is whole; exit 1 where not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from perfeval.audit_check import check_chains


class Command(BaseCommand):
    help = "逐条核对全部审计链；有改动、缺失或插入的，逐一指出，退出码为 1"

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_chains()
        for fault in check.faults:
            self.stdout.write(str(fault))
        told = f"核对了 {check.chains} 条审计链、{check.events} 个事件"
        if check.faults:
            self.stdout.write(f"{told}，发现 {len(check.faults)} 处问题")
            sys.exit(1)
        self.stdout.write(f"{told}，没有发现问题")
