"""The flow on pages: sent up, taken back, decided, returned, reopened, published."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import ReviewRecord, SelfAssessment, Status
from indicators.workflow import advance, mark_opened
from projects.models import Role
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of
from tests.reports.publishing import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department(name="市司法局")


@pytest.fixture
def unit(department):
    return make_department(department, name="执法监督处")


@pytest.fixture
def people(department, unit):
    """{role: one person of it}, each before the unit's projects."""
    where = {
        Role.FILLER: unit,
        Role.UNIT_REVIEWER: unit,
        Role.DEPARTMENT_REVIEWER: department,
        Role.PERFORMANCE_SECTION: make_department(),
    }
    return {role: make_user(role, place) for role, place in where.items()}


@pytest.fixture
def assessment(unit):
    return complete(make_assessment(make_project(unit, name="执法培训"), make_task()))


@pytest.fixture
def as_(client, people):
    """Log in as a role; return the client."""

    def log_in(role):
        client.force_login(people[role])
        return client

    return log_in


def url(name, assessment, *more):
    return reverse(f"reports:{name}", args=[assessment.pk, *more])


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def text_of(response, status=200):
    assert response.status_code == status
    return " ".join(response.text.split())


def in_days(days):
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def decision(assessment, action, **values):
    return {"version": stored(assessment).version, "decision": action, **values}


def test_a_report_goes_from_the_filler_to_the_public(as_, assessment):
    sent = as_(Role.FILLER).post(
        url("submit", assessment), {"version": assessment.version}, follow=True
    )
    assert f"送审编号 {stored(assessment).submission}" in text_of(sent)
    for role in (
        Role.UNIT_REVIEWER,
        Role.DEPARTMENT_REVIEWER,
        Role.PERFORMANCE_SECTION,
    ):
        page = as_(role).get(url("review", assessment))
        assert "审核通过" in text_of(page)
        as_(role).post(url("review", assessment), decision(assessment, "approve"))
    filler = make_user(Role.FILLER, assessment.project.unit)
    finance = make_user(Role.PERFORMANCE_SECTION, assessment.project.unit)
    publish(stored(assessment), filler, finance, parts=("report",))

    assert stored(assessment).status == Status.PUBLISHED
    actions = ReviewRecord.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["submit", "approve", "approve", "approve", "publish"]


def test_what_is_missing_blocks_and_each_thing_is_linked(as_, unit):
    lacking = make_assessment(make_project(unit))

    shown = as_(Role.FILLER).get(url("submit", lacking))
    sent = as_(Role.FILLER).post(url("submit", lacking), {"version": lacking.version})

    for page in (text_of(shown), text_of(sent, 422)):
        assert "以下 5 处需要先补齐" in page
        first = lacking.results.first()
        row = reverse("indicators:result", args=[lacking.pk, first.pk])
        assert f'href="{row}?field=actual#id_result{first.pk}_actual"' in page
        assert "正在送审" not in page
    assert stored(lacking).status == Status.DRAFT


def test_late_work_is_told_before_and_after(as_, unit):
    task = make_task(due_at=timezone.now() - timedelta(days=1))
    late = complete(make_assessment(make_project(unit), task))

    before = text_of(as_(Role.FILLER).get(url("submit", late)))
    after = as_(Role.FILLER).post(
        url("submit", late), {"version": late.version}, follow=True
    )

    assert "已超过截止时间" in before
    assert "逾期送审" in text_of(after)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"due_at": in_days(3)}, "请填写退回意见"),
        ({"note": "请补", "due_at": ""}, "请填写退回后的修改期限"),
        ({"note": "请补", "due_at": in_days(-1)}, "期限已经过去"),
    ],
    ids=["no words", "no due time", "past"],
)
def test_a_return_asks_for_words_and_a_due_time_and_loses_nothing(
    values, told, as_, assessment
):
    submit(assessment)

    page = as_(Role.UNIT_REVIEWER).post(
        url("review", assessment), decision(assessment, "send_back", **values)
    )

    assert told in text_of(page, 422)
    assert values.get("note", "") in page.text
    assert stored(assessment).status == Status.IN_REVIEW


def test_a_returned_report_shows_the_words_and_is_due_anew(as_, assessment):
    submit(assessment)
    values = {"note": "第三部分与自评表不一致", "due_at": in_days(20)}

    as_(Role.UNIT_REVIEWER).post(
        url("review", assessment), decision(assessment, "send_back", **values)
    )
    page = as_(Role.FILLER).get(reverse("indicators:detail", args=[assessment.pk]))

    assert "第三部分与自评表不一致" in text_of(page)
    assert "还剩 20 天" in text_of(page)
    assert f'href="{url("submit", assessment)}"' in page.text


