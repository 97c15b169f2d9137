"""The kinds of work that run in batches: each names what is done with one item."""

from collections.abc import Callable
from dataclasses import dataclass

from perfeval.models import StoredFile
from reports.models import Batch, BatchItem


class ItemError(Exception):
    """One item cannot be done; the message says why, in Chinese. The others go on."""


class StopError(Exception):
    """The whole batch cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Job:
    """work: does one item and returns the file it made, None where it makes none.

    Both may be repeated: a worker can die after the work and before it is noted. finish
    makes the batch's result of all items, None where there is nothing to make; of a
    single item its file is the result. counter: the measure word of its items;
    is_quiet: only what went wrong is told of; back: label and address of the page that
    it was started from, where there is something more to do.
    """

    kind: str
    label: str
    work: Callable[[BatchItem], StoredFile | None]
    finish: Callable[[Batch], StoredFile | None] | None = None
    counter: str = "项"
    is_quiet: bool = False
    back: Callable[[Batch], tuple[str, str]] | None = None


_jobs: dict[str, Job] = {}


def register(job: Job) -> Job:
    """Make a kind of work known (kinds.py)."""
    _jobs[job.kind] = job
    return job


def job_of(batch: Batch) -> Job:
    return _jobs[batch.kind]
