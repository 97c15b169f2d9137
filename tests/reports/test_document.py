"""A document keeps its way from JSON and back exact, and names all that is wrong."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import assume, example, given
from jsonschema import Draft202012Validator

from reports.document import (
    DocumentError,
    Funds,
    FundsRow,
    Indicator,
    ReportDocument,
    document_from_json,
    document_to_json,
    dump_document,
    parse_document,
)
from tests.reports.changed_documents import FULL, SAMPLES, changed, places, values

ROOT = Path(settings.BASE_DIR)
VALIDATOR = Draft202012Validator(
    json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
)
SHORTEST = {"schema": "perfeval-report/1", "sections": []}


def problems_of(data):
    try:
        document_from_json(data)
    except DocumentError as error:
        return error.problems
    return []


@pytest.mark.parametrize("data", [*SAMPLES, SHORTEST], ids=["mof", "four", "shortest"])
def test_a_document_comes_back_as_it_was(data):
    document = document_from_json(data)

    assert document_to_json(document) == data
    assert parse_document(dump_document(document)) == document
    assert dump_document(document) == dump_document(document_from_json(data))


@pytest.mark.parametrize(
    "indicator",
    [
        {"target": None, "max_points": None, "achievement": None},
        {"deviation_note": "", "unit": "", "level2": ""},
        {"goal": 0, "applicable": True},
        {"max_points": "8.00", "points": "-0.50", "actual": "0"},
        {},
    ],
    ids=["null", "empty", "default", "digits", "absent"],
)
def test_null_and_empty_and_absent_stay_what_they_were(indicator):
    row = {"level1": "产出指标", "level3": "甲", **indicator}
    data = {**SHORTEST, "title": "", "grade": None, "indicators": [row]}

    assert document_to_json(document_from_json(data)) == data


def test_unknown_says_the_same_whether_written_as_null_or_left_out():
    written = document_from_json({**SHORTEST, "title": "", "year": None})

    assert written == document_from_json(SHORTEST)
    assert written.year is None


def test_fields_of_a_later_version_are_kept():
    data = {**SHORTEST, "colour": {"of": ["title", 1.5, None]}}

    assert document_to_json(document_from_json(data)) == data


def test_figures_are_decimals_with_the_digits_written():
    document = document_from_json(SAMPLES[0])
    total = document.funds.total

    assert total is not None
    assert str(total.adjusted) == "75.00"
    assert document.total == Decimal("94.33")


def test_a_document_made_in_the_program_writes_only_what_it_says():
    document = ReportDocument(
        sections=(), indicators=(Indicator(level1="产出指标", level3="甲"),)
    )

    assert document_to_json(document) == {
        **SHORTEST,
        "indicators": [{"level1": "产出指标", "level3": "甲"}],
    }


def test_a_very_small_or_large_figure_is_written_without_exponent():
    row = FundsRow(source="total", initial=Decimal("1E+3"), executed=Decimal("1E-7"))

    written = document_to_json(ReportDocument(sections=(), funds=Funds(rows=(row,))))

    assert written["funds"]["rows"] == [
        {"source": "total", "initial": "1000", "executed": "0.0000001"}
    ]


def test_all_problems_are_named_at_once_with_their_paths():
    data = {
        "schema": "perfeval-report/2",
        "year": True,
        "title": None,
        "funds": {"unit": "亿元", "rows": [{"source": "total", "initial": 60}]},
        "sections": [{"key": "basics", "title": "概况"}, "正文"],
        "indicators": [
            {"level1": "产出", "level3": "甲", "points": "8分", "goal": 1.5}
        ],
        "evidence": [{"indicators": ["0"]}],
        "people": [],
    }

    paths = [problem.split("：")[0] for problem in problems_of(data)]

    assert sorted(paths) == sorted(
        [
            "schema",
            "year",
            "title",
            "funds.unit",
            "funds.rows[0].initial",
            "sections[0].text",
            "sections[1]",
            "indicators[0].points",
            "indicators[0].goal",
            "evidence[0].indicators[0]",
            "people",
        ]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "第 1 行第 1 列：不是有效的 JSON 文件"),
        ('{"schema":\n nope}', "第 2 行第 2 列：不是有效的 JSON 文件"),
        ("[" * 100_000, "全文：不是有效的 JSON 文件"),
        ('{"year": 1, "year": 2}', "全文：同一对象里“year”写了不止一次，请只留一个"),
        ('{"more": [NaN]}', "全文：JSON 里没有 NaN 这个值，未知的写 null"),
        ('{"more": -Infinity}', "全文：JSON 里没有 -Infinity 这个值，未知的写 null"),
        ('{"more": 1e400}', "全文：“1e400”太大，读不出"),
        ("[]", "全文：[]应为对象 { }"),
        ('"文字"', "全文：“文字”应为对象 { }"),
        (
            '{"schema": "perfeval-report/1", "sections": [], "title": "\\ud800"}',
            "title：第 1 个字符不是有效的 Unicode 字符",
        ),
    ],
)
def test_a_text_that_is_no_document_is_refused_with_its_place(text, problem):
    with pytest.raises(DocumentError) as error:
        parse_document(text)

    assert error.value.problems == [problem]


@given(places, values)
@example(("year",), 2021.0)
@example(("indicators", 0, "max_points"), "1e5")
@example(("indicators", 0, "max_points"), "１２")
@example(("indicators", 0, "comparator"), None)
@example(("funds", "unit"), None)
@example(("schema",), ...)
def test_our_validation_and_the_schema_agree(path, value):
    data = changed(FULL, path, value)
    # Python's $ also matches before a line break at the end; no figure ends with one.
    assume(not (isinstance(value, str) and value.endswith("\n")))

    ours = problems_of(data)

    assert bool(ours) is not VALIDATOR.is_valid(data), ours


@given(places, values)
def test_every_valid_document_comes_back_as_it_was(path, value):
    data = changed(FULL, path, value)
    assume(VALIDATOR.is_valid(data) and not problems_of(data))
    # A figure is a Decimal, which does not keep zeros before its first digit.
    assume(not (isinstance(value, str) and re.match("-?0[0-9]", value)))

    assert document_to_json(document_from_json(data)) == data
