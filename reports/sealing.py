"""The sealed scan (盖章扫描件): of exactly the 报送件 that goes up, and of no other."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from indicators.models import SelfAssessment
from indicators.workflow import STEPS, TransitionError, why_not
from perfeval.audit import Change, record, subject_of
from perfeval.files import store_file
from perfeval.models import User
from reports.frozen import current_artifact
from reports.models import Artifact, ArtifactKind, SealedScan

# What a browser shows beside the data.
SHOWN_KINDS = ("application/pdf", "image/png", "image/jpeg")
CODE_END = 4


def sealed_file(assessment: SelfAssessment) -> Artifact | None:
    """Return the 报送件 that is to be printed and sealed now, None where none is."""
    return current_artifact(assessment, ArtifactKind.SUBMITTED)


def valid_scan(assessment: SelfAssessment) -> SealedScan | None:
    """Return the scan that counts, None where there is none or it is 已失效."""
    scans = assessment.sealed_scans.filter(invalid_since=None)
    return scans.select_related("file", "artifact", "uploaded_by").first()


def check_sealed(assessment: SelfAssessment) -> None:
    """Raise TransitionError where the scan of the file that goes up is missing."""
    scan, paper = valid_scan(assessment), sealed_file(assessment)
    if scan is None or paper is None or scan.artifact_id != paper.pk:
        raise TransitionError("请先上传本次报送件的盖章扫描件")


@transaction.atomic
def upload_scan(
    user: User, assessment: SelfAssessment, upload: "UploadedFile[Any]", code_end: str
) -> SealedScan:
    """Keep the scan of the 报送件; one uploaded before stands back.

    code_end: the last characters of the 查验码 at the foot of the sheet, so that the
    scan of another print is noticed. Raises TransitionError, ValidationError.
    """
    locked = SelfAssessment.objects.locked()
    stored = locked.get(pk=assessment.pk)
    against = why_not(user, stored, STEPS["send_up"])
    paper = sealed_file(stored)
    if against or paper is None:
        raise TransitionError(against or "现在没有待盖章报送的文件")
    if code_end.strip().upper() != paper.code[-CODE_END:]:
        raise ValidationError(
            {"code_end": "与本次报送件的查验码不符，请核对盖章的是不是最新打印的这一份"}
        )
    file = store_file(user, upload)
    if file.content_type not in SHOWN_KINDS:
        raise ValidationError({"file": "扫描件应是 PDF、PNG 或 JPG 文件"})
    invalidate_scans(stored, "重新上传扫描件")
    scan = SealedScan.objects.create(
        assessment=stored, artifact=paper, file=file, uploaded_by=user
    )
    change = Change(
        action="assessment.sealed",
        subject=subject_of(stored),
        summary=f"上传“{stored.project.shown_name}”报送件的盖章扫描件",
        after={"sha256": file.sha256, "code": paper.code},
    )
    record(user, change, chain=stored.chain)
    return scan


def invalidate_scans(assessment: SelfAssessment, reason: str) -> None:
    """Mark the scans of a self-assessment 已失效: what they show is no longer it."""
    scans = SealedScan.objects.filter(assessment=assessment, invalid_since=None)
    scans.update(invalid_since=timezone.now(), invalid_reason=reason)
