import json
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.document import ReportDocument, SectionKey, document_to_json
from reports.reading.files import ReadingError
from reports.reading.report import read_report
from reports.reading.residue import without_residue

DATA = Path(__file__).parent.parent / "data" / "reading"
SEED = Path(__file__).parents[3] / "shared" / "samples" / "jiangmen-2021.txt"
RESIDUE = "[bookmark: _GoBack]"


def read(text: str) -> ReportDocument:
    return read_report(text.encode())


def written(document: ReportDocument) -> str:
    parts = [document.title]
    for section in document.sections:
        parts += [section.number, section.title, section.text]
    return "".join("".join(parts).split())


def keys(document: ReportDocument) -> list[str]:
    return [section.key for section in document.sections]


def lines(document: ReportDocument, key: SectionKey) -> list[str]:
    section = document.section(key)
    return section.paragraphs if section else []


def letters(text: str) -> list[str]:
    return sorted(char for char in text if char not in "。：" and not char.isspace())


def noted(document: ReportDocument, code: str) -> list[str]:
    return [note.original for note in document.reading_notes if note.code == code]


FIVE = ["basics", "implementation", "results", "problems", "score"]


@pytest.mark.parametrize(
    ("path", "year", "budget", "executed", "score", "grade"),
    [
        (DATA / "mixed-numerals.txt", 2022, "48", "45.6", "97.5", "优"),
        pytest.param(
            SEED,
            *(2021, "23", "13.32", "96", None),
            marks=pytest.mark.skipif(not SEED.exists(), reason="sample not here"),
        ),
    ],
    ids=["own sample", "real report"],
)
def test_a_real_report_is_read_to_the_last_character(
    path, year, budget, executed, score, grade
):
    source = path.read_text(encoding="utf-8")

    document = read_report(path.read_bytes(), path.name)

    assert keys(document) == FIVE
    assert [s.number for s in document.sections] == [
        "1、",
        "2、",
        "三、",
        "四、",
        "五、",
    ]
    assert [s.title for s in document.sections] == [
        "项目基本情况",
        "项目组织实施情况",
        "项目绩效情况和主要做法",
        "存在问题和建议",
        "项目自评结论及得分",
    ]
    assert written(document) == "".join(source.replace(RESIDUE, "").split())
    assert noted(document, "text-leftover") == [RESIDUE]
    assert noted(document, "numbering-broken") == [
        "1、项目基本情况",
        "2、项目组织实施情况",
    ]
    figures = document_to_json(document)["figures"]
    assert figures == {
        "year": year,
        "budget": budget,
        "executed": executed,
        "unit": "万元",
        "score": score,
        "grade": grade,
    }
    assert document.year == year


def test_subheadings_stay_lines_of_their_section():
    document = read_report((DATA / "mixed-numerals.txt").read_bytes())

    implementation = lines(document, "implementation")
    assert implementation[0].startswith("（一）投入。2022年度")
    assert implementation[1].startswith("（二）过程。依照")
    results = lines(document, "results")
    assert results[0] == "（1） 流动车按线路开行"
    assert results[1].startswith("全年开行96车次")


def test_title_year_project_and_unit_come_from_the_title_and_its_lines():
    document = read(
        "附件2\n滨江区图书馆2022年度图书流动车项目绩效自评报告\n主管部门：滨江区文旅局\n"
        "一、项目概况\n正文。"
    )

    assert document.title == "滨江区图书馆2022年度图书流动车项目绩效自评报告"
    assert document.year == 2022
    assert document.project.name == "图书流动车项目"
    assert document.project.unit == "滨江区图书馆"
    assert document.project.supervising_department == "滨江区文旅局"
    assert document.sections[0].key == "other"
    assert document.sections[0].text == "附件2\n主管部门：滨江区文旅局"


