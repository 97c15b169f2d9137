"""A document's score as JSON: its own totals count nothing, its facts everything."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.schemes import SchemeError, load_scheme, scheme_ids
from reports.document import (
    DocumentError,
    Funds,
    FundsRow,
    Indicator,
    ReportDocument,
    document_from_json,
    parse_document,
)
from reports.scorecard import document_scheme, score_document, scorecard_to_json
from tests.reports.changed_documents import FULL, changed, places, values

DATA = Path(__file__).parents[1] / "data"


def sample(name):
    return parse_document((DATA / f"{name}.json").read_text(encoding="utf-8"))


def scored(document, scheme="mof-2020"):
    return scorecard_to_json(score_document(document, load_scheme(scheme)))


def test_the_scorecard_has_the_agreed_keys_and_decimal_strings():
    card = scored(sample("score_mof"))

    assert card["execution"]["ratio"] == "0.9500"
    assert card["execution"]["points"] == "9.50"
    assert [row["index"] for row in card["rows"]] == list(range(8))
    assert card["rows"][0] == {
        "index": 0,
        "points": "11.40",
        "max_points": "12",
        "explanation": "完成值 114 ÷ 指标值 120 × 分值 12 = 11.40",
        "needs_reason": True,
        "reason_because": "得分 11.40 低于分值 12",
    }
    assert (card["total"], card["grade"], card["ceiling"]) == ("94.33", "优", "99.50")
    assert json.loads(json.dumps(card)) == card


def test_a_sheet_with_written_standards_scores_under_its_own_scheme():
    document = sample("score_guangdong")

    card = scored(document, document_scheme(document).ref)

    assert card["execution"]["points"] == card["rows"][9]["points"] == "4.00"
    assert card["rows"][2]["points"] == "1.50"
    assert (card["total"], card["grade"], card["ceiling"]) == ("95.50", "优", "98.00")


def test_what_the_document_says_of_its_own_score_is_not_believed():
    document = sample("score_mof")
    boasting = replace(document, total=Decimal(100), grade="优", max_total=Decimal(7))
    rows = tuple(replace(row, points=Decimal(99)) for row in document.indicators)
    boasting = replace(boasting, indicators=rows)

    card = scored(boasting)

    # The qualitative row's 99 is outside its band: 70 % of 15 instead of 11.
    assert card["rows"][6]["points"] == "10.50"
    assert card["total"] == "93.83"


def test_a_row_without_result_has_no_points_and_counts_zero():
    document = sample("score_mof")
    rows = (replace(document.indicators[0], actual=None), *document.indicators[1:])

    card = scored(replace(document, indicators=rows))

    assert card["rows"][0]["points"] is None
    assert card["rows"][0]["explanation"] == "未填实际完成值"
    assert card["total"] == "82.93"
    assert card["ceiling"] == "99.50"


def test_an_empty_document_has_nothing_to_score():
    card = scored(ReportDocument(sections=()))

    assert card["execution"]["ratio"] is None
    assert card["rows"] == []
    assert (card["total"], card["grade"], card["ceiling"]) == (None, None, None)


@pytest.mark.parametrize("digits", [40, 4000])
def test_numbers_of_any_length_are_survived(digits):
    huge = Decimal("9" * digits)
    long = Decimal("0." + "3" * digits)
    document = ReportDocument(
        sections=(),
        funds=Funds(
            rows=(FundsRow(source="total", adjusted=long, executed=huge, points=huge),)
        ),
        indicators=(
            Indicator(
                level1="产出指标", level3="甲", comparator=">=", target=str(huge)
            ),
            Indicator(level1="产出指标", level3="乙", max_points=huge, points=long),
        ),
        total=huge,
    )

    card = scored(document)

    assert "位数过多" in card["execution"]["explanation"]
    assert [row["points"] for row in card["rows"]] == [None, None]
    assert (card["total"], card["ceiling"]) == ("0.00", "10.00")


def test_the_longest_figures_that_are_scored_still_make_a_ratio():
    row = FundsRow(
        source="total",
        adjusted=Decimal("0." + "0" * 29 + "1"),
        executed=Decimal(10**29),
    )

    card = scored(ReportDocument(sections=(), funds=Funds(rows=(row,))))

    assert card["execution"]["points"] == "10.00"
    assert card["execution"]["ratio"] == "1" + "0" * 59 + ".0000"


def test_the_scheme_asked_for_goes_before_the_documents_and_the_national_one():
    document = sample("score_guangdong")

    assert document_scheme(document).ref == "guangdong-four@1"
    assert document_scheme(document, "mof-2021-cost").ref == "mof-2021-cost@1"
    assert document_scheme(ReportDocument(sections=())).ref == "mof-2020@1"
    with pytest.raises(SchemeError):
        document_scheme(replace(document, scheme="nosuch@1"))


@given(places, values, st.sampled_from(scheme_ids()))
def test_every_valid_document_gets_a_scorecard_that_is_json(path, value, scheme):
    try:
        document = document_from_json(changed(FULL, path, value))
    except DocumentError:
        assume(False)

    card = scored(document, scheme)

    parts = [Decimal(row["points"] or 0) for row in card["rows"]]
    parts.append(Decimal(card["execution"]["points"] or 0))
    without = any(not row.applicable for row in document.indicators)
    assert json.loads(json.dumps(card)) == card
    assert without or Decimal(card["total"] or 0) == sum(parts)
