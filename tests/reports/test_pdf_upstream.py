"""What we replace in WeasyPrint is still what it was when we replaced it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import weasyprint

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/report.css").read_text(encoding="utf-8")

# SHA-256 of each function's source in WeasyPrint 70.0 and pydyf 0.13.0. When one
# differs, read what changed, adapt justification.py, shortcuts.py or
# line_shortcuts.py, look at a print.
KNOWN = {
    "weasyprint.layout.inline.justify_line": "f83b21ff8793ba6b",
    "weasyprint.layout.inline.add_word_spacing": "879516e71f1b80fa",
    "weasyprint.layout.inline.count_expandable_spaces": "175fe6f42576ed38",
    "weasyprint.layout.inline.text_align": "e953d41b87ccfc30",
    "weasyprint.layout.inline.split_text_box": "8c564329599ef23f",
    "weasyprint.text.line_break.first_line_metrics": "55ec5d0b58b29a8b",
    "weasyprint.text.line_break.split_first_line": "39ad1016863ca34d",
    "weasyprint.text.line_break.strut": "b57885b70dd08efe",
    "weasyprint.text.line_break.line_size": "03fa04fd51fc69aa",
    "weasyprint.text.line_break.Layout": "681b737d1ba5e004",
    "weasyprint.formatting_structure.boxes.Box.is_in_normal_flow": "5f49d6ab23da7e51",
    "weasyprint.draw.border.draw_outline": "c98afcef4e21d301",
    "weasyprint.layout.float.avoid_collisions": "5fc7793c573af328",
    "weasyprint.draw.text.draw_first_line": "1bb8eae6d88e71b1",
    "weasyprint.draw.draw_table": "7aea3dfc0ddf54ff",
    "weasyprint.draw.border.draw_border": "8ba918f30893929f",
    "weasyprint.draw.draw_background": "1c5a4893ea84f296",
    "weasyprint.layout.background.layout_backgrounds": "5d7d4d589e3d8a33",
    "weasyprint.layout.percent.resolve_percentages": "71673078096fcf87",
    "weasyprint.layout.percent.percentage": "ebe404ccd9da50bf",
    "pydyf.PDF.page_references": "060bf90aad55931b",
    "pydyf._to_bytes": "1cefd02c285d3aee",
    "pydyf.Dictionary.data": "1a6ebf2b6bc6adcb",
    "pydyf.Stream.data": "bdc2bc513f286de7",
}


def sources():
    """Return {name: hash} of the replaced functions, from a process without ours."""
    program = (
        "import hashlib, inspect, pydyf\n"
        "from weasyprint import draw, layout\n"
        "from weasyprint.draw import text as drawing\n"
        "from weasyprint.formatting_structure import boxes\n"
        "from weasyprint.layout import float, inline, percent\n"
        "from weasyprint.text import line_break\n"
        "for part in (inline.justify_line, inline.add_word_spacing,\n"
        "  inline.count_expandable_spaces, inline.text_align, inline.split_text_box,\n"
        "  line_break.first_line_metrics, line_break.split_first_line,\n"
        "  line_break.strut, line_break.line_size, line_break.Layout,\n"
        "  boxes.Box.is_in_normal_flow, draw.draw_outline,\n"
        "  float.avoid_collisions, drawing.draw_first_line,\n"
        "  pydyf.PDF.page_references.fget, pydyf._to_bytes,\n"
        "  draw.draw_table, draw.draw_border, draw.draw_background,\n"
        "  layout.layout_backgrounds, percent.resolve_percentages,\n"
        "  percent.percentage, pydyf.Dictionary.data.fget, pydyf.Stream.data.fget):\n"
        "    text = inspect.getsource(part)\n"
        "    name = f'{part.__module__}.{part.__qualname__}'\n"
        "    print(name, hashlib.sha256(text.encode()).hexdigest()[:16])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return dict(line.split() for line in run.stdout.splitlines())


def test_the_functions_we_replace_have_not_changed():
    assert sources() == KNOWN


def test_the_exact_version_is_pinned():
    pinned = re.search(
        r'"weasyprint==([0-9.]+)"', (ROOT / "pyproject.toml").read_text()
    )

    assert pinned
    assert pinned[1] == weasyprint.__version__ == "70.0"


@pytest.mark.parametrize(
    "declaration",
    [
        "background",
        "border-radius",
        "border-image",
        "box-sizing",
        "text-decoration",
        "outline",
    ],
)
def test_the_print_styles_use_nothing_that_the_shortcuts_leave_out(declaration):
    assert declaration not in CSS


def test_the_print_styles_measure_in_no_percentage_but_the_width_of_the_tables():
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)

    assert re.findall(r"([\w-]+): [^;]*%", rules) == ["width"]


def test_all_text_of_a_print_carries_the_language_chinese():
    html = (ROOT / "templates/print.html").read_text(encoding="utf-8")

    assert '<html lang="zh-CN">' in html