def test_a_title_on_several_lines_is_one_title():
    document = read(
        "滨江区图书馆\n图书流动车项目\n绩效自评报告\n（2022年度）\n一、项目概况\n正文。"
    )

    assert document.title == "滨江区图书馆图书流动车项目绩效自评报告（2022年度）"
    assert document.year == 2022


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("项目基本情况及自评结论", "basics"),
        ("绩效目标分解下达情况", "basics"),
        ("绩效自评工作开展情况", "implementation"),
        ("项目资金使用及管理情况", "implementation"),
        ("绩效目标完成情况分析", "results"),
        ("主要经验及做法", "results"),
        ("绩效目标未完成原因和下一步改进措施", "problems"),
        ("偏离绩效目标的原因", "problems"),
        ("有关建议", "problems"),
        ("综合评价情况及结论", "score"),
        ("绩效自评结果应用和公开情况", "score"),
        ("其他需要说明的事项", "other"),
    ],
)
def test_the_words_of_a_title_say_which_section_it_opens(title, key):
    document = read(f"一、{title}\n正文。")

    assert keys(document) == [key]
    assert document.sections[0].title == title


def test_sections_of_one_kind_are_joined_and_later_headings_stay_as_lines():
    document = read(
        "一、存在问题\n缺人。\n二、自评结论\n得分高。\n三、改进措施\n招人。\n四、有关建议\n加钱。"
    )

    assert keys(document) == ["problems", "score"]
    assert document.sections[0].text == (
        "缺人。\n三、改进措施\n招人。\n四、有关建议\n加钱。"
    )


def test_a_heading_run_into_its_paragraph_is_set_apart_and_noted():
    document = read("一、项目基本情况。本项目用于修路。\n二、存在问题：人手不足。")

    assert [(s.title, s.text) for s in document.sections] == [
        ("项目基本情况", "本项目用于修路。"),
        ("存在问题", "人手不足。"),
    ]
    assert noted(document, "numbering-broken") == [
        "一、项目基本情况。",
        "二、存在问题：",
    ]


def test_a_heading_set_off_by_a_blank_ends_there_whatever_ends_the_paragraph():
    document = read("一、项目绩效情况 修路三条。\n二、存在问题 说明：人手不足")

    assert [(s.title, s.text) for s in document.sections] == [
        ("项目绩效情况", "修路三条。"),
        ("存在问题", "说明：人手不足"),
    ]


def test_an_item_of_a_list_that_speaks_of_problems_opens_no_section():
    document = read(
        "一、项目概况\n1、办班；\n2、考试；\n3、存在问题整改到位；\n二、绩效情况\n乙"
    )

    assert keys(document) == ["basics", "results"]
    assert lines(document, "basics")[-1] == "3、存在问题整改到位；"


@pytest.mark.parametrize(
    "text",
    [
        "1.项目概况\n甲\n2.组织实施情况\n乙\n3.绩效情况\n丙\n4.存在问题\n丁\n5.自评结论\n戊",
        "（一）项目概况\n甲\n(二）组织实施情况\n乙\n【三】绩效情况\n丙\n（四)存在问题\n丁\n（五）自评结论\n戊",
        "项目概况\n甲\n项目组织实施情况\n乙\n项目绩效情况\n丙\n存在问题和建议\n丁\n自评结论\n戊",
        "第一部分 项目概况\n甲\n第二部分 组织实施情况\n乙\n第三部分 绩效情况\n丙\n"
        "第四部分 存在问题\n丁\n第五部分 自评结论\n戊",
        "一、项目概况\n甲\n组织实施情况\n乙\n三、绩效情况\n丙\n4、存在问题\n丁\n五、自评结论\n戊",
        "一、项目概况\n甲\n一、组织实施情况\n乙\n五、绩效情况\n丙\n三、存在问题\n丁\n二、自评结论\n戊",
        "　　１、项目概况\n甲\n　　２、组织实施情况\n乙\n\t三 绩效情况\n丙\n"
        "四．存在问题\n丁\n五,自评结论\n戊",
        "一。项目概况\n甲\n二。组织实施情况\n乙\n三、绩效情况\n丙\n四。存在问题\n丁\n五、自评结论\n戊",
    ],
    ids=["arabic", "brackets", "none", "parts", "gaps", "order", "wide", "stops"],
)
def test_five_sections_are_found_whatever_their_numerals(text):
    document = read(text)

    assert keys(document) == FIVE
    assert [s.text for s in document.sections] == ["甲", "乙", "丙", "丁", "戊"]
    assert written(document) == "".join(text.split())


