"""Subject batches: real workers against each other and against a bare process pool."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.conf import settings

from tests.benchmarks.batch_maker import SPANS
from tests.benchmarks.table import Row
from tests.benchmarks.workers import Worker, WorkerError, worker

COUNT, FULL_COUNT = 60, 500
ROUNDS = 2
TICK = os.sysconf("SC_CLK_TCK")
LONGEST = 3600.0  # seconds for a batch


@dataclass(frozen=True)
class Figures:
    """Of count reports. seconds by one and two (workers) and bare, by the clock; cpu:
    of all their processes; printing: of the pool's, what printing alone took.

    binding: CPU seconds of the book; book, parts: bytes; held: MB after the first-th
    and the last-th render of span.
    """

    count: int
    seconds: dict[str, float]
    cpu: dict[str, float]
    printing: float
    binding: float
    book: float
    parts: float
    span: tuple[int, int]
    held: tuple[float, float]


def measure(folder: Path, *, full: bool = False) -> list[Row]:
    """Return the rows of this subject; full: 500 reports and 1,000 renders."""
    from tests.benchmarks.database import database

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise WorkerError(
            "batches 在 PostgreSQL 上测量，请运行 ./perfeval.sh bench batches"
        )
    place = folder / "batches"
    place.mkdir()
    (place / "fonts").symlink_to(settings.FONT_DIR.resolve())
    with database(url, "perfeval_bench_batches") as own:
        environment = {"DATABASE_URL": own, "PERFEVAL_VAR": str(place)}
        return list(rows(_figures(environment, full=full)))


def _figures(environment: dict[str, str], *, full: bool) -> Figures:
    count = FULL_COUNT if full else COUNT
    span = SPANS[full]
    seconds: dict[str, list[float]] = {"one": [], "two": [], "bare": []}
    cpu: dict[str, list[float]] = {name: [] for name in seconds}
    printing = []
    with worker("batch_maker", str(count), **environment) as maker:
        maker.run("load")
        for number in range(1 if full else ROUNDS):
            figures = {
                "one": lambda: _worked(maker, environment, 1),
                "two": lambda: _worked(maker, environment, 2),
                "bare": lambda: maker.run("bare"),
            }
            for name in figures if number % 2 else reversed(figures):
                clock, used, *own = figures[name]()
                seconds[name].append(clock)
                cpu[name].append(used)
                printing += own
        binding, book, parts = maker.run("book")
        first, last = maker.run("memory:{}:{}".format(*span))
    return Figures(
        count,
        {name: median(each) for name, each in seconds.items()},
        {name: median(each) for name, each in cpu.items()},
        median(printing),
        binding,
        book,
        parts,
        span,
        (first, last),
    )


def _worked(maker: Worker, environment: dict[str, str], number: int) -> list[float]:
    """Let so many workers do a batch, after one that warms them; seconds and CPU."""
    with ExitStack() as stack:
        pids = [stack.enter_context(_background(environment)) for _ in range(number)]
        _until(lambda: maker.run("alive") == number)
        _do(maker, "start_few")
        start, before = time.perf_counter(), sum(map(_cpu, pids))
        _do(maker, "start")
        return [time.perf_counter() - start, sum(map(_cpu, pids)) - before]


@contextmanager
def _background(environment: dict[str, str]) -> Iterator[int]:
    """Run a worker, as ./perfeval.sh worker does; yield its process number."""
    with subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "worker"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def _do(maker: Worker, start: str) -> None:
    """Start a batch and wait for its end."""
    maker.run(start)
    _until(lambda: bool(maker.run("done")))


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > end:
            raise WorkerError("the batch did not end")
        time.sleep(0.1)


def _cpu(pid: int) -> float:
    """Return the CPU seconds that a process has taken so far."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICK


def rows(figures: Figures) -> Iterator[Row]:
    """Yield the rows that follow from the figures."""
    seconds, cpu, count = figures.seconds, figures.cpu, figures.count
    each = {name: used / count * 1000 for name, used in cpu.items()}
    load = os.getloadavg()[0]
    yield _row(
        "two_workers",
        f"2 个后台进程与 1 个相比（{count} 份报告）",
        seconds["two"] / seconds["one"],
        1 / 1.9,
        f"{seconds['two']:.1f} ÷ {seconds['one']:.1f} s，负载 {load:.1f}",
    )
    yield _row(
        "two_workers_cpu",
        "　同上，每份报告的 CPU 时间",
        cpu["two"] / cpu["one"],
        None,
        f"{each['two']:.0f} ÷ {each['one']:.0f} ms",
    )
    yield _row(
        "overhead",
        "队列、存储、进度的代价：与进程池相比（CPU）",
        cpu["two"] / cpu["bare"],
        1.08,
        f"每份 {each['two']:.0f} ÷ {each['bare']:.0f} ms",
    )
    yield _row(
        "overhead_clock",
        "　同上，按时钟",
        seconds["two"] / seconds["bare"],
        None,
        f"{seconds['two']:.1f} ÷ {seconds['bare']:.1f} s",
    )
    yield _row(
        "overhead_print",
        "　同上，与只排版相比（CPU，不读数据库）",
        cpu["two"] / figures.printing,
        None,
        f"每份 {each['two']:.0f} ÷ {figures.printing / count * 1000:.0f} ms",
    )
    yield _row(
        "book_bytes",
        f"{count} 份的合订本与各份之和相比，大小",
        figures.book / figures.parts,
        1.15,
        f"{figures.book / 1e6:.1f} ÷ {figures.parts / 1e6:.1f} MB",
    )
    yield _row(
        "book_time",
        "　同上，生成各份并装订的 CPU 时间",
        1 + figures.binding / cpu["two"],
        1.15,
        f"（{cpu['two']:.1f} + {figures.binding:.1f}）÷ {cpu['two']:.1f} s",
    )
    first, last = figures.held
    yield _row(
        "memory",
        f"内存：第 {figures.span[1]} 份后与第 {figures.span[0]} 份后相比",
        last / first,
        1.1,
        f"{last:.0f} ÷ {first:.0f} MB",
    )


def _row(key: str, name: str, value: float, goal: float | None, detail: str) -> Row:
    return Row(
        subject="batches", key=key, name=name, value=value, goal=goal, detail=detail
    )
