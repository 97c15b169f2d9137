"""Subject formats: the other files of a report, and its frozen PDF, against its print.

One process makes all, warm, and each figure is its own CPU seconds; another serves the
PDF that is frozen, so that a click there is held against a click that prints.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.documents import write_documents
from tests.benchmarks.renderers import SHORT
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved, noted
from tests.benchmarks.workers import worker

ROUNDS = 15
PRINT, SIGNATURE, SERVED, CLICKED = "report", "signed", "served", "clicked"
# Share of the print's time that each may take.
GOALS = {"docx": 0.3, "xlsx": 0.3, SIGNATURE: 0.35, SERVED: 0.02, CLICKED: None}
WORDS = {
    "docx": "Word 文件与 PDF 相比",
    "xlsx": "Excel 自评表与 PDF 相比",
    SIGNATURE: "电子签章与生成 PDF 相比",
    SERVED: "取用归档件（查库、读文件）与生成 PDF 相比",
    CLICKED: "　同上，连同登录状态和权限的整个请求",
}


def measure(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject; folder: for documents and prints."""
    write_documents(folder)
    cpu: defaultdict[str, list[float]] = defaultdict(list)
    with worker("renderers", "formats", str(folder)) as making:
        making.run(f"{PRINT}:{SHORT}")
        with worker(
            "archive",
            str(folder / f"{PRINT}-{SHORT}.pdf"),
            PERFEVAL_VAR=str(folder / "var"),
            DATABASE_URL="sqlite://:memory:",
        ) as serving:
            measures = {
                kind: partial(noted, making, f"{kind}:{SHORT}", cpu[kind])
                for kind in (PRINT, "docx", "xlsx", SIGNATURE)
            }
            measures |= {
                kind: partial(noted, serving, kind, cpu[kind])
                for kind in (SERVED, CLICKED)
            }
            interleaved(measures, rounds)
    return list(rows({kind: median(figures) for kind, figures in cpu.items()}))


def rows(cpu: dict[str, float]) -> Iterator[Row]:
    """Yield the rows that follow from CPU seconds by kind."""
    for kind, goal in GOALS.items():
        yield Row(
            subject="formats",
            key=kind,
            name=WORDS[kind],
            value=cpu[kind] / cpu[PRINT],
            goal=goal,
            detail=f"{cpu[kind] * 1000:.1f} ÷ {cpu[PRINT] * 1000:.0f} ms（CPU）",
        )
