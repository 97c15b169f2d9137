"""Problems listed, sent out, mended, confirmed (问题清单与整改): one table, one writer.

Every function is one transaction with its audit event. The report is not touched.
Drafts are told to the auditor alone (site chain): the unit reads its report's trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from indicators.access import (
    listing_role,
    may_judge,
    may_mend,
    why_not_list_problems,
)
from indicators.models import (
    FINAL,
    UNFINISHED,
    WITH_UNIT,
    Problem,
    ProblemSource,
    ProblemState,
    ProblemStep,
    SelfAssessment,
)
from indicators.problem_notices import tell_of_list, tell_of_step
from perfeval.audit import Change, keeping_rejected, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError, GoneError, StaleError, save_versioned
from projects.models import Role

ASKED = {
    "measure": "请填写整改措施",
    "person": "请填写整改责任人",
    "due_on": "请填写整改期限",
    "result": "请填写整改结果",
}


@dataclass(frozen=True)
class Move:
    """action leads from one of these states to another; note: a reason goes with it."""

    action: str
    label: str
    start: tuple[ProblemState, ...]
    to: ProblemState
    note: bool = False


MOVES = {
    each.action: each
    for each in (
        Move("send_out", "发出整改", (ProblemState.DRAFT,), ProblemState.OPEN),
        Move("submit", "提交整改结果", WITH_UNIT, ProblemState.SUBMITTED),
        Move(
            "confirm",
            "确认整改到位",
            (ProblemState.SUBMITTED,),
            ProblemState.CONFIRMED,
        ),
        Move(
            "send_back",
            "退回整改",
            (ProblemState.SUBMITTED,),
            ProblemState.RETURNED,
            note=True,
        ),
        Move("cancel", "撤销问题", UNFINISHED, ProblemState.CANCELLED, note=True),
    )
}
JUDGEMENTS = ("confirm", "send_back", "cancel")


@dataclass(frozen=True, kw_only=True)
class NewProblem:
    """A problem to be listed: where it was found, and what the report does about it."""

    text: str
    source: str = ProblemSource.OTHER
    place: str = ""
    quote: str = ""
    measure: str = ""
    due_on: date | None = None


@transaction.atomic
def list_problems(
    user: User, assessment: SelfAssessment, chosen: Sequence[NewProblem]
) -> list[Problem]:
    """Add problems to the list as drafts; return them.

    Raises ClosedError, or ValidationError: a problem is on the list already.
    """
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    against = why_not_list_problems(user, locked)
    if against:
        raise ClosedError(against)
    for each in chosen:
        _check_due(each.due_on)
    standing = locked.problems.exclude(state=ProblemState.CANCELLED)
    known = set(standing.values_list("text", flat=True))
    for each in chosen:
        if each.text in known:
            raise ValidationError(f"问题清单中已有“{each.text[:40]}”")
        known.add(each.text)
    added = [_new_problem(user, locked, each) for each in chosen]
    for problem in added:
        problem.full_clean()
        problem.save()
        record_problem(
            user, problem, "problem.drafted", "拟列问题“{}”", after=_facts(problem)
        )
    return added


def _check_due(day: date | None) -> None:
    """Raise ValidationError where the unit is to be done by a day that is over."""
    if day and day < timezone.localdate():
        raise ValidationError({"due_on": "整改期限不能早于今天"})


def _new_problem(user: User, assessment: SelfAssessment, new: NewProblem) -> Problem:
    role = listing_role(user, assessment)
    assert role is not None  # else there is something against it
    return Problem(
        assessment=assessment,
        text=new.text,
        source=new.source,
        place=new.place,
        quote=new.quote,
        edition=assessment.edition,
        listed_as=role,
        listed_by=user,
        listed_at=timezone.now(),
        measure=new.measure,
        due_on=new.due_on,
        is_due_given=new.due_on is not None,
    )


@transaction.atomic
def save_draft(
    user: User, problem: Problem, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Change a problem before it is sent out; return whether anything differed.

    Raises ClosedError, ValidationError, StaleError.
    """
    lock_problem(problem, (ProblemState.DRAFT,))
    _check_due(changes["due_on"])
    before = _facts(problem)
    given = {**changes, "is_due_given": changes["due_on"] is not None}
    if not save_versioned(problem, given, version=version):
        return False
    told = {"before": before, "after": _facts(problem)}
    record_problem(user, problem, "problem.redrafted", "修改拟列的问题“{}”", **told)
    return True


@transaction.atomic
def delete_draft(user: User, problem: Problem) -> None:
    """Take a problem off the list before it is sent out; ClosedError afterwards."""
    lock_problem(problem, (ProblemState.DRAFT,))
    before = _facts(problem)
    record_problem(
        user, problem, "problem.dropped", "删除拟列的问题“{}”", before=before
    )
    problem.delete()


@transaction.atomic
def send_out(user: User, assessment: SelfAssessment) -> list[Problem]:
    """Send the drafts of a person's level to the unit; return them.

    Raises ClosedError: not approved yet, nothing to be sent out, a day that is over.
    """
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    against = why_not_list_problems(user, locked)
    if not against and locked.status not in FINAL:
        against = "自评审定后才能发出整改"
    drafts = locked.problems.select_for_update().filter(
        state=ProblemState.DRAFT, listed_as=listing_role(user, locked)
    )
    sent = [] if against else list(drafts)
    if not sent:
        raise ClosedError(against or "没有要发出的问题")
    today = timezone.localdate()
    past = next((each for each in sent if each.due_on and each.due_on < today), None)
    if past:
        words = f"“{past}”的整改期限 {past.due_on} 已过，请先改为今天或以后的日期"
        raise ClosedError(words)
    now = timezone.now()
    for problem in sent:
        problem.assessment = locked
        problem.sent_at = now
        problem.save(update_fields=["sent_at"])
        _move(user, problem, MOVES["send_out"], problem.version)
    tell_of_list(locked, sent, user)
    return sent


