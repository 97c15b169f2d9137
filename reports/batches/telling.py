"""Who started a batch is told when it ends, once for each time that it does."""

from perfeval.notices import notify
from reports.batches.jobs import job_of
from reports.models import Batch, BatchState


def tell_end(batch: Batch, done: int, failed: int) -> None:
    """Tell of a batch that has ended, in the transaction that ends it.

    So the notice is there if and only if the end is, whenever a worker dies.
    """
    went_well = batch.state == BatchState.DONE and not failed
    if batch.user_id is None or (went_well and job_of(batch).is_quiet):
        return
    notify(
        [batch.user_id],
        key=f"batch:{batch.pk}:{batch.finished_at:%Y%m%d%H%M%S%f}",
        text=_words(batch, done, failed),
        address=batch.get_absolute_url(),
    )


def _words(batch: Batch, done: int, failed: int) -> str:
    counter = job_of(batch).counter
    told = f"批量任务“{batch.title}”{batch.get_state_display()}"
    if batch.message:
        return f"{told}：{batch.message}"
    counts = f"{told}：完成 {done} {counter}"
    return f"{counts}，未完成 {failed} {counter}" if failed else counts
