"""绩效目标调整: asked for by the unit, decided by the 绩效科, shown where it counts."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.adjustments import decide_adjustment, request_adjustment
from indicators.models import Indicator, TargetAdjustment
from indicators.services import record_result, save_indicator
from perfeval.audit import subject_of
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
from projects.models import Role
from reports.assembly import assemble
from reports.rendering.annex_parts import target_text
from tests.factories import YEAR, make_department, make_user, submit

SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db

BASIS = {
    "reason": "年中压减预算",
    "document": "江财绩〔2024〕8号",
    "document_date": "2024-08-01",
}


@pytest.fixture
def indicator(assessment):
    """培训场次 ≥50场 of 50 points, approved; 40 were held."""
    indicator = assessment.project.indicators.get(level3="培训场次")
    record_result(None, indicator.results.get(), {"actual": "40"}, version=1)
    Indicator.objects.filter(pk=indicator.pk).update(is_approved=True)
    indicator.refresh_from_db()
    return indicator


@pytest.fixture
def in_the_year(monkeypatch):
    """It is 1 September of the project's year."""
    now = datetime(YEAR, 9, 1, 9, 0, tzinfo=SHANGHAI)
    monkeypatch.setattr("indicators.adjustments.timezone.now", lambda: now)


def ask(client, indicator, **values):
    address = reverse("indicators:adjust", args=[indicator.project_id, indicator.pk])
    sent = {
        "comparator": ">=",
        "target": "40",
        "unit": "场",
        "max_points": "50",
        **BASIS,
        **values,
    }
    return client.post(address, sent)


def decide(client, adjustment, decision="approve", note=""):
    address = reverse("indicators:adjustment", args=[adjustment.pk])
    return client.post(address, {"decision": decision, "note": note})


def asked(filler, indicator, **values):
    new = {
        "comparator": ">=",
        "target": "40",
        "unit": "场",
        "max_points": Decimal(50),
        **values,
    }
    return request_adjustment(
        filler,
        indicator,
        new,
        reason=BASIS["reason"],
        document=BASIS["document"],
        document_date=date(2024, 8, 1),
    )


def test_an_approved_adjustment_is_taken_scored_and_shown_with_what_was_before(
    client, assessment, indicator, filler, performance_section, in_the_year
):
    scan = SimpleUploadedFile("批复.pdf", b"%PDF-1.7 scan")
    client.force_login(filler)

    assert ask(client, indicator, attachment=scan).status_code == 302
    adjustment = indicator.adjustments.get()
    assert indicator.results.get().auto_points == Decimal("40.00")
    client.force_login(performance_section)
    assert decide(client, adjustment).status_code == 302

    indicator.refresh_from_db()
    assert (indicator.target, indicator.target_before) == ("40", "≥50场")
    assert indicator.is_approved
    # 40 of 40: full marks, where 40 of 50 gave 40.
    assert indicator.results.get().auto_points == Decimal("50.00")
    shown = target_text(assemble(assessment.pk).indicators[0])
    assert shown == "≥40场（原指标值≥50场，2024年9月1日调整）"
    for name, key in (
        ("indicators:detail", assessment.pk),
        ("indicators:targets", assessment.project_id),
        ("projects:detail", assessment.project_id),
    ):
        page = client.get(reverse(name, args=[key])).content.decode()
        assert "原 ≥50场 →" in page
        assert "年度终了后" not in page
    report = client.get(reverse("reports:report", args=[assessment.pk]))
    assert shown in report.content.decode()


def test_what_is_written_down_names_both_values_and_the_document(
    indicator, filler, performance_section
):
    adjustment = asked(filler, indicator)
    decide_adjustment(performance_section, adjustment.pk, approve=True, note="")

    subject = subject_of(indicator.project)
    events = AuditEvent.objects.filter(subject=subject, action__startswith="target.")
    first, second = events.order_by("pk")
    assert (first.action, first.user) == ("target.adjustment_requested", filler)
    assert (first.before["target"], first.after["target"]) == ("50", "40")
    assert first.after["document"] == BASIS["document"]
    assert (second.action, second.user) == (
        "target.adjustment_decided",
        performance_section,
    )
    assert second.after["state"] == "approved"


