"""The 自评表 as a workbook: as offices print it, and read back to the same document."""

import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from indicators.schemes import load_scheme
from perfeval.numbers import read_value
from perfeval.workbooks.cell_values import clean_text
from reports.document import (
    Funds,
    FundsRow,
    Goal,
    Indicator,
    People,
    Project,
    ReportDocument,
    Section,
    parse_document,
)
from reports.reading.form import read_form
from reports.rendering.annex_parts import actual_text, execution_ratio, target_text
from reports.rendering.errors import RenderError
from reports.rendering.xlsx import render_xlsx

MOF = load_scheme("mof-2020")
GUANGDONG = load_scheme("guangdong-four")
SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "sports-2022.json"


def row(name="培训场次", **values):
    values = {
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": name,
        "comparator": ">=",
        "target": "50",
        "unit": "场",
        "actual": "48",
        "max_points": Decimal(20),
        "points": Decimal("19.2"),
        "deviation_note": "两场因汛情取消，已顺延",
        **values,
    }
    return Indicator(**values)


ROWS = (
    row(),
    row("参训人数", target="2687", unit="人次", actual="2687", deviation_note=""),
    row("合格率", level2="质量指标", unit="%", target="95", actual="97.5"),
    row(
        "知晓程度",
        level1="效益指标",
        level2="社会效益指标",
        comparator="qualitative",
        target="明显提高",
        unit="",
        actual="达成预期指标",
    ),
)


def document(**values):
    values = {
        "year": 2022,
        "project": Project(
            name="执法培训经费", supervising_department="市司法局", unit="执法监督处"
        ),
        "funds": Funds(
            unit="万元",
            rows=(
                FundsRow(
                    source="total",
                    initial=Decimal("23"),
                    adjusted=Decimal("23"),
                    executed=Decimal("13.32"),
                    ratio=Decimal("0.5791"),
                    max_points=Decimal(10),
                    points=Decimal("5.79"),
                ),
                FundsRow(
                    source="appropriation",
                    initial=Decimal("23"),
                    adjusted=Decimal("23"),
                    executed=Decimal("13.32"),
                    ratio=Decimal("0.5791"),
                ),
            ),
        ),
        "goal": Goal(expected="培训50场", actual="培训48场\n参训2687人次"),
        "sections": (),
        "indicators": ROWS,
        "total": Decimal("92.80"),
        "max_total": Decimal(100),
        "remarks": "年中未调整",
        "people": People(project_leader="张三", finance_leader="李四"),
        **values,
    }
    return ReportDocument(**values)


def sheet_of(data):
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def told(document):
    """Return what a form says of a document: every figure and text, as printed."""
    money = [
        (each.source, each.initial, each.adjusted, each.executed, execution_ratio(each))
        for each in document.funds.rows
        if each.executed is not None
    ]
    total = document.funds.total
    return {
        "year": document.year,
        "project": (
            document.project.name,
            document.project.supervising_department,
            document.project.unit,
        ),
        "money": (
            document.funds.unit,
            money,
            total and (total.max_points, total.points),
        ),
        "goal": (document.goal.expected, document.goal.actual),
        "rows": [
            (
                each.level1,
                each.level2,
                each.level3,
                target_text(each),
                actual_text(each),
                each.max_points,
                each.points,
                each.deviation_note,
            )
            for each in document.indicators
        ],
        "totals": (document.total, document.max_total),
        "remarks": document.remarks,
    }


def test_every_figure_and_text_is_read_back_as_it_was():
    made = document()

    again = read_form(render_xlsx(made, MOF))

    assert told(again) == told(made)
    assert again.reading_notes == ()


def test_the_sample_of_the_specification_is_read_back_as_it_was():
    if not SAMPLE.exists():
        pytest.skip("the specification's samples are not here")
    made = parse_document(SAMPLE.read_text(encoding="utf-8"))

    again = told(read_form(render_xlsx(made, MOF)))

    notes = "\n".join(filter(None, (row.note for row in made.funds.rows)))
    expected = told(made) | {"remarks": "\n".join(filter(None, (made.remarks, notes)))}
    assert again == expected


def test_people_at_the_foot_are_read_back_where_the_scheme_prints_them():
    layout = replace(MOF.layout, people=("project_leader", "finance_leader"))

    again = read_form(render_xlsx(document(), replace(MOF, layout=layout)))

    assert again.people.project_leader == "张三"
    assert again.people.finance_leader == "李四"


def test_the_grid_has_the_merges_of_the_national_form():
    sheet = sheet_of(render_xlsx(document(), MOF))

    merged = {str(each) for each in sheet.merged_cells.ranges}
    # 附件 and title in rows 1 and 2, the year in row 3, 项目名称 in row 4.
    assert {"B4:I4", "B5:E5", "G5:I5"} <= merged
    assert {"A6:A10", "B6:C6", "A11:A12", "B11:E11", "F12:I12"} <= merged
    # 绩效指标 from the head in row 13 to the last of four indicators in row 17.
    assert {"A13:A17", "B14:B16", "C14:C15", "A18:F18"} <= merged
    assert [sheet.cell(13, column).value for column in range(2, 10)] == [
        "一级指标",
        "二级指标",
        "三级指标",
        "年度指标值",
        "实际完成值",
        "分值",
        "得分",
        "偏差原因分析及改进措施",
    ]