def test_who_decides_second_is_told_and_keeps_the_words(as_, people, assessment):
    version = submit(assessment).version
    other = make_user(Role.UNIT_REVIEWER, assessment.project.unit)
    advance(assessment.pk, "approve", other, version=version, snapshot={})
    advance(
        assessment.pk,
        "withdraw",
        other,
        version=version + 1,
        snapshot={},
    )

    page = as_(Role.UNIT_REVIEWER).post(
        url("review", assessment),
        {"version": version, "decision": "approve", "note": "同意，依据充分"},
    )

    assert "已被他人处理" in text_of(page, 422)
    assert "同意，依据充分" in page.text
    assert stored(assessment).level == 1


def test_opening_is_told_by_a_post_and_ends_the_withdrawal(as_, assessment):
    submit(assessment)
    as_(Role.UNIT_REVIEWER).get(url("review", assessment))
    before = as_(Role.FILLER).get(url("step", assessment, "withdraw"))

    as_(Role.UNIT_REVIEWER).post(url("review_opened", assessment))
    after = as_(Role.FILLER).get(url("step", assessment, "withdraw"), follow=True)

    assert before.status_code == 200
    assert "单位审核已打开，不能撤回" in text_of(after)


def test_a_withdrawal_brings_it_back_to_the_filler(as_, assessment):
    version = submit(assessment).version

    as_(Role.FILLER).post(url("step", assessment, "withdraw"), {"version": version})

    assert stored(assessment).status == Status.DRAFT


def test_a_missing_button_says_why_on_demand(as_, people, assessment):
    submit(assessment)
    mark_opened(assessment.pk, people[Role.UNIT_REVIEWER])

    page = text_of(
        as_(Role.FILLER).get(reverse("indicators:detail", args=[assessment.pk]))
    )

    assert "已送审，单位审核中，对方已打开，不能撤回" in page
    assert "现在不能办理：送审、撤回" in page
    assert url("submit", assessment) not in page


def test_reopening_asks_why_and_until_when(as_, people, assessment):
    version = submit(assessment).version
    for role in (
        Role.UNIT_REVIEWER,
        Role.DEPARTMENT_REVIEWER,
        Role.PERFORMANCE_SECTION,
    ):
        user = people[role]
        version = advance(
            assessment.pk, "approve", user, version=version, snapshot={}
        ).version
    step = url("step", assessment, "reopen")

    refused = as_(Role.PERFORMANCE_SECTION).post(step, {"version": version})
    values = {"version": version, "note": "口径有误", "due_at": in_days(9)}
    as_(Role.PERFORMANCE_SECTION).post(step, values)

    assert "请填写重新打开的原因" in text_of(refused, 422)
    after = stored(assessment)
    assert (after.status, after.edition) == (Status.RETURNED, 2)
    page = as_(Role.FILLER).get(reverse("indicators:detail", args=[assessment.pk]))
    assert "重新打开" in text_of(page)


@pytest.mark.parametrize(
    ("role", "name", "more"),
    [
        (Role.UNIT_REVIEWER, "submit", ()),
        (Role.FILLER, "review", ()),
        (Role.UNIT_REVIEWER, "publication_add", ()),
        (Role.DEPARTMENT_REVIEWER, "step", ("reopen",)),
    ],
)
def test_what_is_never_theirs_is_refused(role, name, more, as_, assessment):
    address = url(name, assessment, *more)

    answers = [as_(role).get(address), as_(role).post(address, {"version": 1})]

    assert [each.status_code for each in answers] == [403, 403]


def test_another_units_report_does_not_exist(client, assessment):
    client.force_login(make_user(Role.FILLER, make_department()))

    answers = [
        client.get(url("submit", assessment)),
        client.get(url("review", assessment)),
        client.post(url("step", assessment, "withdraw")),
        client.post(url("review_opened", assessment)),
    ]

    assert [each.status_code for each in answers] == [404] * 4


def test_a_step_that_has_no_page_is_not_found(as_, assessment):
    page = as_(Role.FILLER).get(url("step", assessment, "approve"))

    assert page.status_code == 404


def test_the_pages_of_the_flow_ask_few_queries(as_, assessment):
    before = queries_of(as_(Role.FILLER), url("submit", assessment))
    as_(Role.FILLER).post(url("submit", assessment), {"version": assessment.version})

    review = queries_of(as_(Role.UNIT_REVIEWER), url("review", assessment))

    assert len(before) <= 12
    # All that is decided on stands on one page; rows add none (test_review.py).
    assert len(review) <= 19


def test_an_opinion_that_comes_too_late_is_given_back(as_, assessment, people):
    sent = submit(assessment, people[Role.FILLER])
    advance(
        sent.pk,
        "approve",
        people[Role.UNIT_REVIEWER],
        version=sent.version,
        snapshot={},
    )
    typed = {"decision": "send_back", "note": "请核对场次", "version": sent.version}

    answer = as_(Role.UNIT_REVIEWER).post(url("review", sent), typed)

    page = text_of(answer, 409)
    assert "请核对场次" in page
    assert "主管部门审核中" in page
