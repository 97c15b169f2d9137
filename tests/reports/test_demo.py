"""The demo year: loaded once for this file, through the command, into the database."""

import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone
from pypdf import PdfReader

from indicators.models import (
    FINAL,
    EvaluationTask,
    Indicator,
    IndicatorResult,
    Narrative,
    Recheck,
    RecheckState,
    SelfAssessment,
    SpotCheck,
    Status,
    TaskState,
)
from indicators.progress import oddity
from indicators.score_sheet import score_of
from perfeval.models import AuditEvent, User
from projects.models import BudgetProject, Department, ProjectStatus, Role
from reports.document import parse_document

MARK = "演示数据"
SCORE_TOLD = re.compile(r"自评得分([\d.]+)分，等级为(.)")
HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]


def load_demo():
    output = io.StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("var") / "demo"


@pytest.fixture(scope="module")
def loaded(folder, django_db_setup, django_db_blocker):
    """The demo, committed, so that the tests of this file share it."""
    settings = override_settings(
        DEBUG=True, VAR_DIR=folder.parent, PASSWORD_HASHERS=HASHERS
    )
    with settings, django_db_blocker.unblock():
        load_demo()
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def demo(loaded, db):
    """What the loading left; what a test changes is undone after it."""


@pytest.fixture
def logins(demo, folder):
    return json.loads((folder / "logins.json").read_text(encoding="utf-8"))


@pytest.fixture
def shown(demo, folder):
    """The report that the demo writes to a file."""
    return parse_document((folder / "report.json").read_text(encoding="utf-8"))


def counts():
    """How many rows each table of ours holds."""
    ours = ("perfeval", "projects", "indicators", "reports")
    return {
        model._meta.label: model._default_manager.count()
        for label in ours
        for model in apps.get_app_config(label).get_models()
    }


def log_in(login):
    client = Client()
    values = {name: login[name] for name in ("username", "password")}
    assert client.post("/login/", values).status_code == 302
    return client


def person(username):
    return User.objects.get(username=username)


def test_there_are_departments_people_and_projects_of_every_kind(demo, logins):
    assert Department.objects.count() == 15
    assert Department.objects.filter(parent__parent__isnull=False).count() >= 6
    assert User.objects.count() == len(logins) == 13
    assert {login["role"] for login in logins} == set(Role.values)
    assert BudgetProject.objects.count() == 30
    statuses = BudgetProject.objects.values_list("status", flat=True)
    assert set(statuses) == set(ProjectStatus.values)
    years = BudgetProject.objects.values_list("year", flat=True)
    assert set(years) == {2021, timezone.localdate().year - 1}
    schemes = SelfAssessment.objects.values_list("task__scheme__scheme_id", flat=True)
    assert set(schemes) >= {"mof-2020", "mof-2021-cost", "guangdong-four"}
    assert set(SelfAssessment.objects.values_list("status", flat=True)) == {
        Status.DRAFT,
        Status.IN_REVIEW,
        Status.RETURNED,
        Status.APPROVED,
        Status.PUBLISHED,
    }


def test_the_running_tasks_are_due_in_12_days_and_that_of_2021_is_closed(demo):
    running = EvaluationTask.objects.filter(state=TaskState.SENT)
    closed = EvaluationTask.objects.get(state=TaskState.CLOSED)

    due = {timezone.localtime(task.due_at).date() for task in running}
    assert due == {timezone.localdate() + timedelta(days=12)}
    assert (closed.year, closed.scheme.scheme_id) == (2021, "guangdong-four")
    assert closed.assessments.exclude(status__in=FINAL).count() == 0


def test_a_classified_project_is_a_code_and_a_status(demo):
    project = BudgetProject.objects.get(status=ProjectStatus.CLASSIFIED)

    assert (project.name, project.goal, project.contact) == ("", "", "")
    assert not project.funding_lines.exists()
    assert not project.indicators.exists()


def test_the_report_of_2021_reaches_96_points_by_the_engine(shown):
    execution = next(row for row in shown.indicators if "支出率" in row.level3)

    assert (shown.total, shown.grade) == (Decimal("96.00"), "优")
    assert (execution.points, execution.max_points) == (Decimal(3), Decimal(6))
    total = shown.funds.total
    assert (total.adjusted, total.executed) == (Decimal(23), Decimal("13.32"))
    assert sum(row.max_points for row in shown.indicators) == 100
    assert sum(row.points for row in shown.indicators) == 96
    lost = [row for row in shown.indicators if row.points < row.max_points]
    assert len(lost) == 3
    assert all(row.basis and row.deviation_note for row in lost)


@pytest.mark.parametrize(
    "fact",
    [
        "财政资金23万元",
        "13.32万元",
        "57.91%",
        "26个市直部门",
        "8个方面、35项指标",
        "执法单位239家",
        "执法案件49125宗",
        "行政检查41880宗，行政处罚7180宗，行政强制65宗",
        "文书134195份",
        "73个镇街",
        "16个镇街先行试点",
        "283个行政执法主体",
        "培训9场",
        "2687人",
        "2088人参加考试",
        "执法证2867个",
        "8948人",
        "自评得分96分，等级为优",
    ],
)
def test_the_report_of_2021_tells(shown, fact):
    text = "".join(section.text for section in shown.sections)

    assert [section.key for section in shown.sections] == [
        "basics",
        "implementation",
        "results",
        "problems",
        "score",
    ]
    assert fact in text


def test_a_unit_renamed_since_keeps_its_old_name_in_the_report_of_2021(demo):
    assessment = SelfAssessment.objects.get(
        project__year=2021, project__unit__code="132003"
    )
    snapshot = assessment.review_records.latest("pk").snapshot

    assert assessment.project.unit.name == "云水市体育中心"
    assert snapshot["project"]["unit"] == "云水市体育场馆管理中心"


