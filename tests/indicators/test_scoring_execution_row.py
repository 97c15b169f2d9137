"""Where a scheme scores execution in a row (支出率), it counts once, by its steps."""

from decimal import Decimal

import pytest

from indicators.schemes import load_scheme
from indicators.scoring import FundsFacts, RowFacts, score_sheet

SCHEME = load_scheme("guangdong-four")


def rubric(level3, max_points, points=None, **more):
    return RowFacts(
        level3=level3,
        comparator="rubric",
        max_points=Decimal(max_points),
        points=None if points is None else Decimal(points),
        **more,
    )


def money(executed, adjusted="100", received=None):
    return FundsFacts(
        adjusted=Decimal(adjusted),
        executed=Decimal(executed),
        received=received and Decimal(received),
    )


REST = rubric("其余指标", "94", "93")


@pytest.mark.parametrize(
    ("executed", "points"),
    [
        ("120", "6"),
        ("90", "6"),
        ("89.99", "5"),
        ("80", "5"),
        ("70", "4"),
        ("50", "3"),
        ("49.99", "0"),
        ("0", "0"),
    ],
)
def test_the_execution_ratio_earns_the_points_of_its_step(executed, points):
    rows = [rubric("资金支付：资金支出率", "6"), REST]

    score = score_sheet(rows, money(executed), SCHEME)

    assert score.rows[0].points == score.execution.points == Decimal(points)
    assert score.total == 93 + Decimal(points)


def test_a_ratio_of_57_91_percent_gets_3_of_6_and_leaves_a_ceiling_of_97():
    rows = [rubric("资金支出率", "6", "6"), REST]

    score = score_sheet(rows, money("13.32", "23"), SCHEME)

    assert str(score.execution.points) == "3.00"
    assert (str(score.total), str(score.ceiling)) == ("96.00", "97.00")
    assert score.rows[0].explanation == (
        "执行数 13.32 ÷ 全年预算数 23 = 57.91%；支出率 57.91% 达到 50% 一档，得 3.00 分"
    )
    assert score.rows[0].needs_reason


def test_money_received_is_the_base_where_it_is_known():
    score = score_sheet(
        [rubric("资金支出率", "6"), REST], money("9", "20", received="10"), SCHEME
    )

    assert score.execution.ratio == Decimal("0.9")
    assert "执行数 9 ÷ 到位数 10 = 90%" in score.execution.explanation


def test_a_sheet_without_the_row_counts_execution_beside_its_rows():
    score = score_sheet([REST], money("13.32", "23"), SCHEME)

    assert (str(score.total), str(score.ceiling)) == ("96.00", "97.00")


def test_without_money_the_row_is_scored_by_the_points_given():
    score = score_sheet([rubric("资金支出率", "6", "5"), REST], FundsFacts(), SCHEME)

    assert score.execution.points is None
    assert (str(score.total), str(score.ceiling)) == ("98.00", "100.00")


def test_a_deduction_is_taken_from_the_execution_row_too():
    rows = [rubric("资金支出率", "6", deduction=Decimal("0.5")), REST]

    score = score_sheet(rows, money("90"), SCHEME)

    assert str(score.rows[0].points) == "5.50"
    assert score.rows[0].explanation.endswith("6.00 − 扣分 0.5 = 5.50")


def test_an_execution_row_that_does_not_apply_counts_nowhere():
    rows = [rubric("资金支出率", "6", applicable=False), REST]

    score = score_sheet(rows, money("13.32", "23"), SCHEME)

    # 93 of 94 on the scale of 100.
    assert str(score.total) == "98.94"
    assert score.rows[0].points is None


def test_only_one_row_scores_execution():
    rows = [rubric("预算执行率说明", "4", "4"), rubric("资金支出率", "6"), REST]

    score = score_sheet(rows, money("57.91"), SCHEME)

    assert [str(row.points) for row in score.rows] == ["4.00", "3.00", "93.00"]


def test_a_row_of_other_weight_never_gets_more_than_its_maximum():
    score = score_sheet([rubric("资金支出率", "4")], money("95"), SCHEME)

    assert str(score.rows[0].points) == "4.00"
    assert str(score.execution.max_points) == "4"
