"""Steps of a recheck: handed in, confirmed, opened again, taken back, adopted."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from indicators.models import (
    FINAL,
    IndicatorResult,
    Recheck,
    RecheckRow,
    RecheckState,
    SelfAssessment,
)
from indicators.recheck_entries import (
    findings_of,
    lock_recheck,
    main_reason,
    recheck_score,
    rows_of,
    what_lacks,
)
from indicators.recheck_telling import tell_of_recheck
from indicators.rechecks import (
    rechecks_as_third_party,
    runs_rechecks,
    why_not_recheck,
)
from indicators.reviewing import has_review, lock_scored, row_key
from indicators.scheme_store import scheme_of
from indicators.score_sheet import score_of
from indicators.workflow import STEPS, why_not
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.models import Role

LONGEST_NOTE = 2000


class RecheckError(ValueError):
    """A step is refused; the message says why, in Chinese."""


@dataclass(frozen=True)
class RecheckStep:
    """action, words of its button, states it starts from and leads to.

    note: what the reason is called that it asks for, "" where it asks for none.
    by_third_party: whose step it is, otherwise the 绩效科's.
    """

    action: str
    label: str
    start: tuple[RecheckState, ...]
    to: RecheckState
    by_third_party: bool = False
    note: str = ""


RECHECK_STEPS = {
    step.action: step
    for step in (
        RecheckStep(
            "hand_in",
            "提交复核结果",
            (RecheckState.ASSIGNED,),
            RecheckState.HANDED_IN,
            by_third_party=True,
        ),
        RecheckStep(
            "confirm",
            "确认复核结果",
            (RecheckState.HANDED_IN,),
            RecheckState.CONFIRMED,
        ),
        RecheckStep(
            "reopen",
            "退回第三方修改",
            (RecheckState.HANDED_IN, RecheckState.CONFIRMED),
            RecheckState.ASSIGNED,
            note="退回修改的原因",
        ),
        RecheckStep(
            "withdraw",
            "收回复核",
            (RecheckState.ASSIGNED, RecheckState.HANDED_IN),
            RecheckState.WITHDRAWN,
            note="收回原因",
        ),
    )
}


def is_ever_theirs(user: User, recheck: Recheck, step: RecheckStep) -> bool:
    """Whether a step is a person's to take at some time."""
    if step.by_third_party:
        return rechecks_as_third_party(user, recheck)
    return runs_rechecks(user)


def open_steps(user: User, recheck: Recheck) -> list[RecheckStep]:
    """Return the steps a person may take now, for buttons."""
    return [
        step
        for step in RECHECK_STEPS.values()
        if is_ever_theirs(user, recheck, step) and not why_not_step(recheck, step)
    ]


def why_not_step(recheck: Recheck, step: RecheckStep) -> str:
    """Return why a step can't be taken in a recheck's state, "" where it can."""
    if recheck.state not in step.start:
        return f"该复核现在是“{recheck.get_state_display()}”，不能{step.label}"
    return _why_fixed(recheck)


def _why_fixed(recheck: Recheck) -> str:
    """Return why what was confirmed stays as it is, "" where it may be opened again.

    A report that was sent up anew since its points were adopted is judged anew.
    """
    if recheck.state != RecheckState.CONFIRMED:
        return ""
    assessment = recheck.assessment
    if assessment.status in FINAL:
        return "报告已审定，已确认的复核结果不能再改"
    adopted = recheck.adopted_submission
    if adopted and adopted == assessment.submission:
        return "复核得分已被采用，已确认的复核结果不能再改"
    return ""


@transaction.atomic
def take_recheck_step(
    user: User, pk: int, action: str, *, version: int, note: str = ""
) -> Recheck:
    """Take a step with a recheck and return it as it stands then.

    version: of the page. Raises RecheckError and changes nothing where it is refused.
    """
    step = RECHECK_STEPS[action]
    recheck = lock_recheck(pk)
    note = note.strip()
    _refuse(user, recheck, step, version, note)
    return _advance(user, recheck, step, note)


def _advance(
    user: User, recheck: Recheck, step: RecheckStep, note: str = ""
) -> Recheck:
    """Take a step that nothing forbids; recheck: locked."""
    before = {"state": recheck.state, "total": recheck.total}
    if step.action == "hand_in":
        _fix(user, recheck)
    elif step.action == "confirm":
        recheck.confirmed_by, recheck.confirmed_at = user, timezone.now()
    elif step.action == "reopen":
        _open(recheck)
    recheck.state = step.to
    if step.note:
        recheck.state_note = note
    recheck.version += 1
    recheck.save()
    name = recheck.assessment.project.shown_name
    change = Change(
        action=f"recheck.{step.action}",
        subject=subject_of(recheck),
        summary=f"{step.label}“{name}”" + (f"：{note}" if step.note else ""),
        before=before,
        after={
            "state": recheck.state,
            "total": recheck.total,
            "own_total": recheck.own_total,
            "main_reason": recheck.main_reason,
            "note": note,
        },
    )
    record(user, change, chain=recheck.assessment.chain)
    tell_of_recheck(recheck, step.action)
    return recheck


