"""The annex in print: rows and merges of the form, and how it goes on overleaf."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from reports.document import document_from_json
from tests.reports.printing import (
    BOTTOM,
    FORM,
    LEVEL1,
    MM,
    TITLE,
    TOP,
    all_text,
    body_lines,
    line_with,
    lines,
    print_sample,
    sample,
    sample_json,
    sample_with_rows,
    scheme_with_layout,
    squeeze,
    turned_text,
)

HEAD = [
    "一级\n指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "实际完成值",
    "分值",
    "得分",
]


def annex_pages(pdf):
    """Return the pages from the annex on."""
    first = next(
        number
        for number, page in enumerate(pdf.pages)
        if body_lines(page)[0].text == "附件1"
    )
    return pdf.pages[first:]


def tables(page):
    """Return the tables of a page as rows of cell texts, None where a merge covers."""
    return [table.extract() for table in page.find_tables()]


def rows_of(page):
    return [row for table in tables(page) for row in table]


def cell_texts(page):
    return [squeeze(cell) for row in rows_of(page) for cell in row if cell]


@pytest.fixture(scope="module")
def form():
    """The annex of the sample: one page, its cells as a grid."""
    with print_sample() as pdf:
        (page,) = annex_pages(pdf)
        yield page


@pytest.fixture(scope="module")
def grid(form):
    return [
        [cell if cell is None else cell.replace("\n", "") for cell in row]
        for row in rows_of(form)
    ]


def test_the_annex_begins_a_page_with_label_and_title_in_lines_1_and_3(form):
    label, title, year = body_lines(form)[:3]

    assert label.text == "附件1"
    assert label.faces("附件") == {LEVEL1}
    assert title.text == "项目支出绩效自评表"
    assert title.faces(title.text) == {TITLE}
    assert title.baseline - label.baseline == pytest.approx(2 * 28.95, abs=3)
    assert year.text == "（2023年度）"


def test_the_form_has_the_rows_and_merges_of_the_regulation(grid):
    blank = None
    assert grid[0] == ["项目名称", "城区路灯节能改造", *[blank] * 7]
    assert grid[1] == [
        "主管部门", "云山区城市管理局", *[blank] * 3,
        "实施单位", "云山区市政设施维护所", *[blank] * 2,
    ]  # fmt: skip
    assert grid[2] == [
        "项目资金（万元）", "", blank, "年初预算数", "全年预算数", "全年执行数",
        "分值", "执行率", "得分",
    ]  # fmt: skip
    assert grid[3] == [
        blank, "年度资金总额", blank, "320.00", "300.50", "285.475",
        "10", "95.00%", "9.50",
    ]  # fmt: skip
    assert grid[4] == [
        blank, "其中：当年财政拨款", blank, "300.00", "280.50", "265.475",
        "—", "94.64%", "—",
    ]  # fmt: skip
    assert grid[5] == [blank, "上年结转资金", blank, "", "", "", "—", "", "—"]
    assert grid[6][1:] == [
        "其他资金",
        blank,
        "20.00",
        "20.00",
        "20.00",
        "—",
        "100.00%",
        "—",
    ]
    assert grid[7] == [
        "年度总体目标",
        "预期目标",
        *[blank] * 3,
        "实际完成情况",
        *[blank] * 3,
    ]
    assert grid[8][0] is blank
    assert grid[8][1].startswith("更换节能灯具2400盏")
    assert grid[8][5].startswith("更换节能灯具2400盏")


def test_indicators_stand_under_their_merged_labels(grid):
    rows = grid[9:]

    assert rows[0][1:] == [
        "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
        "偏差原因分析及改进措施",
    ]  # fmt: skip
    # From its head to the last indicator the first column is one cell.
    assert squeeze(rows[0][0]) == "绩效指标"
    assert [row[0] for row in rows[1:9]] == [None] * 8
    assert rows[1][1:8] == [
        "产出指标", "数量指标", "更换节能灯具数量", "≥2400盏", "2400盏", "15", "15.00",
    ]  # fmt: skip
    assert rows[2][1:4] == [None, None, "改造道路数量"]
    assert rows[4][2:5] == ["时效指标", "完工时间", "≤2023年11月30日"]
    assert rows[5][6:8] == ["7.5", "7.50"]
    assert [row[1] for row in rows[1:9]] == [
        "产出指标", None, None, None, None, "效益指标", None, "满意度指标",
    ]  # fmt: skip
    assert rows[9] == ["总分", *[None] * 5, "100", "97.34", ""]


def test_the_form_is_set_in_song(form):
    line = line_with([form], "改造道路数量")

    assert line.faces("改造道路数量") == {FORM}
    assert line.chars[0]["size"] == pytest.approx(10.5, abs=0.01)


@dataclass
class FormPage:
    """A page of a form: rows, cells as boxes, end of its lines, characters below."""

    rows: list[list[str | None]]
    cells: list[tuple[float, float, float, float]]
    lowest: float
    chars: list[dict[str, Any]]


@pytest.fixture(scope="module", params=[3, 25, 80])
def long_form(request):
    """The number of indicators, and the pages of a form that has so many."""
    with print_sample(sample_with_rows(request.param)) as pdf:
        pages = []
        for page in annex_pages(pdf):
            found = page.find_tables()
            cells = [cell for table in found for cell in table.cells]
            top = min(cell[1] for cell in cells)
            chars = [char for line in body_lines(page) for char in line.chars]
            pages.append(
                FormPage(
                    [row for table in found for row in table.extract()],
                    cells,
                    max(rect["bottom"] for rect in page.rects),
                    [char for char in chars if char["top"] > top],
                )
            )
    return request.param, pages


def test_the_head_is_repeated_on_every_page_of_the_form(long_form):
    count, pages = long_form

    names = [
        squeeze(row[3])
        for page in pages
        for row in page.rows
        if row[3] and "项指标" in squeeze(row[3])
    ]
    assert [sum(row[1:8] == HEAD for row in page.rows) for page in pages] == [1] * len(
        pages
    )
    assert sorted(names) == sorted(f"第{n}项指标" for n in range(1, count + 1))


def test_merged_labels_are_printed_again_overleaf(long_form):
    _, pages = long_form

    for page in pages:
        start = next(n for n, row in enumerate(page.rows) if row[1:8] == HEAD)
        head, first = page.rows[start : start + 2]

        assert squeeze(head[0]) == "绩效指标"
        if "总分" not in first:
            assert squeeze(first[1]).endswith("指标")
            assert squeeze(first[2]).endswith("指标")


def test_nothing_spills_out_of_its_cell_or_the_type_area(long_form):
    _, pages = long_form

    for page in pages:
        outside = [
            char["text"]
            for char in page.chars
            if not any(
                x0 - 0.3 <= char["x0"]
                and char["x1"] <= x1 + 0.3
                and y0 - 1 <= char["top"]
                and char["bottom"] <= y1 + 1
                for x0, y0, x1, y1 in page.cells
            )
        ]

        assert outside == []
        assert max(cell[3] for cell in page.cells) <= BOTTOM + 0.5
        assert page.lowest == pytest.approx(max(cell[3] for cell in page.cells), abs=1)


def test_a_note_longer_than_pages_keeps_every_character_head_and_labels():
    note = "".join(f"第{n}点，管线迁改晚于计划；" for n in range(130))

    with print_sample(sample_with_rows(10, row4={"deviation_note": note})) as pdf:
        pages = annex_pages(pdf)
        parts = []
        for page in pages:
            (table,) = page.find_tables()[-1:]
            column = [row.cells[8] for row in table.rows if row.cells[8]]
            text = page.crop(
                (column[0][0], column[0][3], column[0][2], column[-1][3])
            ).extract_text(x_tolerance=1)
            parts.append(squeeze(text))
            assert rows_with_head(page) == 1
            assert "绩效指标" in cell_texts(page)
            assert "第5项指标" in cell_texts(page) or page in (pages[0], pages[-1])

    assert len(pages) > 3
    assert squeeze(note) in "".join(parts)


def test_a_text_that_goes_on_overleaf_goes_on_at_the_top_of_its_cell():
    expected = "".join(f"第{n}点，管线迁改晚于计划；" for n in range(220))
    shorter = expected[: len(expected) * 2 // 3]

    with print_sample(sample(goal={"expected": expected, "actual": shorter})) as pdf:
        page = annex_pages(pdf)[1]
        words = [char for line in body_lines(page) for char in line.chars]
        middle = page.width / 2
        tops = [
            min(char["top"] for char in words if (char["x0"] > middle) is right)
            for right in (False, True)
        ]

    assert tops[1] == pytest.approx(tops[0], abs=0.1)
    assert tops[0] < TOP + 10


def test_a_label_longer_than_its_rows_on_a_page_goes_on_overleaf():
    rows = sample_json()["indicators"][:1] * 40
    long = (
        "服务对象和社会公众以及主管部门对于项目实施效果与后续管护情况的综合满意程度指标"
    )
    document = sample(
        indicators=[
            {**row, "level2": long, "level3": f"第{n}项指标"}
            for n, row in enumerate(rows)
        ]
    )

    with print_sample(document) as pdf:
        for page in annex_pages(pdf):
            assert max(line.baseline for line in body_lines(page)) < BOTTOM
            column = squeeze("".join(cell_texts(page)))
            assert long in column


def test_high_rows_beside_a_long_label_leave_room_for_the_head_on_each_page():
    changes = {"level2": "服务对象和主管部门对后续管护情况的综合满意程度指标"}
    document = sample(
        indicators=[
            {**row, **changes, "level1": "产出指标", "actual": "基本建成，" * 22}
            for row in sample_json()["indicators"][:1] * 8
        ]
    )

    with print_sample(document) as pdf:
        heads = [rows_with_head(page) for page in annex_pages(pdf)[1:]]

    assert len(heads) >= 2
    assert set(heads) == {1}


def rows_with_head(page):
    head = [squeeze(cell) for cell in HEAD]
    rows = [[squeeze(cell or "") for cell in row[1:8]] for row in rows_of(page)]
    return rows.count(head)


def test_levels_without_an_indicator_are_shown_where_the_layout_says_so():
    scheme = scheme_with_layout(show_empty_level2=True)

    with print_sample(scheme=scheme) as pdf:
        texts = [text for page in annex_pages(pdf) for text in cell_texts(page)]
        rows = [row for page in annex_pages(pdf) for row in rows_of(page)]

    assert "生态效益指标" in texts
    (empty,) = [row for row in rows if row[2] and "生态" in row[2]]
    assert empty[3:] == [""] * 6


def test_the_people_that_the_scheme_asks_for_stand_under_the_form():
    scheme = scheme_with_layout(people=("unit_leader", "finance_leader", "contact"))

    with print_sample(scheme=scheme) as pdf:
        foot = line_with(annex_pages(pdf), "单位负责人").text

    assert squeeze(foot) == "单位负责人：陈喆财务负责人：李堃联系人："


def test_remarks_and_notes_on_funds_have_rows_of_their_own():
    document = sample(remarks="另有区级配套。", conclusion="总体良好。")

    with print_sample(document) as pdf:
        texts = [text for page in annex_pages(pdf) for text in cell_texts(page)]

    assert texts[texts.index("其他需要说明事项") + 1] == "另有区级配套。"
    assert texts[texts.index("评价结论") + 1] == "总体良好。"


def test_a_document_without_indicators_has_no_annex():
    with print_sample(sample(indicators=[])) as pdf:
        assert "自评表" not in body_lines(pdf.pages[-1])[0].text
        assert [page for page in pdf.pages if page.find_tables()] == []


def test_the_label_is_the_word_by_which_the_text_refers_to_the_form():
    sections = sample_json()["sections"]
    sections[4]["text"] = "具体自评情况见附表。"

    with print_sample(sample(sections=sections, attachments=[])) as pdf:
        firsts = [body_lines(page)[0].text for page in pdf.pages]

    assert firsts.count("附表") == 1


def test_a_landscape_form_lies_in_the_binding_with_the_number_in_its_place():
    with print_sample(sample_with_rows(30), scheme_with_layout(landscape=True)) as pdf:
        wide = [page for page in pdf.pages if page.width > page.height]

        assert len(wide) > 1
        for page in wide:
            number = pdf.pages.index(page) + 1
            chars = [char for char in page.chars if char["matrix"][1]]
            # Upright in the binding, the left edge is the foot of the sheet.
            ends = max(char["bottom"] for char in chars)
            starts = min(char["top"] for char in chars)

            assert turned_text(page) == f"— {number} —"
            assert max(char["x1"] for char in chars) < 35 * MM - 7 * MM
            if number % 2:
                assert page.height - 26 * MM - ends == pytest.approx(14, abs=0.5)
            else:
                assert starts - 28 * MM == pytest.approx(14, abs=0.5)
            assert [line for line in lines(page) if line.baseline > 184 * MM] == []


def test_the_score_sheet_shows_standard_points_and_basis():
    document = document_from_json(
        {
            **sample_json(),
            "scheme": "guangdong-four",
            "indicators": [
                {
                    "level1": "投入",
                    "level2": "项目立项",
                    "level3": "论证决策：论证充分性",
                    "comparator": "rubric",
                    "max_points": "4",
                    "points": "3.5",
                    "standard": "每缺一项扣1分。",
                    "basis": "见立项批复和会议纪要。",
                },
                {
                    "level1": "过程",
                    "level2": "资金管理",
                    "level3": "资金支付：资金支出率",
                    "comparator": ">=",
                    "target": "90",
                    "unit": "%",
                    "actual": "95",
                    "max_points": "6",
                    "points": "6",
                },
            ],
        }
    )

    with print_sample(document, scheme_with_layout("guangdong-four")) as pdf:
        page = annex_pages(pdf)[0]
        rows = [
            [cell if cell is None else squeeze(cell) for cell in row]
            for row in rows_of(page)
        ]
        title = squeeze("".join(line.text for line in body_lines(page)[1:3]))

    assert title == "项目支出绩效自评指标评分表（参考，待核实）"
    assert [
        "一级指标", "二级指标", "三级指标", "分值", "评分标准", "自评得分", "得分依据",
    ] in rows  # fmt: skip
    assert [
        "投入", "项目立项", "论证决策：论证充分性", "4", "每缺一项扣1分。", "3.50",
        "见立项批复和会议纪要。",
    ] in rows  # fmt: skip
    assert [
        "过程", "资金管理", "资金支付：资金支出率", "6", "年度指标值：≥90%", "6.00",
        "实际完成值：95%",
    ] in rows  # fmt: skip
    assert ["总分", None, None, "100", "", "97.34", "等级：优"] in rows
    assert any("全年执行数285.475" in (cell or "") for row in rows for cell in row)


def test_the_form_repeats_no_figure_that_the_document_does_not_give():
    indicators = [
        {**row, "points": None, "actual": None} for row in sample_json()["indicators"]
    ]

    with print_sample(sample(indicators=indicators, total=None)) as pdf:
        rows = [row for page in annex_pages(pdf) for row in rows_of(page)]

    row = next(row for row in rows if row[3] == "改造道路数量")
    assert row[4:9] == ["≥48条", "", "10", "", ""]
    assert Decimal(rows[-1][6]) == 100
    assert rows[-1][7] == ""


def test_the_annex_goes_on_with_the_page_numbers(form):
    with print_sample() as pdf:
        assert all_text(pdf).count("— 5 —") == 1
    assert min(line.baseline for line in body_lines(form)) > TOP


def test_a_document_of_a_form_alone_begins_with_the_annex():
    with print_sample(sample(sections=[], title=""), draft=True) as pdf:
        (page,) = pdf.pages

        assert line_with([page], "附件1").baseline < TOP + 28.95


def test_a_document_without_sections_and_form_prints_the_title_made_for_it():
    with print_sample(sample(sections=[], title="", indicators=[])) as pdf:
        assert "2023年度城区路灯节能改造绩效自评报告" in all_text(pdf)
