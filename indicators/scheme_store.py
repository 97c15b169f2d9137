"""The shipped schemes as rows of the database: loaded once, unchanged while in use."""

import hashlib
from functools import lru_cache

from django.db import transaction

from indicators.models import ScoringScheme
from indicators.schemes import (
    Scheme,
    SchemeError,
    parse_scheme,
    scheme_text,
    shipped_refs,
)
from perfeval.audit import Change, record, subject_of
from perfeval.models import User


def scheme_of(row: ScoringScheme) -> Scheme:
    """Return the scheme that a row holds; the text stored counts, not the file."""
    return _parsed(row.text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Scheme:
    return parse_scheme(text)


@transaction.atomic
def store_shipped_schemes(user: User | None = None) -> list[ScoringScheme]:
    """Bring every shipped scheme version into the database; return what was written.

    Done twice it writes nothing. Raises SchemeError where a file differs from a version
    in use: such a change needs a new version.
    """
    written = [store_scheme(scheme_text(ref), user) for ref in shipped_refs()]
    return [row for row in written if row is not None]


@transaction.atomic
def store_scheme(text: str, user: User | None = None) -> ScoringScheme | None:
    """Store one scheme text; return the row, or None where it stands there already.

    Raises SchemeError: the text is no scheme, or differs from a version in use.
    """
    scheme = parse_scheme(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    stored = ScoringScheme.objects.filter(scheme_id=scheme.id, version=scheme.version)
    row = stored.select_for_update().first()
    if row and row.sha256 == sha256:
        return None
    if row and row.tasks.exists():
        raise SchemeError(
            [f"评分方案 {scheme.ref} 已被自评任务使用，不能修改，请另编新版本"]
        )
    row = row or ScoringScheme(scheme_id=scheme.id, version=scheme.version)
    before = {"sha256": row.sha256} if row.pk else {}
    row.name, row.text, row.sha256 = scheme.name, text, sha256
    row.full_clean()
    row.save()
    record(
        user,
        Change(
            action="scheme.stored",
            subject=subject_of(row),
            summary=f"载入评分方案“{row}”",
            before=before,
            after={"sha256": sha256},
        ),
    )
    return row
