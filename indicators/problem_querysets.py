"""Fetching problems (问题清单); visible_to(user) is the only way in."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from projects.access import memberships_of, reach_of
from projects.models import Role

if TYPE_CHECKING:
    from indicators.models import Problem
    from indicators.querysets import SelfAssessmentQuerySet
    from perfeval.models import User

# Those above the unit list problems and say when they are solved.
LISTING = (
    Role.PERFORMANCE_SECTION,
    Role.SECTION_REVIEWER,
    Role.DEPARTMENT_REVIEWER,
)


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, user: "User") -> "ProblemQuerySet":
        """Those of the self-assessments a person sees; drafts for those who list."""
        from indicators.models import ProblemState, SelfAssessment

        seen = SelfAssessment.objects.visible_to(user)
        held = [each for each in memberships_of(user) if each.role in LISTING]
        listed = reach_of(held).projects("assessment__project__")
        return self.filter(
            ~Q(state=ProblemState.DRAFT) | listed, assessment__in=seen.values("pk")
        )

    def unfinished(self) -> "ProblemQuerySet":
        """Those to be solved that are not confirmed yet."""
        from indicators.models import UNFINISHED

        return self.filter(state__in=UNFINISHED)

    def overdue(self, day: date | None = None) -> "ProblemQuerySet":
        """Those still with the unit after their day, today where none is named."""
        return self.filter(is_overdue(day or timezone.localdate()))

    def tallied(self) -> dict[str, int]:
        """Return counted, confirmed, unfinished, submitted, overdue: how many of each.

        counted = confirmed + unfinished, in one query.
        """
        from indicators.models import COUNTED, UNFINISHED, ProblemState

        return self.order_by().aggregate(
            counted=Count("pk", filter=Q(state__in=COUNTED)),
            confirmed=Count("pk", filter=Q(state=ProblemState.CONFIRMED)),
            unfinished=Count("pk", filter=Q(state__in=UNFINISHED)),
            submitted=Count("pk", filter=Q(state=ProblemState.SUBMITTED)),
            overdue=Count("pk", filter=is_overdue(timezone.localdate())),
        )

    def with_facts(self) -> "ProblemQuerySet":
        """Load what a list row or a page head says of project, unit, task, people."""
        return self.select_related(
            "assessment__project__unit",
            "assessment__project__supervising_department",
            "assessment__project__section",
            "assessment__task",
            "listed_by",
            "saved_by",
        )


def is_overdue(day: date) -> Q:
    """Return the condition of overdue(), for counts as well."""
    from indicators.models import WITH_UNIT

    return Q(state__in=WITH_UNIT, due_on__lt=day)


def with_follow_up(assessments: "SelfAssessmentQuerySet") -> "SelfAssessmentQuerySet":
    """Load what follows a review, in the same query: counted_problems and
    open_problems, how many of each; use_is_sent, whether 结果应用 was sent out."""
    from indicators.models import COUNTED, UNFINISHED, Problem, ResultUse

    def number(states: tuple[str, ...]) -> Coalesce:
        own = Problem.objects.filter(assessment=OuterRef("pk"), state__in=states)
        counted = own.order_by().values("assessment").annotate(number=Count("pk"))
        return Coalesce(Subquery(counted.values("number")), 0)

    return assessments.annotate(
        counted_problems=number(COUNTED),
        open_problems=number(UNFINISHED),
        use_is_sent=Exists(
            ResultUse.objects.filter(assessment=OuterRef("pk"), sent_at__isnull=False)
        ),
    )
