"""People as the administrator lists them: by unit, with their roles of today."""

from datetime import date

from django.db.models import F, Min, Prefetch, Q, QuerySet
from django.utils import timezone

from perfeval.models import User
from projects.models import Membership


def held_on(day: date) -> Q:
    """Return the condition, seen from a user, that a role is valid on a day."""
    not_over = Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=day)
    return not_over & Q(memberships__valid_from__lte=day)


def people_by_unit() -> QuerySet[User]:
    """Return all people in the order of the tree, those without a role last.

    Each with unit_path (of the first unit) and current_memberships.
    """
    current = held_on(timezone.localdate())
    path = Min("memberships__department__path", filter=current)
    people = User.objects.annotate(unit_path=path).order_by(
        F("unit_path").asc(nulls_last=True), "name", "pk"
    )
    roles = Membership.objects.current().select_related("department")
    loaded = Prefetch(
        "memberships", roles.order_by("department__path"), to_attr="current_memberships"
    )
    return people.order_by(
        F("unit_path").asc(nulls_last=True), "name", "pk"
    ).prefetch_related(loaded)


def deputies_missing(person: User) -> list[Membership]:
    """Return the roles that nobody else in use holds in the same unit today."""
    own = Membership.objects.current().filter(user=person)
    others = Membership.objects.current().filter(user__is_active=True)
    held = set(
        others.exclude(user=person)
        .filter(department__in=own.values("department"))
        .values_list("department_id", "role")
    )
    return [
        each
        for each in own.select_related("department")
        if (each.department_id, each.role) not in held
    ]
