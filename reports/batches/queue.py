"""Starting, claiming, finishing, cancelling: every change of a batch's state.

An item belongs to a worker for the time of a lease. One update decides who has it and
whether what was done still counts, so that a worker that died, or came back too late,
makes nothing twice.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from perfeval.audit import Change, record, subject_of
from perfeval.models import StoredFile, User
from reports.batches.tasks import work_on_batch
from reports.batches.telling import tell_end
from reports.models import OPEN_STATES, Batch, BatchItem, BatchState, ItemState

LEASE = timedelta(seconds=120)
# An item at which workers have died so often is not tried again.
ATTEMPTS = 3
# So many workers are called at once; more find the batch by themselves.
LANES = 4
DIED = f"处理这一项时，后台进程连续 {ATTEMPTS} 次中断"


@dataclass(frozen=True)
class Progress:
    """How far a batch is; counts without the finishing item."""

    total: int
    done: int
    failed: int

    @property
    def left(self) -> int:
        return self.total - self.done - self.failed


def start(
    user: User | None,
    kind: str,
    title: str,
    items: Iterable[tuple[str, str]],
    *,
    params: dict[str, Any] | None = None,
    finishing: str = "",
) -> Batch:
    """Start a batch and return it, or the open one that does the same already.

    items: key and label of each; finishing: label of the step that is made of all of
    them, "" without one.
    """
    listed = list(items)
    key = _key(kind, params or {}, [item for item, _ in listed])
    try:
        with transaction.atomic():
            return _create(user, kind, title, key, listed, params or {}, finishing)
    except IntegrityError:
        found = Batch.objects.filter(key=key, state__in=OPEN_STATES).first()
        if found is None:
            raise
        return found


def _key(kind: str, params: dict[str, Any], items: list[str]) -> str:
    said = json.dumps([kind, params, items], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _create(
    user: User | None,
    kind: str,
    title: str,
    key: str,
    items: list[tuple[str, str]],
    params: dict[str, Any],
    finishing: str,
) -> Batch:
    batch = Batch.objects.create(
        user=user, kind=kind, title=title[:200], key=key, params=params
    )
    rows = [
        BatchItem(batch=batch, position=place, key=item, label=label[:300])
        for place, (item, label) in enumerate(items, start=1)
    ]
    if finishing:
        rows.append(
            BatchItem(
                batch=batch, position=len(rows) + 1, label=finishing, is_last=True
            )
        )
    BatchItem.objects.bulk_create(rows, batch_size=500)
    summary = f"发起“{batch.title}”，{len(items)} 项"
    _record(user, batch, "batch.started", summary)
    call_workers(batch)
    return batch


def call_workers(batch: Batch) -> None:
    """Ask workers for a batch, once its rows are committed."""
    lanes = min(LANES, batch.items.filter(state=ItemState.WAITING).count())
    for _ in range(lanes):
        transaction.on_commit(lambda: work_on_batch.enqueue(batch.pk))


def claimable() -> Q:
    """Return the condition for items that nobody is at."""
    free = Q(until__isnull=True) | Q(until__lt=timezone.now())
    return Q(state=ItemState.WAITING, batch__state__in=OPEN_STATES) & free


@transaction.atomic
def claim(batch: Batch, owner: str) -> BatchItem | None:
    """Return the next item, from now on this worker's; None where there is none."""
    free = BatchItem.objects.filter(claimable(), batch=batch)
    unlocked = free.select_related("batch").select_for_update(
        skip_locked=True, of=("self",)
    )
    item = unlocked.filter(is_last=False).order_by("position").first()
    if item is None and not _unfinished(batch):
        item = unlocked.filter(is_last=True).first()
    if item is None:
        return None
    if item.attempts >= ATTEMPTS:
        item.state, item.error = ItemState.FAILED, DIED
        item.save(update_fields=["state", "error"])
        _finish(item, None)
        return claim(batch, owner)
    item.owner, item.until = owner, timezone.now() + LEASE
    item.attempts += 1
    item.save(update_fields=["owner", "until", "attempts"])
    if item.batch.state == BatchState.WAITING:
        Batch.objects.filter(pk=batch.pk, state=BatchState.WAITING).update(
            state=BatchState.RUNNING, started_at=timezone.now()
        )
    return item


def _unfinished(batch: Batch) -> bool:
    """Whether an item other than the finishing one is still to be done."""
    return batch.items.filter(is_last=False, state=ItemState.WAITING).exists()


