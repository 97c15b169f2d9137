"""Findings in the form: each code by one planted mistake, and what is no mistake."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reports.checks.check import CHECKS, check_document
from reports.document import Goal
from tests.reports.checked_documents import (
    clean_document,
    with_funds,
    with_row,
    with_text,
)

CLEAN = clean_document()


def codes(document, **options):
    return {each.code for each in check_document(document, **options)}


def found(code, document, **options):
    return [each for each in check_document(document, **options) if each.code == code]


def without_reason(document):
    """Money spent so slowly that it must be explained, and nothing explains it."""
    document = with_funds(
        document, 0, executed="60", ratio="0.5", points="5.00", note=""
    )
    document = with_funds(document, 1, executed="60")
    document = with_text(document, "114.6万元", "60万元")
    return with_text(document, "95.5%", "50%")


def full_marks(document):
    for index, row in enumerate(document.indicators):
        document = with_row(document, index, points=str(row.max_points))
    return document


PLANTED = [
    ("funds-total-mismatch", lambda d: with_funds(d, 1, executed="116.4")),
    ("execution-points-mismatch", lambda d: with_funds(d, 0, points="9.50")),
    ("execution-points-mismatch", lambda d: with_funds(d, 0, ratio="0.945")),
    ("weights-not-100", lambda d: with_row(d, 1, max_points="12")),
    ("weights-not-100", lambda d: replace(d, indicators=())),
    (
        "level-weights-mismatch",
        lambda d: with_row(with_row(d, 1, max_points="8"), 7, max_points="12"),
    ),
    ("points-exceed-weight", lambda d: with_row(d, 1, points="10.5")),
    ("points-exceed-weight", lambda d: with_row(d, 1, points="-1")),
    ("points-differ-from-rule", lambda d: with_row(d, 0, points="11.50")),
    ("points-differ-from-rule", lambda d: with_row(d, 3, actual="2023年12月")),
    ("band-violated", lambda d: with_row(d, 6, points="12.00")),
    ("band-violated", lambda d: with_row(d, 6, achievement=None, actual="未达成")),
    ("deviation-reason-missing", lambda d: with_row(d, 0, deviation_note="")),
    ("deviation-reason-missing", lambda d: with_row(d, 0, deviation_note="无。")),
    ("result-missing", lambda d: with_row(d, 5, actual="")),
    ("result-missing", lambda d: with_row(d, 5, points=None)),
    ("result-missing", lambda d: with_funds(d, 0, executed=None)),
    ("total-mismatch", lambda d: replace(d, total=Decimal("94.50"))),
    ("grade-mismatch", lambda d: replace(d, grade="良")),
    ("total-above-ceiling", lambda d: replace(d, total=Decimal("99.56"))),
    ("executed-exceeds-budget", lambda d: with_funds(d, 1, executed="121")),
    ("low-execution-unexplained", without_reason),
    ("score-execution-gap", lambda d: full_marks(without_reason(d))),
    (
        "overshoot-unexplained",
        lambda d: with_row(d, 5, actual="6760"),
    ),
    (
        "goal-copied",
        lambda d: replace(d, goal=Goal(expected="修渠、装闸。", actual="修渠，装闸")),
    ),
    ("unit-mismatch", lambda d: with_row(d, 5, actual="5310公顷")),
    ("unit-mismatch", lambda d: with_row(d, 7, actual="0.945")),
    ("unit-mismatch", lambda d: with_row(d, 7, target="0.9", unit="", actual="94.5%")),
    ("indicator-misfit", lambda d: with_row(d, 1, level3="农户满意度")),
    (
        "indicator-duplicated",
        lambda d: with_row(d, 1, level3="整修渠道", unit="公里"),
    ),
    ("target-unmeasurable", lambda d: with_row(d, 1, target="")),
    ("target-unmeasurable", lambda d: with_row(d, 1, target="若干座")),
    ("target-unmeasurable", lambda d: with_row(d, 6, target="有所完善")),
    (
        "budget-change-unexplained",
        lambda d: with_text(d, "年中追加2万元，", ""),
    ),
    ("template-leftover", lambda d: with_row(d, 0, deviation_note="XX原因")),
    (
        "template-leftover",
        lambda d: replace(
            d, goal=Goal(expected="甲", actual="对照年度目标，说明完成情况")
        ),
    ),
    ("template-leftover", lambda d: replace(d, remarks="（100字以内）")),
]


def test_a_report_in_which_everything_agrees_has_no_finding():
    assert check_document(CLEAN) == []


@pytest.mark.parametrize(("code", "plant"), PLANTED, ids=[c for c, _ in PLANTED])
def test_a_planted_mistake_of_the_form_is_found(code, plant):
    assert code in codes(plant(CLEAN))


def test_every_code_of_the_form_is_planted_once_at_least():
    known = {each.code for each in CHECKS.values() if each.group == "form"}

    assert known - {code for code, _ in PLANTED} == {"unchanged-since-last-year"}


NO_MISTAKES = {
    "a ratio at the precision written": (
        "execution-points-mismatch",
        lambda d: with_funds(d, 0, ratio="0.96"),
    ),
    "a source without an amount": (
        "funds-total-mismatch",
        lambda d: with_funds(d, 0, received="0"),
    ),
    "a note that explains low execution": (
        "low-execution-unexplained",
        lambda d: with_funds(without_reason(d), 0, note="尾款按合同在次年支付"),
    ),
    "a sentence that does": (
        "low-execution-unexplained",
        lambda d: with_text(
            without_reason(d), "按合同和进度付款", "因征地延后，部分工程款未支付"
        ),
    ),
    "a sentence on work that was held up": (
        "low-execution-unexplained",
        lambda d: with_text(
            without_reason(d), "按合同和进度付款", "部分渠道须先修复，影响施工进度"
        ),
    ),
    "a row that does not apply": (
        "result-missing",
        lambda d: with_row(d, 1, applicable=False, points=None, actual=None),
    ),
    "14场次 beside 场": (
        "unit-mismatch",
        lambda d: with_row(d, 1, unit="场", target="14", actual="14场次"),
    ),
    "a masked phone number": (
        "template-leftover",
        lambda d: with_row(d, 0, deviation_note="联系138****5678"),
    ),
    "a date that is late and lost its points": (
        "points-differ-from-rule",
        lambda d: with_row(d, 3, actual="2023年12月", points="6"),
    ),
}


@pytest.mark.parametrize(
    ("code", "change"), NO_MISTAKES.values(), ids=NO_MISTAKES.keys()
)
def test_what_is_right_or_undecidable_is_silent(code, change):
    assert code not in codes(change(CLEAN))


def test_a_finding_names_both_figures_the_place_and_how_to_mend_it():
    (finding,) = found("points-differ-from-rule", with_row(CLEAN, 0, points="11.50"))

    assert finding.to_json() == {
        "code": "points-differ-from-rule",
        "severity": "error",
        "where": {"indicator": 0, "field": "points"},
        "message": (
            "第 1 行指标“整修渠道”得分 11.5 分，按规则应为 11.00 分（完成值 33 ÷ "
            "指标值 36 × 分值 12 = 11.00）；请改为 11.00，或核对指标值和完成值"
        ),
    }


def test_methods_of_other_schemes_are_no_mistake_where_no_scheme_is_named():
    # 2.5 ÷ 3 × 10 = 8.33 by ratio, 8.00 by the linear method of mof-2020.
    row = with_row(CLEAN, 4, actual="3", points="8.33", deviation_note="材料涨价")

    assert "points-differ-from-rule" in codes(row)
    assert "points-differ-from-rule" not in codes(replace(row, scheme=""))


def test_sources_may_be_parts_of_the_fiscal_money_or_stand_beside_it():
    fiscal = replace(CLEAN.funds.rows[1], source="fiscal")
    inside = replace(CLEAN.funds, rows=(*CLEAN.funds.rows, fiscal))

    assert "funds-total-mismatch" not in codes(replace(CLEAN, funds=inside))


def test_only_the_material_asked_for_is_missed():
    form_alone = replace(CLEAN, sections=(), parts=("form",))
    text_alone = replace(CLEAN, indicators=(), parts=("report",))
    text_alone = replace(text_alone, funds=replace(CLEAN.funds, rows=()), total=None)

    assert codes(form_alone) == set()
    assert "weights-not-100" not in codes(text_alone)


def test_last_years_sentences_results_and_goal_are_found_whatever_the_year():
    last_year = with_text(CLEAN, "2023年度", "2022年度")

    same = found("unchanged-since-last-year", CLEAN, last_year=last_year)
    places = [each.where.to_json() for each in same]
    changed = with_row(with_text(CLEAN, "5310亩", "5280亩"), 5, actual="5280")

    assert {"field": "goal.actual"} in places
    assert {"field": "indicators"} in places
    assert any(each.get("section") == "results" for each in places)
    later = found("unchanged-since-last-year", changed, last_year=last_year)
    assert {"field": "indicators"} not in [each.where.to_json() for each in later]
    assert found("unchanged-since-last-year", CLEAN) == []
