"""Fetching decisions on results (结果应用); visible_to(user) is the only way in."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from projects.access import memberships_of, reach_of
from projects.models import Role

if TYPE_CHECKING:
    from indicators.models import ResultUse
    from perfeval.models import User

DECIDING = (Role.PERFORMANCE_SECTION, Role.SECTION_REVIEWER)


class ResultUseQuerySet(models.QuerySet["ResultUse"]):
    def visible_to(self, user: "User") -> "ResultUseQuerySet":
        """Those of self-assessments a person sees: sent out, or theirs to decide."""
        from indicators.models import SelfAssessment

        seen = SelfAssessment.objects.visible_to(user)
        held = [each for each in memberships_of(user) if each.role in DECIDING]
        decided = reach_of(held).projects("assessment__project__")
        return self.filter(
            Q(sent_at__isnull=False) | decided, assessment__in=seen.values("pk")
        )
