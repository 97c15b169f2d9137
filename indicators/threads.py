"""Remarks of reviewers on rows and passages, with the unit's answers: threads (评语).

Reviewers write while it lies at their level and alone close, a remark of a higher level
only from that level on; the unit answers while it is open for writing. What was said is
never changed or removed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from indicators.access import why_not_fill_part
from indicators.models import (
    ROWS,
    Indicator,
    ItemComment,
    ReviewRecord,
    SelfAssessment,
)
from indicators.workflow import STEPS, why_not
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError


@dataclass(frozen=True)
class Thread:
    """A remark and what was said to it, the oldest first."""

    remark: ItemComment
    replies: list[ItemComment] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.remark.closed_at is None

    @property
    def waits_for_answer(self) -> bool:
        """Whether it is the unit's turn."""
        last = self.replies[-1] if self.replies else None
        return self.is_open and (last is None or last.by_reviewer)

    @property
    def anchor(self) -> str:
        return f"comment-{self.remark.pk}"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A stretch of a text: characters start to end of it, from 0."""

    quote: str
    start: int
    end: int


def threads_of(comments: Iterable[ItemComment]) -> list[Thread]:
    """Return the threads that these comments make, the oldest first."""
    threads: dict[int, Thread] = {}
    for each in sorted(comments, key=lambda comment: comment.pk):
        if each.answers_id is None:
            threads[each.pk] = Thread(each)
        elif each.answers_id in threads:
            threads[each.answers_id].replies.append(each)
    return list(threads.values())


def unanswered(comments: Iterable[ItemComment]) -> Iterator[Thread]:
    """Yield the threads to which the unit owes an answer."""
    return (each for each in threads_of(comments) if each.waits_for_answer)


def find_passage(text: str, quote: str, nth: int = 0) -> Passage | None:
    """Return where a quoted passage stands in a text; None where it does not.

    nth: how many equal ones stand before it. Blanks and line ends may differ: a browser
    gives those of the page, not of the text.
    """
    words = [re.escape(each) for each in quote.split()]
    if not words:
        return None
    found = list(re.finditer(r"\s*".join(words), text))
    if not found:
        return None
    one = found[min(max(nth, 0), len(found) - 1)]
    return Passage(quote=one.group(), start=one.start(), end=one.end())


@transaction.atomic
def add_remark(
    user: User,
    assessment: SelfAssessment,
    text: str,
    *,
    indicator: Indicator | None = None,
    narrative_key: str = "",
    passage: Passage | None = None,
) -> ItemComment:
    """Write a reviewer's remark on a row or a text; return it.

    Raises ClosedError where the person does not review it now, ValidationError.
    """
    locked = lock_reviewed(user, assessment.pk)
    remark = ItemComment(
        assessment=locked,
        indicator=indicator,
        narrative_key=narrative_key,
        author=user,
        text=text.strip(),
        at=timezone.now(),
        submission=locked.submission,
    )
    if passage:
        remark.quote = passage.quote
        remark.start, remark.end = passage.start, passage.end
    remark.full_clean()
    remark.save()
    _record(user, remark, "comment.added", f"评语：{_about(remark)}")
    return remark


@transaction.atomic
def ask_on(user: User, remark: ItemComment, text: str) -> ItemComment:
    """Write what a reviewer says to an answer; the unit is to answer again."""
    lock_reviewed(user, remark.assessment_id)
    return _reply(user, remark, text, by_reviewer=True)


@transaction.atomic
def answer_remark(user: User, remark: ItemComment, text: str) -> ItemComment:
    """Write the unit's answer to a remark.

    Raises ClosedError where the report is not open to the person, ValidationError.
    """
    rows = SelfAssessment.objects.locked()
    assessment: SelfAssessment = rows.get(pk=remark.assessment_id)
    against = why_not_fill_part(user, assessment, part_of(remark))
    if against:
        raise ClosedError(against)
    return _reply(user, remark, text, by_reviewer=False)


@transaction.atomic
def close_remark(user: User, remark: ItemComment) -> None:
    """Close a remark as settled; closing it once more changes nothing.

    Raises ClosedError where it is not theirs to close.
    """
    assessment = lock_reviewed(user, remark.assessment_id)
    stored = ItemComment.objects.select_for_update().get(pk=remark.pk)
    if stored.closed_at:
        return
    records = assessment.review_records.defer("snapshot").order_by("pk")
    if is_from_above(stored, assessment, records):
        raise ClosedError("上级审核提出的评语，由上级审核人关闭")
    stored.closed_at, stored.closed_by = timezone.now(), user
    stored.save(update_fields=["closed_at", "closed_by"])
    _record(user, stored, "comment.closed", f"关闭评语：{_about(stored)}")


def is_from_above(
    remark: ItemComment, assessment: SelfAssessment, records: Iterable[ReviewRecord]
) -> bool:
    """Whether a level above the one at hand wrote a remark.

    records: all of the assessment, the oldest first. Each tells at which level it found
    the report, so the first one after the remark tells where the remark was written.
    """
    found = (each.level for each in records if each.at >= remark.at)
    return next(found, assessment.level) > assessment.level


def part_of(remark: ItemComment) -> str:
    """Return the part of the report that a remark is on, as it is given to people."""
    return remark.narrative_key or ROWS


def lock_reviewed(user: User, pk: int) -> SelfAssessment:
    """Return a self-assessment locked while a person reviews it at the level at hand.

    Raises ClosedError where the person does not, in the words of the flow.
    """
    rows = SelfAssessment.objects.locked()
    assessment: SelfAssessment = rows.get(pk=pk)
    against = why_not(user, assessment, STEPS["approve"])
    if against:
        raise ClosedError(against)
    return assessment


def _reply(
    user: User, remark: ItemComment, text: str, *, by_reviewer: bool
) -> ItemComment:
    stored = ItemComment.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if stored.closed_at:
        raise ValidationError({"text": "该评语已由审核人关闭，不需要再答复"})
    reply = ItemComment(
        assessment_id=stored.assessment_id,
        indicator_id=stored.indicator_id,
        narrative_key=stored.narrative_key,
        answers=stored,
        by_reviewer=by_reviewer,
        author=user,
        text=text.strip(),
        at=timezone.now(),
    )
    reply.full_clean()
    reply.save()
    verb = "追问" if by_reviewer else "答复评语"
    _record(user, reply, "comment.answered", f"{verb}：{_about(reply)}")
    return reply


def _about(comment: ItemComment) -> str:
    name = comment.indicator.level3 if comment.indicator else ""
    return f"“{name or comment.get_narrative_key_display()}”"


def _record(user: User, comment: ItemComment, action: str, summary: str) -> None:
    change = Change(
        action=action,
        subject=subject_of(comment),
        summary=summary,
        after={
            "text": comment.text,
            "quote": comment.quote,
            "answers": comment.answers_id,
        },
    )
    record(user, change, chain=comment.assessment.chain)
