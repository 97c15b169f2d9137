"""Money goes from 元 to 万元 and back without losing a 分."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.amounts import AmountError, from_yuan, read_amount, to_yuan


def test_ten_thousands_become_yuan_and_are_shown_again_as_typed():
    stored = to_yuan(Decimal("13.32"), "万元")

    assert str(stored) == "133200.00"
    assert str(from_yuan(stored, "万元")) == "13.32"
    assert str(from_yuan(Decimal("1000000.00"), "万元")) == "100"


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_every_amount_of_15_digits_survives_both_ways(cents):
    yuan = Decimal(cents).scaleb(-2)

    assert to_yuan(from_yuan(yuan, "万元"), "万元") == yuan
    assert to_yuan(from_yuan(yuan, "元"), "元") == yuan


@pytest.mark.parametrize(
    ("amount", "unit"),
    [("0.001", "元"), ("0.0000001", "万元"), ("1." + "0" * 40 + "1", "元")],
)
def test_money_finer_than_a_fen_is_refused(amount, unit):
    with pytest.raises(AmountError, match="最小到分"):
        to_yuan(Decimal(amount), unit)


@pytest.mark.parametrize("amount", ["10000000000000", "1" + "0" * 4000])
def test_money_of_more_than_13_whole_digits_is_refused(amount):
    with pytest.raises(AmountError, match="过大"):
        to_yuan(Decimal(amount), "元")


def test_idle_zeros_of_any_length_do_not_matter():
    assert to_yuan(Decimal("1.5" + "0" * 60), "万元") == Decimal("15000.00")


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("23", "万元", "230000.00"),
        ("23", "元", "23.00"),
        ("23万元", "元", "230000.00"),
        ("23万", "万元", "230000.00"),
        ("133,200元", "万元", "133200.00"),
        ("二十三万元", "元", "230000.00"),
        ("1 234.50", "元", "1234.50"),
        ("\u3000１\u00a0２３４\u00a0５６７．８ 元\u00a0", "元", "1234567.80"),
    ],
)
def test_a_cell_is_read_as_money_in_its_own_unit_or_that_of_the_column(
    text, unit, yuan
):
    assert str(read_amount(text, unit)) == yuan


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("约50", "“约50”不是金额"),
        ("≥50", "不是金额"),
        ("", "不是金额"),
        ("50个", "单位“个”不是元或万元"),
        *(
            (text, "数字中间有空格")
            for text in ("5 6", "1234 567", "1 2345", "0.5 600")
        ),
        ("98%", "单位“%”不是元或万元"),
    ],
)
def test_a_cell_that_is_no_amount_is_refused_by_its_words(text, message):
    with pytest.raises(AmountError, match=message):
        read_amount(text, "万元")
