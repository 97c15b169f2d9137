"""Fetching tasks and self-assessments; visible_to(user) is the only way in."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Prefetch, Q

from projects.access import memberships_of, scope_of
from projects.models import Role
from projects.querysets import starts_with

if TYPE_CHECKING:
    from indicators.models import EvaluationTask, SelfAssessment
    from perfeval.models import User


class EvaluationTaskQuerySet(models.QuerySet["EvaluationTask"]):
    def visible_to(self, user: "User") -> "EvaluationTaskQuerySet":
        """The tasks in which a person has something to see."""
        from indicators.models import SelfAssessment, TaskState

        if scope_of(user).everything:
            return self.all()
        seen = SelfAssessment.objects.visible_to(user).values("task")
        return self.filter(pk__in=seen).exclude(state=TaskState.DRAFT)


class SelfAssessmentQuerySet(models.QuerySet["SelfAssessment"]):
    def visible_to(self, user: "User") -> "SelfAssessmentQuerySet":
        """The self-assessments a person may see.

        An observer sees only what is final, a third party only what is assigned.
        """
        from indicators.models import FINAL

        held = memberships_of(user)
        watched = [each.department.path for each in held if each.role == Role.OBSERVER]
        seen = scope_of(user, without=Role.OBSERVER).projects("project__") | (
            starts_with("project__unit__path", watched) & Q(status__in=FINAL)
        )
        if any(each.role == Role.THIRD_PARTY for each in held):
            assigned = self.model.recheckers.through.objects.filter(user=user)
            seen |= Q(pk__in=assigned.values("selfassessment"))
        return self.filter(seen)

    def with_facts(self) -> "SelfAssessmentQuerySet":
        """Load what a list row or a page head says of project, unit and task."""
        return self.select_related(
            "project__unit",
            "project__supervising_department",
            "project__section",
            "task__scheme",
        )

    def with_content(self) -> "SelfAssessmentQuerySet":
        """Load all that a report is made of, in a fixed number of queries."""
        from indicators.models import IndicatorResult

        results = IndicatorResult.objects.select_related("indicator")
        return self.with_facts().prefetch_related(
            "project__unit__former_names",
            "project__supervising_department__former_names",
            "project__funding_lines",
            "narratives",
            Prefetch("results", results),
        )
