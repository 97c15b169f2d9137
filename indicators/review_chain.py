"""The review chain of a self-assessment as steps, and its history in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

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
    round_start = max(
        (i for i, each in enumerate(records) if each.action == "submit"), default=None
    )
    current = records[round_start:] if round_start is not None else []
    return [_filling(assessment, current), *_levels(assessment, current)]


def _filling(assessment: SelfAssessment, current: Sequence[ReviewRecord]) -> Step:
    if assessment.status in EDITABLE:
        return Step(name="填报", state="current")
    sent = current[0] if current else None
    return Step(name="填报", state="done", **_told(sent, "送审"))


def _levels(
    assessment: SelfAssessment, current: Sequence[ReviewRecord]
) -> Iterator[Step]:
    for level in assessment.task.levels.all():
        at_level = [
            each
            for each in current
            if each.level == level.position and each.action != "submit"
        ]
        record = at_level[-1] if at_level else None
        yield _level_step(assessment, level, record)


def _level_step(
    assessment: SelfAssessment, level: TaskLevel, record: ReviewRecord | None
) -> Step:
    if record and record.to_status == Status.RETURNED:
        return Step(name=level.name, state="returned", **_told(record, "退回"))
    if assessment.level == level.position:
        return Step(name=level.name, state="current", when=_due(level))
    if record or assessment.status in FINAL:
        return Step(name=level.name, state="done", **_told(record, "通过"))
    return Step(name=level.name, state="todo", when=_due(level))


def _told(record: ReviewRecord | None, verb: str) -> dict[str, str]:
    if record is None:
        return {}
    return {"who": f"{record.actor} {verb}", "when": _on(record.at)}


def _due(level: TaskLevel) -> str:
    return f"{_on(level.due_at)} 截止" if level.due_at else ""


def _on(moment: datetime) -> str:
    day = timezone.localtime(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def history(assessment: SelfAssessment, records: Sequence[ReviewRecord]) -> list[Event]:
    """Return what happened in the flow, newest first."""
    names = {each.position: each.name for each in assessment.task.levels.all()}
    return [
        Event(
            what=_what(record, names),
            who=str(record.actor),
            at=record.at,
            note=record.note,
        )
        for record in reversed(records)
    ]


def _what(record: ReviewRecord, names: dict[int, str]) -> str:
    verb = VERBS.get(record.action, record.get_to_status_display())
    return f"{names[record.level]}：{verb}" if record.level in names else verb


def last_return(
    assessment: SelfAssessment, records: Sequence[ReviewRecord]
) -> ReviewRecord | None:
    """Return the record by which it was sent back, None where it is not returned."""
    if assessment.status != Status.RETURNED:
        return None
    returns = [each for each in records if each.to_status == Status.RETURNED]
    return returns[-1] if returns else None