def test_numerals_inside_a_section_open_no_section_of_their_own():
    text = (
        "一、项目基本情况\n1、项目背景\n甲\n2、项目组织实施情况\n乙\n"
        "二、项目组织实施情况\n（一）资金使用情况\n（二）绩效目标完成情况\n丙\n"
        "三、项目绩效情况\n一、加强领导\n二、落实责任\n三、严格考核\n四、及时总结\n"
        "四、存在问题\n1.问题\n2.改进措施\n五、自评结论\n戊"
    )

    document = read(text)

    assert keys(document) == FIVE
    assert lines(document, "results")[-1] == "四、及时总结"
    assert written(document) == "".join(text.split())


def test_a_contents_list_opens_no_sections():
    document = read(
        "目录\n一、项目概况………1\n二、存在问题\t12\n四、存在问题 4\n"
        "一、项目概况\n甲\n二、存在问题\n乙"
    )

    assert keys(document) == ["other", "basics", "problems"]
    assert document.sections[1].text == "甲"


def test_the_lines_that_sign_the_report_belong_to_no_section():
    document = read(
        "一、自评结论\n好。\n二、其他问题\n无\n附件：1.自评表\n滨江区图书馆\n2023年3月20日"
    )

    assert keys(document) == ["score", "problems", "other"]
    assert document.sections[1].text == "无"
    assert document.sections[2].text == "附件：1.自评表\n滨江区图书馆\n2023年3月20日"


def test_text_without_any_heading_is_kept_as_other():
    document = read("今年做了很多工作。\n效果很好。")

    assert keys(document) == ["other"]
    assert document.sections[0].text == "今年做了很多工作。\n效果很好。"
    assert noted(document, "section-missing") == ["今年做了很多工作。"]


@pytest.mark.parametrize(
    "residue",
    [
        "[bookmark: OLE_LINK1]",
        'HYPERLINK "http://example.invalid/a" \\h',
        'HYPERLINK \\l "_Toc12345678"',
        "PAGEREF _Toc12345678 \\h",
        'TOC \\o "1-3" \\h \\z \\u',
        "PAGE \\* MERGEFORMAT",
        "_Toc98765",
        "错误!未找到引用源。",
    ],
)
def test_word_residue_is_taken_out_and_noted(residue):
    document = read(f"一、项目概况\n前文{residue}后文")

    assert document.sections[0].text == "前文后文"
    assert noted(document, "text-leftover") == [residue]


def test_unseen_characters_are_taken_out_and_noted_by_their_code():
    document = read("\ufeff一、项目\u200b概况\n前\xad文\x07后\u200b文\x0b下一行")

    assert document.sections[0].title == "项目概况"
    assert document.sections[0].text == "前文后文\n下一行"
    assert noted(document, "text-leftover") == ["U+200B", "U+00AD", "U+0007"]


