"""待我审核: what stands out in what waits, in a fixed number of queries."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import Narrative, SelfAssessment
from indicators.workflow import advance
from projects.models import Role
from reports.inbox import flags, waiting_for, with_content
from tests.factories import (
    YEAR,
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
LONG = "全年组织培训五十场，参训一千二百人次，满意度较高，群众反映良好，社会效益明显。"


@pytest.fixture
def unit():
    return make_department(make_department())


@pytest.fixture
def reviewer(unit):
    return make_user(Role.UNIT_REVIEWER, unit)


def make_sent(unit, **values):
    project = make_project(unit, **values)
    return submit(complete(make_assessment(project, make_task())))


def told(reviewer, assessment):
    found = with_content(waiting_for(reviewer)).get(pk=assessment.pk)
    return {word for word, _ in flags(found)}


def test_first_and_full_marks_and_far_above_execution_are_told(unit, reviewer):
    sent = make_sent(unit, money=("230000", "230000", "23000"))

    assert told(reviewer, sent) == {"首次送审", "各项满分", "得分远高于执行率"}


def test_one_row_below_its_weight_is_not_full_marks(unit, reviewer):
    sent = make_sent(unit)
    sent.results.filter(indicator__level3="群众知晓程度").update(
        self_points=Decimal(29)
    )

    assert told(reviewer, sent) == {"首次送审", "得分远高于执行率"}


def test_returned_twice_is_told(unit, reviewer):
    sent = make_sent(unit)
    for _ in range(2):
        sent = advance(
            sent.pk,
            "send_back",
            reviewer,
            version=sent.version,
            note="改",
            snapshot={},
        )
        assert "退回 2 次" not in told_of_any(reviewer, sent)
        sent = submit(SelfAssessment.objects.with_facts().get(pk=sent.pk))

    assert "退回 2 次" in told(reviewer, sent)
    assert "首次送审" not in told(reviewer, sent)


def told_of_any(reviewer, assessment):
    found = with_content(waiting_for(reviewer)).filter(pk=assessment.pk).first()
    return {word for word, _ in flags(found)} if found else set()


@pytest.mark.parametrize(
    ("adjusted", "is_large"), [("4999999.99", False), ("5000000", True)]
)
def test_big_money_begins_at_the_setting(adjusted, is_large, unit, reviewer):
    sent = make_sent(unit, money=(adjusted, adjusted, adjusted))

    assert ("大额资金" in told(reviewer, sent)) is is_large


@pytest.mark.parametrize(
    ("text", "is_copied"), [(LONG, True), ("无", False)], ids=["long", "short"]
)
def test_text_equal_to_last_years_is_told(text, is_copied, unit, reviewer):
    sent = make_sent(unit)
    before = make_assessment(
        make_project(unit, code=sent.project.code, year=YEAR - 1),
        make_task(year=YEAR - 1),
    )
    same = Narrative.objects.filter(assessment__in=[sent, before], key="results")
    same.update(text=text)

    assert ("文字与上年相同" in told(reviewer, sent)) is is_copied


def test_the_earliest_due_time_comes_first_and_rows_add_no_queries(
    client, unit, reviewer
):
    client.force_login(reviewer)
    make_sent(unit)
    address = reverse("reports:review_list")
    few = queries_of(client, address)
    for _ in range(4):
        make_sent(unit)

    many = queries_of(client, address)

    assert len(many) == len(few) <= 12
    assert "data-row-link" in client.get(address).text
