"""Tables as .xlsx files: what every reader finds in them."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, islice

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from perfeval.sheets import PIECE, Ratio, stream_table, table_workbook

HEAD = [("项目编码", 24), ("金额", 14)]


def cells_of(*rows):
    content = table_workbook("名单", HEAD, rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(min_row=2)]


def test_codes_are_text_and_figures_are_figures():
    [row] = cells_of(["440700000000000012345", Decimal("1234.50")])

    assert (row[0].value, row[0].data_type) == ("440700000000000012345", "s")
    assert row[0].number_format == "@"
    assert (row[1].value, row[1].data_type) == (1234.5, "n")
    assert row[1].number_format == "#,##0.00"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_what_looks_like_a_formula_is_quoted_text(text):
    [row] = cells_of([text, None])

    assert (row[0].value, row[0].data_type) == (text, "s")
    assert row[0].quotePrefix


def test_days_moments_and_ratios_keep_their_kind():
    [row] = cells_of([date(2026, 3, 5), datetime(2026, 3, 5, 9, 30, tzinfo=UTC)])
    [other] = cells_of([Ratio("0.5791"), 7])

    assert row[0].value == datetime(2026, 3, 5)  # noqa: DTZ001  # a cell has no zone
    # Office time: 17:30 in Shanghai.
    assert row[1].value == datetime(2026, 3, 5, 17, 30)  # noqa: DTZ001
    assert (other[0].value, other[0].number_format) == (0.5791, "0.00%")
    assert other[1].value == 7


def test_what_xml_cannot_hold_is_left_out_and_marks_are_kept():
    [row] = cells_of(['a\x00b<&>"c\x0b', ""])

    assert row[0].value == 'ab<&>"c'


def test_another_reader_finds_the_same():
    content = table_workbook("名单", HEAD, [["00123", Decimal("0.05")]])

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)

    assert sheet.name == "名单"
    assert sheet.to_python() == [["项目编码", "金额"], ["00123", 0.05]]


def test_a_title_that_no_sheet_may_have_is_mended():
    content = table_workbook("a/b:c[1]*?" + "x" * 40, HEAD, [])

    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames[0]) == 31


def test_it_goes_out_while_its_rows_are_still_read():
    read = count()
    rows = ((f"{next(read)}-{number * 7919}", "") for number in range(100_000))

    [first] = islice(stream_table("名单", HEAD, rows), 1)

    assert len(first) < 2 * PIECE
    assert next(read) < 50_000


def test_no_piece_is_missing_from_a_long_file():
    rows = [(f"{number}", number) for number in range(20_000)]

    content = b"".join(stream_table("名单", HEAD, rows))

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        sheet = package.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<row ") == 20_001
