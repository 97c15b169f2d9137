"""The process that fills a database with reports, starts batches and renders bare.

python -m tests.benchmarks.batch_maker COUNT; DATABASE_URL names the database. Jobs:
load (the demo and COUNT reports), alive, start_few, start, done, bare, book, and
memory:FROM:TO for each of SPANS.
"""

import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import django

from tests.benchmarks.workers import serve

WORKERS = 2
# Renders between which a process must not grow: of a short run and of the whole one.
SPANS = ((20, 120), (100, 1000))


def set_up() -> None:
    """Make a process ready to render, as a worker is after its first reports."""
    django.setup()
    from reports.rendering.pdf import warm_up

    warm_up()


def render(key: int) -> tuple[float, float]:
    """Render a stored report as a batch does; CPU seconds: all, of printing alone."""
    from indicators.models import SelfAssessment
    from indicators.scheme_store import scheme_of
    from reports.rendering.formats import FORMATS, RenderOptions
    from reports.submission import shown_document

    start = process_time()
    assessment = SelfAssessment.objects.with_content().get(pk=key)
    document = shown_document(assessment)
    scheme = scheme_of(assessment.task.scheme)
    loaded = process_time()
    FORMATS[".pdf"].write(document, scheme, RenderOptions(draft=True))
    return process_time() - start, process_time() - loaded


class Maker:
    """Reports of one database, and batches of them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.keys: list[int] = []
        self.batch: Any = None
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(WORKERS, spawn, initializer=set_up)

    def load(self) -> None:
        from indicators.models import FINAL, SelfAssessment
        from tests.benchmarks import database

        database.load_demo_year()
        # What is approved comes from its frozen file and is not rendered again.
        rows = SelfAssessment.objects.required().exclude(status__in=FINAL)
        database.enlarge(-(-self.count // rows.count()) - 1)
        self.keys = list(rows.order_by("pk").values_list("pk", flat=True)[: self.count])

    def alive(self) -> int:
        """Return how many workers have said that they are there."""
        from reports.models import WorkerBeat

        return WorkerBeat.objects.count()

    def start_few(self) -> None:
        """Start a batch in which each worker renders some reports."""
        self.start(self.keys[: 6 * WORKERS])

    def start(self, keys: Sequence[int] = ()) -> None:
        """Start a batch of these, or of all, for the workers that are there."""
        from reports.batches import queue
        from reports.batches.report_job import KIND

        items = [(str(key), f"第 {key} 份") for key in keys or self.keys]
        params = {"package": "book", "format": "pdf", "user": ""}
        self.batch = queue.start(None, KIND, "报告", items, params=params)

    def done(self) -> bool:
        self.batch.refresh_from_db()
        if self.batch.items.filter(state="failed").exists():
            raise RuntimeError(self.batch.items.exclude(error="")[0].error)
        return not self.batch.is_open

    def bare(self) -> list[float]:
        """Render them all in a pool; seconds, CPU seconds, those of printing alone."""
        list(self.pool.map(render, self.keys[: 2 * WORKERS]))
        start = perf_counter()
        found = list(self.pool.map(render, self.keys))
        seconds = perf_counter() - start
        return [seconds, sum(each for each, _ in found), sum(own for _, own in found)]

    def book(self) -> list[float]:
        """Bind the last batch; CPU seconds, bytes of the book and of its parts."""
        from reports.batches.book import write_book

        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "book.pdf"
            write_book(self.batch, target)  # fonts of the front are loaded
            start = process_time()
            write_book(self.batch, target)
            seconds, size = process_time() - start, target.stat().st_size
        parts = sum(self.batch.items.values_list("file__size", flat=True))
        return [seconds, float(size), float(parts)]

    def memory(self, first: int, last: int) -> list[float]:
        """Render one after another; MB held after the first-th and the last-th."""
        from reports.batches.working import used_memory

        held: list[float] = []
        for number, key in enumerate(islice(cycle(self.keys), last), start=1):
            render(key)
            if number in (first, last):
                held.append(used_memory() / 1024 / 1024)
        return held


def jobs(arguments: Sequence[str]) -> dict[str, Callable[[], Any]]:
    maker = Maker(int(arguments[0]))
    found: dict[str, Callable[[], Any]] = {
        name: getattr(maker, name)
        for name in ("load", "alive", "start_few", "start", "done", "bare", "book")
    }
    for first, last in SPANS:
        found[f"memory:{first}:{last}"] = partial(maker.memory, first, last)
    return found


if __name__ == "__main__":
    set_up()
    serve(jobs(sys.argv[1:]))
