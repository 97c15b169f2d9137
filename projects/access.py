"""Who may see and do what with projects: one question each, answered with bool.

What a person may see follows from the roles held today (Membership): roles of a unit or
department reach over its subtree, a 归口业务科室 over the projects it is in charge of,
the 绩效科 over everything; 第三方 see only what is assigned to them, the administrators
no business data. The units that share a project with its lead see it, and fill in
their own part; the rest is the lead's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from perfeval.models import User
from perfeval.notices import unread_count
from projects.models import (
    LENT_ROLES,
    BudgetProject,
    ChangeRequest,
    Delegation,
    Department,
    Membership,
    Role,
    UnitShare,
)
from projects.querysets import starts_with

SUBTREE_ROLES = frozenset(
    {Role.FILLER, Role.UNIT_REVIEWER, Role.DEPARTMENT_REVIEWER, Role.OBSERVER}
)


@dataclass(frozen=True)
class Scope:
    """What a person's roles reach: paths of departments, or everything.

    given_to: a person who also sees the projects of which a part was given (分工).
    """

    paths: list[str]
    section_paths: list[str]
    everything: bool
    given_to: User | None = None

    def seen(self, prefix: str = "") -> Q:
        """Return the condition for projects that may be seen, shared ones included.

        A union of keys, each part by its own index: joined by OR, every project of the
        database would be looked at for a unit's few.
        """
        if self.everything:
            return self.projects(prefix)
        unordered = BudgetProject.objects.order_by()
        keys = [
            unordered.filter(starts_with(field, paths)).values("pk")
            for field, paths in (
                ("unit__path", self.paths),
                ("section__path", self.section_paths),
                ("shares__unit__path", self.paths),
            )
            if paths
        ]
        if self.given_to is not None:
            given = unordered.filter(assessments__assignments__user=self.given_to)
            keys.append(given.values("pk"))
        if not keys:
            return Q(pk__in=[])
        field = f"{prefix.removesuffix('__')}_id__in" if prefix else "pk__in"
        return Q(**{field: keys[0].union(*keys[1:], all=True)})

    def projects(self, prefix: str = "") -> Q:
        """Return the condition for projects, seen from a model that holds one.

        Those in which the roles count: of a shared project the lead's alone.
        """
        if self.everything:
            # Not Q(): that falls away when it is joined to another condition by |.
            return ~Q(pk__in=[])
        return starts_with(f"{prefix}unit__path", self.paths) | starts_with(
            f"{prefix}section__path", self.section_paths
        )


def shared_by(paths: list[str], prefix: str = "") -> Q:
    """Return the condition for projects that units at or below these paths share.

    A subquery: a join would count a project once for each of its units.
    """
    field = f"{prefix.removesuffix('__')}_id__in" if prefix else "pk__in"
    if not paths:
        return Q(pk__in=[])
    shares = UnitShare.objects.filter(starts_with("unit__path", paths))
    return Q(**{field: shares.values("project")})


@dataclass(frozen=True)
class GivenPart:
    """A part of a project's self-assessment that was given to a person (分工)."""

    assessment_id: int
    project_id: int
    part: str


def parts_given(user: User) -> list[GivenPart]:
    """Return the parts that were given to a person; read once per user object.

    Whoever has one sees its project and self-assessments, whatever the roles.
    """
    if not user.is_authenticated:
        return []
    if not hasattr(user, "given_parts"):
        columns = ("assessment_id", "assessment__project_id", "part")
        rows = user.assigned_parts.order_by("pk").values_list(*columns)
        user.given_parts = [GivenPart(*row) for row in rows]  # type: ignore[attr-defined]
    found: list[GivenPart] = user.given_parts  # type: ignore[attr-defined]
    return found


def memberships_of(user: User) -> list[Membership]:
    """Return the roles in which a person acts today; read once per user object.

    Their own, and those that others lend them while away (代办授权): user tells whose.
    """
    if not user.is_authenticated:
        return []
    # Kept on the user, so that a page asks only once.
    if not hasattr(user, "current_memberships"):
        away = Delegation.objects.current().filter(deputy=user).values("grantor")
        lent = Q(user__in=away, role__in=LENT_ROLES)
        held = Membership.objects.current().filter(Q(user=user) | lent)
        # Counted along, so that the top bar asks nothing more.
        counted = held.annotate(unread_notices=unread_count(user))
        found = list(counted.select_related("department", "user"))
        user.current_memberships = found  # type: ignore[attr-defined]
    kept: list[Membership] = user.current_memberships  # type: ignore[attr-defined]
    return kept


def scope_of(user: User, *, without: Role | None = None) -> Scope:
    """Return what a person's roles of today reach, one role left out if named.

    And the projects of which a part was given to the person, whatever the roles.
    """
    held = [each for each in memberships_of(user) if each.role != without]
    return replace(reach_of(held), given_to=user if user.is_authenticated else None)


def reach_of(held: Sequence[Membership]) -> Scope:
    """Return what these roles reach."""
    return Scope(
        paths=[each.department.path for each in held if each.role in SUBTREE_ROLES],
        section_paths=[
            each.department.path for each in held if each.role == Role.SECTION_REVIEWER
        ],
        everything=any(each.role == Role.PERFORMANCE_SECTION for each in held),
    )


