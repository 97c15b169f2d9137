"""Fetching tasks and self-assessments; visible_to(user) is the only way in."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from perfeval.deadlines import over_before
from projects.access import memberships_of, reach_of, scope_of, shared_by
from projects.models import NOT_REPORTING, ProjectStatus, Role
from projects.querysets import starts_with

if TYPE_CHECKING:
    from indicators.models import EvaluationTask, IndicatorTemplate, SelfAssessment
    from perfeval.models import User


class EvaluationTaskQuerySet(models.QuerySet["EvaluationTask"]):
    def visible_to(self, user: "User") -> "EvaluationTaskQuerySet":
        """The tasks in which a person has something to see."""
        from indicators.models import SelfAssessment, TaskState

        if scope_of(user).everything:
            return self.all()
        seen = SelfAssessment.objects.visible_to(user).values("task")
        return self.filter(pk__in=seen).exclude(state=TaskState.DRAFT)

    def with_notice(self) -> "EvaluationTaskQuerySet":
        """Load what comes with the notice: attachments."""
        return self.prefetch_related("attachments")


class IndicatorTemplateQuerySet(models.QuerySet["IndicatorTemplate"]):
    def visible_to(self, user: "User") -> "IndicatorTemplateQuerySet":
        """The common ones, and those of departments above and below a person's own."""
        if scope_of(user).everything:
            return self.all()
        held = memberships_of(user)
        if not held:
            return self.none()
        paths = [each.department.path for each in held]
        above = {
            path[: place + 1]
            for path in paths
            for place, char in enumerate(path)
            if char == "/"
        }
        own = starts_with("department__path", paths)
        return self.filter(
            Q(department__isnull=True) | Q(department__path__in=above) | own
        )

    def kept_by(self, user: "User") -> "IndicatorTemplateQuerySet":
        """Those a person may change: of the own departments, for the 绩效科 all."""
        if scope_of(user).everything:
            return self.all()
        paths = [
            each.department.path
            for each in memberships_of(user)
            if each.role == Role.DEPARTMENT_REVIEWER
        ]
        return self.filter(starts_with("department__path", paths))


