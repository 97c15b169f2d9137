"""Writes of results and texts: the score follows, events tell, all or nothing."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F

from indicators import services
from indicators.models import Indicator, IndicatorResult, Material, Narrative
from indicators.services import (
    ClosedError,
    record_result,
    start_assessment,
    write_narrative,
)
from perfeval.models import AuditEvent
from perfeval.versions import StaleError
from projects.models import BudgetProject, FundingLine
from projects.services import save_funding
from tests.factories import make_assessment, make_project, make_task, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def quantity(assessment):
    """培训场次, ≥50场, 50 points."""
    return assessment.results.get(indicator__comparator=">=", indicator__unit="场")


@pytest.fixture
def quality(assessment):
    """群众知晓程度, qualitative, 30 points: bands 24—30, 18—23.99, 0—17.99."""
    return assessment.results.get(indicator__comparator="qualitative")


def test_a_new_assessment_has_a_row_for_each_indicator_and_each_text(assessment):
    assert assessment.results.count() == 3
    assert assessment.narratives.count() == 8
    # Money alone: 13.32 ÷ 23 × 10.
    assert assessment.total == Decimal("5.79")
    # Nothing is judged yet: no grade.
    assert assessment.grade == ""


def test_a_form_alone_asks_for_the_texts_of_the_form():
    assessment = make_assessment(material=Material.FORM)

    keys = set(assessment.narratives.values_list("key", flat=True))
    assert keys == {"goal", "funds", "remarks"}


def test_a_project_has_one_assessment_in_a_task(assessment):
    with pytest.raises(ValidationError, match="该项目在本任务中已有自评"):
        start_assessment(None, assessment.project, assessment.task)


def test_a_classified_project_is_not_assessed_here():
    classified = make_project(status="classified", name="", money=None)

    with pytest.raises(ValidationError, match="涉密项目不在本系统自评"):
        start_assessment(None, classified, make_task())


def test_points_total_and_grade_follow_a_result(assessment, quantity, quality, filler):
    record_result(filler, quantity, {"actual": "48"}, version=1)
    changes = {"achievement": "met", "self_points": Decimal("28.5")}
    record_result(filler, quality, changes, version=1)

    assessment.refresh_from_db()
    points = assessment.results.values_list("auto_points", flat=True)
    # 48 ÷ 50 × 50; by the rule 100 % of 30; not filled in.
    assert list(points) == [Decimal("48.00"), Decimal("30.00"), None]
    # 48 + the unit's 28.5 + 5.79 of the money.
    assert (assessment.total, assessment.grade) == (Decimal("82.29"), "")
    satisfaction = assessment.results.get(indicator__unit="%")
    record_result(filler, satisfaction, {"actual": "90"}, version=1)
    assessment.refresh_from_db()
    assert (assessment.total, assessment.grade) == (Decimal("92.29"), "优")


def test_a_result_leaves_an_event_with_before_and_after(assessment, quantity, filler):
    record_result(filler, quantity, {"actual": "48"}, version=1)

    event = AuditEvent.objects.get(action="result.changed")
    assert event.user == filler
    assert event.summary == "填报指标“培训场次”完成情况"
    assert (event.before, event.after) == ({"actual": ""}, {"actual": "48"})
    assert event.chain.key == f"assessment:{assessment.pk}"


def test_saving_the_same_changes_nothing(quantity, filler):
    record_result(filler, quantity, {"actual": "48"}, version=1)
    events = AuditEvent.objects.count()

    changed = record_result(filler, quantity, {"actual": "48"}, version=2)

    assert changed is False
    assert AuditEvent.objects.count() == events
    assert IndicatorResult.objects.get(pk=quantity.pk).version == 2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"achievement": "met", "self_points": "23.99"}, "self_points", "24.00—30.00"),
        ({"achievement": "partly", "self_points": "24"}, "self_points", "18.00—23.99"),
        ({"achievement": "unmet", "self_points": "18"}, "self_points", "0.00—17.99"),
        ({"achievement": "met", "self_points": "30.01"}, "self_points", "0 与分值 30"),
        ({"self_points": "20"}, "achievement", "请选择达成程度"),
    ],
)
def test_points_outside_their_band_are_refused(
    changes, field, message, quality, filler
):
    changes = {**changes, "self_points": Decimal(changes["self_points"])}

    with pytest.raises(ValidationError) as refused:
        record_result(filler, quality, changes, version=1)

    assert message in refused.value.message_dict[field][0]
    assert IndicatorResult.objects.get(pk=quality.pk).self_points is None


@pytest.mark.parametrize(
    ("achievement", "points"),
    [("met", "24"), ("met", "30"), ("partly", "18"), ("partly", "23.99")],
)
def test_points_at_the_borders_of_a_band_are_accepted(
    achievement, points, quality, filler
):
    changes = {"achievement": achievement, "self_points": Decimal(points)}

    assert record_result(filler, quality, changes, version=1)


def test_a_stale_result_changes_nothing_and_brings_the_stored_row(
    assessment, quantity, filler
):
    record_result(filler, quantity, {"actual": "48"}, version=1)

    with pytest.raises(StaleError) as stale:
        record_result(filler, quantity, {"actual": "40"}, version=1)

    assert isinstance(stale.value.current, IndicatorResult)
    assert stale.value.current.actual == "48"
    assert IndicatorResult.objects.get(pk=quantity.pk).actual == "48"
    assessment.refresh_from_db()
    assert assessment.total == Decimal("53.79")


def test_nothing_is_written_to_what_was_sent_up(assessment, quantity, filler):
    submit(assessment, filler)
    text = assessment.narratives.get(key="goal")
    events = AuditEvent.objects.count()

    with pytest.raises(ClosedError, match="该自评现在是“审核中”，内容不能修改"):
        record_result(filler, quantity, {"actual": "48"}, version=1)
    with pytest.raises(ClosedError):
        write_narrative(filler, text, "全部完成", version=1)

    assert IndicatorResult.objects.get(pk=quantity.pk).actual == ""
    assert Narrative.objects.get(pk=text.pk).text == ""
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("status", ["cancelled", "unspent"])
def test_nothing_is_written_once_the_project_reports_no_more(
    assessment, quantity, filler, status
):
    BudgetProject.objects.filter(pk=assessment.project_id).update(status=status)
    text = assessment.narratives.get(key="goal")

    with pytest.raises(ClosedError, match="该自评现在是“免报”，内容不能修改"):
        record_result(filler, quantity, {"actual": "48"}, version=1)
    with pytest.raises(ClosedError):
        write_narrative(filler, text, "全部完成", version=1)

    assert IndicatorResult.objects.get(pk=quantity.pk).actual == ""
    assert Narrative.objects.get(pk=text.pk).text == ""


class BrokenError(Exception):
    """Stands for whatever may fail half-way."""


def fail(*args, **kwargs):
    raise BrokenError


@pytest.mark.parametrize("step", ["record", "rescore"])
def test_result_score_and_event_stand_or_fall_together(
    step, assessment, quantity, filler, monkeypatch
):
    monkeypatch.setattr(services, step, fail)
    events = AuditEvent.objects.count()

    with pytest.raises(BrokenError):
        record_result(filler, quantity, {"actual": "48"}, version=1)

    kept = IndicatorResult.objects.get(pk=quantity.pk)
    assessment.refresh_from_db()
    assert (kept.actual, kept.version, kept.auto_points) == ("", 1, None)
    assert assessment.total == Decimal("5.79")
    assert AuditEvent.objects.count() == events


def test_a_text_and_its_event_stand_or_fall_together(assessment, filler, monkeypatch):
    text = assessment.narratives.get(key="goal")
    monkeypatch.setattr(services, "record", fail)

    with pytest.raises(BrokenError):
        write_narrative(filler, text, "全部完成", version=1)

    kept = Narrative.objects.get(pk=text.pk)
    assert (kept.text, kept.version, kept.saved_by) == ("", 1, None)


def test_a_text_remembers_who_saved_it(assessment, filler):
    text = assessment.narratives.get(key="goal")

    write_narrative(filler, text, "全部完成", version=1)

    kept = Narrative.objects.get(pk=text.pk)
    assert (kept.text, kept.version, kept.saved_by) == ("全部完成", 2, filler)
    assert kept.saved_at is not None


def test_the_score_follows_the_money(assessment, filler):
    line = assessment.project.funding_lines.get()

    save_funding(filler, line, {"executed": Decimal("230000")}, version=1)

    assessment.refresh_from_db()
    assert assessment.total == Decimal("10.00")


def test_money_that_would_change_a_submitted_score_is_refused(assessment, filler):
    submit(assessment, filler)
    line = assessment.project.funding_lines.get()

    with pytest.raises(ClosedError, match="项目信息、资金和指标不能修改"):
        save_funding(filler, line, {"executed": Decimal("230000")}, version=1)

    assert FundingLine.objects.get().executed == Decimal("133200.00")


def test_a_changed_weight_reaches_the_rows(assessment, quantity, filler):
    record_result(filler, quantity, {"actual": "25"}, version=1)
    Indicator.objects.filter(pk=quantity.indicator_id).update(
        max_points=F("max_points") - 10
    )

    services.rescore(assessment)

    row = IndicatorResult.objects.get(pk=quantity.pk)
    # 25 ÷ 50 × 40
    assert (row.max_points, row.auto_points) == (Decimal("40.00"), Decimal("20.00"))
