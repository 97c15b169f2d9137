"""Headings and titles: what counts as a heading, how deep, and how a title breaks."""

import pytest

from perfeval.numbers import chinese_numeral
from reports.document import document_from_json
from reports.rendering.outline import (
    annex_label,
    annex_notes,
    section_outlines,
    signature,
)
from reports.rendering.titles import report_title, title_lines, width
from tests.reports.printing import sample


def outline_of(*paragraphs, **options):
    document = document_from_json(
        {
            "schema": "perfeval-report/1",
            "sections": [
                {
                    "key": "results",
                    "number": "三、",
                    "title": "项目绩效情况",
                    "text": "\n".join(paragraphs),
                }
            ],
        }
    )
    (section,) = section_outlines(document, **options)
    return [(part.depth, part.heading, part.text) for part in section.paragraphs]


def test_a_run_in_heading_ends_at_its_first_full_stop():
    assert outline_of("（一）投入。年初安排23万元。") == [
        (2, "（一）投入。", "年初安排23万元。")
    ]


def test_a_numbered_line_without_a_full_stop_is_a_heading_alone():
    assert outline_of("（一）产出情况") == [(2, "（一）产出情况", "")]


def test_a_long_numbered_sentence_is_an_item_and_no_heading():
    item = "1.完成" + "主干道和背街小巷路灯更换、" * 6 + "验收合格。"

    assert outline_of(item) == [(2, "", item)]


@pytest.mark.parametrize(
    "text",
    ["2023年支出23万元。", "1.5万元已支付。", "23.6%的路灯已更换。", "三盏路灯。"],
)
def test_a_figure_at_the_beginning_is_no_numeral(text):
    assert outline_of(text) == [(0, "", text)]


def test_depth_follows_the_order_in_which_numerals_appear():
    found = outline_of("（1）甲", "1.乙", "①丙", "2.丁", "（2）戊")

    assert [depth for depth, _, _ in found] == [2, 3, 4, 3, 2]


def test_renumbering_gives_each_depth_its_numeral_and_counts_anew():
    found = outline_of("（1） 甲", "1、乙", "2、丙", "（2） 丁", "1、戊", renumber=True)

    assert [heading for _, heading, _ in found] == [
        "（一）甲", "1.乙", "2.丙", "（二）丁", "1.戊",
    ]  # fmt: skip


def headings(*numbers, **options):
    sections = [
        {"key": "other", "number": number, "title": f"标题{index}", "text": ""}
        for index, number in enumerate(numbers, start=1)
    ]
    document = document_from_json({"schema": "perfeval-report/1", "sections": sections})
    return [section.heading for section in section_outlines(document, **options)]


def test_numerals_are_printed_as_found_even_where_their_order_is_broken():
    assert headings("1、", "三、", "") == ["1、标题1", "三、标题2", "标题3"]


def test_a_document_without_any_numeral_gets_those_of_the_standard():
    assert headings("", "") == ["一、标题1", "二、标题2"]


def test_renumbered_sections_count_from_one():
    assert headings("1、", "三、", renumber=True) == ["一、标题1", "二、标题2"]


@pytest.mark.parametrize(
    ("number", "numeral"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")],
)
def test_numerals_count_as_headings_do(number, numeral):
    assert chinese_numeral(number) == numeral


def test_one_attachment_without_a_number_is_noted_without_a_number():
    (note,) = annex_notes(sample(attachments=[{"label": "附件", "title": "清单。"}]))

    assert (note.word, note.number, note.name) == ("附件：", "", "清单")


def test_several_attachments_are_numbered():
    notes = annex_notes(sample())

    assert [note.number for note in notes] == ["1.", "2."]


@pytest.mark.parametrize(
    ("attachments", "label"),
    [
        ([{"label": "附件3", "title": "项目支出绩效自评表"}], "附件3"),
        (
            [
                {"label": "附件1", "title": "通知"},
                {"label": "附表2", "title": "自评表"},
            ],
            "附表2",
        ),
        ([], "附件1"),
    ],
    ids=["by its title", "the one that is a form", "as the text says"],
)
def test_the_form_carries_the_documents_own_label(attachments, label):
    document = sample(attachments=attachments)

    assert annex_label(document, "项目支出绩效自评表", "附件") == label


def test_there_is_no_signature_without_issuer_and_date():
    assert signature(sample(issuer=" ", date=None)) is None


def test_a_title_is_made_of_year_project_and_kind():
    document = sample(title=" ", year=2021)

    assert report_title(document) == "2021年度城区路灯节能改造绩效自评报告"


def test_a_made_title_leaves_out_what_is_unknown():
    document = document_from_json({"schema": "perfeval-report/1", "sections": []})

    assert report_title(document) == "绩效自评报告"


def test_a_title_that_fits_stays_in_one_line():
    assert title_lines("绩效自评报告", sample(), 20) == ["绩效自评报告"]


@pytest.mark.parametrize("capacity", [8, 12, 20, 28])
def test_lines_of_a_title_fit_and_join_to_the_title(capacity):
    title = (
        "2021—2023年度云山区城区路灯节能改造（二期）及背街小巷“白改黑”项目绩效自评报告"
    )

    lines = title_lines(title, sample(), capacity)

    assert "".join(lines) == title
    assert all(width(line) <= capacity for line in lines)
    assert not any(line[0] in "）”" or line[-1] in "（“" for line in lines)


def test_a_title_never_breaks_inside_a_year():
    lines = title_lines(
        "关于2023年度云山区城市管理局路灯改造的绩效自评报告", sample(), 7
    )

    assert any("2023年度" in line for line in lines)
