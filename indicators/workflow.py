"""The flow of a self-assessment: one table of transitions, one writer of status."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators.authors import authors_of
from indicators.holidays import calendar
from indicators.levels import last_own_level, level_after, level_before, levels_of
from indicators.models import EDITABLE, FINAL, ReviewRecord, SelfAssessment, Status
from perfeval.audit import Change, record, subject_of
from perfeval.deadlines import is_overdue, moved
from perfeval.models import User
from projects.access import holdings_for
from projects.models import Membership, Role


class TransitionError(Exception):
    """The step is refused; the message says why, in Chinese."""


class Place(Enum):
    """Whose step it is, where that follows from the level at hand."""

    LEVEL = "the level at hand"
    BELOW = "the level below, the filler below the first"
    UNIT = "the filler, or the level below"
    LAST = "the last level"


@dataclass(frozen=True)
class Transition:
    """action leads from one of these states to another; who: whose step it is.

    to: the state reached, except that an approval below the last level stays in review
    and a withdrawal leads to the level below. note, due: whether a reason and a due
    time go with it; judges: it is a decision, which nobody takes on own work.
    """

    action: str
    label: str
    start: tuple[Status, ...]
    to: Status
    who: Role | Place
    note: bool = False
    due: bool = False
    judges: bool = False


REVIEWED = (Status.IN_REVIEW,)
TRANSITIONS = (
    Transition("submit", "送审", EDITABLE, Status.IN_REVIEW, Role.FILLER),
    Transition("withdraw", "撤回", REVIEWED, Status.DRAFT, Place.BELOW),
    Transition("send_up", "报送", REVIEWED, Status.IN_REVIEW, Place.UNIT),
    Transition(
        "approve", "审核通过", REVIEWED, Status.APPROVED, Place.LEVEL, judges=True
    ),
    Transition(
        "send_back",
        "退回",
        REVIEWED,
        Status.RETURNED,
        Place.LEVEL,
        note=True,
        due=True,
        judges=True,
    ),
    Transition(
        "send_down",
        "退回下一级",
        REVIEWED,
        Status.IN_REVIEW,
        Place.LEVEL,
        note=True,
        due=True,
        judges=True,
    ),
    Transition(
        "reopen",
        "重新打开",
        FINAL,
        Status.RETURNED,
        Place.LAST,
        note=True,
        due=True,
    ),
    Transition(
        "publish",
        "公开",
        (Status.APPROVED,),
        Status.PUBLISHED,
        Role.PERFORMANCE_SECTION,
    ),
)
STEPS = {step.action: step for step in TRANSITIONS}
NOTES = {"send_back": "退回意见", "send_down": "退回意见", "reopen": "重新打开的原因"}

# What is decided on: the document, or what makes it of the assessment moved already.
Snapshot = Mapping[str, Any] | Callable[[SelfAssessment], Mapping[str, Any]]


def open_transitions(user: User, assessment: SelfAssessment) -> list[Transition]:
    """Return the steps a person may take now, for buttons and checks alike.

    assessment: loaded with_facts() and with its task's levels.
    """
    return [step for step, against in all_steps(user, assessment) if not against]


def all_steps(user: User, assessment: SelfAssessment) -> list[tuple[Transition, str]]:
    """Return the steps that are ever this person's, each with what is against it now.

    "" where it is open. What stands in nobody's way is asked of the database once.
    """
    own = [step for step in TRANSITIONS if is_ever_open(user, assessment, step)]
    judging = any(_holdings(user, assessment, step) for step in own if step.judges)
    authors = authors_of(assessment) if judging else set()
    return [(step, why_not(user, assessment, step, authors=authors)) for step in own]


def is_ever_open(user: User, assessment: SelfAssessment, step: Transition) -> bool:
    """Whether a person's roles open a step at some time in the flow of this one."""
    levels = levels_of(assessment)
    every = [each.role for each in levels]
    own = last_own_level(assessment)
    roles: set[str] = {str(Role.FILLER)}
    if isinstance(step.who, Role):
        roles = {str(step.who)}
    elif step.who == Place.LEVEL:
        roles = set(every)
    elif step.who == Place.LAST:
        roles = set(every[-1:])
    elif step.who == Place.BELOW:
        roles |= set(every[:-1])
    else:
        roles |= {each.role for each in levels if each.position == own}
    return bool(holdings_for(user, assessment.project, roles))


def why_not(
    user: User,
    assessment: SelfAssessment,
    step: Transition,
    *,
    authors: set[int] | None = None,
) -> str:
    """Return in one sentence why a person may not take a step now, "" where they may.

    authors: the keys of who wrote in it, read here where it matters and not given.
    """
    if assessment.is_exempt:
        return f"该自评已免报，不能{step.label}"
    if assessment.status not in step.start:
        state = assessment.get_status_display()
        return f"该自评现在是“{state}”，不能{step.label}"
    against = _against_state(assessment, step)
    if against:
        return against
    held = _holdings(user, assessment, step)
    if not held:
        return f"您没有{step.label}的权限"
    if not step.judges:
        return ""
    authors = authors_of(assessment) if authors is None else authors
    if user.pk in authors:
        return "不能审核本人填报的自评"
    if all(each.user_id in authors for each in held):
        return "不能代填报人审核其本人填报的自评"
    return ""


