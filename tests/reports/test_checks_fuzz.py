"""Checks take any document and any text, and in time that grows with its length."""

import json
import time
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.schemes import scheme_ids
from reports.checks.check import CHECKS, check_document
from reports.document import DocumentError, document_from_json
from tests.reports.changed_documents import FULL, changed, places, values
from tests.reports.checked_documents import clean_document

CLEAN = clean_document()
WORDS = """
全年实际支出 年初预算 调整后预算 到位 执行率 结余 万元 亿元 元 % ％ 分 百分之 九十六
二十三 13.32 １３ 1,200 45 条 人次 个 镇（街） 每个 20万 其中 ： ， 、 ； 。 （ ）
包括 分别为 东片 西片 共 约 以上 自评得分 等级为 优 良 2023年度 2021年 截至 12月31日
6月底 见附表 一、 （二） XX [bookmark: 财预〔2011〕285号 13812345678
11010519491231002X 各项指标均已完成 暂无问题
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\t", " "])
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=60).map("".join)
LONGEST = 1_000_000
REPEATED = """
1 1, 1,111 1.1. 一 一百 百分之 1万元 1个、 共1个，其中：甲1个，乙1个， （ （其中1个
预算 占预算 其中 每个镇20万， 16个镇 2021年 截至 自评得分1分 等级为优 一、 （一）
（请 6222 [bookmark: HYPERLINK XX 见 各项 完成了年初 满意度96%， 1至 至
"""
PATHOLOGICAL = REPEATED.split()


@given(places, values, st.sampled_from(scheme_ids()))
def test_every_valid_document_gets_findings_that_are_json(path, value, scheme):
    try:
        document = document_from_json(changed(FULL, path, value))
    except DocumentError:
        assume(False)

    found = [
        each.to_json() for each in check_document(document, scheme, last_year=document)
    ]

    assert json.loads(json.dumps(found)) == found
    assert {each["code"] for each in found} <= set(CHECKS)


@given(TEXTS, TEXTS)
def test_every_text_gets_findings_that_stand_inside_it(one, other):
    first, second, *rest = CLEAN.sections
    sections = (replace(first, text=one), replace(second, text=other), *rest)
    document = replace(CLEAN, sections=sections)

    found = [each.where.to_json() for each in check_document(document)]

    for where in found:
        if "section" in where:
            section = document.sections[where["section_index"]]
            assert section.key == where["section"]
            assert 0 <= where["start"] <= where["end"] <= len(section.text)


@pytest.mark.parametrize("piece", PATHOLOGICAL)
def test_a_text_of_any_kind_is_checked_in_linear_time(piece):
    quarter, whole = (_seconds(piece, length) for length in (20_000, 80_000))

    # Four times the text; ten times the time would be the way to the square of it.
    assert whole < 10 * quarter + 1


@pytest.mark.long
@pytest.mark.parametrize("piece", PATHOLOGICAL)
def test_a_megabyte_of_anything_is_checked_within_a_minute(piece):
    assert _seconds(piece, LONGEST) < 60


def _seconds(piece, length):
    text = (piece * (length // len(piece) + 1))[:length]
    section = replace(CLEAN.sections[2], text=text)
    document = replace(CLEAN, sections=(*CLEAN.sections[:2], section))
    start = time.perf_counter()
    check_document(document)
    return time.perf_counter() - start
