"""Numbers as text: nothing rounded, nothing lost."""

from decimal import Decimal

import pytest

from perfeval.templatetags.units import (
    amount,
    chinese_date,
    form_amount,
    iso_date,
    max_points,
    percent,
    points,
)


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (amount, "1234567.5", "1,234,567.50"),
        (amount, "13.3256", "13.3256"),
        (form_amount, "1234.5", "1234.50"),
        (form_amount, "0", "0.00"),
        (points, "8", "8.00"),
        (points, "9.855", "9.855"),
        (points, "1" * 60, "1" * 60 + ".00"),
        (max_points, "1" * 60 + ".50", "1" * 60 + ".5"),
        (percent, "1" * 60, "1" * 60 + "00.00%"),
        (max_points, "10.00", "10"),
        (max_points, "100", "100"),
        (max_points, "22.50", "22.5"),
        (percent, "0.92", "92.00%"),
        (percent, "0.57913", "57.913%"),
        (percent, "1", "100.00%"),
    ],
)
def test_a_number_becomes_text_without_losing_a_digit(show, value, text):
    assert show(Decimal(value)) == text


@pytest.mark.parametrize("show", [amount, form_amount, points, max_points, percent])
def test_what_is_unknown_is_left_blank(show):
    assert show(None) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2023-03-05", "2023年3月5日"),
        ("2023年3月", "2023年3月"),
        ("2023-02-30", "2023-02-30"),
        (None, ""),
    ],
)
def test_a_date_is_written_as_documents_write_it(value, text):
    assert chinese_date(value) == text


def test_only_a_real_day_is_a_date_of_the_calendar():
    assert [iso_date("2023-03-05"), iso_date("2023-02-30"), iso_date(None)] == [
        "2023-03-05",
        "",
        "",
    ]
