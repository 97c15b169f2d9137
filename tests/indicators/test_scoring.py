"""Points follow the rules of docs/rules.md; every figure can be worked by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.schemes import OvershootStep, load_scheme
from indicators.scoring import FundsFacts, RowFacts, score_row, score_sheet
from indicators.scoring_rules import round_points

SCHEME = load_scheme("mof-2020")


def scheme_with(**rules):
    return replace(SCHEME, rules=replace(SCHEME.rules, **rules))


def row(comparator, target, actual, max_points, unit="", **more):
    return RowFacts(
        comparator=comparator,
        target=target,
        actual=actual,
        unit=unit,
        max_points=Decimal(max_points),
        **more,
    )


def funds(adjusted, executed, received=None):
    return FundsFacts(
        adjusted=adjusted and Decimal(adjusted),
        executed=executed and Decimal(executed),
        received=received and Decimal(received),
    )


def points_of(facts, scheme=SCHEME):
    return score_row(facts, scheme).points


def sheet(rows, money=None, scheme=SCHEME):
    return score_sheet(rows, money or FundsFacts(), scheme)


@pytest.mark.parametrize(
    ("comparator", "target", "actual", "max_points", "points", "explanation"),
    [
        (">=", "50", "60", "8", "8.00", "完成值 60 达到指标值 50，得满分 8.00 分"),
        (">=", "50", "48", "8", "7.68", "完成值 48 ÷ 指标值 50 × 分值 8 = 7.68"),
        (
            ">=",
            "3",
            "1",
            "1",
            "0.33",
            "完成值 1 ÷ 指标值 3 × 分值 1 = 0.33（四舍五入）",
        ),
        (
            ">=",
            "50",
            "-3",
            "8",
            "0.00",
            "完成值 0（负数按 0 计）÷ 指标值 50 × 分值 8 = 0.00",
        ),
        (">=", "0", "0", "5", "5.00", "完成值 0 达到指标值 0，得满分 5.00 分"),
        (">", "0", "0", "5", "0.00", "完成值 0 不大于指标值 0，得 0.00 分"),
        ("=", "100%", "98%", "10", "9.80", "完成值 98 ÷ 指标值 100 × 分值 10 = 9.80"),
        ("=", "0", "0", "5", "5.00", "完成值 0 达到指标值 0，得满分 5.00 分"),
        ("=", "0", "1", "5", "0.00", "指标值为 0，完成值 1 大于 0，得 0.00 分"),
        ("<=", "90", "85", "8", "8.00", "完成值 85 未超过指标值 90，得满分 8.00 分"),
        ("<=", "0", "0", "5", "5.00", "完成值 0 未超过指标值 0，得满分 5.00 分"),
        ("<=", "0", "2", "5", "0.00", "完成值 2 超过指标值 0，得 0.00 分"),
    ],
)
def test_a_quantitative_row_earns_points_with_its_working(
    comparator, target, actual, max_points, points, explanation
):
    score = score_row(row(comparator, target, actual, max_points), SCHEME)

    assert str(score.points) == points
    assert score.explanation == explanation


@pytest.mark.parametrize(
    ("method", "actual", "points"),
    [
        ("linear", "99", "7.20"),
        ("ratio", "99", "7.27"),
        ("zero", "99", "0.00"),
        ("linear", "180", "0.00"),
        ("ratio", "180", "4.00"),
        ("linear", "179", "0.09"),
        ("zero", "90", "8.00"),
    ],
)
def test_a_reverse_row_loses_points_by_the_method_of_the_scheme(method, actual, points):
    score = score_row(row("<=", "90", actual, "8"), scheme_with(reverse=method))

    assert str(score.points) == points


def test_the_working_of_a_reverse_row_can_be_repeated_with_a_calculator():
    linear = score_row(row("<=", "90", "99", "8"), SCHEME)
    ratio = score_row(row("<=", "90", "99", "8"), scheme_with(reverse="ratio"))

    assert linear.explanation == (
        "[1 −（完成值 99 − 指标值 90）÷ 指标值 90] × 分值 8 = 7.20"
    )
    assert ratio.explanation == "指标值 90 ÷ 完成值 99 × 分值 8 = 7.27（四舍五入）"


@pytest.mark.parametrize(
    ("actual", "needs_reason"), [("64.99", False), ("65", True), ("70", True)]
)
def test_a_target_far_exceeded_keeps_its_points_and_asks_for_a_reason(
    actual, needs_reason
):
    score = score_row(row(">=", "50", actual, "8"), SCHEME)

    assert str(score.points) == "8.00"
    assert score.needs_reason is needs_reason
    assert ("达到 130%" in score.reason_because) is needs_reason


def test_a_scheme_may_deduct_by_table_where_a_target_is_far_exceeded():
    steps = (
        OvershootStep(from_ratio=Decimal("1.4"), deduct_share=Decimal("0.1")),
        OvershootStep(from_ratio=Decimal("1.5"), deduct_share=Decimal("0.3")),
    )
    scheme = scheme_with(overshoot="deduct", overshoot_steps=steps)

    score = score_row(row(">=", "50", "80", "8"), scheme)
    below_the_table = score_row(row(">=", "50", "66", "8"), scheme)

    assert str(score.points) == "5.60"
    assert str(below_the_table.points) == "8.00"
    assert below_the_table.needs_reason
    assert score.explanation == (
        "完成值为指标值的 160%，超额扣 30%：（1 − 0.3）× 分值 8 = 5.60"
    )


@pytest.mark.parametrize(
    ("deduction", "points", "explanation"),
    [
        ("0.80", "7.20", "，得 8 分；8 − 扣分 0.8 = 7.20"),
        ("9", "0.00", "，得 8 分；8 − 扣分 9 = 0.00（不低于 0 分）"),
    ],
)
def test_a_deduction_is_taken_from_the_row_but_not_below_zero(
    deduction, points, explanation
):
    facts = row(">=", "50", "70", "8", deduction=Decimal(deduction))

    score = score_row(facts, SCHEME)

    assert str(score.points) == points
    assert score.explanation.endswith(explanation)


def test_a_deduction_counts_before_rounding():
    facts = row(">=", "3", "1", "1", deduction=Decimal("0.13"))

    score = score_row(facts, SCHEME)

    assert score.explanation == (
        "完成值 1 ÷ 指标值 3 × 分值 1 − 扣分 0.13 = 0.20（四舍五入）"
    )


@pytest.mark.parametrize(
    ("achievement", "given", "points"),
    [
        ("met", "8.00", "8.00"),
        ("met", "10.00", "10.00"),
        ("met", "7.99", "10.00"),
        ("partly", "6.00", "6.00"),
        ("partly", "7.99", "7.99"),
        ("partly", "8.00", "7.00"),
        ("partly", "7.995", "7.00"),
        ("unmet", "0.00", "0.00"),
        ("unmet", "5.99", "5.99"),
        ("unmet", "6.00", "3.00"),
        ("unmet", "-1", "3.00"),
        ("met", None, "10.00"),
        ("partly", None, "7.00"),
        ("unmet", None, "3.00"),
    ],
)
def test_a_qualitative_row_keeps_points_inside_its_band_else_takes_the_default(
    achievement, given, points
):
    facts = row("qualitative", "健全", "已建立", "10", achievement=achievement)
    facts = replace(facts, points=None if given is None else Decimal(given))

    score = score_row(facts, SCHEME)

    assert str(score.points) == points
    assert score.needs_reason is not (given == points == "10.00")


def test_a_qualitative_row_says_which_band_its_points_left():
    facts = row(
        "qualitative", "健全", "", "10", achievement="partly", points=Decimal(8)
    )

    score = score_row(facts, SCHEME)

    assert score.explanation == (
        "“部分达成年度指标并具有一定效果”，按默认 70% × 分值 10 = 7.00"
    )
    assert score.reason_because == (
        "所填 8.00 分不在“部分达成年度指标并具有一定效果”的 "
        "6.00—7.99 分之内，按默认 70% 计；得分 7.00 低于分值 10"
    )


@pytest.mark.parametrize(
    ("words", "points"),
    [("达成", "10.00"), ("部分达成", "7.00"), ("未达成", "3.00"), ("较好", None)],
)
def test_the_short_words_of_achievement_are_read_and_no_others(words, points):
    score = score_row(row("qualitative", "健全", words, "10"), SCHEME)

    assert (score.points and str(score.points)) == points


@pytest.mark.parametrize(
    ("actual", "graded", "positive"),
    [
        ("90%", "10.00", "10.00"),
        ("85%", "8.33", "9.44"),
        ("72.5%", "4.17", "8.06"),
        ("60%", "0.00", "6.67"),
        ("59%", "0.00", "6.56"),
    ],
)
def test_satisfaction_is_scored_as_the_scheme_says(actual, graded, positive):
    facts = row(">=", "90%", actual, "10", level1="满意度指标")

    by_grade = score_row(facts, load_scheme("mof-2021-cost"))
    as_positive = score_row(facts, SCHEME)

    assert (str(by_grade.points), str(as_positive.points)) == (graded, positive)


def test_graded_satisfaction_explains_itself_and_needs_percent():
    facts = row(">=", "90", "85", "10", unit="%", level1="满意度指标")
    scheme = load_scheme("mof-2021-cost")

    score = score_row(facts, scheme)
    without_unit = score_row(replace(facts, unit=""), scheme)

    assert score.explanation == (
        "（满意度 85 − 60）÷（指标值 90 − 60）× 分值 10 = 8.33（四舍五入）"
    )
    assert without_unit.points is None
    assert "应为 %" in without_unit.explanation


def test_below_a_pass_mark_a_proportional_row_gets_nothing():
    scheme = scheme_with(floor=Decimal("0.6"), floor_rule="R-18")

    scores = [score_row(row(">=", "50", a, "8"), scheme) for a in ("29.9", "30")]

    assert [str(score.points) for score in scores] == ["0.00", "4.80"]


@pytest.mark.parametrize(
    ("target", "actual", "points"),
    [
        ("2021年12月底前", "2021年11月", "8.00"),
        ("2021年12月底前", "2021年12月31日", "8.00"),
        ("2021年12月底前", "2022年1月", "0.00"),
        ("2021年12月", "2021年12月20日", "8.00"),
        ("2021年12月前", "2021年12月", None),
        ("2021年12月15日前", "2021年12月", None),
        ("2021年12月底前", "按时完成", None),
    ],
)
def test_a_deadline_is_kept_or_missed_or_cannot_be_decided(target, actual, points):
    score = score_row(row("<=", target, actual, "8"), SCHEME)

    assert (score.points is not None and str(score.points)) == (points or False)


@pytest.mark.parametrize(
    ("target", "actual", "unit", "explanation"),
    [
        ("3", "3.3天", "天", "[1 −（完成值 3.3"),
        ("1.2", "11500元", "万元", "11500 元 = 1.15 万元；完成值 1.15 未超过"),
        ("≤1.2万元", "1.15", "万元", "完成值 1.15 未超过指标值 1.2"),
        ("≤1.2万元", "1.15", "", "完成值 1.15 未超过指标值 1.2"),
        ("50", "48个", "", "完成值 48 未超过指标值 50"),
    ],
)
def test_a_unit_glued_on_is_read_and_converted_where_it_can_be(
    target, actual, unit, explanation
):
    score = score_row(row("<=", target, actual, "8", unit=unit), SCHEME)

    assert score.explanation.startswith(explanation)


@pytest.mark.parametrize(
    ("facts", "explanation"),
    [
        (row(">=", "50", "48个", "8", unit="条"), "单位“个”与度量单位“条”不同"),
        (row(">=", "50", "约48", "8"), "“约48”不是一个确定的数"),
        (row(">=", "50", "≥48", "8"), "“≥48”不是一个确定的数"),
        (row(">=", "50", "40-48", "8"), "“40-48”不是一个确定的数"),
        (row(">=", "效果明显", "48", "8"), "“效果明显”不是数字"),
        (row(">=", "50", None, "8"), "未填实际完成值"),
        (row(">=", "50", "—", "8"), "未填实际完成值"),
        (row(">=", None, "48", "8"), "未填指标值"),
        (row(">=", "50", "48%", "8"), "单位“%”与度量单位（无单位）不同"),
        (row(">=", "50", "48万个", "8"), "单位“万个”与度量单位（无单位）不同"),
        (row(None, "50", "48", "8"), "未填指标性质"),
        (row(None, "50", "48", "8", achievement="met"), "未填指标性质"),
        (row(None, "效果明显", "较好", "8"), "“效果明显”不是数字"),
        (row(">=", "≤50", "48", "8"), "符号不一致"),
        (row(">=", "-5", "-3", "8"), "为负数，不能计分"),
        (row(">=", "50", "48", "-8"), "不能为负数"),
        (row(">=", "50", "48", "8", deduction=Decimal(-1)), "不能为负数"),
        (row("qualitative", "健全", "已建立", "8"), "未选达成程度"),
        (row("rubric", None, None, "8"), "未填得分或扣分"),
        (row(">=", "50", "48", "8", applicable=False), "不适用"),
        (RowFacts(comparator=">=", target="50", actual="48"), "未填分值"),
        (row(">=", "50", "1" * 40, "8"), "完成值的位数过多"),
        (row(">=", "50", "48", "1" * 4000), "分值的位数过多"),
        (row("rubric", None, None, "8", points=Decimal("0." + "1" * 40)), "位数过多"),
    ],
)
def test_what_cannot_be_scored_gets_no_points_and_says_why(facts, explanation):
    score = score_row(facts, SCHEME)

    assert score.points is None
    assert explanation in score.explanation
    assert not score.needs_reason


def test_a_sign_written_in_the_target_serves_where_the_column_is_empty():
    score = score_row(row(None, "≥50个", "48", "8"), SCHEME)

    assert str(score.points) == "7.68"


def test_a_target_in_words_is_scored_by_the_level_that_was_reached():
    by_level = row(None, "效果明显", "有所改善", "10", achievement="partly")

    assert str(score_row(by_level, SCHEME).points) == "7.00"
    assert str(score_row(row(None, "效果明显", "达成", "10"), SCHEME).points) == "10.00"


def test_a_target_range_counts_by_the_end_that_must_be_kept():
    more = score_row(row(">=", "90-95%", "81%", "10"), SCHEME)
    less = score_row(row("<=", "3-5天", "6", "10"), SCHEME)

    assert more.explanation == (
        "指标值为区间，取下限 90；完成值 81 ÷ 指标值 90 × 分值 10 = 9.00"
    )
    assert str(less.points) == "8.00"


def test_a_row_without_points_earns_no_full_mark():
    worth_nothing = score_row(row(">=", "50", "60", "0"), SCHEME)

    assert worth_nothing.explanation == "完成值 60 达到指标值 50，得 0.00 分"


@pytest.mark.parametrize(
    ("given", "deduction", "points", "explanation", "because"),
    [
        ("3", None, "3.00", "按评分标准评定，得 3.00 分", "得分 3.00 低于分值 4"),
        ("4", None, "4.00", "按评分标准评定，得满分 4.00 分", ""),
        ("0", None, "0.00", "按评分标准评定，得 0.00 分", "得分 0.00 低于分值 4"),
        ("0", "4", "0.00", "按评分标准评定，得 0.00 分", "得分 0.00 低于分值 4"),
        (None, "1.5", "2.50", "分值 4 − 扣分 1.5 = 2.50", "得分 2.50 低于分值 4"),
        (
            None,
            "6",
            "0.00",
            "分值 4 − 扣分 6 = 0.00（不低于 0 分）",
            "得分 0.00 低于分值 4",
        ),
        ("3", "1", "3.00", "按评分标准评定，得 3.00 分", "得分 3.00 低于分值 4"),
        (
            "3",
            "2",
            "3.00",
            "按评分标准评定，得 3.00 分",
            "所填 3 分与分值 4 减扣分 2 不等；得分 3.00 低于分值 4",
        ),
        (
            "5",
            None,
            "4.00",
            "按评分标准评定，得满分 4.00 分（不超过分值）",
            "所填 5 分不在 0 与分值 4 之间",
        ),
    ],
)
def test_a_rubric_row_takes_points_given_or_its_maximum_less_deductions(
    given, deduction, points, explanation, because
):
    facts = RowFacts(
        comparator="rubric",
        max_points=Decimal(4),
        points=given and Decimal(given),
        deduction=deduction and Decimal(deduction),
    )

    score = score_row(facts, SCHEME)

    assert str(score.points) == points
    assert score.explanation == explanation
    assert score.reason_because == because
    assert score.needs_reason is bool(because)


def test_halves_are_rounded_up():
    assert str(round_points(Decimal("2.675"))) == "2.68"


def test_a_tie_after_an_endless_ratio_is_still_rounded_up():
    # 1 ÷ 1200 = 0.00083333…, times 6 exactly 0.005.
    assert str(score_row(row(">=", "1200", "1", "6"), SCHEME).points) == "0.01"


def test_rounding_up_does_not_pass_a_maximum_finer_than_a_hundredth():
    assert str(score_row(row(">=", "1", "1", "2.345"), SCHEME).points) == "2.34"


@pytest.mark.parametrize(
    ("adjusted", "executed", "points", "ratio", "needs_reason"),
    [
        ("23", "13.32", "5.79", "0.5791", True),
        ("90", "89.974", "10.00", "0.9997", False),
        ("310.2", "154.74", "4.99", "0.4988", True),
        ("239", "87.06", "3.64", "0.3643", True),
        ("100", "104", "10.00", "1.0400", True),
        ("100", "90", "9.00", "0.9000", False),
        ("100", "-1", "0.00", "-0.0100", True),
    ],
)
def test_execution_earns_points_in_proportion_from_money(
    adjusted, executed, points, ratio, needs_reason
):
    execution = sheet([], funds(adjusted, executed)).execution

    assert str(execution.points) == points
    assert str(execution.ratio.quantize(Decimal("0.0001"))) == ratio
    assert execution.needs_reason is needs_reason


def test_execution_shows_its_working():
    within = score_sheet([], funds("23", "13.32"), SCHEME).execution
    beyond = score_sheet([], funds("100", "104"), SCHEME).execution

    assert within.explanation == (
        "执行数 13.32 ÷ 全年预算数 23 × 分值 10 = 5.79（四舍五入）"
    )
    assert within.reason_because == "执行率 57.91% 低于 90%"
    assert beyond.explanation == (
        "执行数 104 ÷ 全年预算数 100 = 104%，超过 100% 按 100% 计，得满分 10.00 分"
    )


def test_a_budget_of_zero_earns_nothing_and_asks_why():
    execution = score_sheet([], funds("0", "0"), SCHEME).execution

    assert execution.ratio is None
    assert str(execution.points) == "0.00"
    assert execution.needs_reason


@pytest.mark.parametrize(
    ("facts", "explanation"),
    [
        (funds(None, "5"), "未填全年预算数"),
        (funds("5", None), "未填全年执行数"),
        (funds("-5", "5"), "为负数"),
        (funds("1" * 4000, "5"), "位数过多"),
    ],
)
def test_an_unknown_ratio_gives_no_points_and_leaves_the_ceiling_open(
    facts, explanation
):
    score = score_sheet([row(">=", "1", "1", "90")], facts, SCHEME)

    assert score.execution.points is None
    assert explanation in score.execution.explanation
    assert (str(score.total), str(score.ceiling)) == ("90.00", "100.00")


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("90.00", "优"),
        ("89.99", "良"),
        ("80", "良"),
        ("79.99", "中"),
        ("60", "中"),
        ("59.99", "差"),
        ("0", "差"),
    ],
)
def test_a_grade_follows_the_total_with_its_two_decimals(total, grade):
    rubric = RowFacts(
        comparator="rubric", max_points=Decimal(100), points=Decimal(total)
    )

    assert score_sheet([rubric], FundsFacts(), SCHEME).grade == grade


def test_a_total_is_the_sum_of_the_rounded_rows():
    rows = [
        RowFacts(comparator="rubric", max_points=Decimal(m), points=Decimal(p))
        for m, p in (("37", "37"), ("29", "29"), ("24", "20"))
    ]

    score = score_sheet(rows, funds("100", "100"), SCHEME)

    assert (str(score.total), score.grade) == ("96.00", "优")
    assert score.explanation == "各项得分相加 = 96.00"


def test_a_ceiling_is_what_all_rows_could_still_reach_at_this_ratio():
    rows = [row(">=", "50", "48", "90")]

    score = score_sheet(rows, funds("23", "13.32"), SCHEME)

    assert str(score.ceiling) == "95.79"


def test_rows_that_do_not_apply_are_left_out_and_the_rest_is_scaled_to_100():
    rows = [
        row(">=", "50", "48", "80"),
        row(">=", "50", "50", "10", applicable=False),
    ]

    rescaled = score_sheet(rows, funds("100", "90"), SCHEME)
    kept = score_sheet(rows, funds("100", "90"), scheme_with(not_applicable="exclude"))

    # 80 × 0.96 = 76.80, and 9.00 for execution: 85.80 out of 90.
    assert str(rescaled.total) == "95.33"
    assert rescaled.explanation == (
        "各项得分相加 85.80 ÷ 适用各项分值 90 × 100 = 95.33（不适用的指标不计）"
    )
    assert str(rescaled.ceiling) == "98.89"
    assert str(kept.total) == "85.80"


def test_a_sheet_without_rows_and_money_has_no_total():
    score = score_sheet([], FundsFacts(), SCHEME)

    assert (score.total, score.grade, score.ceiling) == (None, None, None)


amounts = st.decimals(min_value=0, max_value=10**6, places=3)
maxima = st.decimals(min_value=0, max_value=100, places=2)
quantitative = st.sampled_from([">=", ">", "=", "<=", "<"])
schemes = st.sampled_from(
    [scheme_with(reverse=method) for method in ("linear", "ratio", "zero")]
)


@given(quantitative, amounts, st.decimals(-100, 10**6, places=3), maxima, schemes)
def test_points_stay_between_zero_and_the_maximum(
    comparator, target, actual, max_points, scheme
):
    points = points_of(row(comparator, f"{target}", f"{actual}", max_points), scheme)

    assert 0 <= points <= max_points
    assert points == round_points(points)


@given(st.sampled_from([">=", ">", "<=", "<"]), amounts, amounts, amounts, schemes)
def test_a_better_result_never_earns_less(comparator, target, one, other, scheme):
    worse, better = sorted((one, other), reverse=comparator in ("<=", "<"))

    points = [
        points_of(row(comparator, f"{target}", f"{actual}", "10"), scheme)
        for actual in (worse, better)
    ]

    assert points[0] <= points[1]


@given(amounts, amounts, st.lists(st.tuples(amounts, amounts, maxima), max_size=8))
def test_every_total_is_the_sum_of_rounded_rows_below_its_ceiling(
    adjusted, executed, figures
):
    rows = [row(">=", f"{t}", f"{a}", m) for t, a, m in figures]

    score = sheet(rows, funds(adjusted, executed))

    parts = [each.points for each in (score.execution, *score.rows)]
    assert score.total == sum(parts)
    assert score.total <= score.ceiling


@given(
    st.text(),
    st.text(),
    st.sampled_from([">=", "<=", "qualitative", "rubric", None]),
    st.decimals() | st.none(),
)
def test_no_text_and_no_number_makes_scoring_fail(target, actual, comparator, number):
    facts = RowFacts(
        comparator=comparator,
        target=target,
        actual=actual,
        unit=actual,
        max_points=number,
        points=number,
        deduction=number,
    )
    money = FundsFacts(adjusted=number, executed=number)

    score = sheet([facts], money)

    assert score.rows[0].explanation
    assert score.total.is_finite()