def test_it_prints_one_page_wide_with_its_head_on_every_page():
    sheet = sheet_of(render_xlsx(document(), MOF, draft=True))

    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$13:$13"
    assert sheet.print_area == "'自评表'!$A$1:$I$19"
    assert sheet.oddHeader.center.text == "草稿"
    assert sheet.oddFooter.right.text == "— &P —"
    assert sheet.evenFooter.left.text == "— &P —"
    assert sheet["A2"].font.name == "方正小标宋简体"
    assert sheet["D14"].font.name == "宋体"
    edges = sheet["D14"].border
    assert {edges.left.style, edges.right.style, edges.top.style} == {"thin"}


def test_figures_are_numbers_shown_with_the_decimals_that_are_printed():
    sheet = sheet_of(render_xlsx(document(), MOF))

    cells = {name: sheet[name] for name in ("D7", "F7", "H7", "G14", "H14")}
    assert {name: (each.value, each.number_format) for name, each in cells.items()} == {
        "D7": (23, "0.00"),
        "F7": (13.32, "0.00"),
        "H7": (0.5791, "0.00%"),
        "G14": (20, "0"),
        "H14": (19.2, "0.00"),
    }


def test_a_number_of_more_digits_than_a_program_keeps_stays_text():
    exact = Decimal("1234567890123456.78")
    funds = Funds(rows=(FundsRow(source="total", executed=exact),))

    sheet = sheet_of(render_xlsx(document(funds=funds), MOF))

    assert sheet["F7"].value == "1234567890123456.78"


def test_the_score_sheet_of_a_landscape_scheme_is_a_workbook_too():
    made = document(scheme="guangdong-four@1")

    sheet = sheet_of(render_xlsx(made, GUANGDONG))

    texts = [
        str(each.value) for line in sheet.iter_rows() for each in line if each.value
    ]
    assert sheet.title == "评分表"
    assert "得分依据" in texts
    assert "实际完成值：48场\n两场因汛情取消，已顺延" in texts
    assert sheet.page_setup.orientation == (
        "landscape" if GUANGDONG.layout.landscape else "portrait"
    )


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://a.example","点")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "'引号",
        "<script>alert(1)</script>",
        "&amp; <b>粗</b>",
        "_x0041_",
        "_x000D_",
        "第一行\n第二行",
        "制表\t符",
        "😀👨‍👩‍👧",
        "𠮷𡈽𬺰",
        "㊣①²",
        "0012345678901234567890",
        "1/2",
        "1E5",
        "2022-03-01",
        "TRUE",
        "#REF!",
        "{总分}",
        "%d %s",
        "甲" * 10_000,
        "a" * 10_000,
    ],
)
def test_hostile_text_stands_in_its_cell_as_text(text):
    made = document(indicators=(row(deviation_note=text), *ROWS[1:]))

    data = render_xlsx(made, MOF)
    cell = sheet_of(data)["I14"]

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
    assert cell.data_type == "s"
    # The reader leaves out what other programs leave behind: zero-width marks, _x000D_.
    assert read_form(data).indicators[0].deviation_note == clean_text(text)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("坏\x07字", "U+0007"),
        ("右\u202e左", "U+202E"),
        ("零\u200f宽", "U+200F"),
        ("尾\ufffe", "U+FFFE"),
        ("长" * 32_768, "超过 Excel 单元格的 32767 字"),
    ],
    ids=["control", "override", "right-to-left mark", "no character", "too long"],
)
def test_what_a_cell_cannot_hold_is_refused_with_its_place(text, because):
    made = document(indicators=(row(deviation_note=text), *ROWS[1:]))

    with pytest.raises(RenderError, match=re.escape(because)):
        render_xlsx(made, MOF)


def test_a_section_cannot_stand_against_a_form_that_does_not_print_it():
    made = document(sections=(Section(key="basics", title="概况", text="坏\x07"),))

    assert render_xlsx(made, MOF)


def test_a_text_taller_than_a_row_of_excel_takes_several_and_is_read_once():
    long = "甲" * 10_000
    made = document(indicators=(ROWS[0], row("长", deviation_note=long), *ROWS[1:]))
    made = replace(made, goal=replace(made.goal, actual="乙" * 10_000))

    data = render_xlsx(made, MOF)
    again = read_form(data)

    sheet = sheet_of(data)
    heights = [each.height for each in sheet.row_dimensions.values() if each.height]
    merged = {str(each) for each in sheet.merged_cells.ranges}
    assert max(heights) <= 409
    assert sum(heights) > 15 * 10_000 / 12
    assert told(again) == told(made)
    assert any(each.startswith("I") and ":I" in each for each in merged)


def test_a_document_with_nothing_in_it_is_an_empty_form():
    data = render_xlsx(ReportDocument(sections=()), MOF)

    assert sheet_of(data)["A2"].value == "项目支出绩效自评表"
    assert read_form(data).indicators == ()


def test_material_without_a_form_has_no_workbook():
    with pytest.raises(RenderError, match="不含项目支出绩效自评表"):
        render_xlsx(document(parts=("report",)), MOF)


def test_a_long_form_keeps_every_row_and_its_level_labels():
    many = tuple(
        row(f"指标{n:03}", level2=f"数量指标{n // 50}", target=str(n + 1))
        for n in range(200)
    )

    again = read_form(render_xlsx(document(indicators=many), MOF))

    assert [each.level3 for each in again.indicators] == [each.level3 for each in many]
    assert {read_value(each.target or "") for each in again.indicators} == {
        read_value(str(n + 1)) for n in range(200)
    }


@pytest.mark.parametrize("scheme", ["yunnan-2022", "sichuan-2023"])
def test_a_provinces_form_is_read_back_as_it_was(scheme):
    province = load_scheme(scheme)
    unit = province.money_unit
    funds = replace(document().funds, unit=unit)
    made = document(funds=funds, remarks="")

    again = read_form(render_xlsx(made, province))

    assert told(again) == told(made)
