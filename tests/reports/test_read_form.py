"""Forms of many provinces become documents; what is not sure is noted by its cell."""

import copy
import datetime
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from perfeval.workbooks import archive
from reports.document import document_from_json, document_to_json
from reports.reading.files import ReadingError
from reports.reading.form import read_form
from tests.reports import form_workbooks
from tests.reports.form_workbooks import NATIONAL, YUNNAN, saved, workbook

ROOT = Path(__file__).parents[2]
FORMS = ROOT / "tests" / "data" / "forms"
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SHEET = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DIMENSION = rb"<dimension[^>]*/>"
LAYOUTS = sorted(each.stem for each in FORMS.glob("*.json"))
HEADS = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]


def expected(name):
    return json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))


def layout(name):
    return getattr(form_workbooks, name.upper())


def table(*rows, head=HEADS):
    """Return the document of a form that consists of these rows of indicators."""
    return read_form(workbook([["项目名称", "甲项目"], head, *map(list, rows)]))


def one(*cells, head=HEADS):
    """Return the only indicator of a form, and the notes by cell."""
    document = table(["产出指标", "数量指标", "甲", *cells], head=head)
    (indicator,) = document.indicators
    notes = {
        each.where.partition("!")[2]: (each.original, each.reason)
        for each in document.reading_notes
    }
    return indicator, notes


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook with a part's XML changed, as other programs write it."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            after.writestr(name, content)
    return stream.getvalue()


def repacked(change, data: bytes) -> bytes:
    """Return a workbook with its parts {name: XML} changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        parts = {name: before.read(name) for name in before.namelist()}
        for name, content in change(parts).items():
            after.writestr(name, content)
    return stream.getvalue()


def in_sheet(pattern: bytes, text: bytes):
    """Return a change of the first sheet's XML."""

    def change(parts):
        content, count = re.subn(pattern, text, parts[SHEET])
        assert count
        return {**parts, SHEET: content}

    return change


def everywhere(*pairs):
    """Return a change of names and XML of all parts."""

    def change(parts):
        for old, new in pairs:
            assert any(old in name.encode() + each for name, each in parts.items())
            parts = {
                name.replace(old.decode(), new.decode()): each.replace(old, new)
                for name, each in parts.items()
            }
        return parts

    return change


def shared_with_phonetics(parts):
    """Write all text as rich runs of shared strings, their reading beside them."""
    items = []

    def take(found):
        place, text = found.groups()
        items.append(
            b'<si><r><rPr><sz val="9"/></rPr><t>%s</t></r><r><t/></r>' % text
            + b'<rPh sb="0" eb="1"><t>PINYIN</t></rPh><phoneticPr fontId="1"/></si>'
        )
        return b'<c r="%s" t="s"><v>%d</v></c>' % (place, len(items) - 1)

    text = rb'<c r="(\w+)" t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
    sheet = re.sub(text, take, parts[SHEET])
    relation = (
        b'<Relationship Id="rId9" Target="sharedStrings.xml" Type="http://schemas.'
        b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
    )
    name = "xl/_rels/workbook.xml.rels"
    return {
        **parts,
        SHEET: sheet,
        "xl/SharedStrings.xml": b'<sst xmlns="%s">%s</sst>' % (MAIN, b"".join(items)),
        name: parts[name].replace(b"</Rel", relation + b"</Rel"),
    }


def with_cells(rows: bytes) -> bytes:
    """Return a national form with rows of XML at its end."""
    data = workbook(NATIONAL)
    return changed(
        data, "xl/worksheets/sheet1.xml", b"</sheetData>", rows + b"</sheetData>"
    )


def refusal(data: bytes, name: str = "表.xlsx", sheet: str = "") -> str:
    with pytest.raises(ReadingError) as caught:
        read_form(data, name, sheet)
    return str(caught.value)


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_gives_what_was_filled_in(name):
    document = read_form(workbook(layout(name)))

    written = document_to_json(document)
    jsonschema.validate(written, SCHEMA)
    assert written == expected(name)
    assert document_from_json(written) == document


