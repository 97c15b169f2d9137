"""The review chain of a self-assessment as steps, and its history in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from indicators.levels import levels_of
from indicators.models import (
    EDITABLE,
    FINAL,
    ReviewRecord,
    SelfAssessment,
    Status,
    TaskLevel,
)
from indicators.workflow import TRANSITIONS

VERBS = {step.action: step.label for step in TRANSITIONS}
# Steps that a level of review takes; the others are the sender's.
JUDGEMENTS = {step.action for step in TRANSITIONS if step.judges}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step as templates/_steps.html shows it."""

    name: str
    state: str
    who: str = ""
    when: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event as templates/_timeline.html shows it."""

    what: str
    who: str
    at: datetime
    note: str


def chain_steps(
    assessment: SelfAssessment, records: Sequence[ReviewRecord]
) -> list[Step]:
    """Return the steps from filling to the last level.

    records: all of the assessment, oldest first, with actors; the task's levels are
    prefetched. Only what happened since the last 送审 counts as done.
    """
    current = _since_sent(records)
    return [_filling(assessment, current), *_levels(assessment, current)]


def _since_sent(records: Sequence[ReviewRecord]) -> Sequence[ReviewRecord]:
    """Return the records from the last 送审 on, none where that counts no more."""
    sent = [place for place, each in enumerate(records) if each.action == "submit"]
    if not sent:
        return []
    current = records[sent[-1] :]
    is_back = any(
        each.to_status == Status.DRAFT or each.action == "reopen" for each in current
    )
    return [] if is_back else current


def _filling(assessment: SelfAssessment, current: Sequence[ReviewRecord]) -> Step:
    if assessment.status in EDITABLE:
        return Step(name="填报", state="current")
    sent = current[0] if current else None
    return Step(name="填报", state="done", **_told(sent, "送审"))


def _levels(
    assessment: SelfAssessment, current: Sequence[ReviewRecord]
) -> Iterator[Step]:
    for level in levels_of(assessment):
        at_level = [
            each
            for each in current
            if each.level == level.position and each.action in JUDGEMENTS
        ]
        record = at_level[-1] if at_level else None
        yield _level_step(assessment, level, record)


def _level_step(
    assessment: SelfAssessment, level: TaskLevel, record: ReviewRecord | None
) -> Step:
    if record and record.action == "send_back":
        return Step(name=level.name, state="returned", **_told(record, "退回"))
    if assessment.level == level.position:
        when = _due(assessment.review_due_at)
        return Step(name=level.name, state="current", when=when, note=_note(assessment))
    is_above = assessment.status == Status.IN_REVIEW and (
        level.position > assessment.level
    )
    passed = record is not None and record.action == "approve" and not is_above
    if assessment.status in FINAL or passed:
        return Step(name=level.name, state="done", **_told(record, "通过"))
    return Step(name=level.name, state="todo", when=_due(level.due_at))


def _note(assessment: SelfAssessment) -> str:
    return "等待盖章扫描件" if assessment.sealing else ""


def _told(record: ReviewRecord | None, verb: str) -> dict[str, str]:
    if record is None:
        return {}
    note = "逾期" if record.is_late else ""
    return {"who": f"{record.who} {verb}", "when": _on(record.at), "note": note}


def _due(due_at: datetime | None) -> str:
    return f"{_on(due_at)} 截止" if due_at else ""


def _on(moment: datetime) -> str:
    day = timezone.localtime(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def history(assessment: SelfAssessment, records: Sequence[ReviewRecord]) -> list[Event]:
    """Return what happened in the flow, newest first."""
    names = {each.position: each.name for each in assessment.task.levels.all()}
    return [
        Event(
            what=_what(record, names),
            who=record.who,
            at=record.at,
            note=_words(record),
        )
        for record in reversed(records)
    ]


def _words(record: ReviewRecord) -> str:
    """Return a record's note and, where it gave one, the due time."""
    if record.due_at is None:
        return record.note
    return f"{record.note}\n请于{_on(record.due_at)}前办理"


def _what(record: ReviewRecord, names: dict[int, str]) -> str:
    verb = VERBS.get(record.action, record.get_to_status_display())
    if record.is_late:
        verb += "（逾期）"
    by_level = record.action in JUDGEMENTS and record.level in names
    return f"{names[record.level]}：{verb}" if by_level else verb


def last_return(
    assessment: SelfAssessment, records: Sequence[ReviewRecord]
) -> ReviewRecord | None:
    """Return the record by which it was sent back, None where it is not returned."""
    if assessment.status != Status.RETURNED:
        return None
    returns = [each for each in records if each.to_status == Status.RETURNED]
    return returns[-1] if returns else None
