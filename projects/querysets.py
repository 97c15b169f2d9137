"""Fetching departments, memberships, projects; visible_to(user) is the only way in."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from perfeval.models import User
    from projects.models import BudgetProject, Department, Membership


class DepartmentQuerySet(models.QuerySet["Department"]):
    def below(self, paths: list[str]) -> "DepartmentQuerySet":
        """The departments of these paths and all that stands below them."""
        return self.filter(starts_with("path", paths))

    def visible_to(self, user: "User") -> "DepartmentQuerySet":
        """The departments whose projects a person may see."""
        from projects.access import scope_of

        scope = scope_of(user)
        if scope.everything:
            return self.all()
        own = starts_with("path", scope.paths)
        supervised = starts_with("section__path", scope.section_paths)
        return self.filter(own | supervised)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, day: date | None = None) -> "MembershipQuerySet":
        """The memberships valid on a day, today where none is named."""
        day = day or timezone.localdate()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day
        )


class BudgetProjectQuerySet(models.QuerySet["BudgetProject"]):
    def visible_to(self, user: "User") -> "BudgetProjectQuerySet":
        """The projects a person may see; every page and command fetches through it."""
        from projects.access import scope_of

        return self.filter(scope_of(user).projects())

    def for_year(self, year: int) -> "BudgetProjectQuerySet":
        return self.filter(year=year)


def starts_with(field: str, paths: list[str]) -> Q:
    """Return the condition that a path lies at or below one of these, never if none."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition
