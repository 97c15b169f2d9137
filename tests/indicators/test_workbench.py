"""我的工作台: each role finds what is to be done now."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import ItemComment, SelfAssessment, TaskState
from indicators.workflow import advance
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_task,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


def open_workbench(client, user):
    client.force_login(user)
    response = client.get(reverse("workbench"))
    assert response.status_code == 200
    return response


def names(rows):
    return [each.assessment.project.name for each in rows]


def send_back(assessment, filler, reviewer, note):
    version = submit(assessment, filler).version
    advance(
        assessment.pk, "send_back", reviewer, version=version, note=note, snapshot={}
    )


def test_log_in_is_asked_for(client):
    assert client.get(reverse("workbench")).url.startswith(reverse("login"))


def test_a_filler_finds_what_was_returned_first_with_the_opinion(
    client, filler, unit_reviewer, assessment
):
    send_back(assessment, filler, unit_reviewer, "请补充依据")
    for closed_at in (None, None, timezone.now()):
        ItemComment.objects.create(
            assessment=assessment,
            narrative_key="goal",
            author=unit_reviewer,
            text="评语",
            at=timezone.now(),
            closed_at=closed_at,
        )

    response = open_workbench(client, filler)

    (returned,) = response.context["returned"]
    assert (returned.assessment, returned.opinion, returned.comments) == (
        assessment,
        "请补充依据",
        2,
    )
    assert response.context["drafts"] == []
    page = response.content.decode()
    assert "请补充依据" in page
    assert "2 条评语" in page


def test_of_several_returns_the_last_opinion_counts(
    client, filler, unit_reviewer, assessment
):
    send_back(assessment, filler, unit_reviewer, "第一次意见")
    assessment.refresh_from_db()
    send_back(assessment, filler, unit_reviewer, "第二次意见")

    (returned,) = open_workbench(client, filler).context["returned"]

    assert returned.opinion == "第二次意见"


def test_drafts_come_by_due_time_with_what_is_missing_in_words(client, filler, unit):
    now = timezone.now()
    late = make_task(due_at=now + timedelta(days=9))
    soon = make_task(due_at=now + timedelta(days=2))
    make_assessment(make_project(unit, name="晚的"), late)
    make_assessment(make_project(unit, name="早的"), soon)
    own = make_project(unit, name="延期的")
    make_assessment(own, soon, due_at=now + timedelta(days=5))

    response = open_workbench(client, filler)

    assert names(response.context["drafts"]) == ["早的", "延期的", "晚的"]
    page = response.content.decode()
    assert "3 项指标未填实际完成值" in page
    assert "第一、二、三、四、五部分为空" in page
    assert "还剩 5 天" in page


def test_a_filler_may_read_what_is_approved_and_sees_what_is_under_way(
    client, filler, unit, task, unit_reviewer, assessment
):
    submit(make_assessment(make_project(unit), task), filler)
    SelfAssessment.objects.filter(pk=assessment.pk).update(
        status="approved",
        total=Decimal("98.90"),
        grade="优",
        review_total=Decimal("87.90"),
        review_grade="良",
    )

    response = open_workbench(client, filler)

    assert "87.90 分 · 良（自评 98.90 分 · 优）" in response.text
    assert response.context["approved"] == [assessment]
    assert response.context["sent_up"] == 1
    assert reverse("reports:report", args=[assessment.pk]) in response.content.decode()


def test_a_task_that_is_over_or_not_sent_out_asks_for_nothing(client, filler, unit):
    for state in (TaskState.DRAFT, TaskState.CLOSED):
        make_assessment(make_project(unit), make_task(state=state))

    response = open_workbench(client, filler)

    assert response.context["drafts"] == []
    assert "没有待填报的绩效自评" in response.content.decode()


def test_more_than_ten_are_led_to_by_a_link(client, filler, unit, task):
    for _ in range(11):
        make_assessment(make_project(unit), task)

    response = open_workbench(client, filler)

    assert len(response.context["drafts"]) == 10
    assert "全部 11 项待填报" in response.content.decode()


def test_a_reviewer_finds_what_waits_at_the_own_level(
    client, filler, unit, task, unit_reviewer, department_reviewer
):
    first = make_assessment(make_project(unit, name="在单位"), task)
    second = make_assessment(make_project(unit, name="在主管"), task)
    submit(first, filler)
    version = submit(second, filler).version
    advance(second.pk, "approve", unit_reviewer, version=version, snapshot={})

    at_unit = open_workbench(client, unit_reviewer).context["waiting"]
    at_department = open_workbench(client, department_reviewer).context["waiting"]

    assert names(at_unit) == ["在单位"]
    assert names(at_department) == ["在主管"]


def test_what_waits_stands_in_the_order_of_the_levels_due_time(
    client, filler, unit, unit_reviewer
):
    now = timezone.now()
    for name, due in (("无期限", None), ("晚的", 9), ("早的", 2)):
        task = make_task()
        task.levels.filter(position=1).update(due_at=due and now + timedelta(days=due))
        submit(make_assessment(make_project(unit, name=name), task), filler)

    waiting = open_workbench(client, unit_reviewer).context["waiting"]

    assert names(waiting) == ["早的", "晚的", "无期限"]


def test_an_odd_one_is_flagged_with_the_reason(
    client, filler, unit_reviewer, assessment
):
    submit(assessment, filler)
    SelfAssessment.objects.filter(pk=assessment.pk).update(total=Decimal("96.00"))

    page = open_workbench(client, unit_reviewer).content.decode()

    assert "得分率 96%，预算执行率只有 57.91%，相差 38.09 个百分点" in page


def test_the_performance_section_sees_progress_per_department(
    client, performance_section, filler, unit, department
):
    now = timezone.now()
    task = make_task(due_at=now - timedelta(days=1), title="本年任务")
    for _ in range(2):
        make_assessment(make_project(unit), task)
    submit(make_assessment(make_project(unit), task), filler)
    other = make_department(name="市卫健局")
    extended = now + timedelta(days=3)
    make_assessment(make_project(other), task, due_at=extended)

    response = open_workbench(client, performance_section)

    (told,) = response.context["progress"]
    rows = {row["name"]: [count for count, _ in row["cells"]] for row in told["rows"]}
    # 应报 填报中 审核中 已退回 已审定 已公开 免报 逾期
    assert rows == {
        "市司法局": [3, 2, 1, 0, 0, 0, 0, 2],
        "市卫健局": [1, 1, 0, 0, 0, 0, 0, 0],
    }


def test_each_count_leads_to_a_list_of_as_many(
    client, performance_section, filler, unit, department
):
    task = make_task(due_at=timezone.now() - timedelta(days=1))
    make_assessment(make_project(unit), task)
    submit(make_assessment(make_project(unit), task), filler)
    make_assessment(make_project(make_department()), task)

    (told,) = open_workbench(client, performance_section).context["progress"]

    cells = [cell for row in told["rows"] for cell in row["cells"]]
    listed = [client.get(url).context["page_obj"].paginator.count for _, url in cells]
    assert listed == [count for count, _ in cells]


def test_what_need_not_be_handed_in_is_asked_of_nobody(
    client, performance_section, filler, unit, task
):
    make_assessment(make_project(unit, name="要报的"), task)
    cancelled = make_project(unit, name="撤销的", status="cancelled")
    make_assessment(cancelled, task)

    drafts = open_workbench(client, filler).context["drafts"]
    (told,) = open_workbench(client, performance_section).context["progress"]

    assert names(drafts) == ["要报的"]
    counts = [count for count, _ in told["rows"][0]["cells"]]
    assert counts == [2, 1, 0, 0, 0, 0, 1, 0]


def test_an_administrator_is_led_to_the_admin(client, department):
    admin = make_user(Role.SYSTEM_ADMIN, department, is_staff=True)

    page = open_workbench(client, admin).content.decode()

    assert reverse("admin:index") in page
    assert "待填报" not in page


def test_an_observer_is_led_to_what_may_be_read(client, department, assessment):
    SelfAssessment.objects.filter(pk=assessment.pk).update(status="published")
    observer = make_user(Role.OBSERVER, department)

    assert "查看 1 项绩效自评" in open_workbench(client, observer).content.decode()


def test_who_has_no_role_is_told_whom_to_ask(client):
    page = open_workbench(client, make_user()).content.decode()

    assert "请联系系统管理员" in page


def test_one_person_may_hold_several_roles(client, filler, unit, task):
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    colleague = make_user(Role.FILLER, unit)
    make_assessment(make_project(unit, name="要填的"), task)
    submit(make_assessment(make_project(unit, name="要审的"), task), colleague)

    context = open_workbench(client, filler).context

    assert names(context["drafts"]) == ["要填的"]
    assert names(context["waiting"]) == ["要审的"]


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_what_is_to_be_done(count, client, filler, unit, task):
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    colleague = make_user(Role.FILLER, unit)
    for _ in range(count):
        make_assessment(make_project(unit), task)
        submit(make_assessment(make_project(unit), task), colleague)
    client.force_login(filler)

    assert len(queries_of(client, reverse("workbench"))) <= 21
