"""Copies to be published (公开稿): begun of what was approved, gone through, changed.

Each function that writes is one transaction with its audit event and locks both the
self-assessment and the copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from indicators.models import ReviewRecord, SelfAssessment, Status
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from indicators.workflow import TransitionError
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError, StaleError
from reports.access import why_not_change, why_not_make
from reports.document import ReportDocument, document_from_json
from reports.document_texts import place_name, texts_of
from reports.models import WORKED_ON, Choice, Publication, Redaction
from reports.personal_data import Piece, occurrences, personal_data
from reports.redaction import TABLES, public_part, redacted
from reports.rendering.annexes import PARTS, annex_attachments, printed_parts

LEFT_OUT = ("evidence", "opinions")


@dataclass(frozen=True)
class Copy:
    """A copy with what it is made of.

    document: what its parts print, nothing hidden yet; places: the pieces that stand in
    it, in its order.
    """

    publication: Publication
    scheme: Scheme
    document: ReportDocument
    places: list[Redaction]

    @property
    def undecided(self) -> int:
        return sum(not each.choice for each in self.places)

    def redacted(self) -> ReportDocument:
        """Return what is published: hidden is all that nobody decided to keep."""
        hidden: dict[str, list[tuple[int, int]]] = {}
        for each in self.places:
            if each.choice != Choice.KEEP:
                hidden.setdefault(each.path, []).append((each.start, each.end))
        return redacted(self.document, hidden)


def approval_of(assessment: SelfAssessment) -> ReviewRecord | None:
    """Return the record of the last approval at the last level, None before."""
    steps = ReviewRecord.objects.filter(
        assessment=assessment, action="approve", to_status=Status.APPROVED
    )
    return steps.order_by("-pk").first()


def approved_document(assessment: SelfAssessment) -> ReportDocument | None:
    """Return the document that was approved last, None before."""
    found = approval_of(assessment)
    return document_from_json(found.snapshot) if found else None


def parts_on_offer(document: ReportDocument, scheme: Scheme) -> dict[str, str]:
    """Return {part: its name} of what can be published of a document."""
    printed = printed_parts(document, scheme, tuple(PARTS))
    required = set(printed_parts(document, scheme))
    return {
        part: PARTS[part]
        for part in printed
        if part in required or part not in ("report", *TABLES)
    }


def usual_parts(document: ReportDocument, scheme: Scheme) -> list[str]:
    """Return what is published unless somebody says otherwise."""
    printed = printed_parts(document, scheme)
    return [part for part in printed if part not in LEFT_OUT]


def copy_of(publication: Publication) -> Copy:
    """Return a copy with what it is made of; loaded with assessment and record."""
    scheme = scheme_of(publication.assessment.task.scheme)
    whole = document_from_json(publication.record.snapshot)
    document = public_part(whole, scheme, publication.parts)
    document = replace(document, attachments=annex_attachments(document, scheme))
    texts = texts_of(document)
    order = {path: place for place, path in enumerate(texts)}
    # Of parts that are not chosen, pieces stay in the table for when they are again.
    places = [
        each
        for each in publication.redactions.all()
        if texts.get(each.path, "")[each.start : each.end] == each.text
    ]
    places.sort(key=lambda each: (order[each.path], each.start))
    return Copy(publication, scheme, document, places)


@transaction.atomic
def make_copy(
    user: User, assessment: SelfAssessment, *, parts: Sequence[str], note: str = ""
) -> Publication:
    """Begin a copy of what was approved last; list what is personal in it.

    Raises TransitionError: this is not open now.
    """
    locked = SelfAssessment.objects.locked().get(pk=assessment.pk)
    approval = approval_of(locked)
    against = why_not_make(user, locked)
    if against or approval is None:
        raise TransitionError(against or "该自评没有审定的报告")
    if locked.publications.filter(state__in=WORKED_ON).exists():
        raise TransitionError("已有一份公开稿正在编制或待批准，请先处理完那一份")
    last = locked.publications.aggregate(last=Max("number"))["last"] or 0
    publication = Publication.objects.create(
        assessment=locked,
        record=approval,
        number=last + 1,
        parts=list(parts),
        note=note.strip(),
        made_by=user,
    )
    _find(publication)
    record_copy(user, publication, "made", "编制", _chosen(parts, note))
    return publication


@transaction.atomic
def change_copy(
    user: User,
    publication: Publication,
    *,
    parts: Sequence[str],
    note: str,
    version: int,
) -> None:
    """Choose other parts or words; raise ClosedError, StaleError and change nothing."""
    stored = _open(user, publication)
    before = stored.parts, stored.note
    after = list(parts), note.strip()
    if before == after:
        return
    if stored.version != version:
        raise StaleError(stored)
    stored.parts, stored.note = after
    save_copy(stored, "parts", "note")
    _find(stored)
    words = "修改公开的部分："
    record_copy(user, stored, "changed", words, _chosen(*after), _chosen(*before))


@transaction.atomic
def mark(user: User, publication: Publication, words: str) -> int:
    """Hide words wherever they stand; return in how many places.

    Raises ClosedError, and ValidationError where they stand nowhere.
    """
    stored = _open(user, publication)
    copy = copy_of(stored)
    found = occurrences(copy.document, words)
    if not found:
        raise ValidationError(f"公开的内容里没有“{words.strip()}”，请核对文字是否一致")
    known = {(each.path, each.start, each.end): each for each in copy.places}
    kept = [
        known[each.path, each.start, each.end]
        for each in found
        if (each.path, each.start, each.end) in known
    ]
    for each in kept:
        each.choice, each.reason = Choice.HIDE, ""
    Redaction.objects.bulk_update(kept, ["choice", "reason"])
    _list(stored, found, Choice.HIDE)
    save_copy(stored)
    told = {_place(copy, each): Choice.HIDE.label for each in found}
    record_copy(user, stored, "changed", "手工标记遮盖的文字：", told)
    return len(found)


@transaction.atomic
def decide_places(
    user: User,
    publication: Publication,
    decisions: Mapping[int, tuple[str, str]],
    *,
    version: int,
) -> bool:
    """Say of pieces ({key: (Choice, reason)}) what becomes of them.

    Return whether anything changed. Raises ClosedError, StaleError and changes nothing.
    """
    stored = _open(user, publication)
    copy = copy_of(stored)
    rows = {each.pk: each for each in copy.places}
    changed = [
        rows[pk]
        for pk, decision in decisions.items()
        if pk in rows and decision != (rows[pk].choice, rows[pk].reason)
    ]
    if not changed:
        return False
    if stored.version != version:
        raise StaleError(stored)
    before = _decided(copy, changed)
    for each in changed:
        each.choice, each.reason = decisions[each.pk]
    Redaction.objects.bulk_update(changed, ["choice", "reason"])
    save_copy(stored)
    words = f"处理 {len(changed)} 处个人信息："
    record_copy(user, stored, "changed", words, _decided(copy, changed), before)
    return True


def locked_copy(publication: Publication) -> Publication:
    """Return a copy as stored, it and its self-assessment locked."""
    assessment = SelfAssessment.objects.locked().get(pk=publication.assessment_id)
    rows = Publication.objects.select_for_update(of=("self",))
    stored = rows.select_related("record").get(pk=publication.pk)
    stored.assessment = assessment
    return stored


def _open(user: User, publication: Publication) -> Publication:
    """Return a copy locked to be changed; raise ClosedError where it may not be."""
    stored = locked_copy(publication)
    if against := why_not_change(user, stored):
        raise ClosedError(against)
    return stored


def save_copy(publication: Publication, *names: str) -> None:
    """Store these fields of a locked copy under its next version."""
    publication.version += 1
    publication.save(update_fields=[*names, "version"])


def _chosen(parts: Sequence[str], note: str) -> dict[str, Any]:
    return {"parts": [PARTS[part] for part in parts], "note": note}


def _decided(copy: Copy, places: Sequence[Redaction]) -> dict[str, str]:
    """Return {place: what becomes of it} for an event, which holds no personal data."""
    return {
        _place(copy, each): "：".join(
            filter(None, (each.get_choice_display() or "待确认", each.reason))
        )
        for each in places
    }


def _place(copy: Copy, piece: Redaction | Piece) -> str:
    name = place_name(copy.document, piece.path)
    return f"{name}第 {piece.start + 1}—{piece.end} 字"


def _find(publication: Publication) -> None:
    """List what is personal, and what was marked by hand, in the parts chosen now."""
    document = copy_of(publication).document
    _list(publication, personal_data(document), "")
    marked = publication.redactions.filter(kind="marked")
    for words in set(marked.values_list("text", flat=True)):
        _list(publication, occurrences(document, words), Choice.HIDE)


def _list(publication: Publication, pieces: Iterable[Piece], choice: str) -> None:
    rows = [
        Redaction(
            publication=publication,
            kind=each.kind,
            path=each.path,
            start=each.start,
            end=each.end,
            text=each.text,
            choice=choice,
        )
        for each in pieces
    ]
    Redaction.objects.bulk_create(rows, ignore_conflicts=True)


def record_copy(
    user: User,
    publication: Publication,
    action: str,
    words: str,
    after: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Add the event of a write to the chain of its report."""
    assessment = publication.assessment
    name = f"“{assessment.project.shown_name}”公开稿第 {publication.number} 版"
    change = Change(
        action=f"publication.{action}",
        subject=subject_of(publication),
        summary=f"{words}{name}",
        before=before or {},
        after={"state": publication.state, **(after or {})},
    )
    record(user, change, chain=assessment.chain)