@pytest.mark.parametrize(
    "encoding",
    ["gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_every_usual_encoding_is_read(encoding):
    source = (DATA / "mixed-numerals.txt").read_text(encoding="utf-8")
    source = source.replace(RESIDUE, "䶮喆堃𬭎")

    document = read_report(source.encode(encoding), "report.txt")

    assert written(document) == "".join(source.split())


def test_a_lone_surrogate_is_taken_out_and_a_pair_is_one_character():
    text = "一、项目概况\n\ud842\udfb7前\ud842后".encode("utf-16-le", "surrogatepass")

    document = read_report(b"\xff\xfe" + text)

    assert document.sections[0].text == "𠮷前后"
    assert noted(document, "text-leftover") == ["U+D842"]


@pytest.mark.parametrize(
    ("text", "budget", "executed", "unit"),
    [
        ("预算数为48万元，执行数45.6万元。", "48", "45.6", "万元"),
        ("年初预算60万元，年中调减3.6万元，全年预算56.4万元。", "56.4", None, "万元"),
        ("预算安排480,000元，全年实际支出456,000.50元。", "480000", "456000.50", "元"),
        ("预算安排48万元，全年实际支出456000元。", "48", "45.6", "万元"),
        ("安排预算二十三万元，实际支出13万元，结余10万元。", "23", "13", "万元"),
        ("全年支出20万元，其中：培训实际支出5万元。", None, "20", "万元"),
        ("预算安排10万元。预算安排12万元。", None, None, ""),
        ("截至6月30日，累计支出5万元；全年支出９万元。", None, "9", "万元"),
        (
            "2020年预算安排30万元，2021年度预算安排23万元，2021年度完工。",
            "23",
            None,
            "万元",
        ),
        ("给予每个镇街20万元补助，服务20万人。", None, None, ""),
        ("年初预算三十万元，实际支出二十八万五千元。", "30", "28.5", "万元"),
    ],
)
def test_amounts_are_taken_by_the_words_before_them(text, budget, executed, unit):
    figures = read(text).figures

    assert (str(figures.budget), str(figures.executed)) == (str(budget), str(executed))
    assert figures.unit == unit


@pytest.mark.parametrize(
    ("text", "score", "grade"),
    [
        ("满分100分，自评得分96分，等级为“优”。", "96", "优"),
        ("投入得分20分，产出得分28.5分，总得分92.8分，评为良好。", "92.8", "良"),
        ("自评得分：88.50", "88.50", None),
        ("经评定，该项目得96.00分。", "96.00", None),
        ("项目自评得分为九十六点五分，等级为优。", "96.5", "优"),
        ("自评得分96分。自评得分95分。", None, None),
        ("评价等级分为优、良、中、差四档，等级为中。", None, "中"),
        ("得分90分（含）以上等级为优（90分以上），其余为良。", "90", None),
        ("用时96分钟，等级为优、良。", None, None),
    ],
)
def test_score_and_grade_are_read_but_never_guessed(text, score, grade):
    figures = read(text).figures

    assert figures.score == (Decimal(score) if score else None)
    assert figures.grade == grade


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (
            "根据《办法（2019年）》（财预〔2020〕10号），2021年度完成。2022年再做。",
            2021,
        ),
        ("二〇二一年度工作完成。", 2021),
        ("2021年度和2022年度各一次。", None),
        ("2021年做了。2021年做完。2020年立项。", 2021),
        ("今年完成。", None),
        ("２０２１年度预算２３万元。", 2021),
        ("截至2021年12月31日完成。", 2021),
        ("绩效自评报告\n（2022年3月）\n一、项目概况\n甲", None),
        ("一、项目概况\n2021年修路。\n滨江区图书馆\n2022年3月1日", 2021),
    ],
)
def test_the_year_is_the_one_reported_on(text, year):
    assert read(text).year == year


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["一、", "2、", "（三）", "项目概况", "存在问题", "。", "：", "\n", " ",
             "12", "万元", "得分", "附表", "2021年度", "绩效自评报告", "　", "\t",
             "A", "[", "第二部分"]
        ),
        min_size=1,
    )
)  # fmt: skip
def test_no_character_is_lost_whatever_the_text(pieces):
    text = "".join(pieces)
    if not text.strip():
        return

    document = read(text)

    # The mark between a run-in heading and its paragraph is in the notes only.
    assert letters(written(document)) == letters(text)
    found = [key for key in keys(document) if key != "other"]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "unit",
    [
        "一、项目概况\n", "1、存在问题。", "预算安排", " ", "{HYPERLINK ", "TOC \\o ",
        "Normal 0 ", "[bookmark: ", "12万元，", "其中支出1元", "截至2021年", "《",
        "优、", "一二三", "项目名称：", "1,000,000,", "第一部分\n", "\u200b",
        "（2021年度）\n", "自评", "_Toc1", "……", "\\* ", "REF _a", "支出", "　",
    ],
)  # fmt: skip
def test_reading_time_grows_with_the_length_of_the_text_only(unit):
    short, long = unit * (100_000 // len(unit)), unit * (400_000 // len(unit))

    def seconds(text: str) -> float:
        start = time.process_time()
        with suppress(ReadingError):
            read(text)
        return time.process_time() - start

    assert seconds(long) < 8 * seconds(short) + 0.2


def test_residue_is_found_once_each_in_a_line_full_of_it():
    line, removed = without_residue(f"甲{RESIDUE}乙_Toc123丙")

    assert line == "甲乙丙"
    assert removed == [RESIDUE, "_Toc123"]


def test_a_json_document_is_handed_on_as_it_is():
    data = {"schema": "perfeval-report/1", "sections": [], "extra": 1}

    document = read_report(json.dumps(data).encode())

    assert document_to_json(document) == data
