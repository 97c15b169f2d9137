"""Who sees and may do what with projects, role by role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.access import (
    may_add,
    may_edit,
    may_view,
    roles_for,
    why_not_edit,
)
from projects.models import BudgetProject, Department, Role
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_project,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


class Tree:
    """A 市局 with two units, another 局, a 业务科室 in charge of the first."""

    def __init__(self):
        self.section = make_department(name="行政政法科")
        self.department = make_department(name="市司法局")
        self.unit = make_department(self.department, name="执法监督处")
        self.sibling = make_department(self.department, name="普法处")
        self.other = make_department(name="市卫健局")
        self.own = make_project(self.unit, section=self.section)
        self.near = make_project(self.sibling, section=self.section)
        self.far = make_project(self.other)


@pytest.fixture
def tree():
    return Tree()


def seen_by(user):
    return set(BudgetProject.objects.visible_to(user))


@pytest.mark.parametrize(
    ("role", "place", "seen", "edits", "adds"),
    [
        (Role.FILLER, "unit", ["own"], True, True),
        (Role.FILLER, "department", ["own", "near"], True, True),
        (Role.UNIT_REVIEWER, "unit", ["own"], False, False),
        (Role.DEPARTMENT_REVIEWER, "department", ["own", "near"], False, False),
        (Role.SECTION_REVIEWER, "section", ["own", "near"], False, False),
        (Role.PERFORMANCE_SECTION, "other", ["own", "near", "far"], True, True),
        (Role.OBSERVER, "unit", ["own"], False, False),
        (Role.THIRD_PARTY, "unit", [], False, False),
        (Role.SYSTEM_ADMIN, "department", [], False, False),
        (Role.AUDIT_ADMIN, "department", [], False, False),
        (Role.FILLER, "other", ["far"], False, True),
    ],
)
def test_each_role_sees_and_edits_what_is_its_own(tree, role, place, seen, edits, adds):
    user = make_user(role, getattr(tree, place))

    assert seen_by(user) == {getattr(tree, name) for name in seen}
    assert may_view(user, tree.own) is ("own" in seen)
    assert may_edit(user, tree.own) is edits
    assert may_add(user) is adds


def test_without_a_role_one_sees_nothing(tree):
    assert seen_by(make_user()) == set()


@pytest.mark.parametrize(
    ("from_day", "to_day", "is_valid"),
    [(-9, None, True), (1, None, False), (-9, -1, False), (-9, 0, True)],
)
def test_a_role_counts_only_while_it_is_valid(tree, from_day, to_day, is_valid):
    today = timezone.localdate()
    user = make_user()
    make_membership(
        user,
        Role.FILLER,
        tree.unit,
        valid_from=today + timedelta(days=from_day),
        valid_to=None if to_day is None else today + timedelta(days=to_day),
    )

    assert (tree.own in seen_by(user)) is is_valid


def test_a_code_that_begins_alike_opens_no_other_department():
    unit = make_department(code="44")
    project = make_project(make_department(code="440"))

    assert project not in seen_by(make_user(Role.FILLER, unit))


def test_several_roles_add_up(tree):
    user = make_user(Role.FILLER, tree.unit)
    make_membership(user, Role.UNIT_REVIEWER, tree.other)

    assert seen_by(user) == {tree.own, tree.far}
    assert roles_for(user, tree.own) == {Role.FILLER}
    assert roles_for(user, tree.far) == {Role.UNIT_REVIEWER}
    assert not may_edit(user, tree.far)


def test_what_stands_in_a_report_sent_up_is_closed_to_everybody(tree):
    assessment = make_assessment(tree.own)
    performance = make_user(Role.PERFORMANCE_SECTION, tree.other)
    assert why_not_edit(performance, tree.own) == ""

    submit(assessment)

    assert "审核中" in why_not_edit(performance, tree.own)
    assert why_not_edit(make_user(Role.UNIT_REVIEWER, tree.unit), tree.own) == (
        "只有本单位填报人和绩效科可以修改项目"
    )


def test_departments_to_see_and_departments_to_enter_projects_for(tree):
    filler = make_user(Role.FILLER, tree.unit)
    reviewer = make_user(Role.DEPARTMENT_REVIEWER, tree.department)
    section = make_user(Role.SECTION_REVIEWER, tree.section)
    tree.department.section = tree.section
    tree.department.save()

    fillable = Department.objects.fillable_by(filler)
    assert set(fillable) == {tree.unit}
    assert set(fillable.with_those_above()) == {tree.unit, tree.department}
    assert not Department.objects.fillable_by(reviewer).exists()
    assert set(Department.objects.visible_to(section)) == {tree.department}
    closed = tree.unit
    closed.is_active = False
    closed.save()
    assert not Department.objects.fillable_by(filler).exists()
