"""Measured processes that stay up: one asks them for a job, they answer with figures.

Each is a module run as python -m …; a job's name goes in as a line, JSON comes out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class WorkerError(Exception):
    """A measured process ended before it answered; its own message stands above."""


class Worker:
    """A running process; run(job) waits for its answer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def run(self, job: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{job}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise WorkerError(f"{' '.join(self.process.args)}: {job}")  # type: ignore[arg-type]
        return json.loads(answer)

    def seconds(self, job: str) -> float:
        """Run a job that answers with the seconds it took."""
        return float(self.run(job))


@contextmanager
def worker(module: str, *arguments: str, **environment: str) -> Iterator[Worker]:
    """Start a module of this package and end it with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        yield Worker(process)
        assert process.stdin
        process.stdin.close()  # the end of its input ends it


def serve(jobs: Mapping[str, Callable[[], Any]]) -> None:
    """Answer jobs by name until the input ends; called by a worker's module."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(jobs[line.rstrip("\n")]()) + "\n")
        sys.stdout.flush()
