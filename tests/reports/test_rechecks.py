"""Rechecks by third parties: given out, written, handed in, confirmed, taken over."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from indicators.models import (
    Recheck,
    RecheckRow,
    RecheckState,
    SelfAssessment,
    Status,
)
from indicators.recheck_entries import OPINION, record_row, record_text
from indicators.recheck_steps import RecheckError, take_recheck_step
from indicators.reminders import remind
from perfeval.models import AuditEvent, Notice
from perfeval.versions import ClosedError
from projects.models import Role
from reports.submission import decide, submit
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_recheck,
    make_task,
    make_user,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
LEVELS = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def bureau():
    return make_department(name="市财政局")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def finance(bureau):
    return make_user(Role.PERFORMANCE_SECTION, bureau, name="郑绩效")


@pytest.fixture
def firm():
    return make_department(name="明正会计师事务所")


@pytest.fixture
def expert(firm):
    return make_user(Role.THIRD_PARTY, firm, name="顾复核")


@pytest.fixture
def task():
    task = make_task(levels=LEVELS)
    task.levels.filter(role=Role.PERFORMANCE_SECTION).update(gives_points=True)
    return task


@pytest.fixture
def assessment(unit, filler, task):
    """It waits at the 绩效科: 50 + 30 + 10 points of rows, 5.79 of money: 95.79."""
    reviewer = make_user(Role.UNIT_REVIEWER, unit)
    made = complete(make_assessment(make_project(unit, name="执法培训"), task), filler)
    sent = submit(filler, made, version=made.version)
    return decide(reviewer, sent, "approve", version=sent.version)


@pytest.fixture
def recheck(assessment, expert, finance):
    return make_recheck(assessment, expert, assigned_by=finance)


def page(recheck):
    return reverse("rechecks:page", args=[recheck.pk])


def row_url(recheck, result):
    return reverse("rechecks:row", args=[recheck.pk, result.pk])


def result_of(assessment, name="培训场次"):
    return assessment.results.get(indicator__level3=name)


def write(expert, recheck, name="培训场次", version=1, **changes):
    """Write one row as autosave does."""
    values = {"actual": "", "points": None, "reason": "", "note": "", **changes}
    result = result_of(recheck.assessment, name)
    return record_row(expert, recheck, result, values, version=version)


def hand_in(expert, recheck):
    record_text(expert, recheck, OPINION, "复核意见", "资料齐全。", version=1)
    return take_recheck_step(expert, recheck.pk, "hand_in", version=recheck.version)


def step(client, recheck, action, **data):
    fresh = Recheck.objects.get(pk=recheck.pk)
    return client.post(
        reverse("rechecks:step", args=[recheck.pk, action]),
        {"version": fresh.version, **data},
    )


def test_a_recheck_goes_from_finance_to_a_third_party_and_back(
    client, task, assessment, finance, firm, expert, filler
):
    other = make_user(Role.THIRD_PARTY, make_department(name="另一机构"))
    assign = reverse("indicators:rechecks_assign", args=[task.pk])
    due = timezone.localtime() + timedelta(days=7)
    client.force_login(finance)
    client.post(
        assign,
        {
            "assessment": assessment.pk,
            "checker": f"body:{firm.pk}",
            "due_at": f"{due:%Y-%m-%dT%H:%M}",
            "note": "重点核实场次",
        },
    )
    recheck = Recheck.objects.get()
    result = result_of(assessment)

    client.force_login(other)
    assert client.get(page(recheck)).status_code == 404
    client.force_login(filler)
    assert client.get(page(recheck)).status_code == 404

    client.force_login(expert)
    assert "执法培训" in client.get(reverse("indicators:my_rechecks")).text
    shown = client.get(page(recheck)).text
    assert "重点核实场次" in shown
    assert "没有佐证材料" in shown
    saved = client.post(
        row_url(recheck, result),
        {
            "version": 1,
            "actual": "40",
            "points": "38",
            "reason": "value-differs",
            "note": "签到表只有 40 场",
        },
    )
    assert saved.status_code == 302
    refused = step(client, recheck, "hand_in")
    assert refused.status_code == 422
    assert "没有写复核意见" in refused.text
    client.post(
        reverse("rechecks:text", args=[recheck.pk, OPINION]),
        {"version": 1, "text": "台账与报告不一致。"},
    )
    assert step(client, recheck, "hand_in").status_code == 302
    closed = client.post(
        row_url(recheck, result), {"version": 2, "points": "50", "note": "后来写的"}
    )
    assert closed.status_code == 409
    assert "后来写的" in closed.text

    # 95.79 less 12 points of one row: 83.79, 良.
    recheck.refresh_from_db()
    assert (recheck.own_total, recheck.total) == (Decimal("95.79"), Decimal("83.79"))
    assert (recheck.gap, recheck.grade) == (Decimal(-12), "良")
    assert recheck.main_reason == "完成值与佐证材料不一致，按核实值计分"
    client.force_login(filler)
    assert client.get(page(recheck)).status_code == 404
    client.force_login(finance)
    listed = client.get(reverse("indicators:task_rechecks", args=[task.pk])).text
    for words in ("95.79", "83.79", "-12.00", "偏差较大", "完成值与佐证材料不一致"):
        assert words in listed
    assert step(client, recheck, "confirm").status_code == 302
    client.force_login(filler)
    read = client.get(page(recheck)).text
    assert "签到表只有 40 场" in read
    assert "台账与报告不一致" in read
    assert client.post(row_url(recheck, result), {}).status_code == 403
    detail = client.get(reverse("indicators:detail", args=[assessment.pk])).text
    assert "83.79" in detail
    assert set(
        AuditEvent.objects.filter(action__startswith="recheck.").values_list(
            "action", flat=True
        )
    ) == {
        "recheck.assigned",
        "recheck.written",
        "recheck.hand_in",
        "recheck.confirm",
    }
    after = SelfAssessment.objects.get(pk=assessment.pk)
    assert (after.total, after.review_total) == (Decimal("95.79"), None)


def test_steps_tell_those_whom_they_concern(recheck, expert, finance, filler):
    handed = hand_in(expert, recheck)
    confirmed = take_recheck_step(
        finance, recheck.pk, "confirm", version=handed.version
    )
    take_recheck_step(
        finance, recheck.pk, "reopen", version=confirmed.version, note="请核实单价"
    )

    told = {
        each.person: each.text
        for each in Notice.objects.filter(key__startswith=f"recheck:{recheck.pk}")
    }
    assert set(told) == {expert, finance, filler}
    assert "请核实单价" in told[expert]
    assert "请确认" in told[finance]


def test_a_third_party_is_reminded_of_its_due_time_once(recheck, expert):
    tuesday = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
    Recheck.objects.update(due_at=tuesday + timedelta(days=1))

    remind(tuesday)
    remind(tuesday)

    text = Notice.objects.get(person=expert, key__contains=":due:").text
    assert text == "“执法培训”待复核，还有 1 天到期（2026年11月25日）"


def test_reasons_are_asked_for_where_points_differ(recheck, expert):
    write(expert, recheck, points=Decimal(40))
    write(expert, recheck, "群众满意度", points=Decimal(8), reason="other")

    with pytest.raises(RecheckError) as refused:
        hand_in(expert, recheck)

    told = str(refused.value)
    assert "“培训场次”扣了分，请选择扣分原因" in told
    assert "“群众满意度”选了“其他”，请写说明" in told
    assert Recheck.objects.get().state == RecheckState.ASSIGNED


def test_what_lacks_is_told_beforehand_and_the_sheet_prints_both_points(
    client, recheck, expert, finance
):
    write(expert, recheck, points=Decimal("40"))
    client.force_login(expert)

    told = [client.get(each).text for each in (page(recheck), step_url(recheck))]
    printed = client.get(reverse("rechecks:print", args=[recheck.pk]))

    for text in told:
        assert "还不能提交：“培训场次”扣了分，请选择扣分原因；没有写复核意见" in text
        assert "还有 2 项指标没有复核" in text
    reader = PdfReader(BytesIO(b"".join(printed.streaming_content)))
    sheet = "".join(each.extract_text() for each in reader.pages)
    assert "项目支出绩效自评复核表" in sheet
    for figure in ("50.00", "40.00", "-10.00", "95.79", "85.79"):
        assert figure in sheet


def step_url(recheck):
    return reverse("rechecks:step", args=[recheck.pk, "hand_in"])


def test_points_stay_within_the_rows_maximum(client, recheck, expert):
    client.force_login(expert)
    result = result_of(recheck.assessment)

    answer = client.post(
        row_url(recheck, result), {"version": 1, "points": "50.01", "note": "留下"}
    )

    assert answer.status_code == 422
    assert "复核得分应在 0 与分值 50" in answer.text
    assert "留下" in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        RecheckRow.objects.create(
            recheck=recheck, result=result, max_points=50, points=51
        )


def test_who_saves_second_gets_both_texts_and_nothing_is_lost(client, recheck, expert):
    write(expert, recheck, note="先写的")
    client.force_login(expert)

    answer = client.post(
        row_url(recheck, result_of(recheck.assessment)),
        {"version": 1, "note": "后写的"},
        headers={"X-Autosave": str(expert.pk)},
    )

    assert answer.status_code == 409
    assert RecheckRow.objects.get().note == "先写的"
    kept = AuditEvent.objects.get(action="recheck.rejected")
    assert kept.after["note"] == "后写的"


def test_a_report_that_was_returned_closes_its_recheck(recheck, expert, finance):
    write(expert, recheck, note="写到一半")
    fresh = SelfAssessment.objects.with_facts().get(pk=recheck.assessment_id)
    decide(
        finance,
        fresh,
        "send_back",
        version=fresh.version,
        note="请补充",
        due_at=timezone.now() + timedelta(days=5),
    )

    with pytest.raises(ClosedError, match="已退回"):
        write(expert, recheck, version=2, note="还写")
    assert RecheckRow.objects.get().note == "写到一半"


def test_finance_takes_the_points_over_but_never_over_its_own(
    client, recheck, expert, finance
):
    write(expert, recheck, points=Decimal(38), reason="no-evidence", actual="38")
    write(expert, recheck, "群众满意度", points=Decimal(0), reason="no-survey")
    hand_in(expert, recheck)
    judged = result_of(recheck.assessment, "群众满意度")
    judged.review_points, judged.review_note = Decimal(9), "本科室认定"
    judged.save()
    client.force_login(finance)

    answer = client.post(reverse("rechecks:adopt", args=[recheck.pk]), follow=True)

    assert "已采用第三方的复核得分 2 项，1 项已有不同的复核得分" in answer.text
    taken = result_of(recheck.assessment)
    assert (taken.review_points, taken.review_actual) == (Decimal(38), "38")
    assert taken.review_note == "第三方复核：没有佐证材料，完成值无法核实"
    judged.refresh_from_db()
    assert judged.review_points == Decimal(9)
    assert AuditEvent.objects.filter(action="review.adopted").count() == 1
    assert "顾复核" in answer.text


def test_what_was_adopted_is_confirmed_told_to_the_unit_and_stays(
    client, recheck, expert, finance, filler
):
    write(expert, recheck, points=Decimal(38), reason="no-evidence", note="没有签到表")
    hand_in(expert, recheck)
    client.force_login(finance)

    client.post(reverse("rechecks:adopt", args=[recheck.pk]))
    withdrawn = step(client, recheck, "withdraw", note="不要了")
    reopened = step(client, recheck, "reopen", note="再看看")

    assert "不能收回复核" in withdrawn.text
    assert "复核得分已被采用" in reopened.text
    stored = Recheck.objects.get()
    assert (stored.state, stored.confirmed_by) == (RecheckState.CONFIRMED, finance)
    assert AuditEvent.objects.filter(action="recheck.confirm").count() == 1
    assert "已确认" in Notice.objects.get(person=filler, key__contains=":confirm:").text
    assert "退回第三方修改" not in client.get(page(recheck)).text
    client.force_login(filler)
    assert "没有签到表" in client.get(page(recheck)).text

    # Sent up anew, the report is judged anew, and so may the recheck be.
    SelfAssessment.objects.update(submissions=F("submissions") + 1)
    client.force_login(finance)
    assert step(client, recheck, "reopen", note="再看看").status_code == 302


def test_what_was_approved_stays_when_it_is_rechecked(recheck, expert, finance):
    fresh = SelfAssessment.objects.with_facts().get(pk=recheck.assessment_id)
    decide(finance, fresh, "approve", version=fresh.version)
    before = SelfAssessment.objects.values().get(pk=fresh.pk)
    points = list(fresh.results.values_list("review_points", flat=True))

    write(expert, recheck, points=Decimal(20), reason="no-evidence")
    handed = hand_in(expert, recheck)
    take_recheck_step(finance, recheck.pk, "confirm", version=handed.version)

    assert before["status"] == Status.APPROVED
    assert SelfAssessment.objects.values().get(pk=fresh.pk) == before
    assert list(fresh.results.values_list("review_points", flat=True)) == points
    stored = Recheck.objects.get()
    assert stored.total == Decimal("65.79")
    with pytest.raises(RecheckError, match="报告已审定"):
        take_recheck_step(
            finance, stored.pk, "reopen", version=stored.version, note="再看看"
        )


@pytest.mark.parametrize("action", ["reopen", "withdraw"])
def test_a_step_without_its_reason_is_refused(client, recheck, expert, finance, action):
    hand_in(expert, recheck)
    client.force_login(finance)

    answer = step(client, recheck, action)

    assert answer.status_code == 422
    assert Recheck.objects.get().state == RecheckState.HANDED_IN


def test_what_was_taken_back_is_gone_for_the_third_party_and_can_be_given_anew(
    client, task, recheck, expert, finance, firm
):
    client.force_login(finance)
    step(client, recheck, "withdraw", note="另行安排")
    due = timezone.localtime() + timedelta(days=7)
    client.post(
        reverse("indicators:rechecks_assign", args=[task.pk]),
        {
            "assessment": recheck.assessment_id,
            "checker": f"person:{expert.pk}",
            "due_at": f"{due:%Y-%m-%dT%H:%M}",
        },
    )

    client.force_login(expert)
    assert client.get(page(recheck)).status_code == 404
    assert Recheck.objects.live().get().person == expert
    with pytest.raises(IntegrityError), transaction.atomic():
        make_recheck(recheck.assessment, expert)


def test_nothing_is_said_of_points_before_anything_was_found(
    client, task, recheck, expert, finance
):
    client.force_login(finance)
    before = client.get(page(recheck)).text
    client.force_login(expert)
    own = client.get(page(recheck)).text
    write(expert, recheck, points=Decimal("46.4"), reason="value-differs")
    begun = client.get(page(recheck)).text
    hand_in(expert, recheck)
    client.force_login(finance)
    url = reverse("indicators:task_rechecks", args=[task.pk])
    listed = client.get(url)

    for text in (before, own):
        assert "尚未填写" in text
        assert "95.79 优" not in text
    assert "尚未填写" not in begun
    assert "92.19" in begun
    # Databases compute it with fractions of their own: -3.60000000000000.
    assert str(listed.context["page_obj"][0].recheck_gap) == "-3.60"
    assert str(listed.context["page_obj"][0].final_total) == "95.79"
    assert "-3.600" not in listed.text


def test_a_third_party_does_not_see_what_comes_after_the_review(
    client, recheck, expert, finance
):
    SelfAssessment.objects.update(
        status=Status.APPROVED, level=0, review_total=Decimal("91.23")
    )
    url = reverse("indicators:detail", args=[recheck.assessment_id])
    kept = ("公开稿", "问题清单", "结果应用", "91.23")
    client.force_login(finance)
    whole = client.get(url).text
    client.force_login(expert)

    own = client.get(url).text
    hand_in(expert, recheck)
    later = client.get(url).text

    assert [each in whole for each in kept] == [True] * 4
    assert [each in own for each in kept] == [False] * 4
    assert [each in later for each in kept] == [False, False, False, True]


def test_a_report_still_with_its_unit_is_not_given_out(
    client, task, unit, finance, expert
):
    draft = make_assessment(make_project(unit, name="还在填"), task)
    due = timezone.localtime() + timedelta(days=7)
    client.force_login(finance)

    answer = client.post(
        reverse("indicators:rechecks_assign", args=[task.pk]),
        {
            "assessment": draft.pk,
            "checker": f"person:{expert.pk}",
            "due_at": f"{due:%Y-%m-%dT%H:%M}",
        },
        follow=True,
    )

    assert "还在填（现在是“填报中”" in answer.text
    assert not Recheck.objects.exists()


def test_an_assignment_without_a_checker_keeps_what_was_typed(
    client, task, assessment, finance, expert
):
    client.force_login(finance)

    answer = client.post(
        reverse("indicators:rechecks_assign", args=[task.pk]),
        {"assessment": assessment.pk, "checker": "", "due_at": "", "note": "我的要求"},
    )

    assert answer.status_code == 422
    assert "我的要求" in answer.text
    assert "执法培训" in answer.text


def test_pages_ask_few_queries(client, task, unit, recheck, expert, finance):
    for _ in range(3):
        make_recheck(make_assessment(make_project(unit), task), expert)
    client.force_login(finance)
    listed = queries_of(client, reverse("indicators:task_rechecks", args=[task.pk]))
    client.force_login(expert)
    own = queries_of(client, reverse("indicators:my_rechecks"))

    assert (len(listed) <= 12, len(own) <= 12) == (True, True)
