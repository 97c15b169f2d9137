"""工作交接: all open work of a person passes to another in one act, with its list."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from indicators.models import (
    EDITABLE,
    PartAssignment,
    Recheck,
    RecheckState,
    SelfAssessment,
    TaskState,
)
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.memberships import place_membership
from projects.models import Delegation, Handover, Membership, Role

# Administration is no work on reports: it is granted by itself.
HANDED = [each for each in Role if each not in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)]


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """One line of the list: what kind of work, on which project, in what state."""

    kind: str
    code: str
    project: str
    unit: str
    state: str


def open_items(person: User) -> list[OpenItem]:
    """Return what a person has to do now: to fill in, to review, to recheck, parts."""
    return list(_items(person))


def _items(person: User) -> Iterator[OpenItem]:
    running = SelfAssessment.objects.required().filter(task__state=TaskState.SENT)
    filling = running.filter(status__in=EDITABLE).filled_by(person)
    yield from _told("填报", filling)
    yield from _told("审核", SelfAssessment.objects.awaiting_review_by(person))
    yield from _told("复核", _rechecks(person))
    for part in _parts(person):
        kind = f"分工：{part.get_part_display()}"
        yield from _told(kind, SelfAssessment.objects.filter(pk=part.assessment_id))


def _told(kind: str, rows: SelfAssessmentQuerySet) -> Iterator[OpenItem]:
    loaded = rows.with_facts().prefetch_related("task__levels")
    for each in loaded.order_by("project__unit__path", "project__code", "pk"):
        yield OpenItem(
            kind=kind,
            code=each.project.code,
            project=each.project.shown_name,
            unit=each.project.unit.name,
            state=each.state_words,
        )


def _rechecks(person: User) -> SelfAssessmentQuerySet:
    """Those that were given to the person alone; a body's pass with the role."""
    given = Recheck.objects.filter(person=person, state=RecheckState.ASSIGNED)
    return SelfAssessment.objects.filter(
        pk__in=given.values("assessment"), task__state=TaskState.SENT
    )


def _parts(person: User) -> list[PartAssignment]:
    rows = PartAssignment.objects.filter(user=person, assessment__status__in=EDITABLE)
    return list(rows.select_related("assessment").order_by("pk"))


def handed_roles(person: User) -> list[Membership]:
    """Return the roles that a handover passes on: those of today and later."""
    rows = Membership.objects.filter(user=person, role__in=HANDED)
    today = timezone.localdate()
    return [
        each
        for each in rows.select_related("department", "user")
        if each.valid_to is None or each.valid_to >= today
    ]


@transaction.atomic
def hand_over(user: User, giver: User, taker: User, reason: str) -> Handover:
    """Pass all open work of a person on, from today; return the kept list.

    Roles end yesterday and begin today for the other; parts, rechecks and standing in
    for others pass too. Raises ValidationError: nothing to pass on, or to whom.
    """
    _check(giver, taker)
    # Two acts about one person never mix.
    User.objects.select_for_update().get(pk=giver.pk)
    roles, work = handed_roles(giver), open_items(giver)
    if not roles and not work:
        raise ValidationError("该人员没有可以移交的角色和工作")
    row = Handover.objects.create(
        giver=giver,
        taker=taker,
        reason=reason,
        roles=[f"{each.department} · {each.get_role_display()}" for each in roles],
        work=[asdict(each) for each in work],
        done_by=user,
    )
    for role in roles:
        _pass_role(user, role, taker)
    _pass_parts(user, giver, taker)
    _pass_rechecks(user, giver, taker)
    lent = Delegation.objects.filter(deputy=giver, valid_to__gte=timezone.localdate())
    lent.exclude(grantor=taker).update(deputy=taker)
    change = Change(
        action="work.handed_over",
        subject=subject_of(row),
        summary=f"“{giver}”的工作移交“{taker}”：{reason}",
        after={"roles": row.roles, "work": len(work)},
    )
    record(user, change)
    return row


def _check(giver: User, taker: User) -> None:
    if giver == taker:
        raise ValidationError({"taker": "不能移交给本人"})
    if not taker.is_active:
        raise ValidationError({"taker": "接办人已停用"})


def _pass_role(user: User, role: Membership, taker: User) -> None:
    """End a role yesterday and give it to the other from today, unless held there."""
    today, until = timezone.localdate(), role.valid_to
    begins = max(today, role.valid_from)
    held = Membership.objects.current(begins).filter(
        user=taker, department=role.department, role=role.role
    )
    is_new = not held.exists()
    if role.valid_from < today:
        role.valid_to = today - timedelta(days=1)
        place_membership(role, user)
    elif is_new:
        # It has not begun: it becomes the other's as it is.
        role.user = taker
        place_membership(role, user)
        return
    else:
        role.valid_to = role.valid_from
        place_membership(role, user)
    if is_new:
        given = Membership(
            user=taker,
            department=role.department,
            role=role.role,
            valid_from=begins,
            valid_to=until,
        )
        place_membership(given, user)


def _pass_parts(user: User, giver: User, taker: User) -> None:
    for part in _parts(giver):
        part.user = taker
        part.save(update_fields=["user"])
        _record(user, part.assessment, f"“{part.get_part_display()}”改由{taker}填写")


def _pass_rechecks(user: User, giver: User, taker: User) -> None:
    for assessment in list(_rechecks(giver)):
        given = Recheck.objects.filter(assessment=assessment, person=giver)
        given.filter(state=RecheckState.ASSIGNED).update(person=taker)
        _record(user, assessment, f"复核由{giver}移交{taker}")


def _record(user: User, assessment: SelfAssessment, summary: str) -> None:
    change = Change(
        action="assessment.handed_over",
        subject=subject_of(assessment),
        summary=summary,
    )
    record(user, change, chain=assessment.chain)
