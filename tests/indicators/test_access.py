"""Who sees which self-assessments, and what of them they may write or review."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from indicators.access import may_fill, why_not_fill
from indicators.models import EvaluationTask, SelfAssessment, Status, TaskState
from indicators.services import write_narrative
from projects.models import BudgetProject, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_recheck,
    make_task,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


def seen_by(user):
    return set(SelfAssessment.objects.visible_to(user))


def waiting_for(user):
    return list(SelfAssessment.objects.awaiting_review_by(user))


def stored(assessment):
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


@pytest.mark.parametrize(
    "role", [Role.FILLER, Role.UNIT_REVIEWER, Role.DEPARTMENT_REVIEWER]
)
def test_roles_of_a_body_see_what_stands_at_or_below_it(
    role, department, unit, assessment
):
    elsewhere = make_assessment()

    assert seen_by(make_user(role, unit)) == {assessment}
    assert seen_by(make_user(role, department)) == {assessment}
    assert seen_by(make_user(role, elsewhere.project.unit)) == {elsewhere}


def test_a_section_sees_the_projects_it_is_in_charge_of(unit):
    section = make_department(name="行政政法科")
    own = make_assessment(make_project(unit, section=section))
    make_assessment()

    assert seen_by(make_user(Role.SECTION_REVIEWER, section)) == {own}


def test_the_performance_section_sees_all(performance_section, assessment):
    other = make_assessment()

    assert seen_by(performance_section) == {assessment, other}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_see_no_business_data(role, department, assessment):
    assert seen_by(make_user(role, department)) == set()


def test_a_third_party_sees_only_what_it_was_given(department, assessment):
    make_assessment()
    office = make_user(Role.THIRD_PARTY, department)
    make_recheck(assessment, office)

    assert seen_by(office) == {assessment}


def test_who_was_given_a_recheck_sees_nothing_once_the_role_has_ended(
    department, assessment
):
    office = make_user()
    ended = date.today() - timedelta(days=1)  # noqa: DTZ011 (office day)
    make_membership(office, Role.THIRD_PARTY, department, valid_to=ended)
    make_recheck(assessment, office)

    assert seen_by(office) == set()


@pytest.mark.parametrize(
    ("status", "is_seen"),
    [
        (Status.DRAFT, False),
        (Status.RETURNED, False),
        (Status.APPROVED, True),
        (Status.PUBLISHED, True),
    ],
)
def test_an_observer_sees_what_is_final(status, is_seen, department, assessment):
    SelfAssessment.objects.filter(pk=assessment.pk).update(status=status)

    observer = make_user(Role.OBSERVER, department)

    assert seen_by(observer) == ({assessment} if is_seen else set())


def test_of_a_classified_project_nobody_sees_an_assessment(performance_section):
    assessment = make_assessment()
    BudgetProject.objects.filter(pk=assessment.project_id).update(
        status="classified", name=""
    )

    assert seen_by(performance_section) == set()


def test_tasks_are_seen_by_those_who_have_something_in_them(unit, assessment):
    make_task(title="外单位任务")
    filler = make_user(Role.FILLER, unit)

    assert list(EvaluationTask.objects.visible_to(filler)) == [assessment.task]


def test_a_task_not_yet_sent_out_is_the_performance_sections_alone(
    filler, performance_section, assessment
):
    EvaluationTask.objects.update(state=TaskState.DRAFT)

    assert not EvaluationTask.objects.visible_to(filler).exists()
    assert EvaluationTask.objects.visible_to(performance_section).exists()


def test_only_a_filler_may_write_and_only_while_it_is_open(
    filler, unit_reviewer, assessment
):
    assert may_fill(filler, stored(assessment))
    assert why_not_fill(unit_reviewer, stored(assessment)) == "只有本单位填报人可以填写"

    submit(assessment, filler)

    assert why_not_fill(filler, stored(assessment)) == "审核中，不能修改"


def test_a_submitted_one_waits_for_the_reviewer_of_its_level(
    filler, unit_reviewer, department_reviewer, assessment
):
    submit(assessment, filler)

    assert waiting_for(unit_reviewer) == [assessment]
    assert waiting_for(department_reviewer) == []
    assert waiting_for(filler) == []


def test_the_role_must_be_held_where_the_project_is(filler, assessment):
    submit(assessment, filler)
    elsewhere = make_department()

    assert waiting_for(make_user(Role.UNIT_REVIEWER, elsewhere)) == []


def test_a_role_held_elsewhere_does_not_lend_its_reach(filler, unit, assessment):
    submit(assessment, filler)
    both = make_user(Role.UNIT_REVIEWER, make_department())
    make_membership(both, Role.FILLER, unit)

    assert waiting_for(both) == []


def test_ones_own_work_does_not_wait_for_oneself(filler, unit, assessment):
    make_membership(filler, Role.UNIT_REVIEWER, unit)
    writer = make_user(Role.UNIT_REVIEWER, unit)
    text = assessment.narratives.get(key="goal")
    write_narrative(writer, text, "全年完成", version=text.version)

    submit(assessment, filler)

    assert waiting_for(filler) == []
    assert waiting_for(writer) == []


@pytest.mark.parametrize(
    ("own", "of_task", "is_over"),
    [
        (None, "12:00:00", False),
        (None, "11:59:59", True),
        ("12:01:00", "11:00:00", False),
        ("11:00:00", "12:01:00", True),
    ],
    ids=["its minute still runs", "over", "own time later", "own time earlier"],
)
def test_overdue_goes_by_its_own_time_and_else_by_the_tasks(
    own, of_task, is_over, monkeypatch
):
    task = make_task(due_at=noonish(of_task), opens_at=noonish("09:00:00"))
    make_assessment(task=task, due_at=own and noonish(own))
    monkeypatch.setattr(timezone, "now", lambda: noonish("12:00:30"))

    assert SelfAssessment.objects.overdue().exists() is is_over


def noonish(clock):
    """Return a moment of one day, office time."""
    return timezone.make_aware(datetime.fromisoformat(f"2025-03-05T{clock}"))


def test_what_was_sent_up_is_not_overdue(filler, unit):
    late = make_task(due_at=timezone.now() - timedelta(days=1))
    submit(make_assessment(make_project(unit), late), filler)

    assert not SelfAssessment.objects.overdue().exists()


def test_a_third_party_sees_the_project_of_what_it_was_given(department, assessment):
    office = make_user(Role.THIRD_PARTY, department)
    make_project(assessment.project.unit)

    before = list(BudgetProject.objects.visible_to(office))
    make_recheck(assessment, office)

    assert before == []
    assert list(BudgetProject.objects.visible_to(office)) == [assessment.project]