@pytest.mark.parametrize(
    ("file", "name"),
    [("national.xls", "national"), ("yunnan-libreoffice.xlsx", "yunnan")],
)
def test_files_saved_by_libreoffice_read_the_same(file, name):
    document = read_form((FORMS / file).read_bytes(), file)

    assert document_to_json(document) == expected(name)


@pytest.mark.parametrize(
    "change",
    [
        in_sheet(DIMENSION, b""),
        in_sheet(DIMENSION, b'<dimension ref="A1"/>'),
        in_sheet(DIMENSION, b'<dimension ref="A1:XFD1048576"/>'),
        in_sheet(
            rb"<is><t>(.*?)</t></is>",
            rb'<is><r><t>\1</t></r><rPh sb="0" eb="1"><t>PY</t></rPh></is>',
        ),
        in_sheet(
            b"</sheetData>",
            b'<row r="90"><c r="A90" t="str"><f>_xlfn.IFS(A1=1,"a")</f><v>9</v></c>'
            b"</row></sheetData>",
        ),
        in_sheet(b"<worksheet ", b'<worksheet xmlns:etc="http://www.wps.cn/etc" '),
        shared_with_phonetics,
        everywhere((b'Target="styles', b'Target="/xl/styles')),
        everywhere((b'Target="/xl/worksheets', b'Target="worksheets')),
        everywhere((b"worksheets/sheet1.xml", b"worksheets/Sheet1.XML")),
        lambda parts: {**parts, "xl/Styles.xml": parts.pop("xl/styles.xml")},
        lambda parts: {
            **parts,
            "[content_types].xml": parts.pop("[Content_Types].xml"),
        },
        everywhere(
            (MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
            (OFFICE, b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ),
        everywhere((b"<workbookPr/>", b'<workbookPr date1904="1"/>')),
    ],
    ids=[
        *("no dimension", "short dimension", "whole dimension", "rich inline text"),
        *("new function", "names of WPS", "shared text with phonetics"),
        *("paths from the root", "paths from the book", "sheet in capitals"),
        *("styles in capitals", "content types in small", "strict", "days from 1904"),
    ],
)
def test_a_form_reads_the_same_however_its_program_writes_it(change):
    form = workbook(NATIONAL)

    document = read_form(repacked(change, form))

    assert document_to_json(document) == document_to_json(read_form(form))


@pytest.mark.parametrize(
    "change",
    [
        in_sheet(DIMENSION, b'<dimension ref="#REF!"/>'),
        everywhere((b"/xl/worksheets", b"./worksheets")),
        lambda parts: {name: each for name, each in parts.items() if name != SHEET},
        lambda parts: {**parts, SHEET: parts[SHEET].decode().encode("utf-16")},
    ],
    ids=["dimension", "path", "no sheet", "encoding"],
)
def test_a_form_that_cannot_be_followed_is_to_be_saved_again(change):
    form = workbook(NATIONAL)

    answer = refusal(repacked(change, form))

    assert "请用 WPS 或 Excel 打开后重新保存" in answer


def test_the_form_is_found_behind_a_sheet_of_instructions():
    data = workbook(填表说明=form_workbooks.INSTRUCTIONS, 自评表=NATIONAL)

    assert document_to_json(read_form(data)) == expected("national")


def test_a_blank_form_beside_the_filled_one_is_passed_over():
    data = workbook(空表=form_workbooks.UNFILLED, 自评表=NATIONAL)
    emptied = workbook(空表=[["项目名称"], HEADS, ["产出指标"]], 自评表=NATIONAL)

    assert read_form(data).project.name == "农村公路日常养护"
    assert read_form(emptied).project.name == "农村公路日常养护"


def test_of_several_forms_none_is_guessed_but_one_may_be_named():
    data = workbook(养护=NATIONAL, 送戏=YUNNAN)

    message = refusal(data)
    assert "2 张自评表" in message
    assert "“养护”（农村公路日常养护）、“送戏”（送戏下乡补助）" in message
    assert "--sheet" in message
    assert read_form(data, sheet="送戏").project.name == "送戏下乡补助"
    assert "“养护”、“送戏”" in refusal(data, sheet="没有")


def test_two_forms_on_one_sheet_are_refused_with_their_names():
    stacked = workbook(表=[*NATIONAL, [], *YUNNAN])
    beside = workbook(表=[["项目名称", "甲"], [*HEADS, *HEADS]])

    assert "农村公路日常养护" in refusal(stacked)
    assert "送戏下乡补助" in refusal(stacked)
    assert "单独存为一个文件" in refusal(stacked)
    assert "并排放着两张表" in refusal(beside)


def test_a_list_of_many_projects_is_no_form():
    data = workbook(指标=[["项目编码", "项目名称", *HEADS], ["1", "甲", "产出指标"]])

    assert "“指标”是一行一个项目的指标清单" in refusal(data)


def test_a_hidden_form_is_read_only_where_there_is_no_other():
    book = openpyxl.load_workbook(
        io.BytesIO(
            workbook(说明=form_workbooks.INSTRUCTIONS, 去年=NATIONAL, 今年=YUNNAN)
        )
    )
    book["去年"].sheet_state = "hidden"
    both = saved(book)
    del book["今年"]

    only = read_form(saved(book))

    assert read_form(both).project.name == "送戏下乡补助"
    assert only.project.name == "农村公路日常养护"
    assert [each.reason for each in only.reading_notes] == [
        "这张工作表被隐藏，已照常读入"
    ]


def test_hidden_rows_are_read_and_noted():
    book = openpyxl.load_workbook(io.BytesIO(workbook(NATIONAL)))
    book["Sheet1"].row_dimensions[14].hidden = True
    book["Sheet1"].row_dimensions[900].hidden = True

    document = read_form(saved(book))

    assert len(document.indicators) == 7
    assert [(n.where, n.reason) for n in document.reading_notes] == [
        ("Sheet1!第 14 行", "这些行被隐藏，已照常读入")
    ]


@pytest.mark.parametrize(
    ("written", "comparator", "target", "unit"),
    [
        (50, None, "50", ""),
        ("50个", None, "50", "个"),
        ("≥５０个", ">=", "50", "个"),
        ("≧1,200.50元", ">=", "1200.50", "元"),
        ("═100%", "=", "100", "%"),
        ("＜5%", "<", "5", "%"),
        ("不超过二十三万元", "<=", "23", "万元"),
        ((0.965, "0.00%"), None, "96.5", "%"),
        ((50, '"≥"0"个"'), ">=", "50", "个"),
        ("90-95%", None, "90-95%", ""),
        ("≤2021年12月31日", "<=", "2021年12月31日", ""),
        (datetime.date(2021, 12, 31), None, "2021年12月31日", ""),
        ("效果明显", "qualitative", "效果明显", ""),
        ("约50", "qualitative", "约50", ""),
        ("≥", ">=", None, ""),
        ("—", None, None, ""),
        ("/", None, None, ""),
        (None, None, None, ""),
    ],
)
def test_a_target_is_a_number_without_sign_and_unit_or_the_words(
    written, comparator, target, unit
):
    indicator, notes = one(written, "1", 10, 10)

    assert (indicator.comparator, indicator.target, indicator.unit) == (
        comparator,
        target,
        unit,
    )
    assert notes == {}


@pytest.mark.parametrize(
    ("sign", "written", "unit", "result", "noted"),
    [
        ("≥", "50", "个", (">=", "50", "个"), False),
        ("≥", "≥50个", "个", (">=", "50", "个"), False),
        ("大于等于", "50", None, (">=", "50", ""), False),
        ("定性", "健全", None, ("qualitative", "健全", ""), False),
        ("反向", "3", "天", ("<=", "3", "天"), False),
        ("定量", "≤3天", None, ("<=", "3", "天"), False),
        ("≥", "约50", "个", (">=", "约50", "个"), False),
        ("═", "效果明显", None, ("qualitative", "效果明显", ""), False),
        ("≤", "≥50", "个", ("<=", "≥50", "个"), True),
        ("≥", "50%", "个", (">=", "50%", "个"), True),
        ("若干", "50", "个", (None, "50", "个"), True),
    ],
)
def test_signs_and_units_of_their_own_columns_meet_those_in_the_target(
    sign, written, unit, result, noted
):
    head = [
        "一级指标",
        "二级指标",
        "三级指标",
        "指标性质",
        "指标值",
        "度量单位",
        "得分",
    ]

    indicator, notes = one(sign, written, unit, 5, head=head)

    assert (indicator.comparator, indicator.target, indicator.unit) == result
    assert bool(notes) == noted


@pytest.mark.parametrize(
    ("written", "actual", "unit"),
    [
        (48, "48", ""),
        (48.0, "48", ""),
        ("48个", "48个", ""),
        (0.1 + 0.2, "0.3", ""),
        ((0.965, "0.00%"), "96.5", "%"),
        ((1.25, "0%"), "125", "%"),
        ("96.5％", "96.5％", ""),
        ("部分达成", "部分达成", ""),
        ("——", None, ""),
        (0, "0", ""),
    ],
)
def test_an_actual_value_comes_back_as_written(written, actual, unit):
    indicator, _ = one("完成", written, 10, 10)

    assert (indicator.actual, indicator.unit) == (actual, unit)


def test_a_percent_cell_keeps_its_sign_where_the_target_counts_in_another_unit():
    indicator, _ = one("≥50个", (0.9, "0%"), 10, 10)

    assert (indicator.unit, indicator.actual) == ("个", "90%")


def test_a_day_that_excel_made_of_a_fraction_is_noted_with_its_cell():
    halved = (datetime.date(2024, 1, 2), 'm"月"d"日"')

    indicator, notes = one("1", halved, halved, 10)

    assert indicator.actual == "1月2日"
    assert indicator.max_points is None
    assert notes["E3"][0] == "1/2"
    assert "当成了日期" in notes["E3"][1]
    assert "F3" in notes


def test_errors_and_results_that_were_not_saved_are_null_and_noted():
    data = workbook(
        [["项目名称", "甲"], HEADS, ["产出指标", "数量指标", "甲", "5", "x", 10, "y"]]
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Sheet1"]["E3"] = "=A1/0"
    book["Sheet1"]["G3"] = "#REF!"
    book["Sheet1"]["G3"].data_type = "e"

    document = read_form(saved(book))

    assert document.indicators[0].actual is None
    assert document.indicators[0].points is None
    assert [(n.code, n.where, n.original) for n in document.reading_notes] == [
        ("result-missing", "Sheet1!E3", ""),
        ("result-missing", "Sheet1!G3", "#REF!"),
    ]


def test_a_computed_cell_is_read_as_it_is_shown_and_money_as_it_is():
    shown = {"D3": 0.579130434782609, "E3": 5.79130434782609, "C3": 13.32049}
    rows = [
        ["资金（万元）", "全年预算数", "全年执行数", "执行率", "得分"],
        [],
        ["年度资金总额", 23, 1.5, (1.5, "0.00%"), (1.5, "0.00")],
        HEADS,
        ["产出指标", "数量指标", "甲", "1", "1", 10, 10],
    ]
    data = workbook(rows)
    for cell, value in shown.items():
        style = b' s="1"' if cell == "D3" else b' s="2"' if cell == "E3" else b""
        start = f'<c r="{cell}"'.encode() + style + b' t="n">'
        data = changed(
            data,
            "xl/worksheets/sheet1.xml",
            start + b"<v>1.5</v>",
            start + f"<f>A1*1</f><v>{value}</v>".encode(),
        )

    (total,) = read_form(data).funds.rows

    assert (total.ratio, total.points) == (Decimal("0.5791"), Decimal("5.79"))
    assert total.executed == Decimal("13.32049")


def test_a_long_code_is_text_and_a_numeric_one_is_noted_as_damaged():
    def code_of(written):
        document = read_form(workbook([["项目编码", written], HEADS, ["产出指标"]]))
        return document.project.code, [n.where for n in document.reading_notes]

    assert code_of("440799220000000000017") == ("440799220000000000017", [])
    assert code_of(123456789012345) == ("123456789012345", [])
    assert code_of(440799220000000000017) == ("440799220000000000000", ["Sheet1!B1"])
    assert code_of("4.40799E+20") == ("4.40799E+20", ["Sheet1!B1"])


@pytest.mark.parametrize(
    ("heading", "written", "unit", "amount"),
    [
        ("项目资金（万元）", 13.32, "万元", "13.32"),
        ("项目资金（元）", "133,200.00", "元", "133200.00"),
        ("项目资金 单位：元", 133200, "元", "133200"),
        ("项目资金（万元）", "133200元", "万元", "13.3200"),
        ("项目资金", "13.32万元", "万元", "13.32"),
        ("项目资金（亿元）", 0.5, "万元", "5000"),
    ],
)
def test_money_is_in_the_unit_that_the_form_says(heading, written, unit, amount):
    rows = [
        [heading, "全年预算数", "全年执行数"],
        ["年度资金总额", written, written],
        HEADS,
        ["产出指标"],
    ]

    document = read_form(workbook(rows))

    assert document.funds.unit == unit
    assert str(document.funds.rows[0].executed) == amount
    assert document.reading_notes == ()


def test_money_without_a_unit_and_words_for_money_are_noted():
    rows = [
        ["项目资金", "全年预算数", "全年执行数", "执行率"],
        ["年度资金总额", 23, "约13", 57.91],
        ["引导资金", 23, 13, 0.57],
        HEADS,
        ["产出指标"],
    ]

    document = read_form(workbook(rows))

    total, unknown = document.funds.rows
    assert (document.funds.unit, total.executed) == ("万元", None)
    assert (total.ratio, unknown.ratio) == (Decimal("0.5791"), Decimal("0.5700"))
    assert unknown.source == "other"
    assert [n.where for n in document.reading_notes] == [
        "Sheet1!C1",
        "Sheet1!C2",
        "Sheet1!D2",
        "Sheet1!A3",
    ]


@pytest.mark.parametrize("above", [True, False])
def test_figures_beside_their_names_are_the_total_above_or_below_the_table(above):
    funds = [
        ["项目资金（万元）", "全年预算数", 23, "全年执行数", 13.32, "执行率", "57.91%"],
        ["项目概况", "全年预算23万元，已支出13.32万元"],
    ]
    indicators = [HEADS, ["产出指标", "数量指标", "甲", "1", "1", 90, 90], ["总分"]]

    document = read_form(
        workbook([*funds, *indicators] if above else [*indicators, *funds])
    )

    (total,) = document.funds.rows
    assert (total.source, total.label) == ("total", "项目资金（万元）")
    assert (total.adjusted, total.executed) == (Decimal(23), Decimal("13.32"))
    assert total.ratio == Decimal("0.5791")
    assert len(document.indicators) == 1


def test_the_funds_end_where_something_else_begins():
    rows = [
        ["项目资金", "全年预算数（万元）", "全年执行数", "备注"],
        ["年度资金总额", 23, 13.32, "年中调减（30000元）"],
        ["项目概况", "新建"],
        HEADS,
        ["产出指标"],
    ]

    document = read_form(workbook(rows))

    assert document.funds.unit == "万元"
    assert [each.label for each in document.funds.rows] == ["年度资金总额"]


def test_values_are_kept_where_they_are_wrong():
    rows = [["产出指标（50分）", "数量指标", "甲", "≥50个", "80", 60, 70]]

    document = table(*rows, ["总分", None, None, None, None, 99, 12])

    assert document.indicators[0].points == 70
    assert (document.max_total, document.total) == (99, 12)
    assert document.grade is None


def test_a_row_without_name_is_kept_with_a_note_and_an_unused_one_left_out():
    document = table(
        ["产出指标", "数量指标", None, "5", "6", 10, 10],
        ["产出指标", "质量指标", None, None, None, None, None],
        ["产出指标", "质量指标", "无", "/", "—", 0, 0],
        ["产出指标", "时效指标", "小计", None, None, 10, 10],
        ["产出指标", "成本指标", None, None, None, 10, None],
    )

    assert [(i.level3, i.target) for i in document.indicators] == [("", "5")]
    assert [n.where for n in document.reading_notes] == ["Sheet1!C3", "Sheet1!F7"]


def test_points_merged_over_several_rows_count_once_and_are_noted():
    document = table(
        ["产出指标", "数量指标", "甲", "5", "5", 10, 10],
        ["^", "^", "乙", "6", "6", "^", "^"],
    )

    assert [each.points for each in document.indicators] == [10, None]
    assert [each.level2 for each in document.indicators] == ["数量指标"] * 2
    assert [n.where for n in document.reading_notes] == ["Sheet1!F3", "Sheet1!G3"]


@pytest.mark.parametrize(
    ("rows", "year"),
    [
        ([["二〇二一年度项目支出绩效自评表"]], 2021),
        ([["项目支出绩效自评表"], ["（ 2022 年度）", None, "单位：万元"]], 2022),
        ([["项目支出绩效自评表"], ["评价年度：2023"]], 2023),
        ([["自评年度", 2020], ["2022年度项目支出绩效自评表"]], 2020),
        ([["项目支出绩效自评表"], ["填报日期：2022年3月15日"]], None),
        ([["项目名称", "2019年危房改造"]], None),
    ],
)
def test_the_year_is_that_of_the_field_the_title_or_the_line_below(rows, year):
    document = read_form(workbook([*rows, HEADS, ["产出指标", None, "甲", "1"]]))

    assert document.year == year


def test_sign_number_and_unit_in_cells_below_one_heading_are_joined():
    head = [*HEADS[:3], "年度指标值", "<", "<", "实际完成值", "分值", "得分"]

    indicator, _ = one("≥", 50, "个", 48, 10, 9.6, head=head)

    assert (indicator.comparator, indicator.target, indicator.unit) == (
        ">=",
        "50",
        "个",
    )
    assert indicator.actual == "48"


def test_an_adjusted_target_keeps_the_one_before():
    head = [*HEADS[:3], "年初指标值", "调整后指标值", "实际完成值", "得分"]

    indicator, _ = one("50", "40", "40", 10, head=head)

    assert (indicator.target_before, indicator.target) == ("50", "40")


@pytest.mark.parametrize(
    ("row", "totals"),
    [
        (["总分", *["<"] * 4, 100, 96], (100, 96, None)),
        (["总分", *["<"] * 5, 96], (None, 96, None)),
        (["总 分", *["<"] * 5, 100, 96, "优"], (100, 96, "优")),
        (["总分：96分"], (None, 96, None)),
        (["合计", None, None, None, None, 100, "96分", "良好"], (100, 96, "良")),
        (["自评总分", 96, "自评等级", "优"], (None, 96, "优")),
    ],
)
def test_the_row_of_totals_is_read_however_it_is_merged(row, totals):
    document = table(["产出指标", "数量指标", "甲", "1", "1", 90, 90], row)

    assert (document.max_total, document.total, document.grade) == totals
    assert len(document.indicators) == 1


def test_a_goal_ends_with_its_own_row():
    rows = [
        ["年度总体目标", "预期目标", "<", "实际完成情况"],
        ["^", "改造三个小区", "<", "全部完成"],
        [],
        [None, "另有说明"],
        HEADS,
        ["产出指标", "数量指标", "甲", "1", "1", 90, 90],
        [None, "填报人：王芳", None, "联系电话：0571"],
    ]

    document = read_form(workbook(rows))

    assert document.goal.expected == "改造三个小区"
    assert document.goal.actual == "全部完成"
    assert (document.people.filler, document.people.phone) == ("王芳", "0571")


@pytest.mark.parametrize("label", ["总体目标完成情况", "年度总体目标"])
def test_without_headings_the_goal_is_the_plan_and_then_what_was_done(label):
    rows = [
        [label, "年初设定目标：开放3000小时", "<", "全年开放3120小时", "<", 10],
        HEADS,
        ["产出指标", "数量指标", "甲", "1", "1", 90, 90],
    ]

    document = read_form(workbook(rows))

    assert document.goal.expected == "年初设定目标：开放3000小时"
    assert document.goal.actual == "全年开放3120小时"


def test_a_goal_in_rows_of_its_own_is_the_plan_and_below_it_what_was_done():
    rows = [
        ["年度总体目标", "开放3000小时"],
        ["总体目标完成情况", "全年开放3120小时"],
        HEADS,
        ["产出指标", "数量指标", "甲", "1", "1", 90, 90],
    ]

    document = read_form(workbook(rows))

    assert document.goal.expected == "开放3000小时"
    assert document.goal.actual == "全年开放3120小时"
    assert document.reading_notes == ()


def test_goals_are_numbered_where_a_form_has_several():
    rows = [
        ["年度绩效目标", "预期目标", None, "实际完成情况"],
        ["目标1（60%）", "建十座桥", None, "建成九座"],
        ["目标2（40%）", "修五条路", None, "全部修完"],
        ["目标1", *HEADS],
        ["目标1", "产出指标", "数量指标", "桥", "10", "9", 60, 54],
        ["目标2", "产出指标", "数量指标", "路", "5", "5", 40, 40],
    ]

    document = read_form(workbook(rows))

    assert [(g.expected, g.actual) for g in document.goals] == [
        ("建十座桥", "建成九座"),
        ("修五条路", "全部修完"),
    ]
    assert [each.goal for each in document.indicators] == [0, 1]


def test_ten_thousand_empty_rows_and_a_far_formatted_cell_change_nothing():
    book = openpyxl.load_workbook(io.BytesIO(workbook(NATIONAL)))
    bold = Font(bold=True)
    for row in range(60, 10_060):
        book["Sheet1"].cell(row, 9).font = bold
    book["Sheet1"]["XFD1048576"].font = bold

    assert document_to_json(read_form(saved(book))) == expected("national")


def test_a_sheet_of_data_beside_the_form_is_passed_over():
    far = b'<row r="60000"><c r="XFD60000"><v>1</v></c></row>'
    data = workbook(NATIONAL, [["明细"]])
    crowded = changed(
        data, "xl/worksheets/sheet2.xml", b"</sheetData>", far + b"</sheetData>"
    )

    assert document_to_json(read_form(crowded)) == expected("national")
    assert "“Sheet1”内容太多" in refusal(with_cells(far))


@pytest.mark.parametrize(
    ("name", "data", "answer"),
    [
        ("空.xlsx", b"", "空的"),
        ("表.csv", "一级指标,二级指标,三级指标\n".encode(), "WPS 中点"),
        ("表.et", OLE + "Workbook".encode("utf-16-le"), "WPS 表格文件（.et）"),
        ("表.xls", b"<html><table>", "网页文件"),
        ("表.xls", b'<?xml version="1.0"?><Workbook/>', "XML 文件"),
        ("密.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("坏.xls", OLE + "Workbook".encode("utf-16-le"), "损坏"),
        ("文.doc", OLE + "WordDocument".encode("utf-16-le"), "read_report"),
        ("文.wps", OLE + "WordDocument".encode("utf-16-le"), "read_report"),
        ("坏.xlsx", b"PK\x03\x04 broken", "损坏"),
        ("版.pdf", b"%PDF-1.7\n", "PDF"),
        ("无.xlsx", workbook([["一", "二"]]), "没有找到自评表"),
    ],
)
def test_what_is_no_form_is_answered_with_the_way_out(name, data, answer):
    message = refusal(data, name)

    assert answer in message
    assert "\n" not in message


def test_dangerous_workbooks_are_refused(monkeypatch):
    part = "xl/worksheets/sheet1.xml"
    declared = changed(
        workbook(NATIONAL), part, b"<worksheet", b"<!DOCTYPE w []><worksheet"
    )
    wide = changed(
        workbook(NATIONAL),
        part,
        b"<mergeCells",
        b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><mergeCells',
    )
    broken = changed(workbook(NATIONAL), part, b"</sheetData>", b"</sheetDate>")
    foreign = changed(
        workbook(NATIONAL),
        part,
        b"<worksheet",
        b'<?xml version="1.0" encoding="OTF-8"?><worksheet',
    )
    stream = io.BytesIO(workbook(NATIONAL))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("xl/vbaProject.bin", "x")

    assert "DTD" in refusal(declared)
    assert "宏" in refusal(stream.getvalue())
    assert "损坏" in refusal(broken)
    assert "损坏" in refusal(foreign)
    assert "内容太多" in refusal(wide)
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 10_000)
    assert "100 MB" in refusal(workbook(NATIONAL))


WORDS = [
    *HEADS, "<", "^", "总分", "项目名称", "预期目标", "实际完成情况", "≥5个",
    "全年预算数", "全年执行数", "年度资金总额", "目标1（40分）", "复核得分", "指标性质",
    "填报人：张三 电话：", "2021年", "（万元）", "评分标准",
]  # fmt: skip
cells = (
    st.none()
    | st.sampled_from(WORDS)
    | st.text(max_size=6)
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(datetime.date(1901, 1, 1))
    | st.tuples(st.floats(0, 2), st.sampled_from(["0%", '0"个"', "m/d", "0.00"]))
)


def clean(value):
    """Less what no XML may hold, and < and ^, which mean merged cells here."""
    if not isinstance(value, str):
        return value
    return "".join(filter(str.isprintable, value)).strip("<^")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    grid=st.lists(st.lists(cells, max_size=9), max_size=12),
    head=st.permutations(HEADS),
    keep=st.integers(3, 7),
)
def test_any_grid_is_read_or_refused(grid, head, keep):
    rows = [[clean(each) for each in row] for row in grid]
    rows.insert(len(rows) // 2, list(head[:keep]))

    try:
        document = read_form(workbook(rows))
    except ReadingError:
        return

    jsonschema.validate(document_to_json(document), SCHEMA)


@settings(max_examples=60, deadline=None)
@given(
    row=st.integers(0, len(NATIONAL) - 1),
    column=st.integers(0, 8),
    value=cells.map(clean),
)
def test_one_strange_cell_in_a_form_stops_nothing(row, column, value):
    rows = copy.deepcopy(NATIONAL)
    rows[row] = [*rows[row][:column], value, *rows[row][column + 1 :]]

    try:
        document = read_form(workbook(rows))
    except ReadingError:
        return

    jsonschema.validate(document_to_json(document), SCHEMA)


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
@pytest.mark.parametrize("file", ["national.xls", "yunnan-libreoffice.xlsx"])
def test_a_damaged_file_is_read_or_refused(file, place, value):
    data = bytearray((FORMS / file).read_bytes())
    data[int(place * len(data))] = value

    try:
        document = read_form(bytes(data), file)
    except ReadingError:
        return

    jsonschema.validate(document_to_json(document), SCHEMA)


def run(*arguments, stdin: bytes = b""):
    """Run the command as a user does, with a database that can't be reached."""
    return subprocess.run(
        [sys.executable, "manage.py", "read_form", *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        env={
            **os.environ,
            "PERFEVAL_DEBUG": "1",
            "DATABASE_URL": "postgres://nobody@localhost:1/none",
        },
        check=False,
    )


def test_the_command_prints_the_document_and_nothing_else(tmp_path):
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(workbook(养护=NATIONAL, 送戏=YUNNAN))

    done = run(path, "--sheet", "养护")
    again = run("-", stdin=done.stdout)

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == expected("national")
    assert again.stdout == done.stdout


def test_the_command_refuses_in_one_line_with_exit_code_2(tmp_path):
    path = tmp_path / "自评表.csv"
    path.write_text("一级指标,二级指标")

    refused = [run(path), run(tmp_path / "没有.xlsx"), run()]

    for done in refused:
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode().count("\n") == 1
    assert "另存为" in refused[0].stderr.decode()
