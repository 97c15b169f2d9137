"""我的工作台: what is to be done now, for each role a person holds."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from indicators.access import REVIEWING
from indicators.changes import open_changes
from indicators.counts import DepartmentProgress, running_progress
from indicators.models import (
    EDITABLE,
    FINAL,
    PartAssignment,
    Problem,
    ProblemState,
    Recheck,
    RecheckState,
    ReviewRecord,
    SelfAssessment,
    Status,
    TaskLevel,
    TaskState,
)
from indicators.notices import notices_for
from indicators.parts import part_name, part_url
from indicators.progress import Gap, gaps, gaps_by_part, oddity
from indicators.querysets import effective_due
from perfeval.http import AuthenticatedRequest
from perfeval.models import User
from projects.access import parts_given, roles_of
from projects.models import Role

# What a block shows; the rest stands behind its link to the list.
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A self-assessment still to be filled in; opinion: of the one who returned it."""

    assessment: SelfAssessment
    gaps: list[Gap]
    opinion: str
    comments: int

    @property
    def is_returned(self) -> bool:
        return self.assessment.status == Status.RETURNED


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A self-assessment that waits at a level; odd: what is odd about its score."""

    assessment: SelfAssessment
    odd: str


@dataclass(frozen=True, kw_only=True)
class GivenWork:
    """A part that was given to the person; url: where it is filled in."""

    assignment: PartAssignment
    assessment: SelfAssessment
    name: str
    url: str
    gaps: list[Gap]


@login_required
@require_GET
def workbench(request: AuthenticatedRequest) -> HttpResponse:
    roles = roles_of(request.user)
    context: dict[str, Any] = {
        "roles": roles,
        "given": _given(request.user),
        "today": timezone.localdate(),
    }
    if Role.FILLER in roles:
        context |= _for_filler(request.user)
    if roles & REVIEWING:
        context |= _for_reviewer(request.user)
    if Role.PERFORMANCE_SECTION in roles:
        context["progress"] = _progress()
        context["changes"] = open_changes()
    if roles & {Role.OBSERVER, Role.THIRD_PARTY}:
        seen = SelfAssessment.objects.visible_to(request.user)
        context["readable"] = seen.count()
    if Role.THIRD_PARTY in roles:
        context["rechecks"] = Recheck.objects.assigned_to(request.user).filter(
            state=RecheckState.ASSIGNED
        )
    if Role.PERFORMANCE_SECTION in roles:
        context["handed_in"] = _handed_in()
        problems = Problem.objects.visible_to(request.user)
        submitted = problems.filter(state=ProblemState.SUBMITTED)
        context["problems_submitted"] = submitted.count()
        context["copies"] = _copies(request.user)
    return render(request, "indicators/workbench.html", context)


def _handed_in() -> list[Recheck]:
    """Return the rechecks that third parties handed in, to be confirmed."""
    done = Recheck.objects.filter(state=RecheckState.HANDED_IN).with_facts()
    return list(done.order_by("handed_in_at", "pk")[:SHOWN])


def _copies(user: User) -> list[SelfAssessment]:
    """Return those whose 公开稿 waits for approval, its key as copy; not one's own."""
    seen = SelfAssessment.objects.visible_to(user).with_facts()
    sent = seen.filter(publications__state="sent").annotate(
        copy=F("publications__pk"),
        made_by=F("publications__made_by"),
        sent_by=F("publications__sent_by"),
        sent_at=F("publications__sent_at"),
    )
    found = sent.exclude(made_by=user.pk).exclude(sent_by=user.pk)
    return list(found.order_by("sent_at", "pk")[:SHOWN])


def _given(user: User) -> list[GivenWork]:
    """Return the parts that were given to a person and are open, by their day."""
    if not parts_given(user):
        return []
    open_ones = SelfAssessment.objects.visible_to(user).required()
    running = open_ones.filter(
        task__state=TaskState.SENT,
        status__in=EDITABLE,
        pk__in=[each.assessment_id for each in parts_given(user)],
    )
    assessments = {each.pk: each for each in running.with_content()}
    rows = PartAssignment.objects.filter(user=user, assessment__in=assessments)
    missing = {pk: gaps_by_part(each) for pk, each in assessments.items()}
    return [
        GivenWork(
            assignment=row,
            assessment=assessments[row.assessment_id],
            name=part_name(assessments[row.assessment_id], row.part),
            url=part_url(assessments[row.assessment_id], row.part),
            gaps=[x for x in missing[row.assessment_id] if x.part == row.part],
        )
        for row in rows
    ]


