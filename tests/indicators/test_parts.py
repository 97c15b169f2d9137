"""Parts of a self-assessment: how far each is, given to people, and nothing else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from indicators.assignments import give_parts, take_back
from indicators.evidence import Proves, add_evidence
from indicators.models import Narrative, PartAssignment
from indicators.parts import part_states
from indicators.services import record_result, write_narrative
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def treasurer(unit):
    """Of the unit's finance desk: reads what is final, fills in nothing."""
    desk = make_department(unit, name="财务科")
    return make_user(Role.OBSERVER, desk, name="钱出纳")


@pytest.fixture
def tomorrow():
    return timezone.localdate() + timedelta(days=1)


@pytest.fixture
def quantity(assessment):
    return assessment.results.get(indicator__unit="场")


def text_of(response):
    return " ".join(response.content.decode().split())


def parts_url(assessment):
    return reverse("indicators:parts", args=[assessment.pk])


def states_of(user, assessment):
    fresh = type(assessment).objects.visible_to(user).with_content()
    return {each.key: each for each in part_states(user, fresh.get(pk=assessment.pk))}


def test_each_part_says_what_is_missing_who_wrote_it_and_where(
    filler, assessment, quantity
):
    record_result(filler, quantity, {"actual": "48"}, version=1)
    basics = assessment.narratives.get(key="basics")
    write_narrative(filler, basics, "项目概况", version=1)

    parts = states_of(filler, assessment)

    assert [gap.text for gap in parts["rows"].gaps] == [
        "1 项指标未说明偏差原因",
        "2 项指标未填实际完成值",
        "1 项指标未选达成程度",
    ]
    row = reverse("indicators:result", args=[assessment.pk, quantity.pk])
    field = f"id_result{quantity.pk}_deviation_note"
    assert parts["rows"].gaps[0].url == f"{row}?field=deviation_note#{field}"
    assert parts["rows"].saved_by == filler
    assert (parts["basics"].words, parts["basics"].saved_by) == ("已完成", filler)
    assert parts["problems"].gaps[0].text == "第四部分为空"
    assert parts["problems"].gaps[0].url.endswith("#id_problems_text")
    assert (parts["money"].words, parts["evidence"].words) == ("已完成", "可不填")
    assert parts["remarks"].words == "可不填"


def test_weights_and_money_that_are_missing_lead_to_their_pages(filler, unit):
    project = make_project(unit, money=None)
    rows = [("产出指标", "数量指标", "场次", ">=", "1", "场", "85")]
    make_indicators(project, rows)
    assessment = make_assessment(project)

    parts = states_of(filler, assessment)

    assert parts["money"].gaps[0].text == "未填全年预算数、全年执行数"
    assert parts["money"].gaps[0].url.endswith("#id_lines-0-adjusted")
    # 85 + 10 of the money.
    assert parts["rows"].gaps[0].text == "权重合计 95"
    assert parts["rows"].gaps[0].url == reverse("indicators:targets", args=[project.pk])


def test_rows_scored_by_a_standard_want_evidence(filler, unit):
    project = make_project(unit)
    make_indicators(
        project, [("投入", "项目立项", "论证充分性", "rubric", "", "", "4")]
    )
    assessment = make_assessment(project, make_task("guangdong-four"))
    row = assessment.results.get()
    record_result(filler, row, {"self_points": Decimal(3), "basis": "见件"}, version=1)

    before = states_of(filler, assessment)["evidence"]
    pdf = SimpleUploadedFile("论证.pdf", b"%PDF-1.7")
    add_evidence(filler, assessment, pdf, Proves(indicators=[row.indicator_id]))
    after = states_of(filler, assessment)["evidence"]

    assert before.gaps[0].text == "1 项评分指标没有佐证材料"
    assert after.gaps == []
    assert after.saved_by == filler