def test_texts_state_the_score_that_the_engine_reaches(demo):
    texts = Narrative.objects.filter(key="score").exclude(text="")
    told = {
        each.assessment_id: found.groups()
        for each in texts
        for found in SCORE_TOLD.finditer(each.text)
    }
    reached = {
        each.pk: (f"{each.total.normalize():f}", each.grade)
        for each in SelfAssessment.objects.filter(pk__in=told)
        if each.total is not None
    }

    assert len(told) == len(texts) == 10
    assert told == reached


def test_what_was_sent_up_is_complete_and_gives_a_reason_for_every_lost_point(demo):
    sent = SelfAssessment.objects.exclude(status=Status.DRAFT)
    scored = [
        (row, row_score.points)
        for each in sent.with_content()
        for row, row_score in zip(each.results.all(), score_of(each).rows, strict=True)
    ]

    assert [str(row) for row, points in scored if points is None] == []
    assert [
        str(row)
        for row, points in scored
        if points < row.max_points and not row.deviation_note
    ] == []
    for project in BudgetProject.objects.exclude(indicators=None):
        points = sum(each.max_points for each in project.indicators.all())
        assert points == (100 if project.year == 2021 else 90)
    assert not Indicator.objects.filter(is_approved=False).exists()


def test_a_budget_that_changed_or_was_hardly_spent_is_told_of_thinly_where_odd(demo):
    thin = [
        each.project.name
        for each in SelfAssessment.objects.exclude(status=Status.DRAFT)
        for lines in [each.project.funding_lines.all()]
        if any(line.initial != line.adjusted for line in lines)
        or (each.project.execution_ratio or 0) < Decimal("0.9")
        if "按规定处理" in each.narratives.get(key="funds").text
    ]

    assert sorted(thin) == [
        "地方文献数字化加工",
        "市级体育赛事",
        "行政复议规范化建设",
        "青少年体育夏令营",
    ]


def test_the_clerk_finds_one_empty_one_returned_one_approved(demo):
    seen = SelfAssessment.objects.visible_to(person("clerk"))
    by_status = {each.status: each for each in seen}

    assert len(seen) == 3
    assert set(by_status) == {Status.DRAFT, Status.RETURNED, Status.APPROVED}
    empty, returned = by_status[Status.DRAFT], by_status[Status.RETURNED]
    assert not empty.results.exclude(actual="").exists()
    assert not empty.narratives.exclude(text="").exists()
    assert returned.comments.count() == 2
    assert returned.review_records.latest("pk").note


@pytest.mark.parametrize("username", ["unit", "department", "section"])
def test_a_reviewer_finds_five_waiting_one_of_them_odd(demo, username):
    waiting = SelfAssessment.objects.awaiting_review_by(person(username))

    odd = [oddity(each) for each in waiting if oddity(each)]
    assert (len(waiting), len(odd)) == (5, 1)


def test_finance_third_party_and_observer_find_something(demo):
    waiting = SelfAssessment.objects.awaiting_review_by(person("finance"))
    assigned = SelfAssessment.objects.visible_to(person("expert"))
    final = SelfAssessment.objects.visible_to(person("observer"))

    assert (waiting.count(), assigned.count(), final.count()) == (3, 3, 4)
    handed_in = Recheck.objects.get(state=RecheckState.HANDED_IN)
    # 9 → 8 points for the athletes sent on, 10 → 0 for a survey nobody can show.
    assert handed_in.gap == Decimal(-11)
    assert SpotCheck.objects.get().items.exists()


def test_every_log_in_opens_a_page_that_says_demo(logins):
    pages = [log_in(login).get("/") for login in logins]

    assert [page.status_code for page in pages] == [200] * 13
    assert all(MARK in page.text for page in pages)


def test_every_page_of_a_print_says_demo(logins):
    clerk = log_in(logins[0])
    approved = SelfAssessment.objects.visible_to(person("clerk")).get(
        status=Status.APPROVED
    )

    answer = clerk.get(f"/assessments/{approved.pk}/report.pdf")
    printed = PdfReader(io.BytesIO(b"".join(answer.streaming_content)))

    assert len(printed.pages) >= 2
    assert all(MARK in page.extract_text() for page in printed.pages)
    assert approved.review_records.latest("pk").snapshot["watermark"] == MARK


def test_loading_again_changes_nothing(demo, folder):
    before = counts()
    logins = (folder / "logins.json").read_bytes()
    BudgetProject.objects.filter(code="118002").update(name="改过的名称")
    IndicatorResult.objects.filter(indicator__project__code="125002").delete()
    changed = counts()

    message = load_demo()

    assert "没有改动" in message
    assert counts() == changed != before
    assert BudgetProject.objects.get(code="118002").name == "改过的名称"
    assert (folder / "logins.json").read_bytes() == logins


def test_a_lost_file_of_log_ins_is_replaced_by_one_that_works(logins, folder):
    path = folder / "logins.json"
    kept = path.read_bytes()
    path.unlink()
    try:
        load_demo()
        renewed = json.loads(path.read_text(encoding="utf-8"))
        log_in(renewed[0])
    finally:
        path.write_bytes(kept)

    assert renewed[0]["password"] != logins[0]["password"]


def test_audit_events_tell_who_filled_in_and_decided(demo):
    approved = SelfAssessment.objects.visible_to(person("clerk")).get(
        status=Status.APPROVED
    )
    events = AuditEvent.objects.filter(chain__key=approved.chain)

    by_action = {each.action: str(each.user) for each in events}
    assert by_action["result.changed"] == "林晓岚"
    assert by_action["assessment.submit"] == "林晓岚"
    assert events.filter(action="assessment.approve").count() == 4
