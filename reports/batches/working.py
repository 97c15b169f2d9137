"""A worker's part: take an item, keep its lease, do it, note how it went."""

import errno
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from reports.batches import queue
from reports.batches.jobs import ItemError, Job, StopError, job_of
from reports.models import Batch, BatchItem, WorkerBeat

logger = logging.getLogger(__name__)

FAILED = "处理这一项时出错，已记入日志，请联系系统管理员"
DISK_FULL = "存放文件的磁盘已满，请系统管理员腾出空间，再点“继续”"
FULL = (errno.ENOSPC, errno.EDQUOT)
BEAT = 10.0  # seconds between two signs of life

# Set when this process is asked to end: it finishes its item and takes no other.
stopping = threading.Event()


def worker_name() -> str:
    """Return the name of this process, unlike that of any other on any machine."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def work_on(batch_pk: int) -> int:
    """Do items of a batch until none is free; return how many were done."""
    count = 0
    for _ in items_done(batch_pk):
        count += 1
        if used_memory() > settings.WORKER_MEMORY:
            break
    return count


def items_done(batch_pk: int) -> Iterator[BatchItem]:
    """Do items of a batch until none is free, and yield each when it is finished."""
    batch = Batch.objects.select_related("user").get(pk=batch_pk)
    job, owner = job_of(batch), worker_name()
    while not stopping.is_set() and (item := queue.claim(batch, owner)):
        item.batch = batch
        with _alive(item, owner):
            going_on = _do(job, item, owner)
        yield item
        if not going_on:
            return


def _do(job: Job, item: BatchItem, owner: str) -> bool:
    """Do one item and note the outcome; return whether the batch can go on."""
    try:
        if item.is_last:
            file = job.finish(item.batch) if job.finish else None
        else:
            file = job.work(item)
    except ItemError as error:
        queue.failed(item, owner, str(error))
    except StopError as error:
        queue.give_back(item, owner)
        queue.stop(item.batch, str(error))
        return False
    except OSError as error:
        if error.errno in FULL:
            queue.give_back(item, owner)
            queue.stop(item.batch, DISK_FULL)
            return False
        _log(item, owner)
    except DatabaseError:
        # The lease runs out and somebody does it again, once the database is back.
        raise
    except Exception:
        _log(item, owner)
    else:
        queue.done(item, owner, file)
    return True


def _log(item: BatchItem, owner: str) -> None:
    logger.exception("item %s of batch %s failed", item.pk, item.batch_id)
    queue.failed(item, owner, FAILED)


@contextmanager
def _alive(item: BatchItem, owner: str) -> Iterator[None]:
    """Renew the lease and give signs of life while an item is being done."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(BEAT):
            try:
                beat(owner)
                queue.renew(item, owner)
            except DatabaseError:
                logger.warning("the lease of item %s was not renewed", item.pk)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def beat(name: str) -> None:
    """Say that a worker is alive."""
    WorkerBeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def sweep() -> int:
    """Work on batches whose calls were lost with their workers; return items done."""
    waiting = BatchItem.objects.filter(queue.claimable()).order_by("batch")
    count = 0
    for pk in list(waiting.values_list("batch_id", flat=True).distinct()):
        if stopping.is_set():
            break
        count += work_on(pk)
    return count


def used_memory() -> int:
    """Return the bytes of memory that this process holds, 0 where that is unknown."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
