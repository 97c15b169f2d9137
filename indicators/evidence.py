"""Writing evidence (佐证材料): added, tied to rows and texts, superseded, removed.

Every function is one transaction with its audit event and locks the self-assessment.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from indicators.models import (
    FINAL,
    Evidence,
    EvidenceLink,
    NarrativeKey,
    SelfAssessment,
)
from indicators.services import lock_open, touch
from perfeval.audit import Change, record, subject_of
from perfeval.files import MEGABYTE, store_file
from perfeval.models import StoredFile, User
from perfeval.versions import ClosedError, StaleError, save_versioned


@dataclass(frozen=True, kw_only=True)
class Proves:
    """What a file proves: keys of indicators, keys of texts."""

    indicators: Collection[int] = ()
    texts: Collection[str] = ()


@transaction.atomic
def add_evidence(
    user: User | None,
    assessment: SelfAssessment,
    upload: "UploadedFile[Any]",
    proves: Proves,
) -> Evidence:
    """Keep a file with a self-assessment; of a file that is there already add to what
    it proves.

    Raises ClosedError, or ValidationError: of a wrong kind, too large, all together too
    large.
    """
    locked = lock_open(assessment.pk)
    _check_total(locked, upload)
    stored = store_file(user, upload, largest=settings.EVIDENCE_LARGEST)
    evidence = _same_as(stored, locked)
    if evidence:
        stored.delete()
    else:
        evidence = Evidence.objects.create(assessment=locked, file=stored)
    before = _told(evidence)
    _link(evidence, proves)
    touch(locked)
    verb = "补充佐证材料“{}”的对应" if before["proves"] else "上传佐证材料“{}”"
    _tell(user, evidence, "evidence.added", verb, before={}, after=_told(evidence))
    return evidence


@transaction.atomic
def change_evidence(
    user: User | None, evidence: Evidence, proves: Proves, note: str, *, version: int
) -> bool:
    """Say anew what a file proves, and its note; return whether anything differed.

    Raises ClosedError, ValidationError, or StaleError where somebody saved meanwhile.
    """
    locked = lock_open(evidence.assessment_id)
    before = _told(evidence)
    differs = (set(proves.indicators), set(proves.texts)) != _linked(evidence)
    noted = save_versioned(evidence, {"note": note}, version=version)
    if not noted and not differs:
        return False
    if differs and not noted:
        # The links carry no version of their own: they count as the file's.
        _bump(evidence, version)
    evidence.links.all().delete()
    _link(evidence, proves)
    touch(locked)
    words = "修改佐证材料“{}”的说明和对应"
    _tell(user, evidence, "evidence.changed", words, before, _told(evidence))
    return True


@transaction.atomic
def supersede_evidence(
    user: User | None, evidence: Evidence, upload: "UploadedFile[Any]", reason: str
) -> Evidence:
    """Put a file in the place of another, which stays; return the new one.

    It proves what the old one does. Raises ClosedError, or ValidationError: no reason,
    superseded already, the same file, one that is refused.
    """
    locked = SelfAssessment.objects.select_for_update().get(pk=evidence.assessment_id)
    if locked.status in FINAL or locked.exempt_since:
        state = "免报" if locked.exempt_since else locked.get_status_display()
        raise ClosedError(f"该自评现在是“{state}”，佐证材料不能更换")
    if not reason.strip():
        raise ValidationError({"reason": "请填写更换原因"})
    if Evidence.objects.filter(replaces=evidence).exists():
        raise ClosedError(f"“{evidence}”已被更换，请更换最新的文件")
    _check_total(locked, upload)
    stored = store_file(user, upload, largest=settings.EVIDENCE_LARGEST)
    if _same_as(stored, locked):
        raise ValidationError({"file": f"“{stored}”已在佐证材料中，请选择新的文件"})
    new = Evidence(
        assessment=locked,
        file=stored,
        note=evidence.note,
        replaces=evidence,
        replace_reason=reason.strip(),
    )
    new.full_clean()
    new.save()
    indicators, texts = _linked(evidence)
    _link(new, Proves(indicators=indicators, texts=texts))
    touch(locked)
    before = {"name": str(evidence), "sha256": evidence.file.sha256}
    after = {**_told(new), "reason": new.replace_reason}
    _tell(user, new, "evidence.superseded", "以“{}”更换佐证材料", before, after)
    return new


@transaction.atomic
def remove_evidence(user: User | None, evidence: Evidence) -> None:
    """Take away a file that was never sent up; its content stays stored.

    Raises ClosedError: it was sent up, or the self-assessment is not open.
    """
    locked = lock_open(evidence.assessment_id)
    if Evidence.objects.filter(replaces=evidence).exists():
        raise ClosedError(f"“{evidence}”已被更换，作为记录保留")
    if was_sent_up(evidence):
        raise ClosedError(f"“{evidence}”已经送审，不能删除；需要时请更换")
    before = _told(evidence)
    _tell(user, evidence, "evidence.removed", "删除佐证材料“{}”", before, {})
    evidence.delete()
    touch(locked)


def was_sent_up(evidence: Evidence) -> bool:
    """Whether a file, or one it stands in the place of, went up with its report."""
    if evidence.replaces_id:
        return True
    sent = evidence.assessment.review_records.filter(action="submit")
    return sent.filter(at__gte=evidence.added_at).exists()


def _same_as(stored: StoredFile, assessment: SelfAssessment) -> Evidence | None:
    """Return the evidence that holds this content and was not superseded, or None."""
    current = Evidence.objects.filter(assessment=assessment, replacement=None)
    return current.filter(file__sha256=stored.sha256).first()


def _check_total(assessment: SelfAssessment, upload: "UploadedFile[Any]") -> None:
    of_all = Evidence.objects.filter(assessment=assessment)
    held = of_all.aggregate(held=Sum("file__size"))["held"] or 0
    if held + (upload.size or 0) > settings.EVIDENCE_TOTAL:
        limit = settings.EVIDENCE_TOTAL // MEGABYTE
        raise ValidationError(
            f"“{upload.name}”放不下：一份自评的佐证材料合计不超过 {limit} MB，"
            f"已有 {held / MEGABYTE:.1f} MB"
        )


def _link(evidence: Evidence, proves: Proves) -> None:
    """Tie a file to indicators and texts of its own self-assessment, others unsaid."""
    assessment = evidence.assessment
    own = assessment.results.filter(indicator__in=proves.indicators)
    known = set(own.values_list("indicator_id", flat=True))
    texts = assessment.narratives.filter(key__in=proves.texts)
    for indicator in sorted(known):
        EvidenceLink.objects.get_or_create(
            evidence=evidence, indicator_id=indicator, narrative_key=""
        )
    for key in texts.values_list("key", flat=True):
        EvidenceLink.objects.get_or_create(
            evidence=evidence, indicator=None, narrative_key=key
        )


def _linked(evidence: Evidence) -> tuple[set[int], set[str]]:
    links = list(EvidenceLink.objects.filter(evidence=evidence))
    indicators = {each.indicator_id for each in links if each.indicator_id}
    return indicators, {each.narrative_key for each in links if each.narrative_key}


def _bump(evidence: Evidence, version: int) -> None:
    """Raise the version where it is the one issued; StaleError where it is not."""
    rows = Evidence.objects.filter(pk=evidence.pk, version=version)
    if not rows.update(version=version + 1):
        raise StaleError(Evidence.objects.get(pk=evidence.pk))
    evidence.version = version + 1


def _told(evidence: Evidence) -> dict[str, Any]:
    """Return what an event tells of a file: its digest, its note, what it proves."""
    links = EvidenceLink.objects.filter(evidence=evidence)
    names = [
        NarrativeKey(key).label if key else level3
        for key, level3 in links.values_list("narrative_key", "indicator__level3")
    ]
    return {
        "name": str(evidence),
        "sha256": evidence.file.sha256,
        "size": evidence.file.size,
        "note": evidence.note,
        "proves": names,
    }


def _tell(
    user: User | None,
    evidence: Evidence,
    action: str,
    words: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(
        action=action,
        subject=subject_of(evidence),
        summary=words.format(evidence),
        before=before,
        after=after,
    )
    record(user, change, chain=evidence.assessment.chain)
