"""Subject lists: first pages at 1,000 projects and at 100,000, on PostgreSQL."""

import os
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.pages import MOST_QUERIES, MOST_TIMES
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved
from tests.benchmarks.visitors import FILE, LIST_PAGES
from tests.benchmarks.workers import WorkerError, worker

ROUNDS = 15
FEW, MANY = "1000", "100000"
WORDS = {
    "projects": "项目",
    "assessments": "绩效自评",
    "approvals": "批复绩效目标",
    "projects_far": "项目，第 400 页",
    "projects_by_name": "项目，按名称排序",
    "projects_by_money": "项目，按全年预算数排序",
    "assessments_by_due": "绩效自评，按截止时间排序",
    "projects_search": "项目，文字查找",
    "assessments_search": "绩效自评，文字查找",
}
WITH_GOAL = ("projects", "assessments", "approvals")


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject, measured on two databases of their own."""
    from tests.benchmarks.database import database

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise WorkerError(
            "lists 在 PostgreSQL 上测量，请运行 ./perfeval.sh bench lists"
        )
    demo = "perfeval_bench_demo"
    with database(url, demo) as demo_url:
        with worker("visitors", DATABASE_URL=demo_url) as loading:
            loading.run("load")
        with (
            database(url, "perfeval_bench_1000", demo) as few_url,
            database(url, "perfeval_bench_100000", demo) as many_url,
            worker("visitors", DATABASE_URL=few_url) as few,
            worker("visitors", DATABASE_URL=many_url) as many,
        ):
            few.run("grow:few")
            many.run("grow:many")
            few.run("log_in")
            many.run("log_in")
            measures = {
                f"{page}:{size}": partial(process.seconds, page)
                for page in LIST_PAGES
                for size, process in ((FEW, few), (MANY, many))
            }
            seconds = interleaved(measures, rounds)
            counts = {page: len(many.run(f"queries:{page}")) for page in LIST_PAGES}
            file = many.run(FILE)
    return [*rows(seconds, counts), *file_rows(*file)]


def rows(seconds: dict[str, float], queries: dict[str, int]) -> Iterator[Row]:
    """Yield time and queries of each list; seconds by LIST:SIZE."""
    for page in LIST_PAGES:
        few, many = seconds[f"{page}:{FEW}"], seconds[f"{page}:{MANY}"]
        has_goal = page in WITH_GOAL
        yield Row(
            subject="lists",
            key=f"{page}_time",
            name=f"{WORDS[page]}：100,000 个项目与 1,000 个相比",
            value=many / few,
            goal=MOST_TIMES if has_goal else None,
            detail=f"{many * 1000:.0f} ÷ {few * 1000:.0f} ms",
        )
        yield Row(
            subject="lists",
            key=f"{page}_queries",
            name="　查询次数",
            value=queries[page],
            goal=MOST_QUERIES if has_goal else None,
        )


def file_rows(seconds: float, size: float, memory: float) -> Iterator[Row]:
    """Yield what the export of the longest year takes, and how much memory more."""
    yield Row(
        subject="lists",
        key="projects_file",
        name="导出项目（83,350 行）",
        value=seconds,
        unit="s",
        detail=f"{size / 1024 / 1024:.1f} MB",
    )
    yield Row(
        subject="lists",
        key="projects_file_memory",
        name="　内存增加",
        value=memory,
        unit="MB",
    )
