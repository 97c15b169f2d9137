"""The report as a Word file: what is in it, and read back by Word's own rules."""

import io
import re

import docx
import pytest
from docx.oxml.ns import qn

from indicators.schemes import load_scheme
from reports.document import document_from_json
from reports.reading.docx import read_docx
from reports.reading.lines import Notes
from reports.rendering.docx import render_docx
from reports.rendering.errors import RenderError
from reports.rendering.form_table import form_table
from tests.reports.printing import sample, sample_json, sample_with_rows

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>&amp;",
    "]]><w:p/>",
    "{指标}{{ x }}{% y %}",
    "𠮷野家·㐂㛂",
    "😀👨‍👩‍👧",
    "长" * 10_000,
    "  前后有空白  ",
    "第一行\n第二行",
]


def word_of(document=None, ref="mof-2020", **options):
    data = render_docx(document or sample(), load_scheme(ref), **options)
    return docx.Document(io.BytesIO(data))


def cells(word):
    """Return the text of every cell once, in the order of the tables."""
    return [
        "\n".join(paragraph.text for paragraph in cell.paragraphs)
        for table in word.tables
        for row in table._tbl.tr_lst
        for cell in (docx.table._Cell(each, table) for each in row.tc_lst)
        if cell._tc.vMerge != "continue"
    ]


def squeezed(text):
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def word():
    return word_of()


def test_headings_are_words_own_so_that_it_can_list_them(word):
    headings = [
        (each.style.name, each.text)
        for each in word.paragraphs
        if each.style.name.startswith("Heading")
    ]

    assert headings[0] == ("Heading 1", "一、项目基本情况")
    assert len([name for name, _ in headings if name == "Heading 1"]) == 5


def test_faces_are_named_as_offices_have_them(word):
    faces = {
        name: word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Normal", "Heading 1", "Heading 2", "Footer")
    }

    assert faces == {
        "Title": "方正小标宋简体",
        "Normal": "仿宋_GB2312",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
        "Footer": "宋体",
    }
    assert "asciiTheme" not in word.styles["Title"].element.xml


def test_paper_margins_and_lines_follow_the_standard(word):
    section = word.sections[0]
    margins = (
        section.top_margin,
        section.right_margin,
        section.bottom_margin,
        section.left_margin,
    )

    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert [round(each.mm) for each in margins] == [37, 26, 35, 28]
    assert word.styles["Normal"].paragraph_format.line_spacing.pt == 28.95
    assert 'w:firstLineChars="200"' in word.styles["Normal"].element.xml


def test_page_numbers_stand_outside_on_odd_and_even_pages(word):
    odd, even = word.sections[0].footer, word.sections[0].even_page_footer

    assert word.settings.odd_and_even_pages_header_footer
    assert odd.paragraphs[0].alignment.name == "RIGHT"
    assert even.paragraphs[0].alignment.name == "LEFT"
    for footer in (odd, even):
        assert 'w:instr="PAGE"' in footer._element.xml
        assert footer.paragraphs[0].text.startswith("— ")


def test_the_form_has_every_cell_of_the_printed_one(word):
    table = form_table(sample(), load_scheme("mof-2020"))
    printed = [
        squeezed(cell.text)
        for row in (*table.head, *table.rows, *table.remarks)
        for cell in row.cells
    ]

    shown = [squeezed(text) for text in cells(word)]

    head = ["", *(squeezed(each) for each in table.columns)]
    place = sum(len(row.cells) for row in table.head)
    assert shown == printed[:place] + head + printed[place:]


def test_the_head_of_the_form_is_repeated_and_rows_stay_whole(word):
    indicators = word.tables[1]._tbl.tr_lst

    assert indicators[0].trPr.find(qn("w:tblHeader")) is not None
    assert all(
        row.trPr is not None and row.trPr.find(qn("w:cantSplit")) is not None
        for row in indicators[:3]
    )


def test_rows_fill_the_grid_whatever_they_merge():
    word = word_of(sample_with_rows(40))

    for table in word.tables:
        count = len(table._tbl.tblGrid.gridCol_lst)
        for row in table._tbl.tr_lst:
            assert sum(cell.grid_span for cell in row.tc_lst) == count


def test_the_score_sheet_is_an_annex_as_well():
    data = {**sample_json(), "scheme": "guangdong-four"}
    word = word_of(document_from_json(data), "guangdong-four")

    assert "评分标准" in [squeezed(text) for text in cells(word)]


def test_reading_it_again_gives_the_sections_and_nothing_of_the_annex():
    document, notes = sample(), Notes()

    lines = read_docx(render_docx(document, load_scheme("mof-2020")), notes)

    written = [
        line.strip()
        for section in document.sections
        for line in (f"{section.number}{section.title}", *section.paragraphs)
    ]
    title, *rest = [line.text.strip() for line in lines if line.text.strip()]
    assert title == document.title
    assert rest == written
    assert notes.all() == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_written_stands_there_as_text(text):
    data = sample_json()
    data["indicators"][0]["deviation_note"] = text
    data["sections"][0]["text"] = text

    word = word_of(document_from_json(data))

    assert text in cells(word)
    told = {each.text.strip() for each in word.paragraphs}
    assert {line.strip() for line in text.split("\n")} <= told


def test_a_control_character_is_refused_with_its_place():
    data = sample_json()
    data["sections"][1]["text"] = "甲\u202e乙"

    with pytest.raises(RenderError, match="第二部分第 1 段：字符 U\\+202E"):
        word_of(document_from_json(data))


def test_an_empty_report_is_a_file_all_the_same():
    word = word_of(document_from_json({"schema": "perfeval-report/1", "sections": []}))

    assert [each.text for each in word.paragraphs if each.text] == ["绩效自评报告"]


def test_a_draft_and_demo_data_are_marked_on_every_page():
    word = word_of(sample(watermark="演示数据"), draft=True)

    for section in word.sections:
        assert section.header.paragraphs[0].text == "草稿　演示数据"
        assert section.even_page_header.paragraphs[0].text == "草稿　演示数据"


def test_the_same_document_gives_the_same_dates(word):
    assert str(word.core_properties.created) == "2024-03-08 00:00:00+00:00"
    assert word.core_properties.title == "2023年度城区路灯节能改造项目支出绩效自评报告"
