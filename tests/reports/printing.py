"""Printing documents in tests, and reading lines and faces back from the PDF."""

import io
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf

from indicators.schemes import load_scheme
from reports.document import document_from_json
from reports.rendering.pdf import render_pdf

DATA = Path(__file__).resolve().parents[1] / "data/rendering"
MM = 72 / 25.4
LEFT, RIGHT = 28 * MM, (210 - 26) * MM
TOP, BOTTOM = 37 * MM, (297 - 35) * MM
LATIN, BODY, LEVEL1, LEVEL2, TITLE, FORM = (
    "Liberation-Serif",
    "FandolFang",
    "FandolHei",
    "FandolKai",
    "FandolSong-Bold,",
    "FandolSong",
)


def sample_json():
    return json.loads((DATA / "street-lights.json").read_text(encoding="utf-8"))


def sample(**changes):
    """Return the sample document with some of its parts changed."""
    return document_from_json({**sample_json(), **changes})


def sample_with_rows(count, **changes):
    """Return the sample with so many indicators, its own repeated in order."""
    rows = sample_json()["indicators"]
    several = [
        {**rows[index * len(rows) // count], "level3": f"第{index + 1}项指标"}
        for index in range(count)
    ]
    for index, fields in changes.items():
        several[int(index.removeprefix("row"))].update(fields)
    return sample(indicators=several)


def scheme_with_layout(ref="mof-2020", **changes):
    scheme = load_scheme(ref)
    return replace(scheme, layout=replace(scheme.layout, **changes))


def tagged(file, *kinds):
    """Return the elements of these kinds (/TH …) among the tags of an opened PDF."""
    return [
        each
        for each in file.objects
        if isinstance(each, pikepdf.Dictionary)
        and each.get("/Type") == "/StructElem"
        and each.S in kinds
    ]


def print_sample(document=None, scheme=None, **options):
    """Return the opened PDF of a document under a scheme."""
    data = render_pdf(
        document or sample(), scheme or load_scheme("mof-2020"), **options
    )
    return pdfplumber.open(io.BytesIO(data))


@dataclass
class Line:
    """Characters on one baseline from left to right; baseline: pt from the top."""

    baseline: float
    chars: list[dict[str, Any]]

    @property
    def text(self):
        return "".join(char["text"] for char in self.chars)

    @property
    def left(self):
        return self.chars[0]["x0"]

    @property
    def right(self):
        return self.chars[-1]["x1"]

    def faces(self, text):
        """Return the faces in which the characters of text are set, without digits."""
        start = self.text.index(text)
        return {face(char) for char in self.chars[start : start + len(text)]}


def face(char):
    return char["fontname"].split("+")[1]


def lines(page):
    """Return the upright lines of a page's text, from top to bottom, foot included."""
    found = defaultdict(list)
    for char in page.chars:
        if not is_turned(char):
            found[round(page.height - char["matrix"][5], 1)].append(char)
    return [
        Line(baseline, sorted(chars, key=lambda char: char["x0"]))
        for baseline, chars in sorted(found.items())
    ]


def is_turned(char):
    return abs(char["matrix"][1]) > 0.01


def turned_text(page):
    return "".join(char["text"] for char in page.chars if is_turned(char))


def body_lines(page):
    """Return the lines inside the type area."""
    return [line for line in lines(page) if line.baseline < BOTTOM]


def line_with(pages, text):
    """Return the first line that holds text."""
    return next(line for page in pages for line in lines(page) if text in line.text)


def all_text(pdf):
    return "".join(line.text for page in pdf.pages for line in lines(page))


def squeeze(text):
    return "".join(text.split())