class SelfAssessmentQuerySet(models.QuerySet["SelfAssessment"]):
    def visible_to(self, user: "User") -> "SelfAssessmentQuerySet":
        """The self-assessments a person may see.

        An observer sees only what is final, a third party only what is assigned; of a
        classified project nobody sees any.
        """
        from indicators.models import FINAL, Recheck

        held = memberships_of(user)
        watched = [each.department.path for each in held if each.role == Role.OBSERVER]
        reached = starts_with("project__unit__path", watched)
        reached |= shared_by(watched, "project__")
        seen = scope_of(user, without=Role.OBSERVER).seen("project__")
        seen |= reached & Q(status__in=FINAL)
        if any(each.role == Role.THIRD_PARTY for each in held):
            assigned = Recheck.objects.assigned_to(user)
            seen |= Q(pk__in=assigned.values("assessment"))
        return self.filter(seen).exclude(project__status=ProjectStatus.CLASSIFIED)

    def filled_by(self, user: "User") -> "SelfAssessmentQuerySet":
        """Those of the units in which a person is a filler."""
        held = [each for each in memberships_of(user) if each.role == Role.FILLER]
        return self.filter(reach_of(held).projects("project__"))

    def shared_by(self, user: "User") -> "SelfAssessmentQuerySet":
        """Those of other leads' projects of which a person's unit fills in a part."""
        held = [each for each in memberships_of(user) if each.role == Role.FILLER]
        paths = [each.department.path for each in held]
        own = reach_of(held).projects("project__")
        return self.filter(shared_by(paths, "project__")).exclude(own)

    def awaiting_review_by(self, user: "User") -> "SelfAssessmentQuerySet":
        """Those in review at a level whose role a person holds, less their own work."""
        from indicators.models import SelfAssessment, Status

        at_hand = Q(pk__in=[])
        for each in memberships_of(user):
            reached = reach_of([each]).projects("project__")
            at_hand |= Q(task__levels__role=each.role) & reached
        # One filter(): role and position are asked of the same level.
        waiting = self.filter(
            at_hand,
            status=Status.IN_REVIEW,
            sealing=False,
            task__levels__position=F("level"),
        )
        own = SelfAssessment.objects.written_by(user)
        return waiting.required().exclude(pk__in=own.values("pk"))

    def open_to_recheck(self) -> "SelfAssessmentQuerySet":
        """Those that finance may have rechecked: at the 绩效科's level, or final."""
        from indicators.models import FINAL, Status, TaskLevel

        levels = TaskLevel.objects.filter(
            task=OuterRef("task"),
            position=OuterRef("level"),
            role=Role.PERFORMANCE_SECTION,
        )
        at_hand = Q(status=Status.IN_REVIEW, sealing=False) & Q(Exists(levels))
        return self.filter(Q(status__in=FINAL) | at_hand).required()

    def written_by(self, user: "User") -> "SelfAssessmentQuerySet":
        """Those a person wrote a text of or sent up; they may not review them."""
        from indicators.models import Narrative, ReviewRecord

        sent = ReviewRecord.objects.filter(actor=user, action="submit")
        wrote = Narrative.objects.filter(saved_by=user)
        return self.filter(
            Q(pk__in=sent.values("assessment")) | Q(pk__in=wrote.values("assessment"))
        )

    def required(self) -> "SelfAssessmentQuerySet":
        """Those that are to be handed in: neither taken back nor of a project that
        will not report."""
        return self.exclude(is_exempt())

    def overdue(self) -> "SelfAssessmentQuerySet":
        """Those still with the unit although the minute of their due time is over."""
        return self.filter(is_overdue())

    def with_facts(self) -> "SelfAssessmentQuerySet":
        """Load what a list row or a page head says of project, unit and task."""
        return self.select_related(
            "project__unit",
            "project__supervising_department",
            "project__section",
            "task__scheme",
        )

    def locked(self) -> "SelfAssessmentQuerySet":
        """Lock the rows, and no others, until the end of the transaction; with_facts().

        Not after visible_to(): its joins cannot be locked along.
        """
        return self.select_for_update(of=("self",)).with_facts()

    def with_content(self) -> "SelfAssessmentQuerySet":
        """Load all that a report is made of, in a fixed number of queries.

        But for former names of its bodies: the document reads those of both at once.
        """
        from indicators.models import (
            Evidence,
            IndicatorResult,
            ItemComment,
            Narrative,
        )

        results = IndicatorResult.objects.select_related("indicator")
        remarks = ItemComment.objects.select_related(
            "author", "answers", "indicator", "closed_by"
        )
        texts = Narrative.objects.select_related("saved_by")
        evidence = Evidence.objects.select_related("file__uploaded_by")
        return self.with_facts().prefetch_related(
            "project__funding_lines",
            Prefetch("narratives", texts),
            Prefetch("results", results),
            Prefetch("evidence", evidence.prefetch_related("links")),
            Prefetch("comments", remarks),
        )


def is_exempt() -> Q:
    """Return the condition of SelfAssessment.is_exempt."""
    from indicators.models import EDITABLE

    not_reporting = Q(project__status__in=NOT_REPORTING, status__in=EDITABLE)
    return Q(exempt_since__isnull=False) | not_reporting


def is_overdue() -> Q:
    """Return the condition of overdue(), for counts as well."""
    from indicators.models import EDITABLE

    over = over_before(timezone.now())
    # The earlier of both, as in effective_due: over when either is.
    of_task = Q(due_at=None) & (Q(passed_due_at__lt=over) | Q(task__due_at__lt=over))
    return Q(status__in=EDITABLE) & ~is_exempt() & (Q(due_at__lt=over) | of_task)


def effective_due() -> Coalesce:
    """Return SelfAssessment.deadline as an expression, to order and compare by."""
    # LEAST of SQLite is null as soon as one of its arguments is.
    earlier = Least("passed_due_at", "task__due_at")
    return Coalesce("due_at", earlier, "task__due_at")
