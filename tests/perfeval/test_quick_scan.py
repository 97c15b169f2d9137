"""The short scan of plain sheets says what the long one says, or nothing at all."""

import pytest

from perfeval.workbooks.number_formats import GENERAL, parse_format
from perfeval.workbooks.quick_scan import quick_scan
from perfeval.workbooks.sheet_scan import Limits, SheetScan

LIMITS = Limits(rows=5_000, columns=100, elements=150_000)
FORMATS = [GENERAL, parse_format("0%"), parse_format("#,##0.00")]
SHEET = (
    b'<worksheet xmlns="x"><cols><col min="1"/></cols><sheetData>%s</sheetData>'
    b'<dataValidation><formula1>"a"</formula1></dataValidation></worksheet>'
)
PLAIN = (
    b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>0.5</v></c></row>'
    b'<row r="4999" hidden="1"><c r="CV4999" s="2"/><c r="C3" s="2"><v>1</v></c></row>'
)


def test_a_plain_sheet_is_told_as_the_long_scan_tells_it():
    data = SHEET % PLAIN

    quick, long = quick_scan(data, LIMITS, FORMATS), SheetScan(data, LIMITS)

    assert quick is not None
    assert (
        quick.styles == {(0, 1): 1} == {k: v for k, v in long.styles.items() if v == 1}
    )
    assert quick.hidden_rows == long.hidden_rows == {4998}
    assert (quick.errors, quick.formulas) == (long.errors, long.formulas) == ({}, set())


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1"><f>1+1</f><v>2</v></c>',
        b'<c r="A1" t="e"><v>#REF!</v></c>',
        b"<c><v>1</v></c>",
        b'<c\nr="XFD1048576"><v>1</v></c>',
        b'<x:c r="XFD1048576"><v>1</v></x:c>',
        b'<c x:r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c s="1" r="XFD1048576"><v>1</v></c>',
        b'<c r="XFD1048576"><v>1</v></c>',
        b'<c r="CW1"><v>1</v></c>',
        b'<c r="A5001"><v>1</v></c>',
        b'<c r="A1048576"><v>1</v></c>',
        b'<c r="A1" t="n" r="XFD1048576"><v>1</v></c>',
        b'<!-- <c r="A1"/> --><c r="A1"/>',
        b'<![CDATA[<c r="A1"/>]]>',
        b'<row hidden="1"><c r="A1"/></row>',
    ],
)
def test_what_is_written_in_any_other_way_is_left_to_the_long_scan(cell):
    assert quick_scan(SHEET % cell, LIMITS, FORMATS) is None


def test_more_cells_than_the_limit_are_left_to_the_long_scan():
    data = SHEET % (b'<c r="A1" s="1"/>' * 150_001)

    assert quick_scan(data, LIMITS, FORMATS) is None
