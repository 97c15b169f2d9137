"""A unit of a department with its people, and one self-assessment to be filled in."""

import pytest

from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)


@pytest.fixture
def department():
    return make_department(name="市司法局")


@pytest.fixture
def unit(department):
    return make_department(department, name="执法监督处")


@pytest.fixture
def filler(unit):
    return make_user(Role.FILLER, unit, name="陈填报")


@pytest.fixture
def unit_reviewer(unit):
    return make_user(Role.UNIT_REVIEWER, unit, name="李审核")


@pytest.fixture
def department_reviewer(department):
    return make_user(Role.DEPARTMENT_REVIEWER, department, name="王主管")


@pytest.fixture
def performance_section():
    return make_user(Role.PERFORMANCE_SECTION, make_department(), name="赵绩效")


@pytest.fixture
def task():
    return make_task()


@pytest.fixture
def assessment(unit, task):
    return make_assessment(make_project(unit, name="执法培训"), task)
