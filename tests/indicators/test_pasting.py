"""Blocks copied from Excel or WPS, and targets as people write them."""

import pytest

from indicators.pasting import PasteError, cells_of, read_block
from indicators.target_entry import understand


@pytest.mark.parametrize(
    ("text", "comparator", "unit", "entry"),
    [
        ("≥50个", ">=", "", (">=", "50", "个")),
        ("≤90万元", ">=", "", ("<=", "90", "万元")),
        ("不超过 1,200 元", ">=", "", ("<=", "1200", "元")),
        ("50个以上", "qualitative", "", (">=", "50", "个")),
        ("９５％", ">=", "个", (">=", "95", "%")),
        ("2021年12月底前", ">=", "", ("<=", "2021年12月底前", "")),
        ("效果明显", ">=", "", ("qualitative", "效果明显", "")),
        ("12", "qualitative", "", (">=", "12", "")),
        ("12", "<=", "天", ("<=", "12", "天")),
        ("90-95%", "", "", (">=", "90-95%", "%")),
        ("约50", ">=", "场", (">=", "约50", "场")),
        ("≥", "", "场", (">=", "", "场")),
        ("按细则", "rubric", "", ("rubric", "按细则", "")),
        ("", "<=", "个", ("<=", "", "个")),
    ],
)
def test_a_target_is_split_into_sign_number_and_unit(text, comparator, unit, entry):
    read = understand(text, comparator, unit)

    assert (read.comparator, read.target, read.unit) == entry


def test_cells_keep_line_ends_and_quotes_as_excel_copies_them():
    text = '甲\t"第一行\n第二行"\t"他说""好"""\r\n"乙"\t\t3\r\n'

    assert cells_of(text) == [
        ["甲", "第一行\n第二行", '他说"好"'],
        ['"乙"', "", "3"],
    ]


def test_merged_levels_are_carried_down_and_weights_taken_off_them():
    block = "\n".join(
        [
            "2024年渡口防汛项目自评表",
            "一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分",
            "产出指标（50分）\t数量指标\t清淤长度\t≥12公里\t12\t20\t20",
            "\t\t储备沙袋\t≥8000个\t8100\t10\t10",
            "\t时效指标\t完工时间\t2024年6月底前\t\t20\t",
            "效益指标\t生态效益指标\t\t\t\t\t",
            "\t社会效益指标\t群众安全感\t明显提升\t\t30\t",
            "总分\t\t\t\t\t100\t96",
        ]
    )

    pasted = read_block(block)

    names = ("level1", "level2", "level3", "comparator", "target", "unit", "max_points")
    assert [tuple(row[name] for name in names) for row in pasted.rows] == [
        ("产出指标", "数量指标", "清淤长度", ">=", "12", "公里", "20"),
        ("产出指标", "数量指标", "储备沙袋", ">=", "8000", "个", "10"),
        ("产出指标", "时效指标", "完工时间", "<=", "2024年6月底前", "", "20"),
        ("效益指标", "社会效益指标", "群众安全感", "qualitative", "明显提升", "", "30"),
    ]
    assert pasted.notes == ["有 2 列不是绩效目标的内容，没有读取"]


def test_sign_and_unit_in_their_own_columns_are_taken_in_any_order():
    block = (
        "权重\t指标名称\t二级指标\t一级指标\t指标性质\t指标值\t度量单位\n"
        "12.5\t维修路灯\t数量指标\t产出指标\t≧\t300\t盏\n"
        "5\t维修成本\t成本指标\t产出指标\t≥\t≤90\t万元\n"
    )

    first, second = read_block(block).rows

    assert (first["comparator"], first["target"], first["unit"]) == (">=", "300", "盏")
    # Sign and column contradict each other: nobody decides for the person.
    assert (second["comparator"], second["target"]) == (">=", "≤90")


def test_a_block_without_headings_follows_the_form_or_the_column_it_is_pasted_at():
    of_form = read_block("产出指标\t数量指标\t巡河次数\t≥24次\t10")
    at_target = read_block("≥24次\n效果明显", start="target")

    assert of_form.rows == [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "level3": "巡河次数",
            "target": "24",
            "max_points": "10",
            "comparator": ">=",
            "unit": "次",
        }
    ]
    assert "没有识别到表头" in of_form.notes[0]
    assert [row["comparator"] for row in at_target.rows] == [">=", "qualitative"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "没有粘贴内容"),
        ("一级指标\t二级指标\t三级指标\t分值\n", "没有指标行"),
        ("三级指标\t分值\n" + "指标\t1\n" * 101, "最多粘贴 100 行，现有 101 行"),
        ("长" * 200_001, "过长"),
    ],
    ids=["nothing", "headings alone", "too many rows", "too long"],
)
def test_what_holds_no_rows_is_refused_in_words(text, words):
    with pytest.raises(PasteError, match=words):
        read_block(text)
