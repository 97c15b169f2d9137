"""The printed page after GB/T 9704: measured in the PDF, not taken from the styles."""

from itertools import pairwise

import pytest

from reports.document import document_from_json
from tests.reports.printing import (
    BODY,
    BOTTOM,
    LATIN,
    LEFT,
    LEVEL1,
    LEVEL2,
    MM,
    RIGHT,
    TITLE,
    TOP,
    body_lines,
    face,
    line_with,
    lines,
    print_sample,
    sample,
    sample_json,
    turned_text,
)


@pytest.fixture(scope="module")
def pdf():
    with print_sample() as opened:
        yield opened


@pytest.fixture(scope="module")
def text_pages(pdf):
    """Pages full of text: all before the one with the signature."""
    return pdf.pages[:3]


def with_text(*paragraphs, title="项目基本情况"):
    return document_from_json(
        {
            "schema": "perfeval-report/1",
            "title": "测试报告",
            "sections": [
                {
                    "key": "basics",
                    "number": "一、",
                    "title": title,
                    "text": "\n".join(paragraphs),
                }
            ],
        }
    )


def test_the_sheet_is_a4(pdf):
    sizes = {(round(page.width / MM), round(page.height / MM)) for page in pdf.pages}

    assert sizes == {(210, 297)}


def test_text_stays_within_the_type_area_and_reaches_its_four_sides(text_pages):
    for page in text_pages:
        body = [char for line in body_lines(page) for char in line.chars]

        assert min(char["x0"] for char in body) == pytest.approx(LEFT, abs=0.5)
        assert max(char["x1"] for char in body) == pytest.approx(RIGHT, abs=1)
        assert min(char["top"] for char in body) > TOP - 1
        assert max(char["bottom"] for char in body) < BOTTOM
        assert body_lines(page)[-1].baseline > BOTTOM - 28.95


def test_a_full_page_holds_22_lines_of_one_pitch(text_pages):
    with print_sample(with_text(*["节能改造" * 300])) as pdf:
        full = body_lines(pdf.pages[1])

    pitches = {
        round(below.baseline - above.baseline, 1) for above, below in pairwise(full)
    }
    assert len(full) == 22
    assert pitches <= {28.9, 29.0}
    assert full[-1].baseline - full[0].baseline == pytest.approx(21 * 28.95, abs=0.2)


def test_digits_in_a_line_do_not_move_it_off_the_grid(text_pages):
    baselines = [line.baseline for line in body_lines(text_pages[1])]

    steps = [(line - baselines[0]) / 28.95 for line in baselines]
    assert all(step == pytest.approx(round(step), abs=0.02) for step in steps)


def test_a_full_line_holds_28_characters():
    with print_sample(with_text("节能改造" * 300)) as pdf:
        counts = {len(line.chars) for line in body_lines(pdf.pages[1])}

    assert counts == {28}


def test_lines_left_short_by_digits_or_punctuation_still_reach_the_edge(text_pages):
    ends = [
        line.right
        for page in text_pages
        for line, below in pairwise(body_lines(page))
        if below.left < LEFT + 1 and len(line.chars) > 20
    ]

    assert len(ends) > 20
    assert all(end == pytest.approx(RIGHT, abs=1.2 * MM) for end in ends)


def test_the_spacing_of_a_justified_line_is_even():
    with print_sample(with_text("路灯共2400盏，完成率98.6%，" * 12)) as pdf:
        line = body_lines(pdf.pages[0])[4]

    gaps = [
        round(right["x0"] - left["x1"], 1)
        for left, right in pairwise(line.chars)
        if face(left) == face(right) == BODY
    ]
    assert max(gaps) - min(gaps) <= 0.2


def test_no_line_begins_with_punctuation_or_ends_with_an_opening_bracket():
    sentence = "（一）“改造”完成，《办法》印发；“验收”合格：共3项、100%。"
    with print_sample(
        with_text(*(("灯" * pad + sentence) * 4 for pad in range(8)))
    ) as pdf:
        texts = [line.text for page in pdf.pages for line in body_lines(page)]

    assert [text for text in texts if text[0] in "，。；：、）》”％%！？"] == []
    assert [text for text in texts if text[-1] in "（《“"] == []