def test_a_filler_gives_parts_and_takes_them_back(
    client, filler, treasurer, assessment, tomorrow
):
    client.force_login(filler)
    data = {
        "parts": ["money", "problems"],
        "user": treasurer.pk,
        "due_on": tomorrow.isoformat(),
        "note": "按决算数填",
    }

    given = client.post(parts_url(assessment), data)
    again = client.post(parts_url(assessment), data)
    page = text_of(client.get(parts_url(assessment)))

    assert (given.status_code, again.status_code) == (302, 302)
    rows = PartAssignment.objects.order_by("pk")
    assert [(each.part, each.user) for each in rows] == [
        ("money", treasurer),
        ("problems", treasurer),
    ]
    assert "分给 钱出纳" in page
    events = AuditEvent.objects.filter(chain__key=assessment.chain)
    assert events.filter(action="part.given").count() == 2
    back = reverse("indicators:part_take_back", args=[assessment.pk, rows[0].pk])
    assert {client.post(back).status_code, client.post(back).status_code} == {302}
    assert [each.part for each in PartAssignment.objects.all()] == ["problems"]
    assert events.filter(action="part.taken_back").count() == 1


def test_what_cannot_be_given_is_refused_at_its_field(
    client, filler, treasurer, assessment
):
    client.force_login(filler)
    stranger = make_user(Role.FILLER, make_department())
    yesterday = timezone.localdate() - timedelta(days=1)

    nothing = client.post(parts_url(assessment), {})
    over = client.post(
        parts_url(assessment),
        {"parts": "money", "user": treasurer.pk, "due_on": yesterday.isoformat()},
    )
    late = timezone.localdate() + timedelta(days=300)
    with pytest.raises(ValidationError) as refused:
        give_parts(filler, assessment, ["money"], stranger, late)

    for words in ("请选择部分", "请选择填写人", "请填写完成日期"):
        assert words in text_of(nothing)
    assert "完成日期已经过去" in text_of(over)
    assert set(refused.value.message_dict) == {"user", "due_on"}
    assert not PartAssignment.objects.exists()


def test_who_was_given_a_part_fills_in_that_part_alone(
    client, filler, treasurer, assessment, quantity, tomorrow
):
    give_parts(filler, assessment, ["money", "problems"], treasurer, tomorrow)
    client.force_login(treasurer)
    problems = reverse("indicators:narrative", args=[assessment.pk, "problems"])
    basics = reverse("indicators:narrative", args=[assessment.pk, "basics"])
    row = reverse("indicators:result", args=[assessment.pk, quantity.pk])
    money = reverse("projects:funding", args=[assessment.project_id])

    page = text_of(client.get(reverse("indicators:detail", args=[assessment.pk])))
    saved = client.post(problems, {"text": "采购偏晚", "version": 1})
    editor = text_of(client.get(reverse("indicators:narratives", args=[assessment.pk])))
    refused = [
        client.post(basics, {"text": "改", "version": 1}),
        client.get(row),
        client.post(row, {"actual": "48", "version": 1}),
        client.post(parts_url(assessment), {"parts": "rows"}),
        client.post(reverse("indicators:evidence", args=[assessment.pk]), {}),
    ]

    assert saved.status_code == 302
    text = Narrative.objects.get(assessment=assessment, key="problems")
    assert (text.text, text.saved_by) == ("采购偏晚", treasurer)
    assert client.get(money).status_code == 200
    assert money in page
    assert row not in page
    assert problems in editor
    assert basics not in editor
    assert [each.status_code for each in refused] == [403] * 5


def test_a_part_is_theirs_only_while_it_is_given_and_open(
    client, filler, treasurer, assessment, tomorrow
):
    detail = reverse("indicators:detail", args=[assessment.pk])
    problems = reverse("indicators:narrative", args=[assessment.pk, "problems"])
    client.force_login(treasurer)
    before = client.get(detail).status_code
    (given,) = give_parts(filler, assessment, ["problems"], treasurer, tomorrow)
    submit(assessment, filler)
    closed = client.post(problems, {"text": "晚了", "version": 1})
    type(assessment).objects.update(status="returned", level=0)
    take_back(filler, given)
    after = client.get(detail).status_code

    assert (before, after) == (404, 404)
    assert closed.status_code == 409
    assert Narrative.objects.get(assessment=assessment, key="problems").text == ""


