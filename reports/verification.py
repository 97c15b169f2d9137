"""Is this the approved file, unchanged? Answered of a file or of a 查验码 alone.

Only of what was approved at the last level: of anything else nothing is known here.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from perfeval.files import path_of
from reports.document import document_from_json
from reports.models import Artifact, ArtifactKind
from reports.reading.words import (
    Words,
    code_in,
    only_in,
    words_of,
    words_of_stranger,
)
from reports.rendering.titles import report_title
from reports.signing import trusted_certificates
from reports.signing.validation import (
    Signature,
    signatures_of,
    signatures_of_stranger,
)

State = Literal["known", "unchanged", "extended", "changed", "other_format"]
WITHOUT_SEPARATORS = re.compile(r"[\s\-－—]+")
CODE_LENGTH = 16

Reader = Callable[[bytes], tuple[str, list[Words]]]


@dataclass(frozen=True)
class Verdict:
    """Which report it is, and how a file stands to what was frozen of it.

    state: known (asked by code alone), unchanged, extended (the frozen file with
    something appended, as a signature is), changed, other_format (no frozen file of
    this format). added, missing: words of the file that the frozen one has not, and the
    other way round; newer: a later version of the report was approved, or a later copy
    published; copy: which 公开稿 it is, 0 where it is none; signatures: of a PDF, each
    with its state.
    """

    artifact: Artifact
    title: str
    unit: str
    year: int | None
    version: int
    approved_on: date
    state: State
    newer: bool
    copy: int = 0
    added: tuple[Words, ...] = ()
    missing: tuple[Words, ...] = ()
    signatures: tuple[Signature, ...] = ()


def normal_code(typed: str) -> str:
    """Return a 查验码 as it is stored, however it was typed; "" for what is none."""
    bare = WITHOUT_SEPARATORS.sub("", typed).upper()
    if len(bare) != CODE_LENGTH:
        return ""
    return "-".join(bare[place : place + 4] for place in range(0, CODE_LENGTH, 4))


def address_of(code: str) -> str:
    """Return where a code is verified, as the QR on paper says; "" without setting."""
    base = settings.VERIFY_URL
    if not (code and base):
        return ""
    return f"{base}{'&' if '?' in base else '?'}code={code}"


def verify_code(typed: str) -> Verdict | None:
    """Return which approved report bears a code, None where none does."""
    code = normal_code(typed)
    artifact = _approved().filter(code=code).first() if code else None
    return _verdict(artifact, "known") if artifact else None


def verify_file(
    data: bytes, typed: str = "", *, of_stranger: bool = False
) -> Verdict | None:
    """Return how a file stands to the approved one, None where none is known.

    typed: the code, where the file does not bear it; of_stranger: it is read in a
    process of its own. Nothing is kept. Raises ReadingError: it cannot be read.
    """
    found = _compared(data, typed, words_of_stranger if of_stranger else words_of)
    if found is None or not data.startswith(b"%PDF-"):
        return found
    judge = signatures_of_stranger if of_stranger else signatures_of
    return replace(found, signatures=tuple(judge(data, trusted_certificates())))


def _compared(data: bytes, typed: str, read: Reader) -> Verdict | None:
    digest = hashlib.sha256(data).hexdigest()
    same = _approved().filter(sha256=digest).first()
    if same:
        return _verdict(same, "unchanged")
    kind, words = read(data)
    code = normal_code(typed) or code_in(words)
    rows = list(_approved().filter(code=code)) if code else []
    if not rows:
        return None
    frozen = next((x for x in rows if x.format == kind and x.file_id), None)
    if frozen is None:
        return _verdict(rows[0], "other_format")
    kept = _content(frozen)
    _, original = words_of(kept)
    added, missing = only_in(words, original), only_in(original, words)
    extended = data.startswith(kept) and not added and not missing
    state: State = "extended" if extended else "changed"
    return _verdict(frozen, state, tuple(added), tuple(missing))


def _approved() -> QuerySet[Artifact]:
    """Return the frozen files of what was approved at the last level, newest first.

    A 报送件 counts from then on: what waits for a decision is nobody else's business.
    """
    final = Artifact.objects.filter(
        kind=ArtifactKind.ARCHIVED,
        assessment=OuterRef("assessment"),
        submission=OuterRef("submission"),
    )
    rows = Artifact.objects.filter(Exists(final))
    loaded = rows.select_related("record", "publication")
    return loaded.order_by("-record", "kind", "pk")


def _verdict(
    artifact: Artifact,
    state: State,
    added: tuple[Words, ...] = (),
    missing: tuple[Words, ...] = (),
) -> Verdict:
    final = Artifact.objects.filter(
        assessment=artifact.assessment_id, kind=ArtifactKind.ARCHIVED
    ).select_related("record")
    approval = final.filter(submission=artifact.submission).first() or artifact
    copy = artifact.publication
    # Of a published copy nothing is told that is blacked out in it.
    shown = copy.document if copy else artifact.record.snapshot
    document = document_from_json(shown)
    return Verdict(
        artifact=artifact,
        title=report_title(document),
        unit=document.project.unit or document.issuer,
        year=document.year,
        version=artifact.edition,
        approved_on=timezone.localdate(approval.record.at),
        state=state,
        newer=final.filter(record__gt=approval.record_id).exists()
        or (copy is not None and not copy.is_current),
        copy=copy.number if copy else 0,
        added=added,
        missing=missing,
    )


def _content(artifact: Artifact) -> bytes:
    with default_storage.open(path_of(artifact.sha256)) as file:
        return bytes(file.read())