def test_paragraphs_and_headings_are_indented_by_two_characters(pdf):
    for text in ("一、项目基本情况", "2023年度年初预算", "（一）投入", "1.灯具更换"):
        line = line_with(pdf.pages, text)

        assert line.left - LEFT == pytest.approx(2 * 15.79, abs=0.2)


@pytest.mark.parametrize(
    ("text", "wanted", "size"),
    [
        ("城区路灯节能改造", TITLE, 22),
        ("项目基本情况", LEVEL1, 16),
        ("产出情况", LEVEL2, 16),
        ("灯具更换", BODY, 16),
        ("主干道。", BODY, 16),
        ("主要用于主干道", BODY, 16),
    ],
    ids=["title", "level 1", "level 2", "level 3", "level 4", "body"],
)
def test_each_element_has_its_face_and_size(pdf, text, wanted, size):
    line = line_with(pdf.pages, text)

    assert line.faces(text) == {wanted}
    assert line.chars[line.text.index(text)]["size"] == pytest.approx(size, abs=0.01)


def test_a_run_in_heading_ends_with_its_full_stop(pdf):
    line = line_with(pdf.pages, "（一）投入。年初")

    assert line.faces("（一）投入。") == {LEVEL2}
    assert line.faces("年初结合") == {BODY}


def test_faces_follow_depth_and_not_the_numeral_found():
    document = with_text("（1） 灯具更换", "1.主干道。完成。", "（2） 管线迁改")

    with print_sample(document) as pdf:
        assert line_with(pdf.pages, "灯具更换").faces("灯具更换") == {LEVEL2}
        assert line_with(pdf.pages, "主干道").faces("主干道") == {BODY}
        assert line_with(pdf.pages, "管线迁改").faces("管线迁改") == {LEVEL2}


def test_digits_and_latin_letters_are_of_one_face_everywhere(pdf):
    faces = {
        face(char)
        for page in pdf.pages
        for char in page.chars
        if " " < char["text"] < "\x7f"
    }

    assert faces == {LATIN}


def test_chinese_quotes_and_dashes_are_set_full_width():
    with print_sample(with_text("“白改黑”——‘试点’……推广·应用")) as pdf:
        line = body_lines(pdf.pages[0])[-1]

    marks = [char for char in line.chars if char["text"] in "“”‘’—…·"]
    assert {face(char) for char in marks} == {BODY}
    assert {round(char["x1"] - char["x0"]) for char in marks} == {16}


def test_no_heading_stands_alone_at_the_foot_of_a_page():
    for pad in range(16, 22):
        document = with_text(
            *["灯" * 20] * pad, "（一）效益情况", "年节电58.2万千瓦时。"
        )
        with print_sample(document) as pdf:
            last = [body_lines(page)[-1].text for page in pdf.pages]

        assert not any(text.startswith(("（一）", "一、")) for text in last)


def test_page_numbers_stand_7_mm_below_one_character_in_odd_right_even_left(pdf):
    for number, page in enumerate(pdf.pages, start=1):
        (foot,) = [line for line in lines(page) if line.baseline > BOTTOM]
        # The dash of FandolSong lies 0.289 to 0.311 em above the baseline.
        dash = foot.baseline - 0.311 * 14

        assert foot.text == f"— {number} —"
        assert {round(char["size"]) for char in foot.chars} == {14}
        assert dash - BOTTOM == pytest.approx(7 * MM, abs=0.6)
        if number % 2:
            assert RIGHT - foot.right == pytest.approx(14, abs=0.5)
        else:
            assert foot.left - LEFT == pytest.approx(14, abs=0.5)


def test_the_annex_note_aligns_its_numbers_and_its_turnover_line(pdf):
    first = line_with(pdf.pages, "附件：1.")
    second = line_with(pdf.pages, "2.云山区")
    turnover = line_with(pdf.pages, "问卷调查汇总情况说明")

    assert first.left - LEFT == pytest.approx(2 * 15.79, abs=0.3)
    assert first.chars[3]["x0"] == pytest.approx(second.left, abs=0.3)
    assert turnover.left == pytest.approx(second.chars[2]["x0"], abs=0.5)
    assert not first.text.endswith("。")


