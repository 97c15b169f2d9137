"""Subject rendering: our print against plain WeasyPrint and Chromium, all warm."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from pypdf import PdfReader

from tests.benchmarks.chromium import browser_page, print_font_environment, print_in
from tests.benchmarks.documents import CHARACTERS, INDICATORS, TIMES, write_documents
from tests.benchmarks.renderers import LONG, SHORT
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved, noted, seconds_of
from tests.benchmarks.workers import worker

ROUNDS = 11
DOCUMENTS = (SHORT, LONG)


@dataclass(frozen=True)
class Figures:
    """Seconds, pages and bytes by KIND:DOCUMENT (renderers.py), chromium and faces.

    cpu: of the measured process alone, which works in one thread; where two of them are
    compared it is the fairer one, since other programs on the machine do not count.
    """

    seconds: dict[str, float]
    cpu: dict[str, float]
    pages: dict[str, int]
    size: dict[str, int]


def measure(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject; folder: for documents and prints."""
    write_documents(folder)
    return list(rows(_figures(folder, rounds)))


def _figures(folder: Path, rounds: int) -> Figures:
    place = str(folder)
    with (
        worker("renderers", "ours", place) as ours,
        worker("renderers", "plain", place, **print_font_environment()) as plain,
        browser_page() as page,
    ):
        cpu: defaultdict[str, list[float]] = defaultdict(list)
        measures: dict[str, Callable[[], float]] = {
            f"{kind}:{name}": partial(
                noted, process, f"{kind}:{name}", cpu[f"{kind}:{name}"]
            )
            for process, kinds in (
                (ours, ("report", "own", "bare", "untagged")),
                (plain, ("plain",)),
            )
            for kind in kinds
            for name in DOCUMENTS
        }
        for kind, suffix in {"chromium": "", "faces": "-faces"}.items():
            for name in DOCUMENTS:
                html, out = (
                    folder / f"{name}{suffix}.html",
                    folder / f"{kind}-{name}.pdf",
                )
                printing = print_in(page, html, out)
                measures[f"{kind}:{name}"] = partial(seconds_of, printing)
        seconds = interleaved(measures, rounds)
    prints = {
        measured: folder / f"{measured.replace(':', '-')}.pdf"
        for measured in seconds
        if not measured.startswith("own:")
    }
    return Figures(
        seconds,
        {measured: median(figures) for measured, figures in cpu.items()},
        {measured: len(PdfReader(out).pages) for measured, out in prints.items()},
        {measured: out.stat().st_size for measured, out in prints.items()},
    )


def rows(figures: Figures) -> Iterator[Row]:
    """Yield the rows that follow from the figures."""
    seconds, cpu = figures.seconds, figures.cpu
    pages, size = figures.pages, figures.size
    words = {
        SHORT: f"示例报告（{CHARACTERS} 字，附表 {INDICATORS} 项指标）",
        LONG: f"{TIMES} 倍正文的报告",
    }
    for name in DOCUMENTS:
        yield _row(
            f"warm_{name}",
            f"{words[name]}，PDF/A-3u，热",
            seconds[f"report:{name}"] * 1000,
            unit="ms",
            detail=(
                f"{pages[f'report:{name}']} 页，{_kilobytes(size[f'report:{name}'])}"
            ),
        )
    yield _ratio("plain", "与直接调用 WeasyPrint 相比", 0.7, cpu, "untagged", "plain")
    yield _ratio("plain_long", "　同上，10 倍正文", 0.7, cpu, "untagged", "plain", LONG)
    yield _ratio(
        "chromium", "与 Chromium 热打印相比", 1.0, seconds, "report", "chromium"
    )
    yield _ratio(
        "faces", "　同上，Chromium 用 @font-face", 1.0, seconds, "report", "faces"
    )
    yield _ratio(
        "chromium_long", "　同上，10 倍正文", None, seconds, "report", "chromium", LONG
    )
    yield _ratio(
        "archival", "PDF/A-3u、标签和嵌入文件的代价", 1.35, cpu, "report", "bare"
    )
    yield _ratio(
        "own_part", "自身部分（读文档、视图、模板）", 0.15, cpu, "own", "report"
    )
    yield _further_page(cpu, pages)
    ours, theirs = size[f"report:{SHORT}"], size[f"chromium:{SHORT}"]
    yield _row(
        "bytes",
        "PDF 大小与 Chromium 相比",
        ours / theirs,
        goal=0.5,
        detail=f"{_kilobytes(ours)} ÷ {_kilobytes(theirs)}",
    )


def _ratio(
    key: str,
    name: str,
    goal: float | None,
    seconds: dict[str, float],
    ours: str,
    theirs: str,
    document: str = SHORT,
) -> Row:
    one, other = seconds[f"{ours}:{document}"], seconds[f"{theirs}:{document}"]
    detail = f"{one * 1000:.0f} ÷ {other * 1000:.0f} ms"
    return _row(key, name, one / other, goal=goal, detail=detail)


def _further_page(cpu: dict[str, float], pages: dict[str, int]) -> Row:
    more = pages[f"report:{LONG}"] - pages[f"report:{SHORT}"]
    each = (cpu[f"report:{LONG}"] - cpu[f"report:{SHORT}"]) / more
    return _row(
        "further_page",
        "每多一页正文，占示例报告的",
        each / cpu[f"report:{SHORT}"],
        goal=0.035,
        detail=f"多 {more} 页，每页 {each * 1000:.1f} ms（CPU）",
    )


def _row(
    key: str,
    name: str,
    value: float,
    *,
    unit: str = "",
    goal: float | None = None,
    detail: str = "",
) -> Row:
    return Row(
        subject="rendering",
        key=key,
        name=name,
        value=value,
        unit=unit,
        goal=goal,
        detail=detail,
    )


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.0f} KB"
