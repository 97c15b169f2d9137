"""The versions of a text: every state that was saved, and what was not taken over.

An audit event of a text names versions and digests; the texts themselves stand here.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from indicators.models import Narrative, NarrativeVersion, VersionKind
from perfeval.audit import Change, record, subject_of
from perfeval.differences import only_adds
from perfeval.models import User

# Automatic saves with shorter pauses are one version, while nothing is taken out.
LONGEST_PAUSE = timedelta(minutes=10)


def versions_of(narrative: Narrative) -> models.QuerySet[NarrativeVersion]:
    """Return the versions of a text, newest first, with who saved them."""
    return narrative.versions.select_related("saved_by").order_by("-saved_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """A version as its page lists it; folded: earlier automatic ones left out.

    marks: what happened while it was the newest: 送审, 退回 …
    """

    version: NarrativeVersion
    folded: int = 0
    marks: tuple[str, ...] = ()


def version_rows(
    versions: Sequence[NarrativeVersion],
    marks: Sequence[tuple[datetime, str]],
    *,
    fold: bool,
) -> list[VersionRow]:
    """Return the rows of the versions (newest first); marks: time and words, any order.

    fold: of automatic ones in a row by one person, only the newest has a row. Where
    nothing else would be left of a list, all have.
    """
    rows = _rows(versions, marks, fold=fold)
    return rows if len(rows) > 1 else _rows(versions, marks, fold=False)


def _rows(
    versions: Sequence[NarrativeVersion],
    marks: Sequence[tuple[datetime, str]],
    *,
    fold: bool,
) -> list[VersionRow]:
    rows: list[VersionRow] = []
    newer: datetime | None = None
    for version in versions:
        told: tuple[str, ...] = ()
        if version.kind != VersionKind.REJECTED:
            told, newer = _within(marks, version, newer), version.saved_at
        last = rows[-1] if rows else None
        if fold and last and not told and _same_sitting(last.version, version):
            rows[-1] = replace(last, folded=last.folded + 1)
        else:
            rows.append(VersionRow(version=version, marks=told))
    return rows


def _within(
    marks: Sequence[tuple[datetime, str]],
    version: NarrativeVersion,
    newer: datetime | None,
) -> tuple[str, ...]:
    """Return what happened after a version was saved and before the next one."""
    since = version.saved_at
    return tuple(
        words
        for at, words in marks
        if since is not None and at >= since and (newer is None or at < newer)
    )


def _same_sitting(newer: NarrativeVersion, older: NarrativeVersion) -> bool:
    """Whether both are automatic saves of one person."""
    kinds = {newer.kind, older.kind}
    return kinds == {VersionKind.AUTO} and newer.saved_by_id == older.saved_by_id


def keep_first(narrative: Narrative) -> None:
    """Keep what is stored, where it was written before versions were kept."""
    stored = Narrative.objects.get(pk=narrative.pk)
    if stored.text and not stored.versions.filter(number=stored.version).exists():
        NarrativeVersion.objects.create(
            narrative=stored,
            number=stored.version,
            kind=VersionKind.SAVED,
            text=stored.text,
            saved_at=stored.saved_at,
            saved_by=stored.saved_by,
        )


def keep(narrative: Narrative, kind: VersionKind) -> None:
    """Keep the text as it now is, in the place of a last version that it contains."""
    taken = narrative.versions.exclude(kind=VersionKind.REJECTED)
    last = taken.order_by("-number").first()
    version = NarrativeVersion(narrative=narrative)
    if last and kind == last.kind == VersionKind.AUTO and _continues(narrative, last):
        version = last
    version.number, version.kind, version.text = narrative.version, kind, narrative.text
    version.saved_at, version.saved_by = narrative.saved_at, narrative.saved_by
    version.save()


@transaction.atomic
def keep_rejected(
    user: User | None, narrative: Narrative, text: str, *, version: int
) -> None:
    """Keep a text that was not taken over because somebody else saved first.

    version: the one it was written on. The same text sent again is kept once.
    """
    rejected = narrative.versions.filter(kind=VersionKind.REJECTED, saved_by=user)
    last = rejected.first()
    if last and (last.number, last.text) == (version, text):
        return
    NarrativeVersion.objects.create(
        narrative=narrative,
        number=version,
        kind=VersionKind.REJECTED,
        text=text,
        saved_at=timezone.now(),
        saved_by=user,
    )
    change = Change(
        action="narrative.rejected",
        subject=subject_of(narrative),
        summary=f"“{narrative.get_key_display()}”已另有保存，所写内容留在版本中",
        after={"version": version, "sha256": digest(text)},
    )
    record(user, change, chain=narrative.assessment.chain)


def digest(text: str) -> str:
    """Return the sha256 by which an audit event names a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _continues(narrative: Narrative, last: NarrativeVersion) -> bool:
    assert narrative.saved_at is not None
    return (
        last.saved_by_id == narrative.saved_by_id
        and last.saved_at is not None
        and narrative.saved_at - last.saved_at < LONGEST_PAUSE
        and only_adds(last.text, narrative.text)
    )
