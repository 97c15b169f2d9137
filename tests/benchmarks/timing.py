"""Timing several things side by side, so that a busy machine is so for all."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from tests.benchmarks.workers import Worker


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long a call took (wall clock)."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def clocked(work: Callable[[], Any]) -> Callable[[], tuple[float, float]]:
    """Return a worker's job that does work and answers seconds by clock and by CPU."""

    def run() -> tuple[float, float]:
        start, cpu_start = time.perf_counter(), time.process_time()
        work()
        return time.perf_counter() - start, time.process_time() - cpu_start

    return run


def noted(process: Worker, job: str, cpu: list[float]) -> float:
    """Run a clocked job, note its CPU seconds, return those of the clock."""
    seconds, cpu_seconds = process.run(job)
    cpu.append(cpu_seconds)
    return float(seconds)


def interleaved(
    measures: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, float]:
    """Return the median of each measure over rounds in which each is taken once.

    A round before them warms up and is dropped; every second round runs backwards.
    """
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        names = list(measures)
        for name in names if number % 2 else reversed(names):
            figure = measures[name]()
            if number:
                taken[name].append(figure)
    return {name: median(figures) for name, figures in taken.items()}
