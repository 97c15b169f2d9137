"""What the sheet 人员 would change, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format

from perfeval.imports.flow import Line, Plan, What
from perfeval.imports.reading import Row
from perfeval.models import User
from projects.memberships import ADMIN_ROLES
from projects.models import Department, Membership, Role
from projects.people_import.tables import ROLES
from projects.people_import.units import refused_unit

OPEN_END = date.max


@dataclass(frozen=True, kw_only=True)
class PersonEdit:
    """How a person is to become; stored: None for a new one; changes: of a stored."""

    username: str
    name: str
    phone: str
    stored: User | None
    changes: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RoleEdit:
    """A role to give, or (stored) one whose last day changes."""

    username: str
    unit: str
    role: Role
    valid_from: date
    valid_to: date | None
    stored: Membership | None


@dataclass(frozen=True)
class Known:
    """What the database holds: units by code, of the file too; people by username."""

    units: Mapping[str, Department]
    new_units: frozenset[str]
    people: Mapping[str, User]
    roles: Mapping[str, list[Membership]]


def known_people(
    rows: list[Row], units: Mapping[str, Department], new_units: frozenset[str]
) -> Known:
    """Load the people whom the rows name, with all roles they have or had."""
    names = {row.text("username") for row in rows}
    people = User.objects.filter(username__in=names)
    held = Membership.objects.filter(user__username__in=names)
    roles: dict[str, list[Membership]] = defaultdict(list)
    for each in held.select_related("user", "department"):
        roles[each.user.username].append(each)
    return Known(units, new_units, {each.username: each for each in people}, roles)


def plan_people(rows: list[Row], known: Known, plan: Plan) -> None:
    """Add the lines and problems of the rows."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        _check_unit(row, known, plan)
        if row.text("username"):
            groups[row.text("username")].append(row)
    for username, group in groups.items():
        before = len(plan.problems)
        _check_person(group, known.people.get(username), plan)
        _check_separation(group, known.roles.get(username, []), plan)
        person_is_right = len(plan.problems) == before
        roles = _role_lines(group, known, plan)
        if person_is_right:
            plan.lines.append(_person_line(group, known.people.get(username)))
            plan.lines += roles


def _check_unit(row: Row, known: Known, plan: Plan) -> None:
    code = row.text("unit")
    if code and code not in known.new_units:
        refused = refused_unit(code, known.units)
        if refused:
            remedy = "核对编码，或在“单位”表中补上这个单位"
            plan.problems.append(row.problem("unit", refused, remedy))


def _check_person(group: list[Row], stored: User | None, plan: Plan) -> None:
    """Check what rows of one person say of them: the same, and enough."""
    row = group[0]
    for key, label in (("name", "姓名"), ("phone", "联系电话")):
        said = [each for each in group if each.text(key)]
        for other in said[1:]:
            if other.text(key) != said[0].text(key):
                reason = f"与第 {said[0].number} 行同一用户名的{label}不同"
                remedy = f"照第 {said[0].number} 行填写；不是同一人时换一个用户名"
                plan.problems.append(other.problem(key, reason, remedy))
    if stored is None:
        if not any(each.text("name") or each.cell("name").text for each in group):
            remedy = "新用户写明姓名；已有用户请核对用户名"
            plan.problems.append(row.problem("name", "没有填写姓名", remedy))
    elif not stored.is_active:
        reason = f"用户“{stored}”已停用"
        plan.problems.append(row.problem("username", reason, "先在“人员管理”中恢复"))
    elif stored.is_superuser:
        reason = "这是系统的超级用户，不通过导入修改"
        plan.problems.append(row.problem("username", reason, "换一个用户名"))


def _check_separation(group: list[Row], held: list[Membership], plan: Plan) -> None:
    """Refuse one person as 系统管理员 and 审计管理员."""
    roles = {each.role for each in held if each.role in ADMIN_ROLES}
    for row in group:
        role = ROLES.get(row.text("role"))
        if role not in ADMIN_ROLES:
            continue
        if roles - {role}:
            reason = "系统管理员和审计管理员不能由同一人担任"
            plan.problems.append(
                row.problem("role", reason, "换一个人担任其中一个角色")
            )
        roles.add(role)