@pytest.mark.parametrize(
    ("asked_at", "document", "late"),
    [
        (datetime(YEAR, 12, 31, 23, 59, tzinfo=SHANGHAI), "2024-12-31", False),
        # In UTC it is still 31 December.
        (datetime(YEAR + 1, 1, 1, 0, 0, tzinfo=SHANGHAI), "2024-08-01", True),
        (datetime(YEAR, 12, 31, 23, 59, tzinfo=SHANGHAI), "2025-01-02", True),
    ],
    ids=["last minute", "asked for after", "document of after"],
)
def test_one_made_after_31_december_is_flagged_by_its_date(
    indicator, filler, asked_at, document, late
):
    adjustment = asked(filler, indicator)
    adjustment.requested_at = asked_at
    adjustment.document_date = date.fromisoformat(document)

    assert adjustment.is_after_year_end is late


def test_the_flag_is_shown_on_every_page_and_in_the_form(
    client, assessment, indicator, filler, performance_section
):
    adjustment = asked(filler, indicator, max_points=Decimal("45.5"))
    client.force_login(performance_section)
    waiting = client.get(reverse("workbench")).content.decode()
    decide(client, adjustment)

    assert "年度终了后" in waiting
    for name, key in (
        ("indicators:detail", assessment.pk),
        ("indicators:targets", assessment.project_id),
        ("projects:detail", assessment.project_id),
        ("indicators:adjustment", adjustment.pk),
    ):
        page = client.get(reverse(name, args=[key])).content.decode()
        assert "年度终了后调整" in page
    shown = target_text(assemble(assessment.pk).indicators[0])
    assert shown.startswith("≥40场（原指标值≥50场，原分值50，20")
    assert shown.endswith("日年度终了后调整）")


def test_the_first_values_stay_the_original_ones(
    indicator, filler, performance_section
):
    for target in ("45", "40"):
        adjustment = asked(filler, indicator, target=target)
        decide_adjustment(performance_section, adjustment.pk, approve=True, note="")
        indicator.refresh_from_db()

    assert (indicator.target, indicator.target_before) == ("40", "≥50场")


def test_a_refusal_leaves_the_target_as_it_is(
    client, indicator, filler, performance_section
):
    adjustment = asked(filler, indicator)
    client.force_login(performance_section)

    without = decide(client, adjustment, "refuse")
    refused = decide(client, adjustment, "refuse", "依据不足")

    assert "不同意时请填写审批意见" in without.content.decode()
    assert refused.status_code == 302
    indicator.refresh_from_db()
    assert (indicator.target, indicator.target_before) == ("50", "")
    assert asked(filler, indicator).is_open


def test_who_asked_takes_an_adjustment_back(
    client, indicator, filler, performance_section
):
    adjustment = asked(filler, indicator)
    address = reverse("indicators:adjustment_withdraw", args=[adjustment.pk])
    client.force_login(performance_section)
    refused = client.post(address)
    client.force_login(filler)

    answer = client.post(address, follow=True)

    assert refused.status_code == 403
    assert "已撤回申请" in answer.text
    adjustment.refresh_from_db()
    assert (adjustment.state, adjustment.decided_by) == ("withdrawn", filler)
    told = AuditEvent.objects.get(action="target.adjustment_withdrawn")
    assert told.after["state"] == "withdrawn"
    indicator.refresh_from_db()
    assert indicator.target == "50"
    assert asked(filler, indicator).is_open


def test_bad_input_is_said_at_once_and_what_was_typed_stays(client, indicator, filler):
    client.force_login(filler)

    wrong = ask(client, indicator, max_points="约5", document="", document_date="")
    same = ask(client, indicator, target="50")

    assert set(wrong.context["form"].errors) == {
        "max_points",
        "document",
        "document_date",
    }
    assert BASIS["reason"] in wrong.content.decode()
    assert 'value="约5"' in wrong.content.decode()
    assert "调整前后没有差别" in same.content.decode()
    assert not TargetAdjustment.objects.exists()


