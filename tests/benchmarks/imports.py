"""Subject imports: the preview of a budget list against calamine's bare reading."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.budget_list import ROWS, write_list
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved
from tests.benchmarks.workers import worker

ROUNDS = 9
MOST_TIMES = 3
MOST_MEGABYTES = 300


def measure(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject; folder: for the list and a database of its own.

    CPU time of one process: both work in one thread.
    """
    path = folder / "list.xlsx"
    write_list(path)
    url = f"sqlite:///{folder / 'imports.sqlite3'}"
    with worker("budget_list", str(path), DATABASE_URL=url) as process:
        process.run("prepare")
        measures = {
            name: lambda name=name: process.seconds(name)
            for name in ("bare", "preview")
        }
        seconds = interleaved(measures, rounds)
        megabytes = float(process.run("peak"))
    return list(rows(seconds["bare"], seconds["preview"], megabytes))


def rows(bare: float, preview: float, megabytes: float) -> Iterator[Row]:
    """Yield the figures; seconds, MiB."""
    yield Row(
        subject="imports",
        key="preview",
        name=f"核对 {ROWS:,} 行的项目名册，与 calamine 只读取相比",
        value=preview / bare,
        goal=MOST_TIMES,
        detail=f"{preview * 1000:.0f} ÷ {bare * 1000:.0f} ms（CPU）",
    )
    yield Row(
        subject="imports",
        key="preview_peak",
        name="　内存峰值",
        value=megabytes,
        unit="MB",
        goal=MOST_MEGABYTES,
    )
