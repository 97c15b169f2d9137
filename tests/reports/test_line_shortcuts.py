"""The quicker ways through WeasyPrint lead to the very print that its own lead to."""

import random

import pydyf
import pytest
from weasyprint.draw import text as drawing
from weasyprint.layout import block, inline, preferred
from weasyprint.text import line_break

from indicators.schemes import load_scheme
from reports.rendering import latin_breaks, line_shortcuts
from reports.rendering.pdf import render_pdf
from tests.reports.printing import sample, sample_json

# What makes lines break early, late or within, and glyphs fall back to other faces.
PIECES = [
    "（一）",
    "2023年11月30日",
    "“十四五”",
    "1,234.56万元",
    "GB/T",
    "9704-2012",
    "《关于推进城市照明的通知》",
    "——",
    "……",
    "https://example.gov.cn/street/lights/index.html",
    "城市",
    "照明",
    "的",
    "、",
    "，",
    "。",
    "；",
    "㎡",
    "①",
    "100%",
    "≥95%",
    "䶮喆",
    "zero",
    "12345678901234567890123456789012345678901234567890",
    "项目",
]


def use_upstream(monkeypatch):
    for module in (inline, preferred):
        monkeypatch.setattr(
            module, "split_first_line", line_shortcuts._split_first_line
        )
    filling = latin_breaks.filling(line_shortcuts._split_first_line)
    monkeypatch.setattr(inline, "split_first_line", filling)
    for module in (inline, line_break):
        monkeypatch.setattr(module, "strut", line_shortcuts._strut)
    for module in (block, inline):
        monkeypatch.setattr(
            module, "avoid_collisions", line_shortcuts._avoid_collisions
        )
    monkeypatch.setattr(drawing, "draw_first_line", line_shortcuts._draw_first_line)
    monkeypatch.setattr(pydyf, "_to_bytes", line_shortcuts._to_bytes)
    monkeypatch.setattr(pydyf.Stream, "data", property(line_shortcuts._stream_data))


def mixed_sections(seed):
    pick = random.Random(seed)
    return [
        {
            **section,
            "text": "\n".join(
                "".join(pick.choices(PIECES, k=pick.randint(3, 80))) for _ in range(12)
            ),
        }
        for section in sample_json()["sections"]
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_print_is_the_same_to_the_byte_as_by_upstreams_own_ways(seed, monkeypatch):
    document = sample(sections=mixed_sections(seed))
    quick = render_pdf(document, load_scheme("mof-2020"))
    use_upstream(monkeypatch)

    upstream = render_pdf(document, load_scheme("mof-2020"))

    assert quick == upstream
