"""Adding and editing a project's own fields."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import EvaluationTask, ScoringScheme
from perfeval.models import AuditEvent
from projects.models import BudgetProject, Role
from projects.services import save_funding, update_project
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def section():
    return make_department(name="行政政法科")


@pytest.fixture
def unit(section):
    return make_department(make_department(section=section, name="市司法局"))


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


def entered(unit, **values):
    """Return what the form sends for a valid project."""
    return {
        "year": YEAR,
        "code": "440700001",
        "name": "行政执法监督",
        "supervising_department": unit.parent_id,
        "unit": unit.pk,
        "fund_nature": "general",
        "continuity": "continued",
        "status": "normal",
        "version": 1,
        **values,
    }


def sent_again(project, **values):
    names = ("year", "code", "name", "fund_nature", "continuity", "status", "version")
    stored = {name: getattr(project, name) for name in names}
    return {
        **stored,
        "supervising_department": project.supervising_department_id,
        "unit": project.unit_id,
        **values,
    }


def edit(client, project, **values):
    address = reverse("projects:edit", args=[project.pk])
    return client.post(address, sent_again(project, **values))


def test_a_filler_adds_a_project_of_the_unit(client, filler, unit, section):
    response = client.post(reverse("projects:add"), entered(unit))

    project = BudgetProject.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("projects:detail", args=[project.pk])
    assert project.name == "行政执法监督"
    assert project.section == section  # of the supervising department
    assert AuditEvent.objects.filter(action="project.created").count() == 1


def test_the_form_offers_own_units_and_departments_above_them(client, filler, unit):
    make_department(name="外单位")

    form = client.get(reverse("projects:add")).context["form"]

    assert list(form.fields["unit"].queryset) == [unit]
    departments = form.fields["supervising_department"].queryset
    assert list(departments) == [unit.parent, unit]
    assert "section" not in form.fields


def test_a_project_of_another_unit_cannot_be_entered(client, filler, unit):
    other = make_department()

    response = client.post(reverse("projects:add"), {**entered(unit), "unit": other.pk})

    assert response.status_code == 200
    assert "unit" in response.context["form"].errors
    assert not BudgetProject.objects.exists()


def test_every_error_is_told_at_once_and_what_was_typed_stays(client, filler, unit):
    sent = entered(unit, code="编码", name="", year="2150", goal="目标一", phone="abc")

    page = client.post(reverse("projects:add"), sent).content.decode()

    assert "请更正下列问题" in page
    assert "项目编码只能由数字、字母和连字符组成" in page
    assert "请填写项目名称" in page
    assert "联系电话只能由" in page
    assert "2100" in page
    assert "目标一" in page


def test_a_code_is_taken_once_a_year(client, filler, unit):
    make_project(unit, code="440700001")

    first = client.post(reverse("projects:add"), entered(unit))
    other_year = client.post(reverse("projects:add"), entered(unit, year=YEAR - 1))

    assert first.context["form"].errors["code"] == ["本年度已有此编码的项目"]
    assert other_year.status_code == 302


def test_a_form_sent_twice_makes_one_project(client, filler, unit):
    client.post(reverse("projects:add"), entered(unit))
    client.post(reverse("projects:add"), entered(unit))

    assert BudgetProject.objects.count() == 1


def test_who_enters_no_projects_is_refused(client, unit):
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))

    assert client.get(reverse("projects:add")).status_code == 403
    assert client.post(reverse("projects:add"), entered(unit)).status_code == 403


def test_an_edit_is_saved_with_its_event(client, filler, unit):
    project = make_project(unit)

    response = edit(client, project, contact="李四")

    project.refresh_from_db()
    assert response.status_code == 302
    assert (project.contact, project.version) == ("李四", 2)
    event = AuditEvent.objects.get(action="project.changed")
    assert event.before["contact"] == ""
    assert event.after["contact"] == "李四"


def test_an_edit_that_changes_nothing_leaves_the_version(client, filler, unit):
    project = make_project(unit)

    edit(client, project)

    project.refresh_from_db()
    assert project.version == 1
    assert not AuditEvent.objects.filter(action="project.changed").exists()


def test_a_stale_edit_shows_both_texts_and_the_next_save_decides(client, filler, unit):
    project = make_project(unit, goal="原目标")
    sent = sent_again(project, goal="我写的目标")
    update_project(None, project, {"goal": "别人写的目标"}, version=1)
    address = reverse("projects:edit", args=[project.pk])

    refused = client.post(address, sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "他人已保存的内容" in page
    assert "别人写的目标" in page
    assert "我写的目标" in page
    assert refused.context["form"]["version"].value() == "2"
    project.refresh_from_db()
    assert project.goal == "别人写的目标"

    decided = client.post(address, {**sent, "version": "2"})

    project.refresh_from_db()
    assert decided.status_code == 302
    assert project.goal == "我写的目标"


def test_a_project_in_a_report_sent_up_cannot_be_edited_and_keeps_the_text(
    client, filler, unit
):
    assessment = make_assessment(make_project(unit))
    project = assessment.project
    sent = sent_again(project, goal="迟到的修改")
    submit(assessment)
    address = reverse("projects:edit", args=[project.pk])

    response = client.post(address, sent)

    page = response.content.decode()
    assert response.status_code == 409
    assert "审核中" in page
    assert "迟到的修改" in page
    assert client.get(address).status_code == 302
    project.refresh_from_db()
    assert project.goal == ""


def test_a_reviewer_may_not_edit_and_a_stranger_finds_nothing(client, unit):
    project = make_project(unit)

    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    assert edit(client, project).status_code == 403
    client.force_login(make_user(Role.FILLER, make_department()))
    assert edit(client, project).status_code == 404


def test_the_form_offers_no_status_that_needs_approval(client, filler, unit):
    project = make_project(unit)

    response = edit(client, project, status="cancelled")

    assert "status" in response.context["form"].errors
    project.refresh_from_db()
    assert project.status == "normal"


def test_a_classified_project_is_entered_without_any_text(client, filler, unit):
    told = entered(unit, status="classified", name="秘密名称", contact="张三")

    refused = client.post(reverse("projects:add"), told)
    accepted = client.post(
        reverse("projects:add"), entered(unit, status="classified", name="")
    )

    assert set(refused.context["form"].errors) == {"name", "contact"}
    assert accepted.status_code == 302


def test_the_performance_section_chooses_the_section(client, unit, section):
    client.force_login(make_user(Role.PERFORMANCE_SECTION, make_department()))
    project = make_project(unit)

    edit(client, project, section=section.pk)

    project.refresh_from_db()
    assert project.section == section


def test_a_filler_who_edits_leaves_the_section_as_it_is(client, filler, unit):
    other = make_department()
    project = make_project(unit, section=other)

    edit(client, project, contact="李四")

    project.refresh_from_db()
    assert project.section == other


# --- The money on the same page


def with_money(values, *rows, unit="万元", **more):
    """Return what the page sends; rows: {field: typed} of each line of money."""
    sent = {
        **values,
        "lines-TOTAL_FORMS": len(rows),
        "lines-INITIAL_FORMS": 0,
        "money_unit": unit,
        **more,
    }
    for place, row in enumerate(rows):
        whole = {"line_id": "", "version": 1, "source": "appropriation", **row}
        sent.update({f"lines-{place}-{name}": value for name, value in whole.items()})
    return sent


def test_a_project_is_entered_with_its_money_at_once(client, filler, unit):
    rows = [
        {"initial": "1,234.50", "adjusted": "１２３４.５", "executed": "￥57.6"},
        {"source": "carryover", "adjusted": "133200元"},
    ]

    response = client.post(reverse("projects:add"), with_money(entered(unit), *rows))

    project = BudgetProject.objects.get()
    first, second = project.funding_lines.all()
    assert response["Location"] == reverse("projects:detail", args=[project.pk])
    assert (first.initial, first.adjusted) == (Decimal(12_345_000),) * 2
    assert (first.executed, second.adjusted) == (Decimal(576_000), Decimal(133_200))


def test_errors_of_project_and_money_are_told_at_once_and_nothing_is_saved(
    client, filler, unit
):
    sent = with_money(entered(unit, name=""), {"executed": "0.0000001"})

    page = client.post(reverse("projects:add"), sent).content.decode()

    assert "请填写项目名称" in page
    assert "第 1 行「全年执行数」：金额 1E-7 万元精确到了分以下，最小到分" in page
    assert 'value="0.0000001"' in page
    assert not BudgetProject.objects.exists()


def test_a_row_of_money_is_added_without_losing_the_rest_of_the_page(
    client, filler, unit
):
    sent = with_money(entered(unit, name="", goal="目标一"), {"executed": "约5"})
    sent["add_row"] = "1"

    whole = client.post(reverse("projects:add"), sent).content.decode()
    part = client.post(reverse("projects:add"), sent, headers={"HX-Request": "true"})

    assert "目标一" in whole
    assert "请填写项目名称" not in whole
    for page in (whole, part.content.decode()):
        assert 'value="约5"' in page
        assert 'name="lines-1-source"' in page
    assert "<html" not in part.content.decode()
    assert not BudgetProject.objects.exists()


def test_money_that_others_saved_first_holds_back_the_project_too(client, filler, unit):
    project = make_project(unit)
    line = project.funding_lines.get()
    row = {"line_id": line.pk, "version": 1, "executed": "20"}
    sent = with_money(sent_again(project, contact="李四"), row)
    save_funding(None, line, {"executed": Decimal(150_000)}, version=1)
    address = reverse("projects:edit", args=[project.pk])

    refused = client.post(address, sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "资金第 1 行的内容在您填写时已由他人保存" in page
    assert "15.00" in page
    assert 'value="20"' in page
    assert 'value="李四"' in page
    project.refresh_from_db()
    assert project.contact == ""

    decided = client.post(address, {**sent, "lines-0-version": "2"})

    project.refresh_from_db()
    assert decided.status_code == 302
    assert (project.contact, project.executed) == ("李四", Decimal(200_000))


def test_sums_of_a_project_being_entered_follow(client, filler, unit):
    sent = with_money(entered(unit), {"adjusted": "20", "executed": "15"})
    address = reverse("projects:new_funding_sums")

    page = client.post(address, sent).content.decode()
    client.force_login(make_user(Role.UNIT_REVIEWER, unit))
    refused = client.post(address, sent)

    assert "75.00%" in page
    assert refused.status_code == 403


def test_a_classified_project_takes_no_money(client, filler, unit):
    values = entered(unit, status="classified", name="")

    refused = client.post(reverse("projects:add"), with_money(values, {"initial": "1"}))
    accepted = client.post(reverse("projects:add"), with_money(values, {}))

    assert "不填资金" in refused.content.decode()
    assert accepted.status_code == 302


def test_money_is_shown_and_typed_in_the_unit_of_the_scheme(client, filler, unit):
    project = make_project(unit)
    make_assessment(project, make_task_in_yuan())

    page = client.get(reverse("projects:edit", args=[project.pk])).content.decode()
    detail = client.get(reverse("projects:detail", args=[project.pk])).content.decode()
    alone = client.get(reverse("projects:funding", args=[project.pk])).content.decode()

    for each in (page, alone):
        assert 'name="money_unit" value="元"' in each
        assert 'value="133200.00"' in each
    assert "133,200.00" in detail


def make_task_in_yuan():
    task = make_task()
    text = task.scheme.text.replace('money_unit = "万元"', 'money_unit = "元"')
    assert text != task.scheme.text
    ScoringScheme.objects.filter(pk=task.scheme_id).update(text=text)
    return EvaluationTask.objects.get(pk=task.pk)