def test_ten_attachments_and_more_have_room_for_their_numbers():
    names = [{"label": f"附件{n}", "title": "佐证材料"} for n in range(1, 12)]

    with print_sample(sample(attachments=names, indicators=[])) as pdf:
        ninth = line_with(pdf.pages, "9.佐证")
        tenth = line_with(pdf.pages, "10.佐证")

    assert tenth.chars[3]["x0"] == pytest.approx(ninth.chars[2]["x0"], abs=0.3)
    assert tenth.chars[3]["x0"] > tenth.chars[2]["x1"]


def test_an_issuer_longer_than_a_line_goes_on_in_the_next():
    name = "云山区人民政府办公室、市政设施维护所和城市照明管理中心联合工作组"

    with print_sample(sample(issuer=name, indicators=[])) as pdf:
        shown = [line for page in pdf.pages for line in lines(page)]
        start = next(n for n, line in enumerate(shown) if line.text in name[:26])

    assert shown[start].text + shown[start + 1].text == name
    assert shown[start].right <= RIGHT - 2 * 15.79 + 0.5


def test_the_date_stands_two_characters_right_of_the_issuer(pdf):
    issuer = line_with(pdf.pages[3:], "云山区市政设施维护所")
    date = line_with(pdf.pages, "2024年3月8日")

    assert date.left - issuer.left == pytest.approx(2 * 15.79, abs=0.3)
    assert RIGHT - issuer.right == pytest.approx(2 * 15.79, abs=0.5)
    assert date.baseline - issuer.baseline == pytest.approx(28.95, abs=0.2)


def test_a_date_longer_than_the_issuer_keeps_two_characters_from_the_edge():
    with print_sample(sample(issuer="维护所", indicators=[])) as pdf:
        date = line_with(pdf.pages, "2024年3月8日")
        issuer = next(
            line for page in pdf.pages for line in lines(page) if line.text == "维护所"
        )

    assert RIGHT - date.right == pytest.approx(2 * 15.79, abs=0.5)
    assert date.left - issuer.left == pytest.approx(2 * 15.79, abs=0.3)


def test_a_document_without_issuer_date_and_attachments_ends_with_its_text():
    document = sample(issuer="", date=None, attachments=[], indicators=[])

    with print_sample(document) as pdf:
        last = body_lines(pdf.pages[-1])[-1].text

    assert last.endswith("自评情况见附件1。")


def test_a_title_is_made_where_the_document_has_none():
    with print_sample(sample(title="")) as pdf:
        title = body_lines(pdf.pages[0])[0]

    assert title.text == "2023年度城区路灯节能改造绩效自评报告"


def test_a_long_title_is_centred_in_balanced_lines_of_whole_words(pdf):
    first, second = body_lines(pdf.pages[0])[:2]

    assert [first.text, second.text] == [
        "2023年度城区路灯节能改造",
        "项目支出绩效自评报告",
    ]
    for line in (first, second):
        assert line.left - LEFT == pytest.approx(RIGHT - line.right, abs=1)


def test_renumbering_prints_the_numerals_of_the_standard():
    sections = sample_json()["sections"]
    sections[0]["number"], sections[1]["number"] = "1、", "2、"
    sections[2]["text"] = "（1） 产出\n甲。\n（2） 效益\n①灯具。乙。"

    with print_sample(sample(sections=sections), renumber=True) as pdf:
        for text in ("一、项目基本情况", "二、项目组织", "（一）产出", "（二）效益"):
            line_with(pdf.pages, text)
        assert line_with(pdf.pages, "灯具。").text.startswith("1.灯具")


def test_a_draft_carries_a_watermark_on_every_page():
    with print_sample(draft=True) as pdf:
        marked = [turned_text(page) for page in pdf.pages]

    assert marked == ["草稿"] * len(marked)