def _for_filler(user: User) -> dict[str, Any]:
    """Return returned ones first, then drafts by due time; and what is approved."""
    own = SelfAssessment.objects.visible_to(user).filled_by(user)
    running = own.required().filter(task__state=TaskState.SENT)
    counted = running.order_by().values_list("status").annotate(Count("pk"))
    states: dict[str, int] = dict(counted)
    returned_first = Case(
        When(status=Status.RETURNED, then=0), default=1, output_field=IntegerField()
    )
    to_fill = running.filter(status__in=EDITABLE).with_content()
    filling = _filling(
        to_fill.order_by(returned_first, effective_due(), "project__code")[:SHOWN]
    )
    approved = running.filter(status__in=FINAL).with_facts().order_by("-changed_at")
    shared = SelfAssessment.objects.shared_by(user).required().with_facts()
    of_others = shared.filter(task__state=TaskState.SENT, status__in=EDITABLE)
    total = states.get(Status.RETURNED, 0) + states.get(Status.DRAFT, 0)
    return {
        "returned": [each for each in filling if each.is_returned],
        "drafts": [each for each in filling if not each.is_returned],
        "to_fill": total,
        "shared": list(of_others.order_by(effective_due(), "project__code")[:SHOWN]),
        "has_more_to_fill": total > len(filling),
        "sent_up": states.get(Status.IN_REVIEW, 0),
        "approved": list(approved[:SHOWN]),
        "mending": _mending(user, own),
        "notices": notices_for(user),
    }


def _mending(user: User, own: QuerySet[SelfAssessment]) -> dict[str, int]:
    """Return with_unit and overdue, how many problems a filler is to see to."""
    problems = Problem.objects.visible_to(user)
    tally = problems.filter(assessment__in=own.order_by().values("pk")).tallied()
    with_unit = tally["unfinished"] - tally["submitted"]
    return {"with_unit": with_unit, "overdue": tally["overdue"]}


def _filling(assessments: QuerySet[SelfAssessment]) -> list[Filling]:
    returns = ReviewRecord.objects.filter(
        assessment=OuterRef("pk"), to_status=Status.RETURNED
    )
    last = Subquery(returns.order_by("-pk").values("note")[:1])
    return [
        Filling(
            assessment=each,
            gaps=gaps(each),
            opinion=getattr(each, "opinion") or "" if is_returned else "",  # noqa: B009
            comments=_open_remarks(each) if is_returned else 0,
        )
        for each in assessments.annotate(opinion=last)
        for is_returned in [each.status == Status.RETURNED]
    ]


def _open_remarks(assessment: SelfAssessment) -> int:
    """Return how many remarks wait for an answer (uses prefetched comments)."""
    return sum(
        each.closed_at is None and each.answers_id is None
        for each in assessment.comments.all()
    )


def _for_reviewer(user: User) -> dict[str, Any]:
    """Return what waits at the person's levels, the earliest due time first."""
    level = TaskLevel.objects.filter(task=OuterRef("task"), position=OuterRef("level"))
    due = Subquery(level.values("due_at"))
    seen = SelfAssessment.objects.visible_to(user).awaiting_review_by(user)
    ordered = seen.with_facts().order_by(due.asc(nulls_last=True), "changed_at")
    waiting = ordered.prefetch_related("task__levels", "project__funding_lines")
    rows = [Waiting(assessment=each, odd=oddity(each)) for each in waiting[:SHOWN]]
    count = seen.count() if len(rows) == SHOWN else len(rows)
    return {
        "waiting": rows,
        "waiting_count": count,
        "has_more_waiting": count > len(rows),
    }


def _progress() -> list[dict[str, Any]]:
    """Return the running tasks, each with a row of counts per supervising department.

    [{"task", "rows": [{"name", "cells": [(count, url), …]}, …]}, …]; cells: 应报,
    填报中, 审核中, 已退回, 已审定, 已公开, 免报, 逾期.
    """
    return [
        {
            "task": each.task,
            "rows": [_department_row(each.task.pk, row) for row in each.rows],
        }
        for each in running_progress()
    ]


# In this order, 应报 first; 应报 and 免报 hold projects without a self-assessment too.
OF_TASK = ("required", "exempt")
SHOWN_COUNTS = ("required", *Status.values, "exempt", "overdue")


def _department_row(task: int, row: DepartmentProgress) -> dict[str, Any]:
    cells = [
        (row.counts[name], _count_url(task, row.department_id, name))
        for name in SHOWN_COUNTS
    ]
    return {"name": row.name, "cells": cells}


def _count_url(task: int, department: int, name: str) -> str:
    """Return the address of the list that holds what was counted."""
    where: dict[str, int | str] = {"supervisor": department}
    if name in OF_TASK:
        where |= {} if name == "required" else {"state": name}
        address = reverse("indicators:task_projects", args=[task])
        return f"{address}?{urlencode(where)}"
    where = {"task": task, **where, "status": name}
    return f"{reverse('indicators:list')}?{urlencode(where)}"
