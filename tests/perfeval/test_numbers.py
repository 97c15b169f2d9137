"""Numbers, signs and units are read as people write them, and nothing is guessed."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.numbers import (
    Deadline,
    Quantity,
    Span,
    Words,
    is_blank,
    normal_unit,
    read_number,
    read_value,
    unit_factor,
    with_unit,
)


@pytest.mark.parametrize(
    ("text", "value", "unit", "sign"),
    [
        ("50", "50", "", None),
        (" ５０．５ ", "50.5", "", None),
        ("1,234,567.8", "1234567.8", "", None),
        ("１，２３４", "1234", "", None),
        ("-5", "-5", "", None),
        ("−5", "-5", "", None),
        ("≥50个", "50", "个", ">="),
        ("≧ 50 个", "50", "个", ">="),
        (">=50", "50", "", ">="),
        ("＞=50", "50", "", ">="),
        ("≤90万元", "90", "万元", "<="),
        ("≦90", "90", "", "<="),
        ("═100%", "100", "%", "="),
        ("＝0", "0", "", "="),
        ("<3天", "3", "天", "<"),
        ("＞3", "3", "", ">"),
        ("不低于90%", "90", "%", ">="),
        ("不超过3个工作日", "3", "个工作日", "<="),
        ("50个以上", "50", "个", ">="),
        ("3天以内", "3", "天", "<="),
        ("100百分比", "100", "%", None),
        ("98％", "98", "%", None),
        ("23万", "23", "万", None),
        ("3.5万人次", "3.5", "万人次", None),
        ("1.15万元/条", "1.15", "万元/条", None),
        ("二十三万元", "23", "万元", None),
        ("一百二十万元", "120", "万元", None),
        ("贰拾叁万伍仟元整", "235000", "元", None),
        ("一亿零五万元", "100050000", "元", None),
        ("两千零五元", "2005", "元", None),
        ("十三点三二万元", "13.32", "万元", None),
        ("零元", "0", "元", None),
    ],
)
def test_a_number_is_read_with_its_sign_and_unit(text, value, unit, sign):
    assert read_value(text) == Quantity(Decimal(value), unit, sign)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "—",
        "约50",
        "近50个",
        "50左右",
        "50余个",
        "50多万元",
        "3万余元",
        "效果明显",
        "达成预期指标",
        "45条（东片21条）",
        "48/50",
        "1,23",
        "1.234,5",
        "1 2.3.4",
        "5 6",
        "≥ 5\u00a06 个",
        "1,234 567",
        "1e5",
        "NaN",
        "Infinity",
        "①建立制度",
        "½",
        "100%达标",
        "1.建立制度",
        "二三万元",
        "十百元",
        "百元",
        "三百十元",
        "三条",
        "≥",
        "12月底前",
        "2021年2月30日",
        "2021年上半年",
        "2021年12月中旬前",
        "95-90%",
        "90%-95个",
    ],
)
def test_what_is_no_single_number_stays_text(text):
    assert read_value(text) == Words(text.strip())


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("90-95%", "90", "95"), ("90%～95%", "90", "95"), ("≥90—95%", "90", "95")],
)
def test_a_range_keeps_both_ends(text, low, high):
    value = read_value(text)

    assert isinstance(value, Span)
    assert (value.low, value.high, value.unit) == (Decimal(low), Decimal(high), "%")


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2021年12月底前", date(2021, 12, 31), date(2021, 12, 31), True),
        ("2021年12月前", date(2021, 11, 30), date(2021, 12, 31), True),
        ("2021年12月31日前完成", date(2021, 12, 31), date(2021, 12, 31), True),
        ("２０２１年２月", date(2021, 2, 1), date(2021, 2, 28), False),
        ("2020-02-29", date(2020, 2, 29), date(2020, 2, 29), False),
        ("2021-12-31", date(2021, 12, 31), date(2021, 12, 31), False),
        ("2021.6.5", date(2021, 6, 5), date(2021, 6, 5), False),
        ("2021年", date(2021, 1, 1), date(2021, 12, 31), False),
        ("2021年底前", date(2021, 12, 31), date(2021, 12, 31), True),
    ],
)
def test_a_date_is_read_as_the_days_it_may_mean(text, first, last, before):
    assert read_value(text) == Deadline(first, last, before)


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("元", "万元", "0.0001"),
        ("万元", "元", "10000"),
        ("万人次", "人次", "10000"),
        ("亿元", "万元", "10000"),
        ("百万元", "元", "1000000"),
        ("千万元", "万元", "1000"),
        ("万", "人次", "10000"),
        ("百分比", "％", "1"),
        ("㎡", "平方米", "1"),
    ],
)
def test_units_that_differ_by_a_power_of_ten_are_converted(source, target, factor):
    assert unit_factor(source, target) == Decimal(factor)


@pytest.mark.parametrize(
    ("source", "target"),
    [("条", "个"), ("人", "人次"), ("%", ""), ("", "%"), ("万", "%"), ("元", "天")],
)
def test_units_of_other_things_have_no_factor(source, target):
    assert unit_factor(source, target) is None


def test_a_bare_number_is_one_without_sign_and_unit():
    assert read_number("１，２００") == Decimal(1200)
    assert read_number("1200元") is None
    assert read_number("≥1200") is None


def test_dashes_and_blanks_say_nothing():
    assert all(is_blank(text) for text in (None, "", "  ", "—", "-", "/", "——", "－"))
    assert not any(is_blank(text) for text in ("0", "无", "—5"))


@given(st.text() | st.from_regex(r"[≥≤]?[0-9,.%万元年月日前-]{0,30}"))
def test_no_text_makes_the_reader_fail(text):
    value = read_value(text)

    assert isinstance(value, Quantity | Span | Deadline | Words)
    assert isinstance(normal_unit(text), str)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.booleans())
def test_a_number_written_plainly_is_read_back_exactly(number, wide):
    text = format(number, "f")
    if wide:
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."})

    assert read_number(text) == number


@pytest.mark.parametrize(
    "hostile",
    ["1" * 1_000_000, "1," * 500_000, "一" * 1_000_000, " " * 1_000_000, "≥" * 10**6],
    ids=["digits", "separators", "numerals", "blanks", "signs"],
)
def test_a_text_of_a_megabyte_is_read_at_once(hostile):
    start = time.perf_counter()

    value = read_value(hostile)
    normal_unit(hostile)

    assert isinstance(value, Words)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1,234.50", "1,234.50万人次"),
        ("１２３４.５", "１２３４.５万人次"),
        ("62万人次", "62万人次"),
        ("达成预期指标", "达成预期指标"),
        ("", ""),
    ],
)
def test_the_unit_follows_a_plain_number_and_nothing_else(value, shown):
    assert with_unit(value, "万人次") == shown