def test_wrong_roles_are_refused_and_other_units_find_nothing(
    client, indicator, filler, unit_reviewer
):
    adjustment = asked(filler, indicator)

    client.force_login(filler)
    assert decide(client, adjustment).status_code == 403
    client.force_login(unit_reviewer)
    assert ask(client, indicator).status_code == 403
    assert decide(client, adjustment).status_code == 403
    assert client.get(reverse("indicators:changes")).status_code == 403
    client.force_login(make_user(Role.FILLER, make_department()))
    assert ask(client, indicator).status_code == 404
    assert decide(client, adjustment).status_code == 404


def test_the_attachment_is_sent_to_those_who_see_the_project(client, indicator, filler):
    client.force_login(filler)
    ask(
        client, indicator, attachment=SimpleUploadedFile("函.png", b"\x89PNG\r\n\x1a\n")
    )
    adjustment = indicator.adjustments.get()
    address = reverse("indicators:adjustment_attachment", args=[adjustment.pk])

    answer = client.get(address)
    assert answer["Content-Type"] == "image/png"
    assert answer.getvalue() == b"\x89PNG\r\n\x1a\n"
    client.force_login(make_user(Role.FILLER, make_department()))
    assert client.get(address).status_code == 404


def test_what_is_not_approved_or_waits_or_was_sent_up_is_not_adjusted(
    client, assessment, indicator, filler, performance_section
):
    client.force_login(filler)
    other = assessment.project.indicators.get(level3="群众满意度")

    free = ask(client, other, unit="%", target="85", max_points="10")
    first = ask(client, indicator)
    second = ask(client, indicator)
    submit(assessment)
    client.force_login(performance_section)
    late = decide(client, indicator.adjustments.get())

    assert free.status_code == 409
    assert "可以直接修改" in free.content.decode()
    assert (first.status_code, second.status_code) == (302, 409)
    assert late.status_code == 409
    assert "审核中" in late.content.decode()
    indicator.refresh_from_db()
    assert indicator.target == "50"
    assert indicator.adjustments.get().is_open


def test_values_that_changed_after_the_request_are_not_overwritten(
    indicator, filler, performance_section
):
    adjustment = asked(filler, indicator)
    save_indicator(
        performance_section,
        indicator,
        {"target": "60", "is_approved": False},
        version=indicator.version,
    )

    with pytest.raises(ClosedError, match="在申请之后已改动"):
        decide_adjustment(performance_section, adjustment.pk, approve=True, note="")

    indicator.refresh_from_db()
    adjustment.refresh_from_db()
    assert (indicator.target, adjustment.state) == ("60", "requested")


def test_points_already_given_bound_the_new_weight(client, assessment, filler):
    row = assessment.results.get(indicator__level3="群众知晓程度")
    given = {"achievement": "met", "self_points": Decimal(28)}
    record_result(None, row, given, version=1)
    Indicator.objects.filter(pk=row.indicator_id).update(is_approved=True)
    client.force_login(filler)

    response = ask(
        client,
        row.indicator,
        comparator="qualitative",
        target="明显提高",
        unit="",
        max_points="20",
    )

    assert "已填自评得分 28.00" in response.content.decode()


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    client,
    assessment,
    indicator,
    filler,
    performance_section,
    django_assert_max_num_queries,
):
    for target in ("45", "44", "43", "42", "41"):
        adjustment = asked(filler, indicator, target=target)
        decide_adjustment(performance_section, adjustment.pk, approve=True, note="")
        indicator.refresh_from_db()
    client.force_login(performance_section)

    for name, key in (
        ("indicators:targets", assessment.project_id),
        ("indicators:adjustment", adjustment.pk),
    ):
        with django_assert_max_num_queries(12):
            client.get(reverse(name, args=[key]))
    with django_assert_max_num_queries(10):
        client.get(reverse("indicators:changes"))
