"""Frozen files (报送件、归档件): made once of a step's snapshot, then served so."""

import logging
import secrets
from dataclasses import replace

from django.utils import timezone

from indicators.models import FINAL, ReviewRecord, SelfAssessment
from indicators.scheme_store import scheme_of
from perfeval.files import store_content
from perfeval.models import StoredFile
from reports.document import ReportDocument, document_from_json
from reports.file_names import file_name
from reports.models import Artifact, ArtifactKind
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS, RenderOptions
from reports.signing import SigningError, configured_signer

logger = logging.getLogger(__name__)

# Without 0, 1, I, L, O and U: read from paper, typed by hand.
CODE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
AS_FINAL = RenderOptions(draft=False)
FAILED = "生成文件时出错，已记入日志，请联系系统管理员"


def new_code() -> str:
    """Return a 查验码 that nobody can guess: XXXX-XXXX-XXXX-XXXX."""
    characters = [secrets.choice(CODE_CHARACTERS) for _ in range(16)]
    return "-".join("".join(characters[place : place + 4]) for place in range(0, 16, 4))


def reserve(record: ReviewRecord, kind: ArtifactKind, code: str) -> None:
    """Add the rows of a frozen set, one for each format, in the step's transaction."""
    rows = [
        Artifact(
            assessment_id=record.assessment_id,
            record=record,
            kind=kind,
            format=each.name,
            code=code,
            submission=record.submission,
            edition=record.edition,
        )
        for each in FORMATS.values()
    ]
    Artifact.objects.bulk_create(rows)


def make_missing(record_pk: int) -> None:
    """Make the files of a step that are not made yet; what fails is tried again."""
    rows = Artifact.objects.filter(record=record_pk, file=None)
    loaded = rows.select_related("assessment__task__scheme", "record", "publication")
    for artifact in loaded:
        make(artifact)


def make(artifact: Artifact) -> Artifact:
    """Return a frozen file, made now where it is not; without file where that fails.

    Of two who make it at once the first is kept, and both get that one.
    """
    if artifact.file_id:
        return artifact
    document, options = _source(artifact)
    scheme = scheme_of(artifact.assessment.task.scheme)
    kind = FORMATS[f".{artifact.format}"]
    try:
        content = kind.write(document, scheme, options)
        signer = configured_signer() if artifact.format == "pdf" else None
        if signer:
            content = signer.sign(content, artifact.get_kind_display())
    except RenderError as error:
        return _failed(artifact, "\n".join(error.problems))
    except SigningError as error:
        return _failed(artifact, str(error))
    except Exception:
        logger.exception("frozen file %s was not made", artifact.pk)
        return _failed(artifact, FAILED)
    name = f"{file_name(document)}（{artifact.get_kind_display()}）{kind.suffix}"
    stored = store_content(None, name, content, kind.content_type)
    Artifact.objects.filter(pk=artifact.pk, file=None).update(
        file=stored, sha256=stored.sha256, made_at=timezone.now(), problem=""
    )
    return Artifact.objects.select_related("file").get(pk=artifact.pk)


def _source(artifact: Artifact) -> tuple[ReportDocument, RenderOptions]:
    """Return what a file is made of: of a published copy what is published, no more."""
    copy = artifact.publication
    if copy is None:
        return document_from_json(artifact.record.snapshot), AS_FINAL
    return document_from_json(copy.document), replace(AS_FINAL, parts=tuple(copy.parts))


def _failed(artifact: Artifact, problem: str) -> Artifact:
    Artifact.objects.filter(pk=artifact.pk, file=None).update(problem=problem)
    artifact.problem = problem
    return artifact


def frozen_sets(assessment: SelfAssessment) -> list[list[Artifact]]:
    """Return 报送件 and 归档件, a list for each set, the newest first."""
    rows = assessment.artifacts.filter(publication=None).select_related("file")
    found: dict[tuple[int, str], list[Artifact]] = {}
    for each in rows.order_by("-record", "kind", "pk"):
        found.setdefault((each.record_id, each.kind), []).append(each)
    return list(found.values())


def current_artifact(
    assessment: SelfAssessment, kind: ArtifactKind, suffix: str = "pdf"
) -> Artifact | None:
    """Return the newest frozen file of a kind and format, None where there is none."""
    rows = assessment.artifacts.filter(kind=kind, format=suffix)
    return rows.select_related("file").order_by("-record").first()


def archived(assessment: SelfAssessment, suffix: str) -> Artifact | None:
    """Return the 归档件 of what is approved, made or not; else None."""
    if assessment.status not in FINAL:
        return None
    return current_artifact(assessment, ArtifactKind.ARCHIVED, suffix)


def frozen_file(assessment: SelfAssessment, suffix: str) -> StoredFile | None:
    """Return the file of the 归档件 of what is approved, made now where it is not."""
    artifact = archived(assessment, suffix)
    return make(artifact).file if artifact else None