def roles_of(user: User) -> frozenset[Role]:
    """Return the roles a person holds anywhere, for navigation."""
    return frozenset(Role(each.role) for each in memberships_of(user))


def roles_for(user: User, project: BudgetProject) -> frozenset[Role]:
    """Return the roles in which a person stands before one project.

    project: with unit (and section) loaded.
    """
    return frozenset(Role(each.role) for each in _standing(user, project))


def holdings_for(
    user: User, project: BudgetProject, roles: Collection[str]
) -> list[Membership]:
    """Return what gives a person one of these roles before one project.

    Their own come first; user of each tells whose role it is. project: as roles_for.
    """
    found = [each for each in _standing(user, project) if each.role in roles]
    return sorted(found, key=lambda each: each.user_id != user.pk)


def _standing(user: User, project: BudgetProject) -> list[Membership]:
    section = project.section.path if project.section else ""
    return [
        each
        for each in memberships_of(user)
        if each.role == Role.PERFORMANCE_SECTION
        or (each.role in SUBTREE_ROLES and _below(project.unit.path, each))
        or (each.role == Role.SECTION_REVIEWER and _below(section, each))
    ]


def share_roles_for(user: User, project: BudgetProject) -> frozenset[Role]:
    """Return the roles a person holds in units that share a project with its lead.

    They open the project and the unit's own part, nothing else. Uses prefetched shares.
    """
    return frozenset(
        Role(each.role)
        for share in project.shares.all()
        for each in memberships_of(user)
        if each.role in SUBTREE_ROLES and _below(share.unit.path, each)
    )


def may_view(user: User, project: BudgetProject) -> bool:
    return bool(roles_for(user, project) or share_roles_for(user, project))


def may_fill_share(user: User, project: BudgetProject, unit: Department) -> bool:
    """Whether a person fills in a unit's part of a shared project; the lead has one."""
    is_share = unit == project.unit or any(
        share.unit_id == unit.pk for share in project.shares.all()
    )
    return is_share and any(
        each.role == Role.FILLER and _below(unit.path, each)
        for each in memberships_of(user)
    )


def may_edit(user: User, project: BudgetProject) -> bool:
    """Whether a person may change a project's own fields, money and indicators."""
    roles = roles_for(user, project)
    return Role.FILLER in roles or Role.PERFORMANCE_SECTION in roles


def may_fill_money(user: User, project: BudgetProject) -> bool:
    """Whether a person may change a project's money: also whom it was given to."""
    return may_edit(user, project) or any(
        each.project_id == project.pk and each.part == "money"
        for each in parts_given(user)
    )


def why_not_edit(user: User, project: BudgetProject) -> str:
    """Return in one sentence why a person may not edit a project, "" where they may.

    What stands in a report that was sent up is closed to everybody.
    """
    if not may_edit(user, project):
        return "只有本单位填报人和绩效科可以修改项目"
    return _why_closed(project)


def why_not_fill_money(user: User, project: BudgetProject) -> str:
    """Return why a person may not change a project's money, "" where they may."""
    if not may_fill_money(user, project):
        return why_not_edit(user, project)
    return _why_closed(project)


def _why_closed(project: BudgetProject) -> str:
    """Return why nobody may write now: what was sent up stays."""
    closed = [each for each in project.assessments.all() if each.is_sent_up]
    if closed:
        state = closed[0].get_status_display()
        return f"本项目的绩效自评{state}，项目信息、资金和指标不能修改"
    return ""


def why_not_fill_share(user: User, project: BudgetProject, unit: Department) -> str:
    """Return in one sentence why a person may not fill in a unit's part, or ""."""
    if not may_fill_share(user, project, unit):
        return f"只有{unit}的填报人可以填写该单位的部分"
    return _why_closed(project)


def may_add(user: User) -> bool:
    """Whether a person may enter new projects."""
    return bool({Role.FILLER, Role.PERFORMANCE_SECTION} & roles_of(user))


def decides_money(user: User | None) -> bool:
    """Whether a person may type over imported money; None: the command line."""
    return user is None or Role.PERFORMANCE_SECTION in roles_of(user)


def may_decide(user: User, change: ChangeRequest) -> bool:
    """Whether a person may approve or refuse what somebody else asked for."""
    is_own = change.requested_by_id == user.pk
    return Role.PERFORMANCE_SECTION in roles_of(user) and change.is_open and not is_own


def may_withdraw(user: User, change: ChangeRequest) -> bool:
    """Whether a person may take back a request: who asked, until it is decided."""
    return change.is_open and change.requested_by_id == user.pk


def _below(path: str, membership: Membership) -> bool:
    return path.startswith(membership.department.path)


def administers(user: User) -> bool:
    """Whether a person keeps the bodies and the people of the system."""
    return Role.SYSTEM_ADMIN in roles_of(user)


def check_administers(user: User) -> None:
    """Raise PermissionDenied unless a person administers the system."""
    if not administers(user):
        raise PermissionDenied("单位和人员由系统管理员管理")
