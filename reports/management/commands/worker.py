"""worker: does batches in the background; any number may run, on any machine."""

import logging
import os
import signal
import sys
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker

from reports.batches import working
from reports.models import WorkerBeat

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0  # seconds between two tries to reach a database that is away


class Command(BaseCommand):
    help = "在后台处理批量任务；可同时运行多个，也可在多台机器上运行"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="处理完现有的任务就结束，供定时任务使用"
        )
        parser.add_argument(
            "--interval",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="没有任务时，每隔几秒看一次（默认 1）",
        )

    def handle(self, *args: Any, once: bool, interval: float, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        name = working.worker_name()
        logger.info("worker %s is ready", name)
        pause = interval
        while not working.stopping.is_set():
            try:
                close_old_connections()
                working.beat(name)
                busy = _work(name)
                pause = interval
            except DatabaseError as error:
                logger.warning("the database does not answer: %s", error)
                connections.close_all()
                busy, pause = False, min(pause * 2, LONGEST_PAUSE)
            if once and not busy:
                break
            if working.used_memory() > settings.WORKER_MEMORY:
                _begin_anew()
            if not busy:
                working.stopping.wait(pause)
        _leave(name)


def _stop(number: int, frame: FrameType | None) -> None:
    working.stopping.set()


def _work(name: str) -> bool:
    """Do what was called for, then what was left by workers that died."""
    queue = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )
    started = time.monotonic()
    queue.run()
    return bool(working.sweep()) or time.monotonic() - started > 1


def _begin_anew() -> None:
    """Put a fresh process in this one's place: memory that rendering took is free."""
    logger.info("worker %s begins anew", working.worker_name())
    connections.close_all()
    os.execv(sys.executable, [sys.executable, *sys.argv])


def _leave(name: str) -> None:
    try:
        WorkerBeat.objects.filter(name=name).delete()
    except DatabaseError:
        logger.warning("the database did not hear that worker %s ended", name)
