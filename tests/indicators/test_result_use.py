"""结果应用: suggested by grade, decided, sent to the unit, changed with a reason."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import ResultUse, SelfAssessment, UseRule
from indicators.result_use import adopt_suggestions, decide_use, send_uses
from indicators.workflow import advance
from perfeval.models import AuditEvent, Notice
from perfeval.versions import ClosedError, StaleError
from projects.models import Role
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_use_rules,
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_rules(db):
    make_use_rules()


@pytest.fixture
def people():
    unit = make_department(make_department(name="市司法局"), name="执法监督处")
    office = make_department(name="财政局绩效科")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "dept": make_user(Role.DEPARTMENT_REVIEWER, unit.parent, name="王主管"),
        "finance": make_user(Role.PERFORMANCE_SECTION, office, name="赵绩效"),
        "unit": unit,
    }


@pytest.fixture
def task():
    return make_task(levels=(Role.PERFORMANCE_SECTION,))


@pytest.fixture
def approved(people, task):
    """Approved with a total of 98.58 and the grade 优."""
    return approve(people, make_project(people["unit"], name="执法培训"), task)


def approve(people, project, task):
    made = complete(make_assessment(project, task), people["filler"])
    sent = submit(made, people["filler"])
    after = advance(
        sent.pk, "approve", people["finance"], version=sent.version, snapshot={}
    )
    return SelfAssessment.objects.with_facts().get(pk=after.pk)


def test_a_decision_starts_from_the_suggestion_and_is_unseen_until_sent(
    client, approved, people
):
    url = reverse("indicators:result_use", args=[approved.pk])
    client.force_login(people["finance"])

    page = client.get(url)
    client.post(
        url,
        {"use": "reduce", "amount": "12.5", "note": "结转资金较多。", "version": 0},
    )

    assert page.context["form"]["use"].value() == "priority"
    assert "等级“优”：优先保障（参考）" in page.text
    decided = ResultUse.objects.get()
    assert (decided.amount, decided.grade) == (Decimal("125000.00"), "优")
    assert (decided.suggested, decided.edition) == ("priority", 1)
    client.force_login(people["filler"])
    assert "结转资金" not in client.get(url).text
    assert "还没有发出" in client.get(reverse("indicators:result_uses")).text
    trail = reverse("indicators:trail", args=[approved.pk])
    assert "压减预算" not in client.get(trail).text

    outcome = send_uses(people["finance"], [approved])

    assert outcome.done == [approved]
    shown = client.get(url).text
    assert "结转资金较多。" in shown
    assert "12.50 万元" in " ".join(shown.split())
    assert "保存决定" not in shown
    assert (
        "结果应用已发出"
        in client.get(reverse("indicators:detail", args=[approved.pk])).text
    )
    told = Notice.objects.get(person=people["filler"], key__startswith="result-use")
    assert told.text == "“执法培训”的结果应用：压减预算"
    assert client.post(url, {"use": "keep", "version": 2}).status_code == 403


def test_what_was_sent_is_changed_with_a_reason_and_the_unit_is_told(
    client, approved, people
):
    finance = people["finance"]
    decide_use(
        finance, approved, {"use": "keep", "note": "", "amount": None}, version=0
    )
    send_uses(finance, [approved])
    url = reverse("indicators:result_use", args=[approved.pk])
    client.force_login(finance)
    changed = {"use": "reduce", "note": "压减一成。", "version": 2}

    lacking = client.post(url, changed)
    stale = client.post(url, {**changed, "reason": "复核", "version": 1})
    client.post(url, {**changed, "reason": "复核后调整"})

    assert (lacking.status_code, "请写明原因" in lacking.text) == (422, True)
    assert (stale.status_code, "压减一成。" in stale.text) == (409, True)
    assert ResultUse.objects.get().use == "reduce"
    event = AuditEvent.objects.filter(action="resultuse.decided").latest("pk")
    assert (event.before["use"], event.after["use"]) == ("keep", "reduce")
    assert event.chain.key == approved.chain
    told = Notice.objects.get(person=people["filler"], text__contains="已修改")
    assert "复核后调整" in told.text


def test_many_are_decided_as_suggested_one_by_one(client, approved, people, task):
    finance = people["finance"]
    poor = approve(people, make_project(people["unit"], name="差项目"), task)
    none = approve(people, make_project(people["unit"], name="无等级"), task)
    SelfAssessment.objects.filter(pk=poor.pk).update(review_grade="差")
    SelfAssessment.objects.filter(pk=none.pk).update(grade="", review_grade="")
    UseRule.objects.create(task=task, grade="差", use="reduce", note="先压减。")
    client.force_login(finance)
    url = reverse("indicators:result_use_bulk")

    nobody = client.post(url, {"action": "adopt"}, follow=True)
    answer = client.post(f"{url}?grade=差", {"action": "adopt", "everything": 1})
    rest = adopt_suggestions(finance, [approved, poor, none])

    assert "请先勾选项目" in nobody.text
    assert answer.status_code == 302
    decided = ResultUse.objects.get(assessment=poor)
    assert (decided.use, decided.note, decided.grade) == ("reduce", "先压减。", "差")
    assert rest.done == [approved]
    assert [(each.pk, why) for each, why in rest.left] == [
        (poor.pk, "已有决定"),
        (none.pk, "没有等级"),
    ]
    found = client.get(reverse("indicators:result_uses"), {"status": "decided"})
    assert len(found.context["page_obj"]) == 2
    one = reverse("indicators:result_use", args=[poor.pk])
    for each in (reverse("indicators:result_uses"), one):
        assert len(queries_of(client, each)) <= 12


def test_a_reopened_report_marks_the_decision_as_of_the_edition_before(
    client, approved, people
):
    finance = people["finance"]
    decide_use(finance, approved, {"use": "keep", "note": ""}, version=0)
    reopened = advance(
        approved.pk, "reopen", finance, version=approved.version, note="更", snapshot={}
    )
    fresh = SelfAssessment.objects.with_facts().get(pk=reopened.pk)
    client.force_login(finance)

    page = client.get(reverse("indicators:result_use", args=[approved.pk]))

    assert "依据第 1 版报告作出，报告已重新打开，现为第 2 版" in page.text
    assert page.context["form"] is None
    with pytest.raises(ClosedError, match="审定后才能决定"):
        decide_use(finance, fresh, {"use": "stop", "note": ""}, version=1)
    older = client.get(reverse("indicators:result_uses"), {"status": "older"})
    assert [each.pk for each in older.context["page_obj"]] == [approved.pk]


@pytest.mark.usefixtures("approved")
def test_a_task_has_its_own_suggestions(client, people, task):
    client.force_login(people["finance"])
    url = reverse("indicators:use_rule", args=[task.pk, 1])

    client.post(url, {"use": "reduce", "note": "良也压减。", "version": 0})
    stale = client.post(url, {"use": "stop", "note": "不安排。", "version": 0})

    own = UseRule.objects.get(task=task)
    assert (own.grade, own.use, own.note) == ("良", "reduce", "良也压减。")
    assert stale.status_code == 409
    assert "不安排。" in stale.text
    assert "良也压减。" in stale.text
    assert UseRule.objects.get(task=None, grade="良").use == "keep"
    client.force_login(people["dept"])
    rules = client.get(reverse("indicators:use_rules", args=[task.pk]))
    assert "本任务规定" in rules.text
    assert client.get(url).status_code == 403


def test_only_those_in_charge_decide(approved, people):
    with pytest.raises(ClosedError, match="由绩效科和归口业务科室决定"):
        decide_use(people["dept"], approved, {"use": "keep", "note": ""}, version=0)
    decide_use(people["finance"], approved, {"use": "keep", "note": ""}, version=0)
    with pytest.raises(StaleError):
        decide_use(people["finance"], approved, {"use": "stop", "note": ""}, version=0)
