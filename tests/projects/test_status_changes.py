"""Projects that will not report: asked for by the unit, decided by the 绩效科."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from perfeval.audit import subject_of
from perfeval.models import AuditEvent
from projects.changes import decide_status, enter_project, request_status
from projects.models import BudgetProject, Role, StatusChange
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

BASIS = {
    "reason": "机构改革，职能划出",
    "document": "江财行〔2024〕12号",
    "document_date": "2024-06-30",
}


@pytest.fixture
def unit():
    return make_department(make_department(name="市司法局"), name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def finance():
    return make_user(Role.PERFORMANCE_SECTION, make_department(), name="赵绩效")


@pytest.fixture
def project(unit):
    return make_project(unit, name="执法培训")


def asked(**values):
    """Return what request_status takes to cancel a project."""
    day = date(2024, 6, 30)
    return {**BASIS, "document_date": day, "to_status": "cancelled", **values}


def ask(client, project, **values):
    address = reverse("projects:status_request", args=[project.pk])
    return client.post(address, {"to_status": "cancelled", **BASIS, **values})


def decide(client, change, decision, note=""):
    address = reverse("projects:status_change", args=[change.pk])
    return client.post(address, {"decision": decision, "note": note})


def test_a_cancelled_project_is_asked_for_with_its_document_and_approved(
    client, project, filler, finance
):
    scan = SimpleUploadedFile("批复.pdf", b"%PDF-1.7 scan")
    client.force_login(filler)

    assert ask(client, project, attachment=scan).status_code == 302
    change = project.status_changes.get()
    project.refresh_from_db()
    assert project.status == "normal"
    client.force_login(finance)
    assert decide(client, change, "approve").status_code == 302

    project.refresh_from_db()
    change.refresh_from_db()
    assert (project.status, project.status_reason) == ("cancelled", BASIS["reason"])
    assert (change.state, change.decided_by) == ("approved", finance)
    assert change.attachment.name == "批复.pdf"
    events = AuditEvent.objects.filter(subject=subject_of(project)).order_by("pk")
    assert [(each.action, each.user) for each in events] == [
        ("status.requested", filler),
        ("project.changed", finance),
        ("status.decided", finance),
    ]
    told = AuditEvent.objects.get(action="status.requested")
    assert told.after["attachment"] == change.attachment.sha256


def test_the_attachment_is_for_those_who_see_the_project(
    client, project, filler, finance
):
    scan = SimpleUploadedFile("批复.pdf", b"%PDF-1.7 scan")
    change = request_status(filler, project, **asked(upload=scan))
    address = reverse("projects:status_attachment", args=[change.pk])

    client.force_login(filler)
    answer = client.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue() == b"%PDF-1.7 scan"
    client.force_login(make_user(Role.FILLER, make_department()))
    assert client.get(address).status_code == 404


def test_a_refusal_asks_for_a_note_and_changes_nothing(
    client, project, filler, finance
):
    change = request_status(filler, project, **asked())
    client.force_login(finance)

    without = decide(client, change, "refuse")
    refused = decide(client, change, "refuse", "资金已支出，仍应自评")

    assert "不同意时请填写审批意见" in without.content.decode()
    assert refused.status_code == 302
    project.refresh_from_db()
    change.refresh_from_db()
    assert project.status == "normal"
    assert (change.state, change.decision_note) == ("refused", "资金已支出，仍应自评")
    client.force_login(filler)
    assert ask(client, project).status_code == 302


def test_what_is_missing_is_said_at_once_and_what_was_typed_stays(
    client, project, filler
):
    client.force_login(filler)
    program = SimpleUploadedFile("批复.pdf", b"MZ program")

    response = ask(
        client,
        project,
        to_status="merged",
        merged_code="888",
        document="",
        document_date="6月",
        attachment=program,
    )

    page = response.content.decode()
    assert set(response.context["form"].errors) == {
        "merged_code",
        "document",
        "document_date",
        "attachment",
    }
    assert BASIS["reason"] in page
    assert 'value="888"' in page
    assert not StatusChange.objects.exists()


def test_a_file_is_asked_for_again_where_something_else_is_wrong(
    client, project, filler
):
    client.force_login(filler)
    scan = SimpleUploadedFile("批复.pdf", b"%PDF-1.7 scan")

    response = ask(client, project, reason="", attachment=scan)

    assert "请重新选择附件" in str(response.context["form"].errors["attachment"])


def test_a_merged_project_links_to_its_successor_and_back(
    client, project, unit, filler, finance
):
    successor = make_project(unit, name="执法监督", code="777")
    client.force_login(filler)
    ask(client, project, to_status="merged", merged_code="777")
    decide_status(finance, project.status_changes.get().pk, approve=True, note="")

    own = client.get(reverse("projects:detail", args=[project.pk])).content.decode()
    other = client.get(reverse("projects:detail", args=[successor.pk])).content.decode()
    rows = client.get(reverse("projects:list"))

    assert f'href="/projects/{successor.pk}/"' in own
    assert "并入本项目的项目" in other
    assert f'href="/projects/{project.pk}/"' in other
    # It stays in the list, with the way to where it went.
    assert project in rows.context["page_obj"].object_list
    assert "合并至" in rows.content.decode()


def test_a_successor_of_another_unit_is_named_without_a_link(
    client, project, filler, finance
):
    elsewhere = make_project(make_department(), name="他处项目")
    request_status(finance, project, **asked(to_status="merged", merged_into=elsewhere))
    second = make_user(Role.PERFORMANCE_SECTION, make_department())
    decide_status(second, project.status_changes.get().pk, approve=True, note="")
    client.force_login(filler)

    page = client.get(reverse("projects:detail", args=[project.pk])).content.decode()

    assert "他处项目" in page
    assert f"/projects/{elsewhere.pk}/" not in page


def test_a_project_merges_only_into_one_of_its_year_that_reports(
    client, project, unit, filler
):
    make_project(unit, code="555", status="unspent")
    make_project(unit, code="666", year=YEAR - 1)
    client.force_login(filler)

    gone = ask(client, project, to_status="merged", merged_code="555")
    older = ask(client, project, to_status="merged", merged_code="666")
    itself = ask(client, project, to_status="merged", merged_code=project.code)

    assert "已未安排支出" in str(gone.context["form"].errors["merged_code"])
    for answer in (older, itself):
        assert "没有编码为" in str(answer.context["form"].errors["merged_code"])


def test_wrong_roles_are_refused_and_other_units_find_nothing(
    client, project, unit, filler, finance
):
    change = request_status(filler, project, **asked())

    client.force_login(filler)
    assert decide(client, change, "approve").status_code == 403
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    assert ask(client, project).status_code == 403
    assert decide(client, change, "approve").status_code == 403
    client.force_login(make_user(Role.FILLER, make_department()))
    assert ask(client, project).status_code == 404
    assert decide(client, change, "approve").status_code == 404
    own = request_status(finance, make_project(unit), **asked())
    client.force_login(finance)
    assert decide(client, own, "approve").status_code == 403


def test_a_change_is_decided_once(client, project, filler, finance):
    change = request_status(filler, project, **asked())
    decide_status(finance, change.pk, approve=False, note="不符合规定")
    client.force_login(finance)

    again = decide(client, change, "approve")

    assert again.status_code == 403
    project.refresh_from_db()
    assert project.status == "normal"


def test_who_asked_takes_the_request_back_and_may_ask_again(
    client, project, filler, finance
):
    change = request_status(filler, project, **asked())
    address = reverse("projects:status_withdraw", args=[change.pk])
    page = reverse("projects:status_change", args=[change.pk])
    client.force_login(finance)
    refused = client.post(address)
    client.force_login(filler)
    offered = client.get(page).text

    taken_back = client.post(address, follow=True)

    assert refused.status_code == 403
    assert "撤回申请…" in offered
    assert "已撤回申请" in taken_back.text
    assert "撤回申请…" not in taken_back.text
    change.refresh_from_db()
    assert (change.state, change.decided_by) == ("withdrawn", filler)
    project.refresh_from_db()
    assert project.status == "normal"
    events = AuditEvent.objects.filter(subject=subject_of(project))
    assert [each.action for each in events] == ["status.withdrawn", "status.requested"]
    client.force_login(finance)
    assert decide(client, change, "approve").status_code == 403
    assert request_status(filler, project, **asked()).is_open


def test_what_is_decided_is_taken_back_no_more(client, project, filler, finance):
    change = request_status(filler, project, **asked())
    decide_status(finance, change.pk, approve=True, note="")
    client.force_login(filler)

    address = reverse("projects:status_withdraw", args=[change.pk])
    answer = client.post(address, follow=True)

    assert "该申请已由赵绩效处理（已同意）" in answer.text
    change.refresh_from_db()
    assert change.state == "approved"


def test_a_project_entered_as_classified_waits_for_a_decision(client, unit, filler):
    values = {
        "year": YEAR,
        "code": "S-9",
        "status": "classified",
        "unit": unit,
        "supervising_department": unit.parent,
    }
    change = enter_project(filler, values).status_changes.get()
    client.force_login(filler)

    address = reverse("projects:status_withdraw", args=[change.pk])
    answer = client.post(address, follow=True)

    assert "须由绩效科审批，不能撤回" in answer.text
    assert "撤回申请…" not in answer.text
    change.refresh_from_db()
    assert change.is_open


def test_a_report_that_was_sent_up_stays_in_the_counts(
    client, project, filler, finance
):
    assessment = make_assessment(project)
    change = request_status(filler, project, **asked())
    submit(assessment)
    client.force_login(finance)

    late = decide(client, change, "approve")

    assert late.status_code == 409
    assert "审核中" in late.content.decode()
    project.refresh_from_db()
    change.refresh_from_db()
    assert (project.status, change.state) == ("normal", "requested")
    client.force_login(filler)
    assert ask(client, project).status_code == 302
    assert project.status_changes.count() == 1


def test_only_one_change_waits_at_a_time(client, project, filler):
    request_status(filler, project, **asked())
    client.force_login(filler)

    second = ask(client, project, to_status="unspent")

    assert second.status_code == 409
    assert "已有改为“撤销”的申请" in second.content.decode()


def test_of_a_classified_project_no_words_are_kept(client, unit, filler, finance):
    project = make_project(unit, money=None, name="秘密名称", goal="秘密目标")
    client.force_login(filler)

    told = ask(client, project, to_status="classified")
    blank = dict.fromkeys(BASIS, "")
    sent = ask(client, project, to_status="classified", **blank)
    change = project.status_changes.get()
    client.force_login(finance)
    decide(client, change, "approve", "秘密意见")

    assert set(told.context["form"].errors) == set(BASIS)
    assert sent.status_code == 302
    project.refresh_from_db()
    change.refresh_from_db()
    assert (project.status, project.name, project.goal) == ("classified", "", "")
    assert (change.state, change.decision_note) == ("approved", "")
    events = AuditEvent.objects.values_list("summary", "before", "after")
    assert "秘密" not in str(list(events))
    page = client.get(reverse("projects:detail", args=[project.pk])).content.decode()
    assert "按保密规定另行报送" in page


def test_what_the_system_tells_already_cannot_be_made_classified(
    client, project, filler
):
    make_indicators(project)
    client.force_login(filler)

    response = ask(client, project, to_status="classified", **dict.fromkeys(BASIS, ""))

    assert "已有资金、绩效指标，不能改为“涉密另报”" in response.content.decode()


def test_a_project_entered_as_classified_waits_for_approval(unit, filler, finance):
    values = {
        "year": YEAR,
        "code": "440799",
        "unit": unit,
        "supervising_department": unit.parent,
        "status": "classified",
    }

    project = enter_project(filler, values)
    change = decide_status(
        finance, project.status_changes.get().pk, approve=False, note="名称是秘密"
    )

    # Whatever was typed as a note: of a classified project a fixed phrase is kept.
    assert (change.state, change.decision_note) == ("refused", "不属于涉密另报范围")


def test_the_performance_section_brings_a_project_back(
    client, project, unit, filler, finance
):
    successor = make_project(unit)
    merged = asked(to_status="merged", merged_into=successor)
    change = request_status(filler, project, **merged)
    decide_status(finance, change.pk, approve=True, note="")
    project.refresh_from_db()
    names = ("year", "code", "name", "fund_nature", "continuity", "version")
    sent = {
        **{name: getattr(project, name) for name in names},
        "supervising_department": project.supervising_department_id,
        "unit": project.unit_id,
        "status": "normal",
        "status_reason": "恢复实施",
    }
    address = reverse("projects:edit", args=[project.pk])

    client.force_login(filler)
    refused = client.post(address, sent)
    client.force_login(finance)
    accepted = client.post(address, sent)

    assert "status" in refused.context["form"].errors
    assert accepted.status_code == 302
    project.refresh_from_db()
    assert (project.status, project.merged_into) == ("normal", None)


@pytest.mark.parametrize(
    "broken",
    [
        {"reason": ""},
        {"document": ""},
        {"to_status": "adjusted"},
        {"to_status": "merged"},
        {"to_status": "classified"},
        {"state": "approved"},
    ],
    ids=["no reason", "no document", "reports", "no successor", "told", "nobody"],
)
def test_the_database_refuses_a_change_that_says_too_little(project, filler, broken):
    values = asked(from_status="normal", **broken)
    change = StatusChange(
        project=project,
        requested_by=filler,
        requested_at=timezone.now(),
        **values,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        change.save()


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    client, project, unit, filler, finance, django_assert_max_num_queries
):
    for _ in range(3):
        change = request_status(filler, project, **asked())
        decide_status(finance, change.pk, approve=False, note="不符合规定")
    for _ in range(3):
        make_project(unit, status="merged", merged_into=project)
    client.force_login(filler)

    with django_assert_max_num_queries(15):
        client.get(reverse("projects:detail", args=[project.pk]))
    with django_assert_max_num_queries(10):
        client.get(reverse("projects:status_change", args=[change.pk]))
    with django_assert_max_num_queries(12):
        client.get(reverse("projects:list"))
    assert BudgetProject.objects.filter(merged_into=project).count() == 3