def test_the_workbench_lists_given_parts_by_their_day(
    client, filler, treasurer, unit, assessment, tomorrow
):
    other = make_assessment(make_project(unit, name="普法宣传"))
    later = tomorrow + timedelta(days=2)
    give_parts(filler, assessment, ["goal"], treasurer, later)
    give_parts(filler, other, ["problems"], treasurer, tomorrow, "写清原因")
    client.force_login(treasurer)

    response = client.get(reverse("workbench"))

    given = response.context["given"]
    assert [each.assessment for each in given] == [other, assessment]
    assert [gap.text for gap in given[0].gaps] == ["第四部分为空"]
    page = text_of(response)
    assert "分给您填写的部分" in page
    assert "写清原因" in page
    assert given[0].gaps[0].url in page


def test_the_workbench_leads_a_filler_to_the_very_fields(client, filler, assessment):
    client.force_login(filler)

    page = text_of(client.get(reverse("workbench")))

    narratives = reverse("indicators:narratives", args=[assessment.pk])
    assert f'href="{narratives}#id_basics_text"' in page
    assert parts_url(assessment) in page


@pytest.mark.parametrize("count", [0, 8])
def test_queries_do_not_grow_with_what_is_given(
    count, client, filler, treasurer, assessment, tomorrow
):
    keys = ["money", "rows", "basics", "implementation", "results", "problems"]
    give_parts(
        filler,
        assessment,
        [*keys, "goal", "funds"][:count] or keys[:1],
        treasurer,
        tomorrow,
    )
    client.force_login(filler)

    assert len(queries_of(client, parts_url(assessment))) <= 14


def test_others_see_the_parts_and_give_none(
    client, filler, unit_reviewer, treasurer, assessment, tomorrow
):
    (given,) = give_parts(filler, assessment, ["goal"], treasurer, tomorrow)
    client.force_login(unit_reviewer)
    page = client.get(parts_url(assessment))
    back = reverse("indicators:part_take_back", args=[assessment.pk, given.pk])
    refused = client.post(back)
    client.force_login(make_user(Role.FILLER, make_department()))
    stranger = client.get(parts_url(assessment))

    assert "分给一个人" not in text_of(page)
    assert refused.status_code == 403
    assert stranger.status_code == 404
    assert PartAssignment.objects.exists()


def test_the_database_keeps_one_person_a_part(filler, treasurer, assessment, tomorrow):
    give_parts(filler, assessment, ["goal"], treasurer, tomorrow)
    values = {"assessment": assessment, "user": filler, "due_on": tomorrow}
    now = timezone.now()

    for part in ("goal", "unknown"):
        with pytest.raises(IntegrityError), transaction.atomic():
            PartAssignment.objects.create(part=part, given_at=now, **values)


def test_whoever_has_no_account_gets_a_workbook_of_that_part(
    client, filler, assessment, quantity
):
    client.force_login(filler)
    parts = states_of(filler, assessment)
    address = reverse("reports:offline", args=[assessment.pk])

    page = text_of(client.get(parts_url(assessment)))
    answers = [
        client.get(f"{address}?{parts[key].workbook}") for key in ("rows", "problems")
    ]

    assert f"{address}?section=problems" in page
    assert parts["rows"].workbook.startswith(f"row={quantity.pk}&row=")
    assert parts["money"].workbook == ""
    assert [each["Content-Type"].rpartition(".")[2] for each in answers] == [
        "sheet",
        "sheet",
    ]
    for each in answers:
        each.close()
