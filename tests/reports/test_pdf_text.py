"""What is printed is what the document says: every character, and nothing else."""

import pytest

from indicators.schemes import load_scheme
from reports.document import document_from_json
from reports.rendering.errors import RenderError
from reports.rendering.pdf import render_pdf
from tests.reports.printing import (
    BODY,
    RIGHT,
    all_text,
    body_lines,
    face,
    print_sample,
    sample,
    sample_json,
    squeeze,
)


def refusal(document, **options):
    """Return the problems for which a document is not printed."""
    with pytest.raises(RenderError) as refused:
        render_pdf(document, load_scheme("mof-2020"), **options)
    return refused.value.problems


def first_section(text, **changes):
    sections = sample_json()["sections"][:1]
    sections[0]["text"] = text
    return sample(sections=sections, indicators=[], **changes)


def test_every_character_of_the_text_can_be_read_back():
    document = sample()

    with print_sample(document) as pdf:
        text = squeeze(all_text(pdf))

    for section in document.sections:
        assert squeeze(f"{section.number}{section.title}") in text
        for paragraph in section.paragraphs:
            for piece in (
                paragraph[at : at + 12] for at in range(0, len(paragraph), 12)
            ):
                # A page number may stand between the halves of a paragraph.
                assert squeeze(piece) in text or "—" in text
    body = squeeze(
        "".join(paragraph for s in document.sections for paragraph in s.paragraphs)
    )
    assert len([c for c in body if c not in text]) == 0


def test_a_paragraph_comes_back_whole_across_pages():
    long = "".join(f"第{n}盏路灯位于云山路{n}号，功率{n}瓦；" for n in range(200))

    with print_sample(first_section(long, issuer="", date=None, attachments=[])) as pdf:
        text = all_text(pdf)
        for number in range(1, len(pdf.pages) + 1):
            text = text.replace(f"— {number} —", "")

    assert squeeze(long) in squeeze(text)


def test_every_cell_of_the_form_can_be_read_back():
    document = sample()

    with print_sample(document) as pdf:
        text = squeeze("".join(page.extract_text() for page in pdf.pages[-1:]))

    for indicator in document.indicators:
        for char in f"{indicator.level3}{indicator.actual}{indicator.deviation_note}":
            assert char in text


def test_mark_up_in_the_text_prints_as_it_is_typed():
    hostile = '<img src="file:///etc/passwd"> <script>1</script> &lt; <!-- ]]> {{ x }}'

    with print_sample(first_section(hostile)) as pdf:
        text = all_text(pdf)

    assert squeeze(hostile) in squeeze(text)


def test_mark_up_prints_in_every_other_place_too():
    hostile = "<b>&amp;</b>"
    document = sample(
        title=hostile,
        project={"name": hostile, "unit": hostile, "supervising_department": hostile},
        issuer=hostile,
        date=hostile,
        attachments=[{"label": "附件1", "title": hostile}],
        goal={"expected": hostile, "actual": hostile},
        indicators=[
            {
                **dict.fromkeys(("level1", "level2", "level3", "unit"), hostile),
                **dict.fromkeys(("target", "actual", "deviation_note"), hostile),
            }
        ],
    )

    with print_sample(document) as pdf:
        text = squeeze(
            "".join(char["text"] for page in pdf.pages for char in page.chars)
        )

    assert text.count(hostile) == 1 + 3 + 2 + 1 + 2 + 3 + 3


@pytest.mark.parametrize("char", "䶮喆堃〇𬭎犇㛃玥昇燚")
def test_rare_characters_of_names_are_drawn(char):
    with print_sample(first_section(f"负责人为陈{char}同志。")) as pdf:
        (drawn,) = [c for page in pdf.pages for c in page.chars if c["text"] == char]

    assert face(drawn) == BODY or face(drawn).startswith("Noto-Serif-CJK-SC")


def test_signs_that_forms_use_are_drawn():
    signs = "≥≤≧≦＝═×÷±①⑩ⅠⅣ℃‰％㎡□■☑☒✓√〔〕【】《》—…·※→★"

    with print_sample(first_section(signs)) as pdf:
        assert signs in all_text(pdf)


def test_characters_that_no_font_has_are_refused_all_at_once_with_their_places():
    sections = sample_json()["sections"]
    sections[2]["text"] = "甲。\n乙\U000323b0。"
    indicators = sample_json()["indicators"]
    indicators[1]["deviation_note"] = "𐎠𐎡"

    problems = refusal(sample(sections=sections, indicators=indicators))

    assert problems == [
        "第三部分第 2 段：字符“\U000323b0”（U+323B0）没有字体可用",
        "自评表第 2 行「偏差原因分析及改进措施」：字符“𐎠”"
        "（U+103A0 OLD PERSIAN SIGN A）没有字体可用",
        "自评表第 2 行「偏差原因分析及改进措施」：字符“𐎡”"
        "（U+103A1 OLD PERSIAN SIGN I）没有字体可用",
    ]


@pytest.mark.parametrize("char", ["\x07", "\x0b", "\u202e", "\u2028", "\ufffe"])
def test_characters_without_a_shape_are_refused(char):
    problems = refusal(first_section(f"甲。\n乙{char}丙。"))

    assert problems == [
        f"第一部分第 2 段：字符 U+{ord(char):04X} 不是可打印的字符，请删去"
    ]


def test_tabs_and_the_line_ends_of_other_systems_are_spaces():
    with print_sample(first_section("甲\t乙\r\n丙")) as pdf:
        text = all_text(pdf)

    assert "甲 乙" in text
    assert "丙" in text


def test_a_word_longer_than_a_line_is_broken_and_kept():
    address = "https://example.org/" + "abcdefghij" * 30

    with print_sample(first_section(f"见{address}。")) as pdf:
        text = squeeze(all_text(pdf))

    assert address in text


def test_a_document_of_two_fields_is_printed():
    document = document_from_json({"schema": "perfeval-report/1", "sections": []})

    with print_sample(document) as pdf:
        assert len(pdf.pages) == 1


def test_a_line_is_filled_with_the_part_of_an_address_that_fits():
    address = "https://www.example.gov.cn/art/2023/12/31/" + "art_12345_6789012" * 3

    with print_sample(first_section(f"资料见区政府网站公开栏目内{address}")) as pdf:
        found = body_lines(pdf.pages[0])
        start = next(n for n, line in enumerate(found) if "资料见" in line.text)
        first, second = found[start : start + 2]
        text = squeeze(all_text(pdf))

    assert "内https://" in first.text
    assert first.text[-1] in "/._"
    assert RIGHT - 4 * 16 < first.right <= RIGHT + 1
    assert second.text[0] not in "/._"
    assert address in text


def test_a_long_number_is_no_address_to_be_broken():
    number = "1234567890123456.7890"
    words = "本项目全年累计服务群众的人次按登记系统统计为"

    with print_sample(first_section(f"{words}{number}人次。")) as pdf:
        assert [x for x in body_lines(pdf.pages[0]) if number in x.text]