def _open(recheck: Recheck) -> None:
    recheck.total, recheck.own_total, recheck.grade = None, None, ""
    recheck.main_reason = recheck.adopted_submission = ""
    recheck.confirmed_by = recheck.confirmed_at = None
    # The report may have been changed since: its own figures count anew.
    recheck.rows.update(own_points=None, own_actual="")


def _refuse(
    user: User, recheck: Recheck, step: RecheckStep, version: int, note: str
) -> None:
    if not is_ever_theirs(user, recheck, step):
        raise RecheckError(f"您没有{step.label}的权限")
    closed = why_not_step(recheck, step)
    if closed:
        raise RecheckError(closed)
    if recheck.version != version:
        raise RecheckError("该复核已被他人处理，请刷新后再试")
    against = why_not_recheck(recheck.assessment) if step.by_third_party else ""
    if against:
        raise RecheckError(f"报告{against}")
    if step.note and not note:
        raise RecheckError(f"请填写{step.note}")
    if len(note) > LONGEST_NOTE:
        raise RecheckError(f"{step.note}不能超过 {LONGEST_NOTE} 字")


def _fix(user: User, recheck: Recheck) -> None:
    """Write down what is handed in: every row with both points, totals, main reason."""
    assessment = SelfAssessment.objects.with_content().get(pk=recheck.assessment_id)
    findings = findings_of(recheck, assessment)
    lacking = what_lacks(recheck, findings)
    if lacking:
        raise RecheckError("还不能提交：" + "；".join(lacking))
    scheme = scheme_of(assessment.task.scheme)
    own = score_of(assessment)
    total = recheck_score(assessment, own, findings)
    for each in findings:
        row = each.row
        row.max_points = each.result.indicator.max_points
        row.own_actual, row.own_points = each.result.actual, each.own_points
        if row.points is None:
            row.points = each.own_points
        row.version += 1
        row.save()
    recheck.own_total, recheck.total = own.total, total.total
    recheck.grade = total.grade or ""
    recheck.main_reason = main_reason(findings, scheme)
    recheck.submission = assessment.submission
    recheck.handed_in_by, recheck.handed_in_at = user, timezone.now()


def why_not_adopt(user: User, assessment: SelfAssessment) -> str:
    """Return why a person may not take a recheck's points over now, "" where they may.

    assessment: with its task's levels.
    """
    level = assessment.current_level
    if level is None or level.role != Role.PERFORMANCE_SECTION or assessment.sealing:
        return "只有在绩效科复核时才能采用第三方的复核得分"
    if not level.gives_points:
        return "本级审核只作通过或退回，不打分"
    return why_not(user, assessment, STEPS["approve"])


@transaction.atomic
def adopt(user: User, recheck: Recheck) -> tuple[int, int]:
    """Take a third party's points over as the review points of the 绩效科 (采用).

    A recheck that was only handed in is confirmed with it: the unit must be able to
    read why it lost points. Returns how many rows took them, and how many had review
    points already and keep them. Raises ClosedError where the person gives no points
    now.
    """
    assessment = lock_scored(user, recheck.assessment_id)
    against = why_not_adopt(user, assessment)
    if against:
        raise ClosedError(against)
    current = lock_recheck(recheck.pk)
    if not current.is_done:
        raise ClosedError("第三方还没有提交复核结果")
    current.adopted_submission = assessment.submission
    if current.state == RecheckState.HANDED_IN:
        _advance(user, current, RECHECK_STEPS["confirm"])
    else:
        current.save(update_fields=["adopted_submission"])
    labels = {
        each.key: each.label
        for each in scheme_of(assessment.task.scheme).deduction_reasons
    }
    taken: list[IndicatorResult] = []
    kept = 0
    for row in rows_of(current):
        result = row.result
        if row.points is None:
            continue
        if has_review(result):
            kept += result.review_points != row.points
            continue
        result.review_points, result.review_actual = row.points, row.actual
        result.review_note = _note(row, labels.get)
        result.version += 1
        taken.append(result)
    fields = ["review_points", "review_actual", "review_note", "version"]
    IndicatorResult.objects.bulk_update(taken, fields)
    if taken:
        change = Change(
            action="review.adopted",
            subject=subject_of(current),
            summary=f"采用{current.who}的复核得分：{len(taken)} 项",
            after={row_key(each): each.review_points for each in taken},
        )
        record(user, change, chain=assessment.chain)
    return len(taken), kept


def _note(row: RecheckRow, label_of: Callable[[str], str | None]) -> str:
    """Return why the points differ, as a review note; "" where they do not."""
    words = "；".join(part for part in (label_of(row.reason), row.note.strip()) if part)
    if not words and row.points == row.own_points:
        return ""
    return f"第三方复核：{words}"[:4000]
