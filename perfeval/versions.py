"""Concurrent edits: a save is one UPDATE … WHERE version = the version issued."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F


class StaleError(Exception):
    """Somebody saved meanwhile: nothing was changed, current holds the stored row.

    is_kept: what was typed is in the audit trail or among the versions already.
    """

    is_kept = False

    def __init__(self, current: models.Model) -> None:
        super().__init__("内容已被他人修改")
        self.current = current


class GoneError(Exception):
    """Somebody deleted the row meanwhile: nothing was changed."""


class ClosedError(Exception):
    """What is to be written is not open for editing; the message says why."""


def save_versioned(
    row: models.Model, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Set fields of a row where it still has this version; return whether any differed.

    Validates the whole row first (ValidationError). Raises StaleError and changes
    nothing where the stored version is another one, GoneError where there is no row any
    more. The row carries the new version afterwards. Values equal to what is stored
    leave the version alone, whichever was issued: a form sent twice is no conflict.
    """
    model = type(row)
    stored = model._default_manager.filter(pk=row.pk).first()
    if stored is None:
        raise GoneError("内容已被他人删除")
    different = {
        name: value for name, value in changes.items() if getattr(stored, name) != value
    }
    is_stale = getattr(stored, "version") != version  # noqa: B009 (all models here have it)
    if is_stale and different:
        raise StaleError(stored)
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    different = {name: getattr(row, name) for name in different}
    if not different:
        return False
    updated = model._default_manager.filter(pk=row.pk, version=version).update(
        **different, version=F("version") + 1
    )
    if not updated:
        raise StaleError(model._default_manager.get(pk=row.pk))
    setattr(row, "version", version + 1)  # noqa: B010
    return True
