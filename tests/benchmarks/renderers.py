"""The process that renders, warm: with our renderer, or with WeasyPrint as it comes.

python -m tests.benchmarks.renderers ours|plain FOLDER. Ours replaces functions inside
WeasyPrint, so the two never share a process, and this module imports neither before it
knows which. Every PDF is left in the folder.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import django

from tests.benchmarks.workers import serve

SCHEME = "mof-2020"
SHORT, LONG = "short", "long"
Work = tuple[Callable[[str], bytes], str]  # from a file's text; the file's ending
Job = Callable[[], tuple[float, float]]


def our_jobs(folder: Path) -> dict[str, Job]:
    """Return report (JSON to PDF/A), own (our part of it), archival, untagged."""
    from indicators.schemes import load_scheme
    from reports.document import parse_document
    from reports.rendering.characters import unprintable_problems
    from reports.rendering.html import print_html, report_view
    from reports.rendering.pdf import render_pdf, write_pdf

    scheme = load_scheme(SCHEME)

    def report(data: str) -> bytes:
        return render_pdf(parse_document(data), scheme)

    def own(data: str) -> bytes:
        document = parse_document(data)
        if unprintable_problems(document):
            raise RuntimeError("the sample must be printable")
        return print_html(report_view(document, scheme)).encode()

    def untagged(html: str) -> bytes:
        return write_pdf(html, archival=False)

    works: dict[str, Work] = {"report": (report, "json"), "own": (own, "json")}
    works |= {
        "archival": (write_pdf, "print.html"),
        "untagged": (untagged, "print.html"),
    }
    return _jobs(folder, works)


def plain_jobs(folder: Path) -> dict[str, Job]:
    """Return plain: HTML(…).write_pdf() with a fresh FontConfiguration each time."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    def plain(html: str) -> bytes:
        data = weasyprint.HTML(string=html).write_pdf(font_config=FontConfiguration())
        return bytes(data)

    return _jobs(folder, {"plain": (plain, "-faces.html")})


def _jobs(folder: Path, works: dict[str, Work]) -> dict[str, Job]:
    """Return the jobs KIND:DOCUMENT; each answers with seconds by clock and by CPU."""
    jobs = {}
    for kind, (work, source) in works.items():
        for name in (SHORT, LONG):
            dot = "" if source.startswith("-") else "."
            text = (folder / f"{name}{dot}{source}").read_text("utf-8")
            jobs[f"{kind}:{name}"] = _job(work, text, folder / f"{kind}-{name}.pdf")
    return jobs


def _job(work: Callable[[str], bytes], text: str, out: Path) -> Job:
    def run() -> tuple[float, float]:
        start, cpu_start = perf_counter(), process_time()
        data = work(text)
        seconds = perf_counter() - start, process_time() - cpu_start
        out.write_bytes(data)
        return seconds

    return run


if __name__ == "__main__":
    django.setup()
    kind, folder = sys.argv[1:]
    serve({"ours": our_jobs, "plain": plain_jobs}[kind](Path(folder)))
