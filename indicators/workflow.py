"""The flow of a self-assessment: one table of transitions, one writer of status."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators.models import (
    EDITABLE,
    Narrative,
    ReviewRecord,
    SelfAssessment,
    Status,
)
from perfeval.audit import Change, record, subject_of
from perfeval.models import AuditEvent, User
from projects.access import roles_for
from projects.models import Role


class TransitionError(Exception):
    """The step is refused; the message says why, in Chinese."""


@dataclass(frozen=True)
class Transition:
    """action leads from one of these states; role None: the role of the level at hand.

    to: the state reached, except that an approval below the last level stays in review.
    """

    action: str
    label: str
    start: tuple[Status, ...]
    to: Status
    role: Role | None = None
    note: bool = False


TRANSITIONS = (
    Transition("submit", "送审", EDITABLE, Status.IN_REVIEW, Role.FILLER),
    Transition("approve", "审核通过", (Status.IN_REVIEW,), Status.APPROVED),
    Transition("send_back", "退回", (Status.IN_REVIEW,), Status.RETURNED, note=True),
)


def open_transitions(user: User, assessment: SelfAssessment) -> list[Transition]:
    """Return the steps a person may take now, for buttons and checks alike.

    assessment: loaded with_facts() and with its task's levels.
    """
    if assessment.is_exempt:
        return []
    roles = roles_for(user, assessment.project)
    return [
        step
        for step in TRANSITIONS
        if assessment.status in step.start and _role(step, assessment) in roles
    ]


@transaction.atomic
def advance(
    pk: int,
    action: str,
    user: User,
    *,
    version: int,
    note: str = "",
    snapshot: Mapping[str, Any],
) -> SelfAssessment:
    """Take one step with a self-assessment and return it in its new state.

    version: the one the page was made from; snapshot: the report document as JSON, what
    is decided on. Raises TransitionError and changes nothing where the step is refused.
    """
    locked = SelfAssessment.objects.select_for_update(of=("self",)).with_facts()
    assessment: SelfAssessment = locked.get(pk=pk)
    if assessment.version != version:
        raise TransitionError("该自评已被他人处理，请刷新后再试")
    step = _find(user, assessment, action)
    note = note.strip()
    if step.note and not note:
        raise TransitionError(f"请填写{step.label}意见")
    start, level = assessment.status, assessment.level
    _move(assessment, step)
    ReviewRecord.objects.create(
        assessment=assessment,
        action=action,
        from_status=start,
        to_status=assessment.status,
        level=level,
        actor=user,
        note=note,
        at=assessment.changed_at,
        version=assessment.version,
        snapshot=dict(snapshot),
    )
    change = Change(
        action=f"assessment.{action}",
        subject=subject_of(assessment),
        summary=f"{step.label}“{assessment.project.shown_name}”",
        before={"status": start, "level": level},
        after={"status": assessment.status, "level": assessment.level, "note": note},
    )
    record(user, change, chain=assessment.chain)
    return assessment


def _find(user: User, assessment: SelfAssessment, action: str) -> Transition:
    step = next((each for each in TRANSITIONS if each.action == action), None)
    if step is None:
        raise TransitionError("没有这种操作")
    if assessment.is_exempt:
        raise TransitionError(f"该自评已免报，不能{step.label}")
    if assessment.status not in step.start:
        state = assessment.get_status_display()
        raise TransitionError(f"该自评现在是“{state}”，不能{step.label}")
    if step not in open_transitions(user, assessment):
        raise TransitionError(f"您没有{step.label}的权限")
    if step.role is None and user.pk in _authors(assessment):
        raise TransitionError("不能审核本人填报的自评")
    return step


def _move(assessment: SelfAssessment, step: Transition) -> None:
    if step.action == "submit":
        assessment.status, assessment.level = Status.IN_REVIEW, 1
    elif step.action == "approve" and assessment.level < assessment.task.levels.count():
        assessment.level += 1
    else:
        assessment.status, assessment.level = step.to, 0
    assessment.version += 1
    assessment.changed_at = timezone.now()
    assessment.save(update_fields=["status", "level", "version", "changed_at"])


def _role(step: Transition, assessment: SelfAssessment) -> str | None:
    """Return the role that may take a step; a review step asks the task's levels."""
    if step.role:
        return step.role
    levels = {each.position: each.role for each in assessment.task.levels.all()}
    return levels.get(assessment.level)


def _authors(assessment: SelfAssessment) -> set[int]:
    """Return the ids of those who wrote in it or submitted it."""
    wrote = Narrative.objects.filter(assessment=assessment, saved_by__isnull=False)
    sent = ReviewRecord.objects.filter(assessment=assessment, action="submit")
    filled = AuditEvent.objects.filter(
        chain__key=assessment.chain, action="result.changed", user__isnull=False
    )
    return {
        *wrote.values_list("saved_by_id", flat=True),
        *filled.values_list("user_id", flat=True),
        *sent.values_list("actor_id", flat=True),
    }
