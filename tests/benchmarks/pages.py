"""Subject pages: the site at 30 projects and at 30,000, on PostgreSQL."""

import os
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved
from tests.benchmarks.visitors import (
    ASSESSMENT,
    LIST,
    MINE,
    PAGES,
    PROJECT,
    REPORT,
    SEARCH,
)
from tests.benchmarks.workers import WorkerError, worker

ROUNDS = 25
MOST_QUERIES = 12
MOST_TIMES = 1.5
FEW, MANY = "30", "30000"
WORDS = {
    LIST: "项目列表",
    MINE: "项目列表（填报人，20 行与 3 行）",
    PROJECT: "项目页",
    ASSESSMENT: "自评页",
    REPORT: "报告页",
    SEARCH: "项目列表，文字查找",
}


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject, measured on two databases of their own."""
    from tests.benchmarks.database import database

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise WorkerError(
            "pages 在 PostgreSQL 上测量，请运行 ./perfeval.sh bench pages"
        )
    small = "perfeval_bench_30"
    with database(url, small) as few_url:
        with worker("visitors", DATABASE_URL=few_url) as loading:
            loading.run("load")
        with (
            database(url, "perfeval_bench_30000", small) as many_url,
            worker("visitors", DATABASE_URL=few_url) as few,
            worker("visitors", DATABASE_URL=many_url) as many,
        ):
            many.run("multiply")
            few.run("log_in")
            many.run("log_in")
            measures = {
                f"{page}:{size}": partial(process.seconds, page)
                for page in PAGES
                for size, process in ((FEW, few), (MANY, many))
            }
            seconds = interleaved(measures, rounds)
            queries = {page: many.run(f"queries:{page}") for page in PAGES}
    counts = {page: len(told) for page, told in queries.items()}
    return list(rows(seconds, counts))


def rows(seconds: dict[str, float], queries: dict[str, int]) -> Iterator[Row]:
    """Yield time and queries of each page; seconds by PAGE:SIZE."""
    for page in PAGES:
        few, many = seconds[f"{page}:{FEW}"], seconds[f"{page}:{MANY}"]
        yield Row(
            subject="pages",
            key=f"{page}_time",
            name=f"{WORDS[page]}：30,000 个项目与 30 个相比",
            value=many / few,
            goal=None if page in (SEARCH, MINE) else MOST_TIMES,
            detail=f"{many * 1000:.0f} ÷ {few * 1000:.0f} ms",
        )
        yield Row(
            subject="pages",
            key=f"{page}_queries",
            name="　查询次数",
            value=queries[page],
            goal=None if page == SEARCH else MOST_QUERIES,
        )
