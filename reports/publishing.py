"""Publishing a report (公开): its copy is sent, approved by somebody else, frozen.

Each step is one transaction with its audit event and locks self-assessment and copy.
"""

from dataclasses import replace
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from indicators.models import Status
from indicators.recipients import fillers, holders
from indicators.workflow import TransitionError
from perfeval.models import User
from perfeval.notices import notify
from projects.models import Role
from reports import frozen
from reports.access import (
    is_outdated,
    makes_copies,
    why_not_change,
    why_not_decide,
    why_not_take_back,
)
from reports.copies import Copy, copy_of, locked_copy, record_copy, save_copy
from reports.document import ReportDocument, document_to_json
from reports.models import (
    OUT,
    Artifact,
    ArtifactKind,
    Choice,
    Publication,
    PublicationState,
)
from reports.personal_data import personal_data
from reports.redaction import TABLES
from reports.rendering.titles import report_title
from reports.submission import take_step
from reports.verification import address_of

FORMATS = ("pdf", "html", "xlsx")


@transaction.atomic
def send_copy(user: User, publication: Publication, *, version: int) -> None:
    """Send a copy for approval; raise TransitionError where it is not ready."""
    stored = _locked(publication, version)
    against = why_not_change(user, stored) or why_not_send(copy_of(stored))
    if against:
        raise TransitionError(against)
    stored.state, stored.decision_note = PublicationState.SENT, ""
    stored.sent_by, stored.sent_at = user, timezone.now()
    save_copy(stored, "state", "sent_by", "sent_at", "decision_note")
    record_copy(user, stored, "sent", "送批")
    people = holders(stored.assessment.project, Role.PERFORMANCE_SECTION)
    _tell(stored, people - {user.pk}, "sent", "的公开稿已送批，请审批")


def why_not_send(copy: Copy) -> str:
    """Return in one sentence what is still to be done before it is sent, or ""."""
    if copy.undecided:
        return f"还有 {copy.undecided} 处个人信息没有确认，请逐处遮盖或说明保留的理由"
    publication = copy.publication
    if not publication.note and corrects(publication):
        return "这是更正后的新版，请先填写更正说明"
    if told := _told_in_note(copy):
        return f"更正说明随新版公开，其中有应遮盖的“{told}”，请改写"
    return ""


def _told_in_note(copy: Copy) -> str:
    """Return what the note gives away, which stands on the public page, or ""."""
    note = copy.publication.note
    hidden = [x.text for x in copy.places if x.choice != Choice.KEEP and x.text in note]
    found = personal_data(ReportDocument(sections=(), remarks=note))
    return next(iter([*hidden, *(each.text for each in found)]), "")


def corrects(publication: Publication) -> bool:
    """Whether a copy takes the place of one that is out, and so says what it mends."""
    out = publication.assessment.publications.filter(state__in=OUT)
    return out.exclude(pk=publication.pk).exists()


@transaction.atomic
def take_copy_back(user: User, publication: Publication, *, version: int) -> None:
    """Take back what was sent and is not decided; raise TransitionError."""
    stored = _locked(publication, version)
    if against := why_not_take_back(user, stored):
        raise TransitionError(against)
    stored.state = PublicationState.DRAFT
    save_copy(stored, "state")
    record_copy(user, stored, "taken_back", "撤回")


@transaction.atomic
def drop_copy(user: User, publication: Publication, *, version: int) -> None:
    """Give up a copy that is not out; its row stays. Raises TransitionError."""
    stored = _locked(publication, version)
    if not makes_copies(user, stored.assessment):
        raise TransitionError("只有编制单位和绩效科可以作废公开稿")
    if not stored.is_draft:
        raise TransitionError(f"公开稿{stored.get_state_display()}，不能作废")
    stored.state = PublicationState.DROPPED
    save_copy(stored, "state")
    record_copy(user, stored, "dropped", "作废")


