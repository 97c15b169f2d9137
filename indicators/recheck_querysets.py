"""Fetching rechecks; visible_to(user) is the only way in."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from projects.access import memberships_of, scope_of
from projects.models import ProjectStatus, Role

if TYPE_CHECKING:
    from indicators.models import Recheck
    from perfeval.models import User


class RecheckQuerySet(models.QuerySet["Recheck"]):
    def visible_to(self, user: "User") -> "RecheckQuerySet":
        """The 绩效科 sees all, a third party its own, others what is confirmed.

        And these only of the self-assessments that they see.
        """
        from indicators.models import RecheckState, SelfAssessment

        known = self.exclude(assessment__project__status=ProjectStatus.CLASSIFIED)
        if scope_of(user).everything:
            return known
        seen = SelfAssessment.objects.visible_to(user).values("pk")
        confirmed = Q(state=RecheckState.CONFIRMED, assessment__in=seen)
        return known.filter(confirmed | given_to(user))

    def assigned_to(self, user: "User") -> "RecheckQuerySet":
        """Those a person rechecks, or has rechecked, as a third party."""
        return self.filter(given_to(user))

    def live(self) -> "RecheckQuerySet":
        """Those not taken back: one of a self-assessment at most."""
        from indicators.models import RecheckState

        return self.exclude(state=RecheckState.WITHDRAWN)

    def with_facts(self) -> "RecheckQuerySet":
        """Load what a list row or a page head says of it."""
        return self.select_related(
            "assessment__project__unit",
            "assessment__project__supervising_department",
            "assessment__project__section",
            "assessment__task__scheme",
            "person",
            "body",
            "assigned_by",
            "handed_in_by",
            "confirmed_by",
        )


def given_to(user: "User") -> Q:
    """Return the condition for rechecks a person has as a third party, not taken back.

    A role that has ended opens nothing.
    """
    from indicators.models import RecheckState

    held = [each for each in memberships_of(user) if each.role == Role.THIRD_PARTY]
    if not held:
        return Q(pk__in=[])
    own = Q(person=user) | Q(body__in={each.department_id for each in held})
    return own & ~Q(state=RecheckState.WITHDRAWN)