def renew(item: BatchItem, owner: str) -> bool:
    """Lengthen a worker's lease; return whether it still had it."""
    return bool(_mine(item, owner).update(until=timezone.now() + LEASE))


def done(item: BatchItem, owner: str, file: StoredFile | None) -> bool:
    """Note an item as done; return whether the worker still had it."""
    return _end(item, owner, state=ItemState.DONE, file=file, error="")


def failed(item: BatchItem, owner: str, error: str) -> bool:
    """Note why an item could not be done; return whether the worker still had it."""
    return _end(item, owner, state=ItemState.FAILED, error=error)


def give_back(item: BatchItem, owner: str) -> None:
    """Leave an item to whoever comes next, as if it had not been tried."""
    _mine(item, owner).update(owner="", until=None, attempts=F("attempts") - 1)


def _mine(item: BatchItem, owner: str) -> Any:
    return BatchItem.objects.filter(pk=item.pk, owner=owner, state=ItemState.WAITING)


@transaction.atomic
def _end(item: BatchItem, owner: str, **values: Any) -> bool:
    ended: int = _mine(item, owner).update(owner="", until=None, **values)
    if ended:
        _finish(item, values.get("file"))
    return bool(ended)


def _finish(item: BatchItem, file: StoredFile | None) -> None:
    """Close a batch of which nothing is left to be done after this item."""
    items = BatchItem.objects.filter(batch=item.batch_id)
    waiting = items.filter(state=ItemState.WAITING)
    # What nobody has begun yet is ended later than this, and looks again. Only among
    # the last ones may two end at once, each before the other is committed.
    if waiting.filter(until=None).exists():
        return
    batch = Batch.objects.select_for_update().get(pk=item.batch_id)
    if not batch.is_open or waiting.exists():
        return
    batch.state, batch.finished_at = BatchState.DONE, timezone.now()
    if item.is_last or items.count() == 1:
        batch.result = file or batch.result
    batch.save(update_fields=["state", "finished_at", "result"])
    told = progress(batch)
    summary = f"“{batch.title}”完成 {told.done} 项，未完成 {told.failed} 项"
    _record(batch.user, batch, "batch.finished", summary)
    tell_end(batch, told.done, told.failed)


@transaction.atomic
def stop(batch: Batch, message: str) -> None:
    """Halt a batch that cannot go on; what is done stays done."""
    changed = Batch.objects.filter(pk=batch.pk, state__in=OPEN_STATES).update(
        state=BatchState.STOPPED, message=message[:500], finished_at=timezone.now()
    )
    if changed:
        _record(batch.user, batch, "batch.stopped", f"“{batch.title}”中止：{message}")
        batch.refresh_from_db()
        told = progress(batch)
        tell_end(batch, told.done, told.failed)


@transaction.atomic
def cancel(user: User, batch: Batch) -> bool:
    """Cancel an open batch; return whether it was open. What is done stays done."""
    changed = Batch.objects.filter(pk=batch.pk, state__in=OPEN_STATES).update(
        state=BatchState.CANCELLED, finished_at=timezone.now()
    )
    if changed:
        _record(user, batch, "batch.cancelled", f"取消“{batch.title}”")
    return bool(changed)


@transaction.atomic
def resume(user: User, batch: Batch) -> bool:
    """Go on with a batch that ended early or in part; return whether it did.

    Items that failed are tried again, and what is made of all of them is made anew.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    again = locked.items.filter(Q(state=ItemState.FAILED) | Q(is_last=True))
    if locked.is_open or not locked.items.exclude(state=ItemState.DONE).exists():
        return False
    if Batch.objects.filter(key=locked.key, state__in=OPEN_STATES).exists():
        return False
    again.update(
        state=ItemState.WAITING, owner="", until=None, attempts=0, error="", file=None
    )
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.WAITING, message="", finished_at=None
    )
    _record(user, batch, "batch.resumed", f"继续“{batch.title}”")
    call_workers(locked)
    return True


def progress(batch: Batch) -> Progress:
    """Return how far a batch is, counted now."""
    found = batch.items.filter(is_last=False).aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=ItemState.DONE)),
        failed=Count("pk", filter=Q(state=ItemState.FAILED)),
    )
    return Progress(**found)


def _record(user: User | None, batch: Batch, action: str, summary: str) -> None:
    record(user, Change(action=action, subject=subject_of(batch), summary=summary))
