"""Forms of every known layout beside a self-assessment with the same indicators."""

import json
from pathlib import Path

import pytest

from indicators.models import IndicatorResult
from reports.reading.form import open_form
from reports.takeover import plan_takeover, take_over
from tests.factories import make_assessment, make_indicators, make_project
from tests.reports import form_workbooks
from tests.reports.form_workbooks import workbook

pytestmark = pytest.mark.django_db

FORMS = Path(__file__).parents[1] / "data" / "forms"
LAYOUTS = sorted(each.stem for each in FORMS.glob("*.json"))


def expected_of(name):
    return json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))


def assessment_like(expected):
    """Return an empty self-assessment with the indicators that a form names."""
    project = make_project(
        money=None,
        name=expected.get("project", {}).get("name") or "项目",
        year=expected.get("year") or 2022,
    )
    rows = [
        (
            each["level1"],
            each.get("level2", ""),
            each["level3"],
            each.get("comparator") or "qualitative",
            (each.get("target") or "")[:200],
            each.get("unit", ""),
            each.get("max_points") or "1",
        )
        for each in expected["indicators"]
    ]
    unique = {row[:3]: row for row in rows}
    make_indicators(project, unique.values())
    return make_assessment(project)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_matched_row_by_row_and_says_where_each_cell_stands(name):
    expected = expected_of(name)
    assessment = assessment_like(expected)
    form = open_form(workbook(getattr(form_workbooks, name.upper())))

    plan = plan_takeover(form.document, assessment, places=form.places)

    own = {
        (x["level1"], x.get("level2", ""), x["level3"]) for x in expected["indicators"]
    }
    assert sum(each.result is not None for each in plan.rows) == len(own)
    cells = [each for each in plan.proposals if each.kind in ("result", "funds")]
    assert [each.label for each in cells if not each.place] == []


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_is_sure_of_every_layout_is_taken_and_asked_no_second_time(name):
    assessment = assessment_like(expected_of(name))
    data = workbook(getattr(form_workbooks, name.upper()))
    form = open_form(data)
    plan = plan_takeover(form.document, assessment, places=form.places)
    ready = [each for each in plan.proposals if each.is_ready]

    written = take_over(None, assessment, ready)
    again = plan_takeover(form.document, assessment, places=form.places)

    assert written == len(ready)
    assert [each.label for each in again.proposals if each.is_ready] == []
    assert IndicatorResult.objects.exclude(actual="", basis="").exists() == any(
        each.column in ("actual", "basis") for each in ready
    )