def _against_state(assessment: SelfAssessment, step: Transition) -> str:
    """Return what in its state stands against a step, whoever wants to take it."""
    level = assessment.current_level
    if step.action == "send_up":
        return "" if assessment.sealing else "现在没有待盖章报送的文件"
    if step.action == "withdraw" and assessment.opened_at and level:
        return f"{level.name}已打开，不能撤回"
    if step.judges and assessment.sealing:
        return "等待单位上传盖章扫描件并报送，还不能审核"
    if step.action == "send_down" and not level_before(assessment):
        return "这是第一级审核，请退回填报人"
    return ""


def standing(assessment: SelfAssessment) -> str:
    """Return in one sentence where it stands and who can do what about it.

    What a person is told who misses a button.
    """
    if assessment.is_exempt:
        return "免报"
    if assessment.status == Status.DRAFT:
        return "填报中，还没有送审"
    if assessment.status == Status.RETURNED:
        return "已退回，由填报人修改后重新送审"
    if assessment.status == Status.PUBLISHED:
        return "已公开，需更正时由末级审核人重新打开"
    if assessment.status == Status.APPROVED:
        return "已审定，需更正时由末级审核人重新打开"
    return _standing_in_review(assessment)


def _standing_in_review(assessment: SelfAssessment) -> str:
    level, below = assessment.current_level, level_before(assessment)
    if level is None:
        return "审核中"
    sender = f"{below.name}人" if below else "送审人"
    if assessment.sealing:
        return f"待上传盖章扫描件后报送{level.name}，可由{sender}撤回"
    if assessment.opened_at:
        return f"已送审，{level.name}中，对方已打开，不能撤回"
    return f"已送审，{level.name}中，可由{sender}撤回"


@transaction.atomic
def advance(
    pk: int,
    action: str,
    user: User,
    *,
    version: int,
    note: str = "",
    due_at: datetime | None = None,
    snapshot: Snapshot,
    findings: Sequence[str] = (),
) -> SelfAssessment:
    """Take one step with a self-assessment and return it in its new state.

    version: the one the page was made from; snapshot: the report document as JSON, what
    is decided on; findings: what must be mended before. Raises TransitionError and
    changes nothing where the step is refused.
    """
    locked = SelfAssessment.objects.locked()
    assessment: SelfAssessment = locked.get(pk=pk)
    step = STEPS.get(action)
    if step is None:
        raise TransitionError("没有这种操作")
    if assessment.version != version:
        raise TransitionError("该自评已被他人处理，请刷新后再试")
    note = note.strip()
    _refuse(user, assessment, step, note, findings)
    due_at = _due(due_at, assessment) if step.due and due_at else None
    start, level = assessment.status, assessment.level
    held = _holdings(user, assessment, step)
    late = _is_late(assessment)
    _move(assessment, step, due_at, late=late)
    document = snapshot(assessment) if callable(snapshot) else snapshot
    ReviewRecord.objects.create(
        assessment=assessment,
        action=action,
        from_status=start,
        to_status=assessment.status,
        level=level,
        actor=user,
        on_behalf_of=_stood_in_for(user, held),
        note=note,
        due_at=due_at,
        is_late=late,
        submission=assessment.submission,
        edition=assessment.edition,
        at=assessment.changed_at,
        version=assessment.version,
        snapshot=dict(document),
    )
    change = Change(
        action=f"assessment.{action}",
        subject=subject_of(assessment),
        summary=f"{step.label}“{assessment.project.shown_name}”",
        before={"status": start, "level": level},
        after={
            "status": assessment.status,
            "level": assessment.level,
            "note": note,
            "due_at": due_at,
            "submission": assessment.submission,
            "edition": assessment.edition,
        },
    )
    record(user, change, chain=assessment.chain)
    return assessment


@transaction.atomic
def mark_opened(pk: int, user: User) -> bool:
    """Note that the level at hand has begun to read; return whether that is new.

    From then on the level below cannot take it back. Nothing happens where the person
    does not review it.
    """
    locked = SelfAssessment.objects.locked()
    assessment: SelfAssessment = locked.get(pk=pk)
    if assessment.opened_at or why_not(user, assessment, STEPS["approve"]):
        return False
    assessment.opened_at, assessment.opened_by = timezone.now(), user
    assessment.save(update_fields=["opened_at", "opened_by"])
    level = assessment.current_level
    name = level.name if level else "审核"
    change = Change(
        action="assessment.opened",
        subject=subject_of(assessment),
        summary=f"{name}打开“{assessment.project.shown_name}”",
        after={"level": assessment.level, "submission": assessment.submission},
    )
    record(user, change, chain=assessment.chain)
    return True