def _person_line(group: list[Row], stored: User | None) -> Line:
    row = group[0]
    username = row.text("username")
    said = {
        key: next((each.text(key) for each in group if each.text(key)), "")
        for key in ("name", "phone")
    }
    changes = {
        key: value
        for key, value in said.items()
        if stored and value and value != getattr(stored, key)
    }
    labels = {"name": "姓名", "phone": "联系电话"}
    notes = [
        f"{labels[key]}：{getattr(stored, key) or '（空）'} → {value}"
        for key, value in changes.items()
    ]
    what: What = "create" if stored is None else "change" if changes else "leave"
    edit = PersonEdit(username=username, stored=stored, changes=changes, **said)
    shown = said["name"] or str(stored)
    return Line(
        table="人员",
        number=row.number,
        name=f"{shown}（{username}）",
        what=what,
        told="；".join(notes),
        values=edit,
    )


def _role_lines(group: list[Row], known: Known, plan: Plan) -> list[Line]:
    lines = []
    seen: dict[tuple[str, str], int] = {}
    for row in group:
        key = (row.text("unit"), row.text("role"))
        if not all(key):
            continue
        if key in seen:
            reason = f"与第 {seen[key]} 行重复：同一人在同一单位的同一角色"
            plan.problems.append(row.problem("role", reason, "只保留一行"))
            continue
        seen[key] = row.number
        line = _role_line(row, known, plan)
        if line:
            lines.append(line)
    return lines


def _role_line(row: Row, known: Known, plan: Plan) -> Line | None:
    """Return what becomes of one role, None where its days are wrong."""
    today = timezone.localdate()
    valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
    stored = _stored_role(row, known, today)
    begin = stored.valid_from if stored else valid_from or today
    if stored and valid_from and valid_from != stored.valid_from:
        reason = f"该角色已自{date_format(stored.valid_from)}起生效"
        remedy = "留空或照原日期填写；角色开始的日期不能改"
        plan.problems.append(row.problem("valid_from", reason, remedy))
        return None
    if valid_to and valid_to < begin:
        reason = f"失效日期早于生效日期（{date_format(begin)}）"
        plan.problems.append(row.problem("valid_to", reason, "核对这两个日期"))
        return None
    changed = stored is not None and valid_to not in (None, stored.valid_to)
    edit = RoleEdit(
        username=row.text("username"),
        unit=row.text("unit"),
        role=ROLES[row.text("role")],
        valid_from=begin,
        valid_to=valid_to,
        stored=stored,
    )
    return Line(
        table="角色",
        number=row.number,
        name=f"{edit.username} · {edit.unit} · {edit.role.label}",
        what="create" if stored is None else "change" if changed else "leave",
        told=_role_note(edit, changed),
        values=edit,
    )


def _stored_role(row: Row, known: Known, today: date) -> Membership | None:
    """Return the role that the row speaks of: by its first day, its last, or today's.

    A file imported once is known again, whatever has ended since.
    """
    held = [
        each
        for each in known.roles.get(row.text("username"), [])
        if each.department.code == row.text("unit")
        and each.role == ROLES[row.text("role")]
    ]
    valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
    same_start = [each for each in held if each.valid_from == valid_from]
    same_end = [each for each in held if valid_to and each.valid_to == valid_to]
    running = [each for each in held if (each.valid_to or OPEN_END) >= today]
    return next(iter([*same_start, *same_end, *running]), None)


def _role_note(edit: RoleEdit, changed: bool) -> str:
    last = date_format(edit.valid_to) if edit.valid_to else ""
    if edit.stored is None:
        end = f"至{last}" if last else ""
        return f"自{date_format(edit.valid_from)}起{end}"
    return f"失效日期改为{last}" if changed else ""
