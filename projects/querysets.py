"""Fetching departments, memberships, projects; visible_to(user) is the only way in."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

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

    def fillable_by(self, user: "User") -> "DepartmentQuerySet":
        """The departments in use for which a person may enter projects."""
        from projects.access import memberships_of
        from projects.models import Role

        held = memberships_of(user)
        active = self.filter(is_active=True)
        if any(each.role == Role.PERFORMANCE_SECTION for each in held):
            return active
        own = [each.department.path for each in held if each.role == Role.FILLER]
        return active.filter(starts_with("path", own))

    def with_those_above(self) -> "DepartmentQuerySet":
        """These departments and every one above them, up to the root."""
        paths = set(self.values_list("path", flat=True))
        codes = [path.split("/") for path in paths]
        above = {
            "/".join(parts[:depth]) + "/"
            for parts in codes
            for depth in range(1, len(parts))
        }
        return self.model._default_manager.filter(path__in=above)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, day: date | None = None) -> "MembershipQuerySet":
        """The memberships valid on a day, today where none is named."""
        day = day or timezone.localdate()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day
        )


class BudgetProjectQuerySet(models.QuerySet["BudgetProject"]):
    def visible_to(self, user: "User") -> "BudgetProjectQuerySet":
        """The projects a person may see; every page and command fetches through it.

        A third party sees those whose self-assessment is assigned to it, whoever was
        given a part of one its project.
        """
        from projects.access import roles_of, scope_of
        from projects.models import Role

        seen = scope_of(user).seen()
        if seen and Role.THIRD_PARTY in roles_of(user):
            seen |= Q(pk__in=assessments_seen_by(user).order_by().values("project"))
        return self.filter(seen)

    def for_year(self, year: int) -> "BudgetProjectQuerySet":
        return self.filter(year=year)

    def with_assessments(self, user: "User", *also: str) -> "BudgetProjectQuerySet":
        """Load each project's self-assessments that a person may see, newest first.

        also: what is loaded with them beside their task.
        """
        seen = assessments_seen_by(user).select_related("task", *also)
        newest_first = seen.order_by("-task__year", "-pk")
        return self.prefetch_related(models.Prefetch("assessments", newest_first))

    def for_file(self, user: "User") -> "BudgetProjectQuerySet":
        """Load what the file of a list tells, which may be of a hundred thousand rows.

        Bodies and tasks are shared by many and made once; money and self-assessments
        become the lists money_lines and seen_assessments (newest first): a manager for
        each project would take longer than its row.
        """
        from projects.models import FundingLine

        money = FundingLine.objects.only("project", "initial", "adjusted", "executed")
        seen = assessments_seen_by(user).order_by("-task__year", "-pk")
        return self.prefetch_related(
            "unit",
            "supervising_department",
            models.Prefetch("funding_lines", money, to_attr="money_lines"),
            models.Prefetch(
                "assessments",
                seen.prefetch_related("task"),
                to_attr="seen_assessments",
            ),
        )


def assessments_seen_by(user: "User") -> "models.QuerySet[Any]":
    """The self-assessments a person may see.

    The model is known by its relation alone: projects does not import indicators.
    """
    from projects.models import BudgetProject

    relation = BudgetProject._meta.get_field("assessments")
    assert isinstance(relation, models.ManyToOneRel)
    manager: Any = relation.related_model._default_manager
    seen: models.QuerySet[Any] = manager.visible_to(user)
    return seen


def starts_with(field: str, paths: list[str]) -> Q:
    """Return the condition that a path lies at or below one of these, never if none."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def with_words(text: str, fields: Iterable[str]) -> Q:
    """Return the condition that every word of a text occurs in one of the fields."""
    names = tuple(fields)
    condition = Q()
    for word in text.split():
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__icontains": word})
        condition &= found
    return condition
