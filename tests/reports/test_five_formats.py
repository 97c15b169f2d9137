"""All five formats of a report: the same figures, texts and order; hostile content."""

import io
import re
from html import unescape

import pypdf
import pytest

from indicators.schemes import load_scheme
from reports.document import document_from_json, parse_document
from reports.reading.form import read_form
from reports.reading.report import read_report
from reports.reading.words import words_of
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS, render
from tests.reports.printing import sample, sample_json, squeeze

SCHEME = load_scheme("mof-2020")
# Each is printed as it stands, in every format.
KEPT = [
    "=1+1",
    "+1+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://a.example","点")',
    "'123",
    "0012345",
    "1E5",
    "2022-03-01",
    "<script>alert(1)</script>",
    "</td></tr></table>",
    '<img src="file:///etc/passwd">',
    '" onmouseover="x',
    "&amp;&lt;&#65;",
    "]]><![CDATA[x",
    "<!-- x -->",
    "{{ 7*7 }}{% now 'Y' %}",
    "}body{display:none}",
    "_x0041_",
    "(x) Tj ET",
    "{全年执行数}",
    "１２％",
    "㐂䶮好😀",
    "W" * 300,
]
# Refused in Chinese, with place and number: by these formats; the data keep it.
PAPER = (".pdf", ".docx", ".xlsx", ".html")
REFUSED = {
    "a bell": ("坏\x07字", "U+0007", PAPER),
    "a null": ("坏\x00字", "U+0000", PAPER),
    "an escape": ("坏\x1b[0m字", "U+001B", PAPER),
    "text turned around": ("右\u202e左", "U+202E", PAPER),
    "text set apart": ("右\u2066左", "U+2066", PAPER),
    "a line separator": ("上\u2028下", "U+2028", PAPER),
    "no character": ("尾\ufffe", "U+FFFE", PAPER),
    "rare, without a font": ("𠀀", "U+20000", (".pdf",)),
    "of private use": ("\ue000", "U+E000", (".pdf",)),
    "longer than a cell": ("长" * 32_768, "32767", (".xlsx",)),
}


def all_words(data, suffix):
    """Return the whole text of a file, without blanks."""
    if suffix == ".html":
        body = data.decode().partition("<body")[2]
        return squeeze(unescape(re.sub(r"<[^>]*>", "", f"<body{body}")))
    if suffix == ".pdf":
        pages = pypdf.PdfReader(io.BytesIO(data)).pages
        return squeeze("".join(page.extract_text() for page in pages))
    return squeeze("".join(each.text for each in words_of(data)[1]))


def in_order(text, parts):
    """Return which of these stand in a text one after the other, as far as they do."""
    place, found = 0, []
    for part in parts:
        place = text.find(squeeze(part), place)
        if place < 0:
            break
        found.append(part)
    return found


def test_all_five_say_the_same_in_the_same_order():
    document = sample()
    files = {suffix: render(document, SCHEME, suffix) for suffix in FORMATS}

    sections = [
        line for each in document.sections for line in (each.title, each.text[:12])
    ]
    names = [each.level3 for each in document.indicators]
    figures = [str(each.points) for each in document.indicators]
    form = read_form(files[".xlsx"])
    word = read_report(files[".docx"])

    assert parse_document(files[".json"].decode()) == document
    assert read_report(files[".pdf"]) == document
    assert [(each.key, each.text) for each in word.sections] == [
        (each.key, each.text) for each in document.sections
    ]
    assert [(each.level3, each.points) for each in form.indicators] == [
        (each.level3, each.points) for each in document.indicators
    ]
    assert form.total == document.total
    for suffix in (".pdf", ".docx", ".html"):
        words = all_words(files[suffix], suffix)
        assert in_order(words, sections) == sections, suffix
        table = words[words.index(squeeze(document.sections[-1].text[:12])) :]
        for told in (names, figures, [str(document.total)]):
            assert in_order(table, told) == told, suffix


def test_hostile_content_stands_in_every_format_as_the_text_that_it_is():
    data = sample_json()
    row = data["indicators"][-1]
    data["indicators"] = [
        {**row, "level3": f"第{number}项", "deviation_note": text}
        for number, text in enumerate(KEPT)
    ]
    data["sections"][0]["text"] = "\n".join(f"甲{text}乙" for text in KEPT)
    document = document_from_json(data)

    for suffix in FORMATS:
        words = all_words(render(document, SCHEME, suffix), suffix)
        assert [text for text in KEPT if squeeze(text) not in words] == [], suffix


def test_ten_thousand_characters_in_a_cell_and_in_a_text_are_all_there():
    data = sample_json()
    data["indicators"][0]["deviation_note"] = "鼎" * 10_000
    data["sections"][0]["text"] = "鼎" * 10_000
    document = document_from_json(data)

    counts = {
        suffix: all_words(render(document, SCHEME, suffix), suffix).count("鼎")
        for suffix in FORMATS
    }

    # A workbook is the form alone; a PDF's words are those on its pages.
    assert counts == dict.fromkeys(FORMATS, 20_000) | {".xlsx": 10_000}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_written_is_refused_with_its_place(kind):
    text, because, refusing = REFUSED[kind]
    data = sample_json()
    data["indicators"][0]["deviation_note"] = text
    document = document_from_json(data)

    for suffix in FORMATS:
        if suffix in refusing:
            with pytest.raises(RenderError, match=r"[\u4e00-\u9fff]") as refused:
                render(document, SCHEME, suffix)
            assert because in "\n".join(refused.value.problems)
        elif suffix != ".pdf":
            assert render(document, SCHEME, suffix)
    assert parse_document(render(document, SCHEME, ".json").decode()) == document


def test_half_a_character_is_refused_where_it_comes_in():
    data = sample_json()
    data["sections"][0]["text"] = "坏\ud800字"

    with pytest.raises(ValueError, match="不是有效的 Unicode 字符"):
        document_from_json(data)


def test_a_document_with_nothing_in_it_is_a_file_in_every_format():
    empty = document_from_json({"schema": "perfeval-report/1", "sections": []})

    files = {suffix: render(empty, SCHEME, suffix) for suffix in FORMATS}

    assert read_report(files[".pdf"]) == empty
    assert all(files.values())
