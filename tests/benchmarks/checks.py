"""Subject checks: what they find on reports written for it, and what they take."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from time import process_time
from typing import Any

from indicators.schemes import load_scheme
from reports.checks.check import CHECKS, check_document
from reports.document import ReportDocument
from tests.benchmarks.documents import short_document
from tests.benchmarks.renderers import SCHEME
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved
from tests.reports.corpus import Report, planted_in, read_corpus

ROUNDS = 5
# The measured sample's text this often fills 60 pages.
TIMES_FOR_60_PAGES = 12


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject."""
    reports = read_corpus()
    tuned = [each for each in reports if not each.aside]
    aside = [each for each in reports if each.aside]
    return [
        *found_rows("tuned", "调试用的报告", tuned),
        *found_rows("aside", "留出的报告", aside),
        *_speed(rounds),
    ]


def found_rows(key: str, name: str, reports: list[Report]) -> Iterator[Row]:
    """Yield what is missed of the planted, and how often a clean report is disturbed.

    As shares, since goals are what a value may be at most: at least 95 of 100 found is
    0.05 missed; one false alarm in ten clean reports is 0.1.
    """
    planted = [each for report in reports for each in planted_in(report)]
    missed = [each for each in planted if not each.is_found()]
    text = {each.code for each in CHECKS.values() if each.group == "text"}
    in_text = [each for each in planted if each.code in text]
    missed_text = [each for each in missed if each.code in text]
    alarms = [
        finding
        for report in reports
        for finding in check_document(report.clean)
        if finding.severity != "info"
    ]
    yield _share(f"missed_{key}", f"{name}：没有找出的错误", missed, planted, 0.05)
    yield _share(f"missed_text_{key}", "　其中文字里的", missed_text, in_text, 0.05)
    yield _share(f"alarms_{key}", f"{name}：无误报告中的误报", alarms, reports, 0.1)


def _share(key: str, name: str, some: list[Any], whole: list[Any], goal: float) -> Row:
    return Row(
        subject="checks",
        key=key,
        name=name,
        value=len(some) / len(whole),
        goal=goal,
        detail=f"{len(some)} ÷ {len(whole)}",
    )


def _speed(rounds: int) -> Iterator[Row]:
    # Only here: what finds mistakes needs no typesetting.
    from reports.rendering.pdf import render_pdf

    scheme = load_scheme(SCHEME)
    short = short_document()
    long = _times(short, TIMES_FOR_60_PAGES)
    works: dict[str, Callable[[], Any]] = {
        "check": partial(check_document, short),
        "print": partial(render_pdf, short, scheme),
        "check_long": partial(check_document, long),
        "print_long": partial(render_pdf, long, scheme),
        "check_very_long": partial(check_document, _times(long, 10)),
    }
    seconds = interleaved(
        {name: partial(_cpu_seconds, work) for name, work in works.items()}, rounds
    )
    for key, name, ours, theirs, goal in (
        ("checks_time", "全部检查与示例报告的热打印相比", "check", "print", 0.1),
        ("checks_long", "　60 页的报告，同上", "check_long", "print_long", 0.5),
    ):
        yield Row(
            subject="checks",
            key=key,
            name=name,
            value=seconds[ours] / seconds[theirs],
            goal=goal,
            detail=(
                f"{seconds[ours] * 1000:.0f} ÷ {seconds[theirs] * 1000:.0f} ms（CPU）"
            ),
        )
    yield Row(
        subject="checks",
        key="checks_growth",
        name="　正文 10 倍，时间的倍数 ÷ 10",
        value=seconds["check_very_long"] / seconds["check_long"] / 10,
        goal=1.5,
        detail=f"{seconds['check_very_long'] * 1000:.0f} ms",
    )


def _times(document: ReportDocument, times: int) -> ReportDocument:
    sections = tuple(
        replace(each, text="\n".join([each.text] * times)) for each in document.sections
    )
    return replace(document, sections=sections)


def _cpu_seconds(work: Callable[[], Any]) -> float:
    start = process_time()
    work()
    return process_time() - start
