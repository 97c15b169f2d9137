"""The steps of a self-assessment: build the document decided on, then advance().

The one caller of workflow.advance. What is sent up is read while the self-assessment is
locked, so that nothing is saved between what is decided on and the decision; from then
on every step keeps that document, with what the reviewers added to it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from indicators.models import ReviewRecord, SelfAssessment, Status
from indicators.progress import Gap, blocking_gaps
from indicators.reviewing import JUDGED_ON, clear_outdated, settle_review
from indicators.workflow import (
    STEPS,
    TransitionError,
    advance,
    is_last,
    is_last_of_unit,
    why_not,
)
from perfeval.models import User
from reports import frozen
from reports.answers import SendingCheck, keep_check, sending_check
from reports.assembly import assemble, document_of
from reports.document import (
    Opinion,
    ReportDocument,
    document_from_json,
    document_to_json,
)
from reports.findings import with_document_before
from reports.models import ArtifactKind, PublicationState
from reports.opinions import opinion_of
from reports.sealing import check_sealed, invalidate_scans
from reports.verification import address_of

Decision = Literal["approve", "send_back", "send_down"]
Action = Literal[
    "submit",
    "withdraw",
    "send_up",
    "approve",
    "send_back",
    "send_down",
    "reopen",
    "publish",
]


class IncompleteError(TransitionError):
    """What is to be sent up lacks something, or the checks hold it back.

    gaps: each thing that lacks, with where to mend it; check: what is found.
    """

    def __init__(self, missing: list[Gap], check: SendingCheck) -> None:
        super().__init__("；".join([*(x.text for x in missing), *check.hindrances]))
        self.gaps, self.check = missing, check


def submit(user: User, assessment: SelfAssessment, *, version: int) -> SelfAssessment:
    """Send a self-assessment up; return it in its new state.

    version: the one the page was made from. Raises TransitionError, IncompleteError.
    """
    return take_step(user, assessment, "submit", version=version)


def decide(
    user: User,
    assessment: SelfAssessment,
    decision: Decision,
    *,
    version: int,
    note: str = "",
    due_at: datetime | None = None,
    makes_files: bool = True,
) -> SelfAssessment:
    """Approve or send back at the level at hand; return it in its new state.

    version: the one the page was made from; due_at: until when it is to be mended;
    makes_files: as in take_step. Raises TransitionError.
    """
    return take_step(
        user,
        assessment,
        decision,
        version=version,
        note=note,
        due_at=due_at,
        makes_files=makes_files,
    )


@transaction.atomic
def take_step(
    user: User,
    assessment: SelfAssessment,
    action: Action,
    *,
    version: int,
    note: str = "",
    due_at: datetime | None = None,
    makes_files: bool = True,
) -> SelfAssessment:
    """Take one step of workflow.TRANSITIONS; return it in its new state.

    The frozen files of a step that has some are made after the commit, or, without
    makes_files, in the background or when somebody first asks for them. Raises
    TransitionError and changes nothing where the step is refused.
    """
    locked = SelfAssessment.objects.locked()
    before = locked.get(pk=assessment.pk)
    check = None
    if action == "submit" and before.version == version:
        check = _check_complete(user, before)
    if action == "send_up":
        check_sealed(before)
    if action == "publish":
        _check_published(before)
    step = STEPS[action]
    if before.version == version and not why_not(user, before, step):
        _settle(user, before, action)
    kinds = [
        kind
        for kind, is_made in (
            (ArtifactKind.SUBMITTED, is_last_of_unit(before, step)),
            (ArtifactKind.ARCHIVED, is_last(before, step)),
        )
        if is_made
    ]
    code = frozen.new_code() if kinds else ""
    after = advance(
        assessment.pk,
        action,
        user,
        version=version,
        note=note,
        due_at=due_at,
        snapshot=partial(_snapshot, action, code, opinion_of(user, before, step, note)),
    )
    if action in ("withdraw", "send_back", "send_down", "reopen"):
        invalidate_scans(after, step.label)
    record = after.review_records.latest("pk")
    if check is not None:
        keep_check(record, check)
    for kind in kinds:
        frozen.reserve(record, kind, code)
    if kinds and makes_files:
        transaction.on_commit(partial(frozen.make_missing, record.pk), robust=True)
    return after


def _settle(user: User, assessment: SelfAssessment, action: str) -> None:
    """Make review points final where a step does so, take back what is out of date."""
    level = assessment.current_level
    if action == "approve" and level is not None and level.gives_points:
        settle_review(user, assessment)
    if action == "submit":
        sent = kept_document(assessment)
        if sent is not None:
            clear_outdated(assessment, _judged_on(sent))


def _judged_on(document: ReportDocument) -> dict[str, dict[str, Any]]:
    """Return {row_key: values that points were judged on}."""
    return {
        f"{each.level1}/{each.level2}/{each.level3}": {
            name: getattr(each, name) for name in JUDGED_ON
        }
        for each in document.indicators
    }


def _check_complete(user: User, assessment: SelfAssessment) -> SendingCheck | None:
    """Return what is found in what is to be sent up; raise IncompleteError where
    something lacks, must be mended or is to be answered.

    Who may not send it up at all is told that, by advance().
    """
    if why_not(user, assessment, STEPS["submit"]):
        return None
    with_content = SelfAssessment.objects.with_content()
    loaded = with_document_before(with_content).get(pk=assessment.pk)
    missing, check = blocking_gaps(loaded), sending_check(loaded)
    if missing or check.hindrances:
        raise IncompleteError(missing, check)
    return check


def _check_published(assessment: SelfAssessment) -> None:
    """Raise TransitionError unless a redacted copy of this edition is approved."""
    current = assessment.publications.filter(
        state=PublicationState.PUBLISHED, record__edition=assessment.edition
    )
    if not current.exists():
        raise TransitionError("请先编制公开稿，公开稿批准后即公开")


def _snapshot(
    action: str, code: str, opinion: Opinion | None, assessment: SelfAssessment
) -> Mapping[str, Any]:
    """Return what a step keeps; assessment: as the step leaves it."""
    live, before = assemble(assessment.pk), kept_document(assessment)
    if action == "submit":
        live = _unjudged(live)
    if action == "submit" or before is None:
        return document_to_json(_released(_said(live, opinion), assessment, code))
    if action in ("send_up", "publish"):
        # What was frozen goes on its way as it is.
        return document_to_json(before)
    reviewed = _said(_reviewed(before, live), opinion)
    return document_to_json(_released(reviewed, assessment, code))


def _said(document: ReportDocument, opinion: Opinion | None) -> ReportDocument:
    if opinion is None:
        return document
    return replace(document, opinions=(*document.opinions, opinion))


def _unjudged(document: ReportDocument) -> ReportDocument:
    """Return what the unit sends up: without points of an earlier round of review."""
    indicators = tuple(
        replace(each, review_points=None, review_note="")
        for each in document.indicators
    )
    return replace(document, indicators=indicators, review_total=None)


def kept_document(assessment: SelfAssessment) -> ReportDocument | None:
    """Return the document of the last step, None before the first 送审."""
    records = ReviewRecord.objects.filter(assessment=assessment)
    last = records.order_by("-pk").values_list("snapshot", flat=True).first()
    return document_from_json(last) if last else None


def shown_document(assessment: SelfAssessment) -> ReportDocument:
    """Return the document as people see it now: once sent up, what was sent up.

    A draft whose rows are not all scored has no grade. assessment: with_content().
    """
    kept = kept_document(assessment) if assessment.is_sent_up else None
    document = kept or document_of(assessment)
    unsettled = assessment.is_editable and not assessment.grade
    return replace(document, grade=None) if unsettled else document


def _reviewed(sent: ReportDocument, live: ReportDocument) -> ReportDocument:
    """Return what was sent up with what reviewers added since; live: as stored now."""
    if len(sent.indicators) != len(live.indicators):
        raise TransitionError("送审后指标有变动，请退回由填报人重新送审")
    indicators = tuple(
        replace(own, review_points=now.review_points, review_note=now.review_note)
        for own, now in zip(sent.indicators, live.indicators, strict=True)
    )
    return replace(
        sent,
        indicators=indicators,
        review_total=live.review_total,
        release=live.release,
    )


def _released(
    document: ReportDocument, assessment: SelfAssessment, code: str
) -> ReportDocument:
    """Return a document that tells its 查验码, where to verify it, its approval."""
    at = timezone.localtime(assessment.changed_at)
    is_approved = assessment.status == Status.APPROVED
    release = replace(
        document.release,
        code=code,
        url=address_of(code),
        approved_at=f"{at:%Y-%m-%d}" if is_approved else "",
    )
    return replace(document, release=release)
