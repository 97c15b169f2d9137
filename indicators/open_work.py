"""What waits for people: to fill in, returned, to review; counted for many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F

from indicators.models import (
    EDITABLE,
    Narrative,
    ReviewRecord,
    SelfAssessment,
    Status,
    TaskState,
)
from perfeval.models import User
from projects.access import SUBTREE_ROLES, memberships_of
from projects.models import Membership, Role


@dataclass
class OpenWork:
    """Counts of self-assessments; the same as the person's workbench shows."""

    drafts: int = 0
    returned: int = 0
    waiting: int = 0

    def __bool__(self) -> bool:
        return bool(self.drafts or self.returned or self.waiting)


@dataclass(frozen=True)
class _Place:
    """Where a self-assessment stands: paths of its unit and its section, "" if none."""

    unit: str
    section: str


def open_work_of(people: Sequence[User]) -> dict[int, OpenWork]:
    """Return {user id: OpenWork}, in four queries for any number of people."""
    filling = _to_fill()
    waiting = _waiting()
    own = _written_by(people)
    found = {}
    for person in people:
        held = memberships_of(person)
        work = OpenWork()
        fillers = [each for each in held if each.role == Role.FILLER]
        for place, status, count in filling:
            if any(_reaches(each, place) for each in fillers):
                name = "returned" if status == Status.RETURNED else "drafts"
                setattr(work, name, getattr(work, name) + count)
        work.waiting = sum(
            pk not in own[person.pk]
            and any(each.role == role and _reaches(each, place) for each in held)
            for pk, role, place in waiting
        )
        found[person.pk] = work
    return found


def _reaches(held: Membership, place: _Place) -> bool:
    """Whether a role counts there, as projects.access.reach_of says it in SQL."""
    if held.role == Role.PERFORMANCE_SECTION:
        return True
    path = held.department.path
    if held.role == Role.SECTION_REVIEWER:
        return place.section.startswith(path)
    return held.role in SUBTREE_ROLES and place.unit.startswith(path)


def _to_fill() -> list[tuple[_Place, str, int]]:
    """Return counts of those still with a unit, by place and status."""
    running = SelfAssessment.objects.filter(
        task__state=TaskState.SENT, status__in=EDITABLE
    )
    rows = (
        running.required()
        .order_by()
        .values_list("project__unit__path", "project__section__path", "status")
        .annotate(count=Count("pk"))
    )
    return [
        (_Place(unit, section or ""), status, count)
        for unit, section, status, count in rows
    ]


def _waiting() -> list[tuple[int, str, _Place]]:
    """Return those in review: key, the role whose turn it is, place."""
    rows = (
        SelfAssessment.objects.required()
        .filter(
            status=Status.IN_REVIEW, sealing=False, task__levels__position=F("level")
        )
        .order_by()
        .values_list(
            "pk",
            "task__levels__role",
            "project__unit__path",
            "project__section__path",
        )
    )
    return [(pk, role, _Place(unit, section or "")) for pk, role, unit, section in rows]


def _written_by(people: Sequence[User]) -> dict[int, set[int]]:
    """Return {user id: those in review that the person wrote or sent up}."""
    keys = [person.pk for person in people]
    in_review = {"assessment__status": Status.IN_REVIEW}
    wrote = Narrative.objects.filter(saved_by__in=keys, **in_review)
    sent = ReviewRecord.objects.filter(actor__in=keys, action="submit", **in_review)
    found: dict[int, set[int]] = defaultdict(set)
    for user, pk in [
        *wrote.values_list("saved_by", "assessment"),
        *sent.values_list("actor", "assessment"),
    ]:
        found[user].add(pk)
    return found
