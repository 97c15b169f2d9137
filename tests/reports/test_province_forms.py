"""Forms of provinces: a list of columns in the scheme's file is all they need."""

import pytest

from indicators.schemes import SchemeError, load_scheme, parse_scheme, scheme_text
from reports.rendering.column_widths import column_widths
from reports.rendering.form_table import form_table
from reports.rendering.pdf import render_pdf
from tests.reports.printing import sample

BASE = 'extends = "mof-2020@1"\nid = "hill-2024"\nversion = 1\nname = "山区格式"\n'
PROVINCES = ["yunnan-2022", "sichuan-2023"]


def table(ref, document=None):
    return form_table(document or sample(), load_scheme(ref))


def texts(row):
    return [cell.text for cell in row.cells]


def test_sign_value_and_unit_stand_in_columns_of_their_own():
    made = table("yunnan-2022")

    assert made.columns[3:6] == ("指标性质", "指标值", "度量单位")
    first = texts(made.rows[0])
    place = first.index("更换节能灯具数量")
    assert first[place : place + 4] == ["更换节能灯具数量", "≥", "2400", "盏"]


def test_words_as_a_target_are_called_qualitative():
    made = table("yunnan-2022")

    assert any(texts(row)[-7:-5] == ["定性", "健全"] for row in made.rows)


def test_the_grade_stands_in_the_row_of_the_total_where_the_form_has_it():
    assert texts(table("yunnan-2022").rows[-1]) == ["总分", "100", "97.34", "优"]
    assert texts(table("mof-2020").rows[-1]) == ["总分", "100", "97.34", ""]


@pytest.mark.parametrize("ref", ["mof-2020", *PROVINCES])
def test_every_row_fills_the_grid(ref):
    made = table(ref)
    grid = len(made.columns) + 1

    open_spans: list[tuple[int, int]] = []
    for row in (*made.head, *made.rows, *made.remarks):
        width = sum(cell.columns for cell in row.cells)
        carried = sum(columns for columns, _ in open_spans)
        assert width + carried == grid
        open_spans = [(columns, left - 1) for columns, left in open_spans if left > 1]
        open_spans += [
            (cell.columns, cell.rows - 1) for cell in row.cells if cell.rows > 1
        ]


@pytest.mark.parametrize("ref", PROVINCES)
def test_a_wide_form_lies_on_its_side_and_fills_the_sheet(ref):
    made = table(ref)

    assert load_scheme(ref).layout.landscape
    assert sum(column_widths(made, landscape=True)) == pytest.approx(637.8, abs=0.1)
    assert render_pdf(sample(scheme=ref), load_scheme(ref)).startswith(b"%PDF")


def test_texts_under_the_total_have_their_boxes_also_when_empty():
    made = table("sichuan-2023", sample(conclusion="完成较好"))

    assert [texts(row)[0] for row in made.remarks] == [
        "评价结论",
        "存在问题及改进措施",
        "其他需要说明事项",
    ]
    assert texts(made.remarks[0])[1] == "完成较好"
    assert texts(made.remarks[1])[1] == sample().section("problems").text


def test_sources_are_named_as_the_province_names_them():
    labels = [texts(row)[0] for row in table("sichuan-2023").head[3:8]]

    assert labels[:2] == ["年度资金总额", "其中：财政资金"]
    assert "财政专户管理资金" in labels


def test_a_source_that_the_form_has_no_row_for_keeps_a_chinese_name():
    labels = [texts(row)[0] for row in table("sichuan-2023").head]

    assert "财政拨款" in labels
    assert "appropriation" not in labels


@pytest.mark.parametrize("ref", PROVINCES)
def test_a_provinces_file_says_only_what_differs(ref):
    national, provincial = load_scheme("mof-2020"), load_scheme(ref)

    assert len(scheme_text(ref).splitlines()) < 50
    assert provincial.grades == national.grades
    assert provincial.execution == national.execution
    assert not provincial.verified


def test_a_scheme_lies_over_its_base_name_by_name():
    scheme = parse_scheme(f"{BASE}[layout]\nlandscape = true\n")

    assert scheme.layout.landscape
    assert scheme.layout.annex_title == load_scheme("mof-2020").layout.annex_title
    assert scheme.ref == "hill-2024@1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "mof-2020"\nid = "x"', "应为一个评分方案的版本"),
        ('extends = "none@1"\nid = "x"', "应为一个评分方案的版本"),
        ("extends = 3\n", "应为一个评分方案的版本"),
        ('extends = "yunnan-2022@1"\nid = "x"', "本身也有 extends"),
        (f'{BASE}[layout]\ncolumns = [{{key = "level1", title = "甲"}}]', "前三栏应为"),
        (f'{BASE}[layout]\ncolumns = [{{key = "weight", title = "甲"}}]', "之一"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text, message):
    with pytest.raises(SchemeError, match=message):
        parse_scheme(text)
