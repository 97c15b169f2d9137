"""问题清单与整改: listed from report and review, sent out, mended, confirmed."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from indicators.models import IndicatorResult, Narrative, Problem, ReviewRecord
from indicators.problem_texts import is_mere_assent, problems_in
from indicators.rectification import (
    NewProblem,
    judge,
    list_problems,
    save_mending,
    send_out,
)
from indicators.reminders import remind
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
    make_user,
    submit,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 proof"
TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.fixture
def people():
    """The people of one unit and those above it, and another department's reviewer."""
    department = make_department(name="市司法局")
    unit = make_department(department, name="执法监督处")
    office = make_department(name="财政局绩效科")
    return {
        "filler": make_user(Role.FILLER, unit, name="陈填报"),
        "dept": make_user(Role.DEPARTMENT_REVIEWER, department, name="王主管"),
        "finance": make_user(Role.PERFORMANCE_SECTION, office, name="赵绩效"),
        "other": make_user(Role.DEPARTMENT_REVIEWER, make_department(), name="外人"),
        "unit": unit,
    }


@pytest.fixture
def in_review(people):
    """Sent up, at the 绩效科, with a section that names two problems."""
    task = make_task(levels=(Role.PERFORMANCE_SECTION,))
    made = make_assessment(make_project(people["unit"], name="执法培训"), task)
    made = complete(made, people["filler"])
    Narrative.objects.filter(assessment=made, key="problems").update(
        text="（一）存在问题。一是执行率偏低；二是培训签到不齐。\n"
        "（二）改进措施。一是按季通报；二是现场核对。"
    )
    return submit(made, people["filler"])


@pytest.fixture
def approved(in_review, people):
    return approve(in_review, people["finance"], "同意，请加快支出。")


def approve(assessment, person, note=""):
    return advance(
        assessment.pk,
        "approve",
        person,
        version=assessment.version,
        note=note,
        snapshot={},
    )


@pytest.fixture
def problem(approved, people):
    """One that was sent out by the 绩效科."""
    new = NewProblem(text="执行率偏低。", due_on=TOMORROW)
    list_problems(people["finance"], approved, [new])
    [sent] = send_out(people["finance"], approved)
    return fresh(sent)


def fresh(problem):
    return Problem.objects.with_facts().get(pk=problem.pk)


def address(name, problem, *more):
    return reverse(
        f"indicators:{name}", args=[problem.assessment_id, problem.pk, *more]
    )


MENDED = {"measure": "按季通报", "person": "陈填报", "result": "支出已达 95%"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "（一）存在问题。一是预算偏大，执行率57.9%。二是人手不足。\n"
            "（二）改进措施。一是核减预算。二是增加人手。",
            [("预算偏大，执行率57.9%。", "核减预算。"), ("人手不足。", "增加人手。")],
        ),
        (
            "（一）预算不准。1.5万元未支出。\n（二）意识不强。科室对指标不熟。",
            [("预算不准。1.5万元未支出。", ""), ("意识不强。科室对指标不熟。", "")],
        ),
        (
            "存在的主要问题：\n1.进度偏慢；\n2.指标不细化。\n改进措施：加快进度。",
            [("进度偏慢。", ""), ("指标不细化。", "")],
        ),
        (
            "执行偏慢。\n设施老化，影响开放。",
            [("执行偏慢。", ""), ("设施老化，影响开放。", "")],
        ),
        ("无。", []),
        ("", []),
    ],
)
def test_a_text_is_taken_apart_by_its_own_numbers(text, found):
    assert [(each.text, each.measure) for each in problems_in(text)] == found


@pytest.mark.parametrize(
    ("opinion", "is_assent"),
    [
        ("同意。", True),
        ("审核通过，情况属实，无异议。", True),
        ("同意，请加快支出。", False),
        ("同意。佐证材料不齐全。", False),
        ("人手紧张。", False),
    ],
)
def test_an_opinion_that_only_says_yes_is_no_problem(opinion, is_assent):
    assert is_mere_assent(opinion) == is_assent


def test_a_day_that_is_over_is_refused_when_listed_and_when_sent_out(
    client, approved, people
):
    finance = people["finance"]
    client.force_login(finance)
    add = reverse("indicators:problem_add", args=[approved.pk])
    send = reverse("indicators:problems_send", args=[approved.pk])

    refused = client.post(add, {"own_text": "签到不齐。", "due_on": "2020-01-01"})
    [draft] = list_problems(finance, approved, [NewProblem(text="执行偏慢。")])
    edit = client.post(
        address("problem_edit", draft),
        {"text": "执行过慢。", "due_on": "2020-01-01", "version": 1},
    )
    Problem.objects.filter(pk=draft.pk).update(due_on=date(2020, 1, 1))
    sent = client.post(send, follow=True)

    for answer, words in ((refused, "签到不齐。"), (edit, "执行过慢。")):
        assert answer.status_code == 422
        assert "整改期限不能早于今天" in answer.text
        assert words in answer.text
        assert "2020-01-01" in answer.text
    assert "整改期限 2020-01-01 已过" in sent.text
    assert Problem.objects.get().state == "draft"


