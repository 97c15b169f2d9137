"""Imported money is read-only to fillers; they ask, the 绩效科 decides."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import SelfAssessment
from perfeval.models import AuditEvent
from perfeval.versions import ClosedError
from projects.corrections import request_correction
from projects.models import AmountCorrection, ChangeState, FundingLine, Role
from projects.services import delete_funding, save_funding
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

AT = datetime(2025, 1, 5, 4, tzinfo=UTC)


@pytest.fixture
def line():
    """A line whose budget came from a file; what was spent is typed by hand."""
    project = make_project()
    found = project.funding_lines.get()
    mark = ["2024年预算.xlsx", AT.isoformat()]
    found.imported_amounts = {"initial": mark, "adjusted": mark}
    found.imported_from, found.imported_at = "2024年预算.xlsx", AT
    found.save()
    return found


@pytest.fixture
def filler(client, line):
    person = make_user(Role.FILLER, line.project.unit, name="王芳")
    client.force_login(person)
    return person


@pytest.fixture
def finance(line):
    return make_user(Role.PERFORMANCE_SECTION, make_department(), name="郑岚")


def ask(client, line, **typed):
    values = {"amount": "adjusted", "new_value": "25", "reason": "批复数录入有误"}
    address = reverse("projects:correct", args=[line.project_id, line.pk])
    return client.post(address, values | typed)


def decide(client, finance, how, note=""):
    client.force_login(finance)
    found = AmountCorrection.objects.latest("pk")
    address = reverse("projects:correction", args=[found.pk])
    return client.post(address, {"decision": how, "note": note})


def funding_rows(line, **changed):
    """What the funding page sends of a line, in 万元."""
    row = {
        "line_id": line.pk,
        "version": line.version,
        "source": line.source,
        "initial": "23",
        "adjusted": "23",
        "executed": "13.32",
        **changed,
    }
    rows = {f"lines-0-{name}": value for name, value in row.items()}
    return {
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
        "money_unit": "万元",
        **rows,
    }


def test_a_filler_changes_what_was_typed_and_not_what_was_imported(
    client, filler, line
):
    address = reverse("projects:funding", args=[line.project_id])

    spent = client.post(address, funding_rows(line, executed="20"))
    line.refresh_from_db()
    budget = client.post(address, funding_rows(line, adjusted="30", executed="20"))

    assert spent.status_code == 302
    assert budget.status_code == 409
    assert "“当年财政拨款”的全年预算数是导入的，不能直接修改" in budget.text
    assert 'value="30"' in budget.text
    line.refresh_from_db()
    assert (line.adjusted, line.executed) == (Decimal(230000), Decimal(200000))


def test_a_filler_neither_deletes_it_nor_makes_it_another_source(filler, line):
    with pytest.raises(ClosedError, match="不能删除"):
        delete_funding(filler, line, version=line.version)
    with pytest.raises(ClosedError, match="资金来源是导入的"):
        save_funding(filler, line, {"source": "other"}, version=line.version)


def test_the_funding_page_shows_where_it_came_from_and_takes_no_typing(
    client, filler, line
):
    page = client.get(reverse("projects:funding", args=[line.project_id])).text

    assert "年初预算数、全年预算数来自 2024年预算.xlsx，2025年1月5日导入" in page
    fields = {
        name: page.split(f'name="lines-0-{name}"')[1].split(">")[0]
        for name in ("initial", "adjusted", "received", "executed")
    }
    assert [name for name, tag in fields.items() if "readonly" in tag] == [
        "initial",
        "adjusted",
    ]


def test_the_section_types_over_it_and_the_figure_is_its_own_then(finance, line):
    save_funding(finance, line, {"adjusted": Decimal(250000)}, version=line.version)

    line.refresh_from_db()
    assert list(line.imported_amounts) == ["initial"]


def test_an_approved_correction_is_taken_and_the_score_follows(
    client, filler, finance, line
):
    assessment = make_assessment(line.project)
    asked = ask(client, line)
    before = FundingLine.objects.get(pk=line.pk).adjusted

    decided = decide(client, finance, "approve")

    assert asked.status_code == decided.status_code == 302
    line.refresh_from_db()
    assert (before, line.adjusted) == (Decimal(230000), Decimal(250000))
    assert line.origin_of("adjusted") == "2024年预算.xlsx（已更正），2025年1月5日导入"
    # 133,200 of 250,000 instead of 230,000: 5.33 points instead of 5.79.
    after = SelfAssessment.objects.get(pk=assessment.pk)
    assert assessment.total - after.total == Decimal("0.46")
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"correction.requested", "correction.decided"} <= set(actions)


def test_a_refused_correction_changes_nothing_and_needs_a_note(
    client, filler, finance, line
):
    ask(client, line)

    without = decide(client, finance, "refuse")
    decided = decide(client, finance, "refuse", "与批复文件一致")

    assert "不同意时请填写审批意见" in without.text
    assert decided.status_code == 302
    line.refresh_from_db()
    assert line.adjusted == Decimal(230000)
    assert AmountCorrection.objects.get().state == ChangeState.REFUSED


def test_who_asked_takes_it_back(client, filler, line):
    ask(client, line)
    found = AmountCorrection.objects.get()

    client.post(reverse("projects:correction_withdraw", args=[found.pk]))

    found.refresh_from_db()
    assert found.state == ChangeState.WITHDRAWN
    assert ask(client, line).status_code == 302


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"reason": ""}, "请填写更正原因"),
        ({"new_value": ""}, "请填写更正后的金额"),
        ({"new_value": "约25"}, "不是金额"),
        ({"new_value": "23"}, "更正前后没有差别"),
        ({"new_value": "13.3200001"}, "精确到了分以下"),
        ({"amount": "executed"}, "请从列表中选择"),
    ],
)
def test_what_is_wrong_in_a_request_comes_back_with_what_was_typed(
    client, filler, line, typed, message
):
    answered = ask(client, line, **typed)

    assert answered.status_code == 200
    assert message in answered.text
    assert typed.get("reason", "批复数录入有误") in answered.text
    assert not AmountCorrection.objects.exists()


def test_one_amount_has_one_open_request(client, filler, line):
    ask(client, line)

    again = ask(client, line, new_value="26")

    assert again.status_code == 409
    assert "该金额已有更正申请等待绩效科审批" in again.text


def test_what_was_sent_up_is_not_corrected(client, filler, line):
    assessment = make_assessment(line.project)
    submit(assessment, filler)

    assert ask(client, line).url == reverse("projects:detail", args=[line.project_id])
    with pytest.raises(ClosedError):
        request_correction(filler, line, "adjusted", Decimal(1), reason="误")


def test_an_amount_that_changed_meanwhile_is_not_overwritten(
    client, filler, finance, line
):
    ask(client, line)
    save_funding(finance, line, {"adjusted": Decimal(240000)}, version=line.version)
    other = make_user(Role.PERFORMANCE_SECTION, make_department())

    decided = decide(client, other, "approve")

    assert decided.status_code == 409
    assert "该金额在申请之后已改动" in decided.text


def test_nobody_decides_the_own_request_nor_without_the_role(client, filler, line):
    ask(client, line)
    found = AmountCorrection.objects.get()
    address = reverse("projects:correction", args=[found.pk])

    assert client.post(address, {"decision": "approve"}).status_code == 403


def test_other_units_see_nothing_of_it(client, filler, line):
    ask(client, line)
    found = AmountCorrection.objects.get()
    client.force_login(make_user(Role.FILLER, make_department()))

    for address in (
        reverse("projects:correction", args=[found.pk]),
        reverse("projects:correction_attachment", args=[found.pk]),
        reverse("projects:correct", args=[line.project_id, line.pk]),
    ):
        assert client.get(address).status_code == 404


def test_readers_are_refused_and_typed_money_needs_no_request(client, filler, line):
    address = reverse("projects:correct", args=[line.project_id, line.pk])
    client.force_login(make_user(Role.OBSERVER, line.project.unit))
    refused = client.get(address).status_code
    client.force_login(filler)
    line.imported_amounts = {}
    line.save()

    assert (refused, client.get(address).status_code) == (403, 404)


def test_the_section_finds_it_among_the_open_changes(client, filler, finance, line):
    ask(client, line)
    client.force_login(finance)

    page = client.get(reverse("indicators:changes")).text

    assert "更正“当年财政拨款”的全年预算数" in page


def test_the_pages_ask_little_of_the_database(client, filler, line):
    ask(client, line)
    found = AmountCorrection.objects.get()

    for address in (
        reverse("projects:detail", args=[line.project_id]),
        reverse("projects:correction", args=[found.pk]),
        reverse("projects:correct", args=[line.project_id, line.pk]),
    ):
        assert len(queries_of(client, address)) <= 12
