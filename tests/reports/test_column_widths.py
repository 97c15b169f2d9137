"""The widths of a form's columns follow what stands in them."""

import pytest

from indicators.schemes import load_scheme
from reports.rendering.column_widths import column_widths
from reports.rendering.form_table import form_table
from reports.rendering.narrow_labels import with_narrow_labels
from tests.reports.printing import sample_with_rows

USUAL = (26, 36.5, 47, 67.5, 57.5, 57.5, 30, 43, 77.2)
REASON = "管线迁改晚于计划，施工队伍进场推迟。" * 60


def form(**changes):
    return form_table(sample_with_rows(25, **changes), load_scheme("mof-2020"))


def test_a_form_of_short_texts_keeps_its_usual_widths():
    assert column_widths(form()) == pytest.approx(USUAL)


def test_a_long_reason_takes_width_from_columns_that_have_it_to_spare():
    widths = column_widths(form(row4={"deviation_note": REASON}))

    assert widths[8] > 1.3 * USUAL[8]
    assert sum(widths) == pytest.approx(442.2)
    # A heading of two characters a line, a name of four and an execution ratio fit.
    assert min(widths) >= 2 * 10.5 + 4.5
    assert widths[3] >= 4 * 10.5 + 4.5
    assert widths[7] >= 7 * 5.25 + 4.5


def test_a_number_makes_its_column_wide_enough_for_its_unit():
    target = {"target": "200000", "unit": "人次", "actual": "198000"}

    table = with_narrow_labels(form(row4=target))

    # ≥ and 人次 are as wide as three characters, six digits as another three.
    assert table.widths[4] >= 6 * 10.5 + 4.5
    assert table.rows[4].cells[-5].text == "≥200000人次"


def test_a_value_that_takes_two_lines_breaks_between_its_numbers():
    table = with_narrow_labels(form(row4={"target": "2023年11月30日", "unit": ""}))

    assert table.rows[4].cells[-5].text.replace("≥", "") == "2023年\n11月30日"


def test_numbers_wider_than_the_page_leave_the_usual_widths():
    amounts = {"target": "1" * 15, "actual": "2" * 15, "unit": ""}
    table = form(row4=amounts, row5={"level3": "x" * 400})

    assert sum(column_widths(table)) == pytest.approx(442.2)
