"""Giving self-assessments to third parties for a recheck (复核), and taking them on.

What a recheck finds stands beside the self-evaluation and the review: it is confirmed,
and its points may be taken over while the report waits at the 绩效科.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from indicators.models import (
    FINAL,
    EvaluationTask,
    Recheck,
    RecheckState,
    SelfAssessment,
    SpotCheck,
    Status,
)
from indicators.outcome import Left
from indicators.recheck_telling import tell_assigned
from perfeval.audit import Change, record_across, subject_of
from perfeval.models import User
from projects.access import memberships_of, roles_of
from projects.models import Department, Membership, Role


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who is to recheck by when; person or body, the other is None."""

    due_at: datetime
    person: User | None = None
    body: Department | None = None
    contractor: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What was given out, and what was left with the reason for each."""

    done: list[Recheck]
    left: list[Left]


def rechecks_as_third_party(user: User, recheck: Recheck) -> bool:
    """Whether a person is the third party, or one of its people, for this one."""
    if recheck.state == RecheckState.WITHDRAWN:
        return False
    bodies = {
        each.department_id
        for each in memberships_of(user)
        if each.role == Role.THIRD_PARTY
    }
    return bool(bodies) and (recheck.person_id == user.pk or recheck.body_id in bodies)


def current_recheck(user: User, assessment: SelfAssessment) -> Recheck | None:
    """Return the recheck of a report that a person sees, None where there is none."""
    seen = Recheck.objects.visible_to(user).live().filter(assessment=assessment)
    return seen.select_related("person", "body").first()


def runs_rechecks(user: User) -> bool:
    """Whether a person draws samples, gives out rechecks and confirms them."""
    return Role.PERFORMANCE_SECTION in roles_of(user)


def why_not_recheck(assessment: SelfAssessment) -> str:
    """Return why a report can't be rechecked as it stands now, "" where it can.

    assessment: with its task's levels; see SelfAssessmentQuerySet.open_to_recheck.
    """
    if assessment.is_exempt:
        return "免报"
    if assessment.status in FINAL:
        return ""
    level = assessment.current_level
    at_hand = level is not None and level.role == Role.PERFORMANCE_SECTION
    if assessment.status == Status.IN_REVIEW and at_hand and not assessment.sealing:
        return ""
    return f"现在是“{assessment.state_words}”，到绩效科复核或审定后才能复核"


def third_parties() -> list[Membership]:
    """Return who holds 第三方机构 today, by body and name."""
    held = Membership.objects.current().filter(
        role=Role.THIRD_PARTY, user__is_active=True, department__is_active=True
    )
    return list(
        held.select_related("user", "department").order_by(
            "department__path", "user__name", "pk"
        )
    )


@transaction.atomic
def assign(
    user: User,
    task: EvaluationTask,
    pks: Sequence[int],
    order: Order,
    *,
    spot_check: SpotCheck | None = None,
) -> Assigned:
    """Give self-assessments of a task out for a recheck; those that can't be are left.

    The third party is told.
    """
    seen = SelfAssessment.objects.visible_to(user).filter(task=task, pk__in=pks)
    # Locked by key: visible_to() joins, which FOR UPDATE would lock along.
    keys = sorted(seen.values_list("pk", flat=True))
    locked = SelfAssessment.objects.locked()
    loaded = locked.filter(pk__in=keys).prefetch_related("task__levels")
    rows = list(loaded.order_by("pk"))
    given = set(
        Recheck.objects.live()
        .filter(assessment__in=keys)
        .values_list("assessment", flat=True)
    )
    done, left = [], []
    for each in rows:
        against = "已分派复核" if each.pk in given else why_not_recheck(each)
        if against:
            left.append((each, against))
        else:
            done.append(_given(user, each, order, spot_check))
    Recheck.objects.bulk_create(done)
    record_across(user, {each.assessment.chain: _told(each) for each in done})
    tell_assigned(done)
    return Assigned(done=done, left=left)


def _given(
    user: User,
    assessment: SelfAssessment,
    order: Order,
    spot_check: SpotCheck | None,
) -> Recheck:
    return Recheck(
        assessment=assessment,
        spot_check=spot_check,
        person=order.person,
        body=order.body,
        contractor=order.contractor.strip(),
        due_at=order.due_at,
        note=order.note.strip(),
        assigned_by=user,
        assigned_at=timezone.now(),
        submission=assessment.submission,
    )


def _told(recheck: Recheck) -> Change:
    when = date_format(timezone.localtime(recheck.due_at), "DATETIME_FORMAT")
    name = recheck.assessment.project.shown_name
    return Change(
        action="recheck.assigned",
        subject=subject_of(recheck),
        summary=f"把“{name}”交{recheck.who}复核，{when} 截止",
        after={
            "person": recheck.person_id,
            "body": recheck.body_id,
            "contractor": recheck.contractor,
            "due_at": recheck.due_at,
            "note": recheck.note,
            "submission": recheck.submission,
            "spot_check": recheck.spot_check_id,
        },
    )
