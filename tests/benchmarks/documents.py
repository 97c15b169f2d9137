"""The measured documents: a report of 2,656 characters and one of ten times its text.

Both have the same annex of 25 indicators. They are written to a folder in each form in
which they are measured: NAME.json, and the print's HTML with its styles as NAME.html
(fonts by fontconfig) and NAME-faces.html (the same faces by @font-face).
"""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from indicators.schemes import load_scheme
from reports.document import ReportDocument, Section, dump_document
from reports.rendering.html import STATIC, print_html, report_view
from tests.benchmarks.renderers import LONG, SCHEME, SHORT
from tests.reports.printing import sample_with_rows

CHARACTERS = 2656
INDICATORS = 25
TIMES = 10
FACES = {
    "FandolFang": "FandolFang-Regular",
    "FandolKai": "FandolKai-Regular",
    "FandolHei": "FandolHei-Regular",
    "FandolSong": "FandolSong-Regular",
    "FandolSong Bold": "FandolSong-Bold",
}


def write_documents(folder: Path) -> None:
    """Write every form of the two documents."""
    short = short_document()
    for name, document in {SHORT: short, LONG: long_document(short)}.items():
        (folder / f"{name}.json").write_text(dump_document(document), "utf-8")
        html = print_html(report_view(document, load_scheme(SCHEME)))
        (folder / f"{name}.print.html").write_text(html, "utf-8")
        for form, faces in {"": "", "-faces": _font_faces()}.items():
            styled = html.replace("</head>", f"<style>{faces}{_css()}</style></head>")
            (folder / f"{name}{form}.html").write_text(styled, "utf-8")


def short_document() -> ReportDocument:
    """Return the sample with 25 indicators, its text lengthened to 2,656 characters."""
    document: ReportDocument = sample_with_rows(INDICATORS)
    missing = CHARACTERS - sum(len(each.text) for each in document.sections)
    sections = []
    for section in document.sections:
        if section.key == "results":
            more = section.text * (missing // len(section.text) + 1)
            section = replace(section, text=section.text + "\n" + more[: missing - 1])
        sections.append(section)
    lengthened: ReportDocument = replace(document, sections=tuple(sections))
    return lengthened


def long_document(short: ReportDocument) -> ReportDocument:
    """Return a document with ten times the text and the same annex."""
    return replace(short, sections=tuple(map(_tenfold, short.sections)))


def _tenfold(section: Section) -> Section:
    return replace(section, text="\n".join([section.text] * TIMES))


def _css() -> str:
    return (STATIC / "css/report.css").read_text("utf-8")


def _font_faces() -> str:
    fonts = Path(settings.FONT_DIR)
    return "".join(
        f'@font-face {{ font-family: "{family}";'
        f" src: url({(fonts / file).with_suffix('.otf').as_uri()}); }}\n"
        for family, file in FACES.items()
    )