@transaction.atomic
def return_copy(
    user: User, publication: Publication, *, note: str, version: int
) -> None:
    """Send a copy back to be mended, with words; raise TransitionError."""
    stored = _locked(publication, version)
    if against := why_not_decide(user, stored):
        raise TransitionError(against)
    if not note.strip():
        raise TransitionError("请填写退回意见")
    stored.state, stored.decision_note = PublicationState.DRAFT, note.strip()
    save_copy(stored, "state", "decision_note")
    record_copy(user, stored, "returned", "退回", {"note": note.strip()})
    people = {stored.made_by_id, stored.sent_by_id or stored.made_by_id}
    _tell(stored, people - {user.pk}, "returned", f"的公开稿被退回：{note.strip()}")


@transaction.atomic
def approve_copy(
    user: User,
    publication: Publication,
    *,
    version: int,
    note: str = "",
    makes_files: bool = True,
) -> None:
    """Approve a copy: freeze what is published, and say that the report is published.

    An earlier copy is superseded and kept. Raises TransitionError and changes nothing.
    """
    stored = _locked(publication, version)
    against = why_not_decide(user, stored)
    if not against and is_outdated(stored):
        against = "该自评已重新打开，不能批准依据原报告编制的公开稿，请退回"
    copy = copy_of(stored)
    against = against or why_not_send(copy)
    if against:
        raise TransitionError(against)
    now = timezone.now()
    earlier = stored.assessment.publications.filter(state=PublicationState.PUBLISHED)
    earlier.update(state=PublicationState.SUPERSEDED, superseded_at=now)
    _freeze(stored, copy.redacted(), user, note)
    record_copy(user, stored, "approved", "批准", {"code": stored.code, "note": note})
    if stored.assessment.status == Status.APPROVED:
        take_step(user, stored.assessment, "publish", version=stored.assessment.version)
    else:
        people = fillers(stored.assessment) - {user.pk}
        _tell(stored, people, "approved", "的更正后的公开稿已公开")
    if makes_files:
        make = partial(frozen.make_missing, stored.record_id)
        transaction.on_commit(make, robust=True)


def _freeze(
    publication: Publication, document: ReportDocument, user: User, note: str
) -> None:
    """Keep what is published for good, with a 查验码 of its own and its files' rows."""
    code = frozen.new_code()
    release = replace(document.release, code=code, url=address_of(code))
    document = replace(document, release=release)
    publication.state = PublicationState.PUBLISHED
    publication.decided_by, publication.decided_at = user, timezone.now()
    publication.decision_note = note.strip()
    publication.document, publication.code = document_to_json(document), code
    publication.year = document.year
    publication.title = report_title(document).replace("\n", "")[:500]
    publication.unit = (document.project.unit or document.issuer)[:200]
    save_copy(
        publication,
        "state",
        "decided_by",
        "decided_at",
        "decision_note",
        "document",
        "code",
        "year",
        "title",
        "unit",
    )
    has_form = bool(set(TABLES) & set(publication.parts))
    Artifact.objects.bulk_create(
        Artifact(
            assessment=publication.assessment,
            record=publication.record,
            publication=publication,
            kind=ArtifactKind.PUBLISHED,
            format=each,
            code=code,
            submission=publication.record.submission,
            edition=publication.record.edition,
        )
        for each in FORMATS
        if each != "xlsx" or has_form
    )


def _locked(publication: Publication, version: int) -> Publication:
    """Return a copy locked for a step; raise TransitionError where it has moved on."""
    stored = locked_copy(publication)
    if stored.version != version:
        raise TransitionError("公开稿已被他人处理或修改，请看过再办理")
    return stored


def _tell(publication: Publication, people: set[int], key: str, words: str) -> None:
    """Tell people of a copy, with a link to its page."""
    name = publication.assessment.project.shown_name
    notify(
        people,
        key=f"publication:{publication.pk}:{key}:{publication.version}",
        text=f"“{name}”{words}",
        address=reverse(
            "reports:publication", args=[publication.assessment_id, publication.pk]
        ),
    )