def save_mending(
    user: User,
    problem: Problem,
    changes: Mapping[str, Any],
    *,
    version: int,
    submits: bool = False,
) -> bool:
    """Save what the unit does about a problem, and hand it in if asked to.

    Returns whether anything differed. Raises ClosedError, ValidationError (something is
    missing), or StaleError where somebody saved meanwhile: then what was typed is kept
    in the audit trail.
    """
    with keeping_rejected(
        user,
        "problem.rejected",
        problem,
        f"整改情况“{problem}”已另有保存，所写内容留在这里",
        changes,
        version=version,
        chain=problem.assessment.chain,
    ):
        return _save_mending(user, problem, changes, version, submits)


@transaction.atomic
def _save_mending(
    user: User,
    problem: Problem,
    changes: Mapping[str, Any],
    version: int,
    submits: bool,
) -> bool:
    stored = lock_problem(problem, WITH_UNIT)
    if not may_mend(user, problem):
        raise ClosedError("由本单位填报人填写整改情况")
    if submits:
        _check_whole({"due_on": problem.due_on, **changes})
    before = {name: getattr(stored, name) for name in changes}
    differs = save_versioned(problem, changes, version=version)
    if differs:
        # Saved once it is being worked at; a returned one stays marked as such.
        if problem.state == ProblemState.OPEN:
            problem.state = ProblemState.WORKING
        record_problem(
            user, problem, "problem.mended", "填写整改情况“{}”", before, changes
        )
    if differs or submits:
        problem.saved_at, problem.saved_by = timezone.now(), user
        problem.save(update_fields=["state", "saved_at", "saved_by"])
    if submits:
        step = _move(user, problem, MOVES["submit"], problem.version)
        tell_of_step(step)
    return differs


def _check_whole(values: Mapping[str, Any]) -> None:
    missing = {name: words for name, words in ASKED.items() if not values.get(name)}
    if missing:
        raise ValidationError(missing)


@transaction.atomic
def judge(
    user: User, problem: Problem, action: str, *, note: str, version: int
) -> ProblemStep:
    """Confirm, send back or cancel a problem; return the step.

    Raises ClosedError (its state, or not this person's), ValidationError (no reason),
    StaleError (it changed meanwhile).
    """
    move = MOVES[action]
    lock_problem(problem, move.start)
    if not may_judge(user, problem):
        raise ClosedError(why_not_judge(user, problem))
    if move.note and not note.strip():
        raise ValidationError({"note": f"请写明{move.label}的原因"})
    step = _move(user, problem, move, version, note.strip())
    tell_of_step(step)
    return step


def why_not_judge(user: User, problem: Problem) -> str:
    """Return in one sentence why a person does not judge a problem, "" if they do."""
    if may_judge(user, problem):
        return ""
    if problem.saved_by_id == user.pk:
        return "不能确认本人填写的整改结果"
    listed_as = problem.get_listed_as_display()
    also = "" if problem.listed_as == Role.PERFORMANCE_SECTION else "或绩效科"
    return f"由{listed_as}{also}确认整改结果"


def judgements(user: User, problem: Problem) -> list[Move]:
    """Return what a person may decide about a problem now, for its buttons."""
    if not may_judge(user, problem):
        return []
    moves = [MOVES[action] for action in JUDGEMENTS]
    return [each for each in moves if problem.state in each.start]


def lock_problem(problem: Problem, open_in: Sequence[ProblemState]) -> Problem:
    """Lock a problem and return it as stored; ClosedError in any other state."""
    stored = Problem.objects.select_for_update().filter(pk=problem.pk).first()
    if stored is None:
        raise GoneError("该问题已被他人删除")
    problem.state = stored.state
    if stored.state not in open_in:
        state = stored.get_state_display()
        raise ClosedError(f"该问题现在是“{state}”，不能这样办理")
    return stored


def _move(
    user: User, problem: Problem, move: Move, version: int, note: str = ""
) -> ProblemStep:
    """Write the state and the step, for a problem locked in a state that allows it."""
    moved = Problem.objects.filter(pk=problem.pk, version=version)
    if not moved.update(state=move.to, version=F("version") + 1):
        raise StaleError(Problem.objects.get(pk=problem.pk))
    before = {"state": problem.state}
    problem.state, problem.version = move.to, version + 1
    step = ProblemStep.objects.create(
        problem=problem,
        action=move.action,
        to_state=move.to,
        actor=user,
        note=note,
        at=timezone.now(),
    )
    after = {**_facts(problem), "note": note}
    words = f"{move.label}：“{{}}”"
    record_problem(user, problem, f"problem.{move.action}", words, before, after)
    return step


def _facts(problem: Problem) -> dict[str, Any]:
    """Return what an event tells of a problem."""
    names = ("text", "source", "place", "measure", "person", "due_on", "result")
    facts = {name: getattr(problem, name) for name in names}
    return {**facts, "state": problem.state, "listed_as": problem.listed_as}


def record_problem(
    user: User,
    problem: Problem,
    action: str,
    words: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add the event of a write to the chain of its report, of a draft to the site's.

    words: what was done, {} in place of the problem.
    """
    change = Change(
        action=action,
        subject=subject_of(problem),
        summary=words.format(problem),
        before=before or {},
        after=after or {},
    )
    record(user, change, chain=problem.chain)