def _refuse(
    user: User,
    assessment: SelfAssessment,
    step: Transition,
    note: str,
    findings: Sequence[str],
) -> None:
    """Raise TransitionError where anything stands against a step."""
    against = why_not(user, assessment, step)
    if against:
        raise TransitionError(against)
    if step.note and not note:
        raise TransitionError(f"请填写{NOTES[step.action]}")
    if findings:
        raise TransitionError("；".join(findings))
    if step.action == "submit" and not levels_of(assessment):
        raise TransitionError("该项目没有可以审核的单位，请联系绩效科")


def _due(due_at: datetime, assessment: SelfAssessment) -> datetime:
    """Return a due time as the task moves it on days off; refuse one that is past."""
    due = moved(due_at, assessment.task.due_rule, calendar())
    if is_overdue(due, timezone.now()):
        raise TransitionError("退回后的期限已经过去，请填写以后的时间")
    return due


def _is_late(assessment: SelfAssessment) -> bool:
    """Whether the due time of whoever takes a step now is over."""
    if assessment.status in EDITABLE:
        return is_overdue(assessment.deadline, timezone.now())
    due = assessment.review_due_at
    return bool(due) and is_overdue(due, timezone.now())  # type: ignore[arg-type]


def _move(
    assessment: SelfAssessment,
    step: Transition,
    due_at: datetime | None,
    *,
    late: bool,
) -> None:
    sealing = _waits_for_seal(assessment, step)
    status, level = _goal(assessment, step)
    if step.action == "submit":
        assessment.submissions += 1
        assessment.is_late = late
    if step.action == "reopen":
        assessment.edition += 1
    if step.to == Status.RETURNED and due_at:
        assessment.due_at = due_at
    assessment.level_due_at = due_at if step.action == "send_down" else None
    assessment.status, assessment.level = status, level
    assessment.sealing = sealing
    assessment.opened_at = assessment.opened_by = None
    assessment.version += 1
    assessment.changed_at = timezone.now()
    assessment.save(
        update_fields=[
            "status",
            "level",
            "version",
            "changed_at",
            "due_at",
            "level_due_at",
            "opened_at",
            "opened_by",
            "sealing",
            "is_late",
            "submissions",
            "edition",
        ]
    )


def _goal(assessment: SelfAssessment, step: Transition) -> tuple[Status, int]:
    """Return the status and level that a step leads to."""
    if step.action in ("submit", "approve"):
        after = level_after(assessment)
        return (Status.IN_REVIEW, after.position) if after else (step.to, 0)
    if step.action == "send_up":
        return Status.IN_REVIEW, assessment.level
    if step.action in ("withdraw", "send_down"):
        below = level_before(assessment)
        return (Status.IN_REVIEW, below.position) if below else (step.to, 0)
    return step.to, 0


def is_last_of_unit(assessment: SelfAssessment, step: Transition) -> bool:
    """Whether a step is the last the unit itself takes: what it seals is then fixed."""
    own = last_own_level(assessment)
    if own == 0:
        return step.action == "submit"
    return step.action == "approve" and assessment.level == own


def is_last(assessment: SelfAssessment, step: Transition) -> bool:
    """Whether a step is the approval at the last level."""
    return step.action == "approve" and level_after(assessment) is None


def _waits_for_seal(assessment: SelfAssessment, step: Transition) -> bool:
    asked = assessment.task.needs_sealed_scan
    above = level_after(assessment) is not None
    return asked and above and is_last_of_unit(assessment, step)


def _holdings(
    user: User, assessment: SelfAssessment, step: Transition
) -> list[Membership]:
    """Return the roles of a person, own and lent ones, that open a step."""
    return holdings_for(user, assessment.project, _roles(step, assessment))


def _roles(step: Transition, assessment: SelfAssessment) -> frozenset[str]:
    """Return the roles that may take a step; a review step asks the levels."""
    if isinstance(step.who, Role):
        return frozenset({step.who})
    if step.who == Place.LEVEL:
        level = assessment.current_level
        return frozenset({level.role} if level else ())
    if step.who == Place.LAST:
        return frozenset(each.role for each in levels_of(assessment)[-1:])
    below = level_before(assessment)
    roles = {below.role} if below else {str(Role.FILLER)}
    return frozenset(roles | ({str(Role.FILLER)} if step.who == Place.UNIT else set()))


def _stood_in_for(user: User, held: Sequence[Membership]) -> User | None:
    """Return whose role a person used, None where one of their own opens the step."""
    if any(each.user_id == user.pk for each in held):
        return None
    return held[0].user if held else None
