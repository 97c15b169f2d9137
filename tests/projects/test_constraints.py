"""What the database itself refuses, whatever form or service wrote it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from projects.models import (
    BudgetProject,
    Department,
    FormerName,
    FundingLine,
    UnitShare,
)
from tests.factories import (
    YEAR,
    make_department,
    make_membership,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db


def refused(constraint, row, **changes):
    """Assert that the database refuses these values by the constraint named."""
    model = type(row)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        model.objects.filter(pk=row.pk).update(**changes)
    assert constraint in str(error.value) or _columns(model, constraint) in str(
        error.value
    )


def _columns(model, constraint):
    """Return the columns by which SQLite names a unique constraint."""
    table = model._meta.db_table
    found = next(each for each in model._meta.constraints if each.name == constraint)
    columns = [model._meta.get_field(name).column for name in found.fields]
    return ", ".join(f"{table}.{column}" for column in columns)


def test_a_department_is_not_its_own_parent():
    department = make_department()

    refused("department_not_its_own_parent", department, parent=department.pk)


def test_a_department_code_is_used_once():
    first, second = make_department(), make_department()

    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.filter(pk=second.pk).update(code=first.code)


@pytest.fixture
def former():
    return FormerName.objects.create(
        department=make_department(),
        name="旧名",
        valid_from=date(2020, 1, 1),
        valid_to=date(2020, 12, 31),
    )


def test_a_former_name_ends_after_it_begins(former):
    refused("formername_dates_in_order", former, valid_to=date(2019, 12, 31))


def test_two_former_names_do_not_begin_on_one_day(former):
    other = FormerName.objects.create(
        department=former.department,
        name="更旧名",
        valid_from=date(2018, 1, 1),
        valid_to=date(2018, 12, 31),
    )

    refused(
        "formername_one_per_start",
        other,
        valid_from=former.valid_from,
        valid_to=former.valid_to,
    )


@pytest.fixture
def membership():
    return make_membership(make_user(), "filler", make_department())


def test_a_role_is_given_once_a_day(membership):
    other = make_membership(membership.user, "observer", membership.department)

    refused("membership_once", other, role="filler")


def test_a_role_ends_after_it_begins(membership):
    refused("membership_dates_in_order", membership, valid_to=date(2019, 12, 31))


def test_a_role_is_one_of_those_known(membership):
    refused("membership_role_known", membership, role="king")


def test_a_project_code_is_used_once_a_year():
    first, second = make_project(), make_project()

    refused("budgetproject_code_once_a_year", second, code=first.code)
    BudgetProject.objects.filter(pk=second.pk).update(code=first.code, year=YEAR - 1)


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_year_is_plausible(year):
    refused("budgetproject_year_plausible", make_project(), year=year)


def test_a_project_status_is_one_of_those_known():
    refused("budgetproject_status_known", make_project(), status="lost")


def test_a_project_has_a_name_unless_it_is_classified():
    refused("budgetproject_named_unless_classified", make_project(), name="")


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "level1_code",
        "level1_name",
        "category",
        "status_reason",
        "goal",
        "unit_leader",
        "project_leader",
        "finance_leader",
        "contact",
        "phone",
    ],
)
def test_a_classified_project_holds_no_text(field):
    project = make_project(name="", status="classified", money=None)

    refused("budgetproject_classified_has_no_text", project, **{field: "内容"})


def test_a_merged_project_names_its_successor():
    refused("budgetproject_merged_names_its_successor", make_project(), status="merged")


def test_a_project_is_not_merged_into_itself():
    project = make_project()

    refused("budgetproject_not_merged_into_itself", project, merged_into=project.pk)


@pytest.fixture
def line():
    return make_project().funding_lines.get()


def test_a_source_stands_once_in_a_project(line):
    other = FundingLine.objects.create(project=line.project, source="other")

    refused("fundingline_source_once", other, source=line.source)


def test_a_source_is_one_of_those_known(line):
    refused("fundingline_source_known", line, source="lottery")


@pytest.mark.parametrize("amount", ["initial", "adjusted", "received", "executed"])
def test_amounts_are_not_negative(line, amount):
    refused(f"fundingline_{amount}_not_negative", line, **{amount: Decimal("-0.01")})


def test_a_unit_has_each_source_and_each_share_once():
    project, unit = make_project(), make_department()
    UnitShare.objects.create(project=project, unit=unit)
    FundingLine.objects.create(project=project, unit=unit, source="appropriation")

    # The lead's own line of the same source is another row.
    assert project.funding_lines.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingLine.objects.create(project=project, unit=unit, source="appropriation")
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitShare.objects.create(project=project, unit=unit)
