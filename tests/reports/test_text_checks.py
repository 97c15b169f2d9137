"""Findings in the text: each code by planted mistakes, and what is no mistake."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from reports.checks.check import CHECKS, check_document
from reports.checks.text_claims import is_identity_number, passes_luhn
from reports.checks.text_mentions import PLAIN, Passage, find_mentions
from reports.document import ReadingNote, ReportDocument, Section
from reports.reading.report import read_report
from tests.reports.checked_documents import (
    clean_document,
    with_funds,
    with_row,
    with_text,
)

CLEAN = clean_document()
DATA = Path(settings.BASE_DIR) / "tests" / "data" / "checks"
SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples"


ANOTHER_OUTLINE = """河湾县2023年渠道维修养护资金绩效自评报告
一、绩效目标分解下达情况
（一）资金下达。
市级按《关于做好渠道维修经费使用工作的通知》下达转移支付资金30万元。
（二）目标分解到两个片区。
（三）资金使用管理情况。
项目投资60万元，其中市级财政资金30万元，县级财政资金30万元，年内下达资金60万元。
二、绩效目标完成情况分析
资金安排是：支持东片渠道5万元，支持西片渠道55万元。
三、偏离绩效目标的原因和改进措施
没有偏离绩效目标，继续做好管护。
"""


def codes(document, **options):
    return {each.code for each in check_document(document, **options)}


def without_section(document, key):
    kept = tuple(each for each in document.sections if each.key != key)
    return replace(document, sections=kept)


def with_section(document, key, text):
    return replace(
        document,
        sections=tuple(
            replace(each, text=text) if each.key == key else each
            for each in document.sections
        ),
    )


def numbered(document, *numbers):
    sections = zip(document.sections, numbers, strict=True)
    return replace(
        document, sections=tuple(replace(each, number=n) for each, n in sections)
    )


def swap(old, new):
    return lambda document: with_text(document, old, new)


SPENT = "全年实际支出114.6万元"
PLANTED = [
    ("section-missing", lambda d: without_section(d, "problems")),
    ("section-empty", lambda d: with_section(d, "problems", "暂无。")),
    ("section-empty", lambda d: with_section(d, "basics", "")),
    ("numbering-broken", lambda d: numbered(d, "1、", "2、", "三、", "四、", "五、")),
    ("numbering-broken", lambda d: numbered(d, "一、", "二、", "四、", "四、", "五、")),
    ("numbering-broken", swap("（二）灌溉效益", "（三）灌溉效益")),
    ("amount-differs", swap(SPENT, "全年实际支出116.4万元")),
    ("amount-differs", swap(SPENT, "全年实际支出1,164,000元")),
    ("amount-differs", swap(SPENT, "全年实际支出一百一十六万元")),
    ("amount-differs", swap(SPENT, "全年实际支出约１３０万元")),
    ("amount-differs", swap("年初预算118万元", "年初预算181万元")),
    ("amount-differs", swap("全年预算120万元", "全年预算210万元")),
    ("ratio-differs", swap("预算执行率95.5%", "预算执行率59.5%")),
    ("ratio-differs", swap("预算执行率95.5%", "预算执行率为95.6％")),
    ("ratio-differs", swap("预算执行率95.5%", "执行率为百分之八十")),
    ("score-differs", swap("得分94.05分", "得分94.5分")),
    ("score-differs", swap("得分94.05分", "得分为九十四分")),
    ("grade-differs", swap("等级为优", "等级为“良”")),
    ("year-differs", swap("2023年度年初预算", "2022年度年初预算")),
    ("year-differs", swap("按合同", "本项目2022年预算120万元，按合同")),
    ("year-differs", lambda d: replace(d, title="2022年度末级渠系整修绩效自评报告")),
    ("indicator-value-differs", swap("新增灌溉面积5310亩", "新增灌溉面积5130亩")),
    ("indicator-value-differs", swap("农户满意度94.5%", "农户满意度95.4%")),
    ("parts-do-not-sum", swap("干渠9公里", "干渠19公里")),
    ("parts-do-not-sum", swap("其中：干渠9公里", "分别为：干渠9.5公里")),
    (
        "parts-do-not-sum",
        swap("按合同", "付材料款60万元、人工费46.4万元，共计114.6万元，按合同"),
    ),
    (
        "parts-do-not-sum",
        swap("验收合格率", "上坝村修5处，下坝村修8处，合计14处，验收合格率"),
    ),
    (
        "parts-do-not-sum",
        swap(
            "按合同",
            "工程款共114.6万元。其中材料费64万元，人工费46.4万元，其他14.2万元，按合同",
        ),
    ),
    (
        "parts-do-not-sum",
        swap(
            "按合同",
            "支出114.6万元，其中：土方60万元，衬砌40万元，闸门8万元，监理2万元，按合同",
        ),
    ),
    (
        "amount-exceeds-budget",
        swap("验收合格率100%", "对16个行政村按每个村20万元补助，验收合格率100%"),
    ),
    ("amount-exceeds-budget", swap("新装水闸", "拨付工程款150万元，新装水闸")),
    (
        "no-problems-despite-shortfall",
        lambda d: with_section(d, "problems", "项目实施顺利，无明显问题。"),
    ),
    (
        "all-done-despite-shortfall",
        swap("（一）工程建设。", "（一）工程建设。各项绩效指标均已完成。"),
    ),
    ("annex-missing", lambda d: replace(d, indicators=(), parts=("report",))),
    ("repealed-document", swap("根据评分标准", "根据财预〔2011〕285号和评分标准")),
    ("text-leftover", swap("落实管护人员", "落实XX管护人员")),
    (
        "parts-do-not-sum",
        swap("按合同", "付款114.6万元（渠道：60万元；水闸：45.6万元），按合同"),
    ),
    (
        "parts-do-not-sum",
        swap("验收合格率", "上坝段3.2km，下坝段1.5km，合计4.9km，验收合格率"),
    ),
    ("year-differs", swap("全年实际支出", "截至2022年底，实际支出")),
    ("text-leftover", swap("落实管护人员", "20XX年落实管护人员")),
    ("text-leftover", swap("落实管护人员", "[bookmark: _GoBack]落实管护人员")),
    ("text-leftover", swap("按合同", "（此处填写付款情况）按合同")),
    (
        "text-leftover",
        lambda d: replace(
            d,
            reading_notes=(
                ReadingNote(code="text-leftover", where="第 3 行", original="_GoBack"),
            ),
        ),
    ),
    ("personal-data", swap("落实管护人员", "联系王某13812345678")),
    ("personal-data", swap("落实管护人员", "证号11010519491231002X")),
    ("personal-data", swap("落实管护人员", "卡号6222 0200 1001 1145 678")),
]


def test_every_code_of_the_text_is_planted_once_at_least():
    known = {each.code for each in CHECKS.values() if each.group == "text"}

    assert known - {code for code, _ in PLANTED} == set()


@pytest.mark.parametrize(("code", "plant"), PLANTED, ids=[c for c, _ in PLANTED])
def test_a_planted_mistake_of_the_text_is_found(code, plant):
    assert code in codes(plant(CLEAN))


NO_MISTAKES = [
    swap(SPENT, "全年实际支出约115万元"),
    swap(SPENT, "全年实际支出1,146,000元"),
    swap(SPENT, "全年实际支出114.6 万元，其中材料费60万元"),
    swap(SPENT, "截至6月底支出40万元，全年实际支出114.6万元"),
    swap(SPENT, "2022年支出98万元，2023年支出114.6万元"),
    swap(SPENT, "材料采购方面，支出40万元；全年支出114.6万元"),
    swap(SPENT, "全年实际支出一百一十四点六万元"),
    swap(SPENT, "全年支出１１４.６万元"),
    swap("预算执行率95.5%", "预算执行率96%"),
    swap("预算执行率95.5%", "支出占全年预算的95.5%，高于全县平均执行率90%"),
    swap("农户满意度94.5%", "满意度目标90%，农户满意度94.5%"),
    swap("其中：干渠9公里，支渠24公里", "其中新修12公里、受益村组8公里"),
    swap("其中：干渠9公里，支渠24公里", "其中：干渠9公里、支渠24公里，已验收30公里"),
    swap("（一）工程建设。", "（一）工程建设。各项绩效指标基本完成。"),
    swap("（一）工程建设。", "（一）工程建设。2022年度实际支出较低，已整改。"),
    swap("根据评分标准", "原财预〔2011〕285号已废止，根据评分标准"),
    swap("落实管护人员", "项目编号440799220000000000017"),
    swap("得分94.05分", "得分94.05分（满分100分）"),
    swap("按合同", "本项目2022年预算98万元，今年略有调整，按合同"),
    swap("根据评分标准，", "产出指标得分49分，根据评分标准，"),
    swap("新装水闸14座", "新装水闸14座，全县共有水闸210座"),
    swap(
        "按合同",
        "资金共120万元，其中上级资金68万元，县级资金52万元，年内到位资金120万元，按合同",
    ),
]


@pytest.mark.parametrize("change", NO_MISTAKES)
def test_what_is_right_or_undecidable_is_silent(change):
    assert check_document(change(CLEAN)) == []


@pytest.mark.parametrize("key", ["implementation", "results"])
def test_sentences_of_other_things_are_no_mistakes(key):
    section = next(each for each in CLEAN.sections if each.key == key)
    alarms = []

    for sentence in (DATA / "right-sentences.txt").read_text("utf-8").splitlines():
        document = with_section(CLEAN, key, f"{section.text}\n{sentence}")
        alarms += [(sentence, each.message) for each in check_document(document)]

    assert alarms == []


def test_a_finding_names_its_characters_both_figures_and_both_places():
    document = with_text(CLEAN, SPENT, "全年实际支出116.4万元")

    (finding,) = [x for x in check_document(document) if x.code == "amount-differs"]

    text = document.sections[1].text
    where = finding.where.to_json()
    assert text[where["start"] : where["end"]] == "116.4万元"
    assert (where["section"], where["section_index"]) == ("implementation", 1)
    assert "全年实际支出116.4万元" in where["excerpt"]
    assert finding.message == (
        "“全年实际支出116.4万元”与自评表全年执行数 114.6 万元不一致；"
        "请核对后改文字或自评表"
    )


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("23万元", "23", "万元"),
        ("13.32 万元", "13.32", "万元"),
        ("133,200元", "133200", "元"),
        ("2.3亿元", "2.3", "亿元"),
        ("20万", "20", "万元"),
        ("二十三万元", "23", "万元"),
        ("１３.３２万元", "13.32", "万元"),
        ("57.91％", "57.91", "%"),
        ("百分之五十七", "57", "%"),
        ("九十六分", "96", "分"),
        ("41880宗", "41880", "宗"),
        ("28.6万人次", "28.6", "万人次"),
    ],
)
def test_figures_are_read_in_every_written_form(written, value, unit):
    passage = Passage(0, "basics", "", f"共{written}。".translate(PLAIN))

    (found,) = find_mentions(passage)

    assert (found.low, found.unit) == (Decimal(value), unit)


def test_a_span_is_read_as_one_figure():
    (found,) = find_mentions(Passage(0, "basics", "", "每人1.5-2万元。"))

    assert (found.low, found.high, found.unit) == (Decimal("1.5"), Decimal(2), "万元")


def test_without_a_form_the_text_is_compared_with_itself():
    text = replace(CLEAN, indicators=(), total=None, grade=None, parts=("report",))
    text = replace(text, funds=replace(CLEAN.funds, rows=()))
    twice = with_text(text, "根据评分标准，", "全年实际支出116.4万元，根据评分标准，")

    assert codes(text) == {"annex-missing"}
    assert "amount-differs" in codes(twice)
    assert "grade-differs" in codes(with_text(text, "等级为优", "等级为良"))
    assert "ratio-differs" in codes(with_text(text, "95.5%", "59.5%"))


@pytest.mark.parametrize(
    ("ratio", "found"),
    [
        ("59.5%", {"amount-differs", "ratio-differs"}),
        ("100%", {"amount-differs", "ratio-differs"}),
        # 116.4 ÷ 120: it follows from the wrong amount, one mistake.
        ("97%", {"amount-differs"}),
        ("95.5%", {"amount-differs"}),
    ],
)
def test_a_wrong_ratio_is_found_beside_an_amount_that_is_wrong_too(ratio, found):
    wrong = with_text(CLEAN, SPENT, "全年实际支出116.4万元")
    wrong = with_text(wrong, "预算执行率95.5%", f"预算执行率{ratio}")

    assert codes(wrong) & {"amount-differs", "ratio-differs"} == found


def test_what_is_left_over_hides_no_wrong_ratio():
    rest = with_text(CLEAN, "预算执行率95.5%", "结余5.4万元，预算执行率95.5%")

    assert "ratio-differs" not in codes(rest)
    assert "ratio-differs" in codes(with_text(rest, "95.5%", "59.5%"))


def test_a_ratio_beside_a_parts_own_amount_is_the_parts():
    document = with_text(CLEAN, "按合同", "培训费支出9.6万元，执行率80%，按合同")

    assert "ratio-differs" not in codes(document)


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ("财政拨款58万元，全年执行55.1万元", None),
        ("省级拨款30万元，市级拨款28万元，年末结余2.9万元", None),
        ("省级拨款50万元，年初结余8万元", None),
        ("支出55.1万元，结余2.9万元，资金到位58万元", None),
        ("省级拨款30万元，市级拨款26万元，全年执行55.1万元", "30 + 26 = 56"),
    ],
)
def test_parts_of_a_budget_end_where_another_figure_of_the_whole_is_told(parts, wrong):
    text = f"本项目2024年预算58万元，其中{parts}。"
    document = with_section(CLEAN, "implementation", text)

    found = [x for x in check_document(document) if x.code == "parts-do-not-sum"]

    told = [] if wrong is None else [f"各项相加 {wrong}，与总数 58 万元不一致；请核对"]
    assert [each.message.split("：", 1)[1] for each in found] == told


def test_a_sum_of_the_points_so_far_is_no_total_to_compare_with():
    begun = with_row(CLEAN, 3, actual=None, points=None)
    begun = replace(begun, total=Decimal("86.05"), grade="良")
    written_twice = with_text(begun, "按合同", "自评得分90分，按合同")

    assert not codes(begun) & {"score-differs", "grade-differs"}
    assert "score-differs" in codes(written_twice)


def test_a_total_that_a_form_states_is_compared_though_a_row_is_blank():
    blank = with_row(CLEAN, 3, actual=None, points=None)
    other = with_text(with_text(blank, "94.05分", "94.5分"), "等级为优", "等级为良")

    assert not codes(blank) & {"score-differs", "grade-differs"}
    assert codes(other) >= {"score-differs", "grade-differs"}


def test_a_report_of_another_outline_is_not_asked_for_parts_that_it_does_not_have():
    document = read_report(ANOTHER_OUTLINE.encode())

    assert [each.key for each in document.sections] == ["basics", "results", "problems"]
    assert (document.figures.budget, document.figures.executed) == (Decimal(30), None)
    assert codes(document) == set()


def test_titles_that_may_hold_what_seems_missing_keep_it_silent():
    other = Section(key="other", number="四、", title="其他需要说明的情况", text="无。")
    document = without_section(CLEAN, "problems")
    document = replace(document, sections=(*document.sections, other))

    assert "section-missing" not in codes(document)


def test_the_ratio_of_money_received_is_compared_where_the_form_has_it():
    document = with_funds(CLEAN, 0, received="120")
    right = with_text(document, "按合同", "资金到位率100%，按合同")
    wrong = with_text(document, "按合同", "资金到位率90%，按合同")

    assert "ratio-differs" not in codes(right)
    assert "ratio-differs" in codes(wrong)


@pytest.mark.parametrize(
    ("number", "valid"),
    [("11010519491231002X", True), ("110105194912310021", False), ("1" * 18, False)],
)
def test_identity_numbers_are_told_by_their_day_and_check_digit(number, valid):
    assert is_identity_number(number) is valid


def test_bank_cards_are_told_by_their_check_digit():
    assert passes_luhn("6222020010011145678")
    assert not passes_luhn("6222020010011145679")


def test_nothing_is_found_in_an_empty_document():
    assert check_document(ReportDocument(sections=())) == []


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not there")
def test_the_real_sample_has_what_a_reviewer_would_find():
    data = (SAMPLES / "jiangmen-2021.txt").read_bytes()
    document = read_report(data)

    national = check_document(document)
    four = check_document(document, "guangdong-four")

    found = {each.code for each in national}
    assert found == {
        "total-above-ceiling",
        "low-execution-unexplained",
        "text-leftover",
        "amount-exceeds-budget",
        "numbering-broken",
        "annex-missing",
    }
    (ceiling,) = [each for each in national if each.code == "total-above-ceiling"]
    assert "95.79" in ceiling.message
    assert "57.91%" in ceiling.message
    (exceeds,) = [each for each in national if each.code == "amount-exceeds-budget"]
    assert "320 万元" in exceeds.message
    assert "total-above-ceiling" not in {each.code for each in four}
