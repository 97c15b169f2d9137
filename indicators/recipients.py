"""Whom to tell: the fillers of a project, and who reviews it at a level."""

from collections.abc import Collection, Iterable

from indicators.models import ReviewRecord, SelfAssessment, TaskLevel
from projects.models import LENT_ROLES, BudgetProject, Delegation, Membership, Role


def holders(project: BudgetProject, role: str) -> set[int]:
    """Return the keys of those nearest to a project who hold a role for it today.

    A role reaches over a subtree; told are those of the lowest body that has anybody,
    with whoever stands in for them. project: with unit and section loaded.
    """
    held = _held([project], role)
    return with_deputies(_nearest(project, role, held), role)


def holders_of_many(
    projects: Collection[BudgetProject], role: str
) -> dict[int, set[int]]:
    """Return {person: keys of the projects for which they are told}, in two queries."""
    held = _held(projects, role)
    deputies = _deputies({user for user, _ in held}, role)
    found: dict[int, set[int]] = {}
    for project in projects:
        for user in _nearest(project, role, held):
            for each in (user, *deputies.get(user, ())):
                found.setdefault(each, set()).add(project.pk)
    return found


def fillers(assessment: SelfAssessment) -> set[int]:
    """Return whom a step back concerns: the unit's fillers, and who sent it up last."""
    sent = ReviewRecord.objects.filter(
        assessment=assessment, action="submit", actor__is_active=True
    )
    last = sent.order_by("-pk").values_list("actor_id", flat=True)[:1]
    return holders(assessment.project, Role.FILLER) | set(last)


def reviewers(assessment: SelfAssessment, level: TaskLevel) -> set[int]:
    return holders(assessment.project, level.role)


def with_deputies(people: set[int], role: str) -> set[int]:
    deputies = _deputies(people, role)
    return people.union(*deputies.values())


def _held(projects: Collection[BudgetProject], role: str) -> list[tuple[int, str]]:
    """Return (person, path) of all that hold a role at or above these projects."""
    held = Membership.objects.current().filter(role=role, user__is_active=True)
    if role != Role.PERFORMANCE_SECTION:
        above = {path for each in projects for path in _above(_path(each, role))}
        held = held.filter(department__path__in=above)
    return list(held.values_list("user_id", "department__path"))


def _nearest(
    project: BudgetProject, role: str, held: Iterable[tuple[int, str]]
) -> set[int]:
    if role == Role.PERFORMANCE_SECTION:
        return {user for user, _ in held}
    path = _path(project, role)
    reaching = [(len(own), user) for user, own in held if path.startswith(own)]
    lowest = max((depth for depth, _ in reaching), default=0)
    return {user for depth, user in reaching if depth == lowest}


def _path(project: BudgetProject, role: str) -> str:
    if role == Role.SECTION_REVIEWER:
        return project.section.path if project.section else ""
    return project.unit.path


def _above(path: str) -> list[str]:
    return [path[: place + 1] for place, sign in enumerate(path) if sign == "/"]


def _deputies(people: Collection[int], role: str) -> dict[int, set[int]]:
    """Return {person: who stands in for them today}."""
    if role not in LENT_ROLES or not people:
        return {}
    lent = Delegation.objects.current().filter(
        grantor__in=people, deputy__is_active=True
    )
    found: dict[int, set[int]] = {}
    for grantor, deputy in lent.values_list("grantor_id", "deputy_id"):
        found.setdefault(grantor, set()).add(deputy)
    return found
