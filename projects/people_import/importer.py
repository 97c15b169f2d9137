"""The importer of units, people and roles."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from perfeval.imports.flow import Importer, Line, Plan
from perfeval.imports.reading import Reading
from perfeval.models import User
from perfeval.people import Issued, create_people, update_person
from projects.departments import rename_department, update_department
from projects.memberships import end_role, grant_roles
from projects.models import Department, Membership
from projects.people_import.people import (
    PersonEdit,
    RoleEdit,
    known_people,
    plan_people,
)
from projects.people_import.tables import PEOPLE, UNITS
from projects.people_import.units import UnitEdit, plan_units
from projects.services import place_department


class PeopleImporter(Importer):
    """Units, people and their roles; its outcome: the initial passwords issued."""

    kind = "people"
    title = "单位和人员导入"
    as_text = "编码、用户名、电话"
    intro = "用一个工作簿批量建立单位、人员和角色。先核对将要发生的变化，再导入。"
    urls = "people:import"
    # It answers with initial passwords, which are shown once.
    in_background_from = None
    tables = (UNITS, PEOPLE)

    def plan(self, reading: Reading, user: User | None) -> Plan:
        plan = Plan()
        stored = {
            each.code: each
            for each in Department.objects.select_related(
                "parent", "section", "merged_into"
            ).prefetch_related("former_names")
        }
        units = reading.rows[UNITS.name]
        plan_units(units, stored, plan)
        new = frozenset(row.text("code") for row in units) - stored.keys()
        people = reading.rows[PEOPLE.name]
        plan_people(people, known_people(people, stored, new), plan)
        return plan

    def save(self, user: User | None, plan: Plan) -> list[Issued]:
        work = [line for line in plan.lines if line.what != "leave"]
        save_units(user, _edits(work, UnitEdit))
        issued = save_people(user, _edits(work, PersonEdit))
        save_roles(user, _edits(work, RoleEdit))
        return issued


Edit = TypeVar("Edit")


def _edits(lines: Iterable[Line], kind: type[Edit]) -> list[Edit]:
    return [each.values for each in lines if isinstance(each.values, kind)]


def save_units(user: User | None, edits: list[UnitEdit]) -> None:
    """Create and change units, those above first; sections once all are there."""
    for edit in _from_above(edits):
        # Read each time: moving what stands above gave it another path.
        parent = Department.objects.filter(code=edit.parent).first()
        if edit.stored is None:
            new = Department(code=edit.code, name=edit.name, parent=parent)
            place_department(new, user)
        elif parent:
            unit = Department.objects.get(code=edit.code)
            update_department(user, unit, {"parent": parent}, version=unit.version)
    for edit in edits:
        unit = Department.objects.get(code=edit.code)
        if edit.section:
            section = {"section": Department.objects.get(code=edit.section)}
            update_department(user, unit, section, version=unit.version)
        if edit.renamed:
            day = edit.renamed
            rename_department(user, unit, edit.name, day, version=unit.version)


def _from_above(edits: list[UnitEdit]) -> Iterator[UnitEdit]:
    """Yield the edits so that a unit comes after the one above it."""
    left = {each.code: each for each in edits}
    while left:
        for code, each in list(left.items()):
            if each.parent not in left:
                yield left.pop(code)


def save_people(user: User | None, edits: list[PersonEdit]) -> list[Issued]:
    """Create and change people; return the initial passwords of the new ones."""
    for edit in edits:
        if edit.stored:
            version = edit.stored.version
            update_person(user, edit.stored, edit.changes, version=version)
    new = [
        {"username": each.username, "name": each.name, "phone": each.phone}
        for each in edits
        if each.stored is None
    ]
    return create_people(user, new)


def save_roles(user: User | None, edits: list[RoleEdit]) -> None:
    """Give the new roles, end those that get a last day."""
    people = _by_username(each.username for each in edits)
    units = {each.code: each for each in Department.objects.all()}
    new = [
        Membership(
            user=people[each.username],
            department=units[each.unit],
            role=each.role,
            valid_from=each.valid_from,
            valid_to=each.valid_to,
        )
        for each in edits
        if each.stored is None
    ]
    grant_roles(user, new)
    for edit in edits:
        if edit.stored and edit.valid_to:
            end_role(user, edit.stored, edit.valid_to)


def _by_username(names: Iterable[str]) -> Mapping[str, User]:
    found = User.objects.filter(username__in=set(names))
    return {each.username: each for each in found}


PEOPLE_IMPORTER = PeopleImporter()