def test_report_and_review_propose_and_only_what_is_ticked_is_listed(
    client, in_review, people
):
    row = IndicatorResult.objects.get(assessment=in_review, max_points=30)
    row.review_points, row.review_note = Decimal(27), "第三方复核：知晓率缺少依据"
    row.deviation_note = "问卷发放偏少"
    row.save()
    client.force_login(people["finance"])
    url = reverse("indicators:problem_add", args=[in_review.pk])

    page = client.get(url)
    form = page.context["form"]
    keys = {each.text: each.key for each in form.proposals}
    empty = client.post(url, {"own_text": "", "own_measure": ""})
    chosen = keys["培训签到不齐。"]
    answer = client.post(
        url,
        {
            f"take-{chosen}": "on",
            f"text-{chosen}": "培训签到表缺 3 场。",
            f"measure-{chosen}": "现场核对。",
            f"text-{keys['执行率偏低。']}": "执行率偏低。",
        },
    )

    assert list(keys) == [
        "执行率偏低。",
        "培训签到不齐。",
        "指标“群众知晓程度”：知晓率缺少依据",
    ]
    assert "自评 30.00 分，复核 27.00 分：第三方复核：知晓率缺少依据" in page.text
    assert "问卷发放偏少" not in page.text
    assert (empty.status_code, "请勾选要列入清单的问题" in empty.text) == (422, True)
    assert answer.status_code == 302
    [listed] = Problem.objects.all()
    assert (listed.text, listed.quote) == ("培训签到表缺 3 场。", "培训签到不齐。")
    assert (listed.measure, listed.state) == ("现场核对。", "draft")
    assert listed.listed_as == Role.PERFORMANCE_SECTION
    assert "另有 1 项已在清单中" in client.get(url).text
    client.force_login(people["filler"])
    own = reverse("indicators:assessment_problems", args=[in_review.pk])
    assert "签到表" not in client.get(own).text
    assert client.get(address("problem", listed)).status_code == 404
    assert (
        client.get(reverse("indicators:trail", args=[in_review.pk])).text.count(
            "签到表缺"
        )
        == 0
    )


def test_the_opinion_of_an_approval_is_proposed(client, approved, people):
    client.force_login(people["dept"])

    page = client.get(reverse("indicators:problem_add", args=[approved.pk]))

    texts = [each.text for each in page.context["form"].proposals]
    assert texts == ["执行率偏低。", "培训签到不齐。", "同意，请加快支出。"]


def test_a_list_is_sent_out_once_the_report_is_approved(in_review, people):
    finance = people["finance"]
    list_problems(finance, in_review, [NewProblem(text="执行率偏低。")])

    with pytest.raises(ClosedError, match="审定后才能发出"):
        send_out(finance, in_review)
    after = approve(in_review, finance)
    with pytest.raises(ClosedError, match="没有要发出的问题"):
        send_out(people["dept"], after)
    send_out(finance, after)

    told = Notice.objects.get(person=people["filler"], key__startswith="problems:")
    assert told.text == "“执法培训”有 1 项问题需要整改：执行率偏低。"
    after.refresh_from_db()
    assert (after.version, after.status) == (3, "approved")


def test_a_problem_is_mended_handed_in_sent_back_and_confirmed(client, problem, people):
    client.force_login(people["filler"])
    url = address("problem", problem)

    lacking = client.post(url, {**MENDED, "result": "", "version": 2, "submit": 1})
    assert (lacking.status_code, "请填写整改结果" in lacking.text) == (422, True)
    assert "按季通报" in lacking.text
    client.post(url, {**MENDED, "result": "", "version": 2})
    assert fresh(problem).state == "working"
    client.post(
        address("problem_upload", problem),
        {"files": SimpleUploadedFile("支出明细.pdf", PDF)},
    )
    client.post(url, {**MENDED, "version": 3, "submit": 1})
    handed_in = fresh(problem)
    assert (handed_in.state, handed_in.due_on) == ("submitted", TOMORROW)
    client.force_login(people["finance"])
    assert "确认 1 项整改结果" in client.get(reverse("workbench")).text
    client.force_login(people["filler"])
    closed = client.post(url, {**MENDED, "measure": "另一措施", "version": 5})
    assert (closed.status_code, "另一措施" in closed.text) == (409, True)
    [file] = handed_in.files.all()

    client.force_login(people["finance"])
    judging = address("problem_judge", problem)
    no_reason = client.post(judging, {"decision": "send_back", "version": 5})
    assert "请写明退回整改的原因" in no_reason.text
    stale = client.post(
        judging, {"decision": "confirm", "version": 4, "note": "材料齐全"}
    )
    assert (stale.status_code, "材料齐全" in stale.text) == (409, True)
    client.post(judging, {"decision": "send_back", "version": 5, "note": "请附凭证"})
    assert fresh(problem).state == "returned"

    client.force_login(people["filler"])
    client.post(address("problem_file_remove", problem, file.pk))
    assert handed_in.files.count() == 1
    client.post(url, {**MENDED, "version": 6, "submit": 1})
    client.force_login(people["finance"])
    client.post(judging, {"decision": "confirm", "version": 7})

    done = fresh(problem)
    assert done.state == "confirmed"
    assert [each.action for each in done.steps.all()] == [
        "send_out",
        "submit",
        "send_back",
        "submit",
        "confirm",
    ]
    texts = [each.text for each in Notice.objects.order_by("pk")]
    assert "“执法培训”的整改结果已提交，请确认：执行率偏低。" in texts
    assert "“执法培训”的整改结果被退回（执行率偏低。）：请附凭证" in texts
    download = client.get(address("problem_file", problem, file.pk))
    assert b"".join(download.streaming_content) == PDF
    client.force_login(people["other"])
    assert client.get(address("problem_file", problem, file.pk)).status_code == 404


