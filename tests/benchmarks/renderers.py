"""The process that renders, warm: with our renderer, or with WeasyPrint as it comes.

python -m tests.benchmarks.renderers ours|plain|formats FOLDER. Ours replaces functions
inside WeasyPrint, so that plain never shares a process with the others, and this module
imports neither before it knows which. Every file is left in the folder.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django

from tests.benchmarks.timing import clocked
from tests.benchmarks.workers import serve

SCHEME = "mof-2020"
SHORT, LONG = "short", "long"
Work = tuple[Callable[[str], bytes], str]  # from a file's text; the file's ending
Job = Callable[[], tuple[float, float]]


def our_jobs(folder: Path) -> dict[str, Job]:
    """Return report (JSON to PDF/A), bare (the same to PDF), own (our part), untagged.

    bare: without tags, archive format and embedded files.
    """
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

    def bare(data: str) -> bytes:
        return write_pdf(own(data).decode(), archival=False)

    def untagged(html: str) -> bytes:
        return write_pdf(html, archival=False)

    works: dict[str, Work] = {
        "report": (report, "json"),
        "bare": (bare, "json"),
        "own": (own, "json"),
        "untagged": (untagged, "print.html"),
    }
    return _jobs(folder, works)


def format_jobs(folder: Path) -> dict[str, Job]:
    """Return report (as above), docx, xlsx and signed: the signature of a PDF."""
    from indicators.schemes import load_scheme
    from reports.document import parse_document
    from reports.rendering.formats import render
    from reports.signing import configured_signer

    scheme = load_scheme(SCHEME)
    _certify(folder)
    printed = render(
        parse_document((folder / f"{SHORT}.json").read_text("utf-8")), scheme, ".pdf"
    )

    def written(suffix: str, data: str) -> bytes:
        return render(parse_document(data), scheme, suffix)

    def signed(data: str) -> bytes:
        signer = configured_signer()
        assert signer
        return signer.sign(printed, "归档件")

    return _jobs(
        folder,
        {
            "report": (partial(written, ".pdf"), "json"),
            "docx": (partial(written, ".docx"), "json"),
            "xlsx": (partial(written, ".xlsx"), "json"),
            "signed": (signed, "json"),
        },
    )


def _certify(folder: Path) -> None:
    """Set up a certificate and a seal for this process."""
    from django.conf import settings

    from reports.signing.demo import draw_seal, self_made

    file, seal = folder / "seal.p12", folder / "seal.png"
    file.write_bytes(self_made("测量", "pw", 300))
    draw_seal(seal)
    settings.SIGN_PKCS12, settings.SIGN_PASSWORD = str(file), "pw"
    settings.SIGN_SEAL = str(seal)


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
    made: list[bytes] = []

    def run() -> None:
        made[:] = [work(text)]

    timed = clocked(run)

    def keep() -> tuple[float, float]:
        seconds = timed()
        out.write_bytes(made[0])
        return seconds

    return keep


KINDS = {"ours": our_jobs, "plain": plain_jobs, "formats": format_jobs}

if __name__ == "__main__":
    django.setup()
    kind, folder = sys.argv[1:]
    serve(KINDS[kind](Path(folder)))