def test_two_clerks_see_both_texts_and_nothing_typed_is_lost(client, problem, people):
    client.force_login(people["filler"])
    save_mending(people["filler"], problem, {"measure": "按月通报"}, version=2)

    answer = client.post(
        address("problem", problem), {**MENDED, "version": 2, "submit": 1}
    )

    assert answer.status_code == 409
    assert "按月通报" in answer.text
    assert "按季通报" in answer.text
    kept = AuditEvent.objects.get(action="problem.rejected")
    assert kept.after["measure"] == "按季通报"
    assert fresh(problem).state == "working"


def test_nobody_confirms_own_work_or_what_another_level_listed(problem, people):
    save_mending(people["filler"], problem, MENDED, version=2, submits=True)
    handed_in = fresh(problem)

    with pytest.raises(ClosedError, match="由绩效科确认整改结果"):
        judge(people["dept"], handed_in, "confirm", note="", version=4)
    with pytest.raises(StaleError):
        judge(people["finance"], handed_in, "confirm", note="", version=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(measure="")

    both = people["finance"]
    Problem.objects.filter(pk=problem.pk).update(saved_by=both)
    with pytest.raises(ClosedError, match="本人填写"):
        judge(both, fresh(problem), "confirm", note="", version=4)


def test_the_list_counts_filters_and_asks_little(client, problem, people, approved):
    finance = people["finance"]
    texts = ["签到不齐。", "目标偏低。"]
    list_problems(finance, approved, [NewProblem(text=each) for each in texts])
    send_out(finance, approved)
    late = Problem.objects.get(text="签到不齐。")
    Problem.objects.filter(pk=late.pk).update(due_on=date(2020, 1, 1))
    gone = Problem.objects.with_facts().get(text="目标偏低。")
    judge(finance, gone, "cancel", note="重复", version=gone.version)
    client.force_login(people["filler"])
    url = reverse("indicators:problems")

    bench = client.get(reverse("workbench"))
    assert bench.context["mending"] == {"with_unit": 2, "overdue": 1}
    assert "2 项待整改" in bench.text
    assert "1 项已逾期" in bench.text
    assert len(client.get(url, {"status": "with_unit"}).context["page_obj"]) == 2
    page = client.get(url)
    tally = page.context["tally"]
    overdue = client.get(url, {"status": "overdue"}).context["page_obj"]
    found = client.get(url, {"text": "签到"}).context["page_obj"]

    assert tally["counted"] == tally["confirmed"] + tally["unfinished"] == 2
    assert tally["overdue"] == 1
    assert [each.text for each in overdue] == ["签到不齐。"]
    assert [each.text for each in found] == ["签到不齐。"]
    # What is unfinished of an earlier year is seen, whatever was sent out since.
    newer = make_task(year=approved.task.year + 1)
    make_assessment(make_project(people["unit"]), newer)
    assert client.get(url).context["tally"] == tally
    assert len(queries_of(client, url)) <= 12
    assert len(queries_of(client, address("problem", problem))) <= 12
    client.force_login(people["other"])
    assert client.get(url).context["tally"]["counted"] == 0


def test_a_reopened_report_marks_problems_of_the_edition_before(
    client, problem, approved, people
):
    reopened = advance(
        approved.pk,
        "reopen",
        people["finance"],
        version=approved.version,
        note="更正",
        snapshot={},
    )
    client.force_login(people["filler"])

    page = client.get(address("problem", problem))

    assert reopened.edition == 2
    assert "依据第 1 版报告提出，报告已重新打开，现为第 2 版" in page.text


@pytest.mark.parametrize(("gap", "told"), [(7, 1), (3, 1), (-1, 1), (0, 0), (20, 0)])
def test_the_unit_is_reminded_of_the_due_day(problem, people, gap, told):
    monday = datetime(2025, 3, 17, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    due = monday.date() + timedelta(days=gap)
    Problem.objects.filter(pk=problem.pk).update(due_on=due)

    remind(monday)
    remind(monday)

    mine = Notice.objects.filter(person=people["filler"], text__contains="待整改")
    assert mine.count() == told
    assert ReviewRecord.objects.filter(action="approve").count() == 1
