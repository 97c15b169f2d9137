"""Undoing a deletion: what was deleted stands in its audit event, for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from indicators.models import Indicator
from indicators.services import carry_into_assessments, check_open
from perfeval.audit import Change, record, subject_of
from perfeval.models import AuditEvent, User
from projects.models import BudgetProject

DELETED = "indicator.deleted"
# So long a deletion can be undone from the pages of the project.
KEPT = timedelta(minutes=30)
MOST_SHOWN = 5


@dataclass(frozen=True)
class Deletion:
    """A deletion that can still be undone; event: the key of its audit event."""

    event: int
    name: str


def deletions_of(project: BudgetProject) -> list[Deletion]:
    """Return the deletions of the last minutes that were not undone, newest first."""
    recent = _recent(project).order_by("-pk")[:20]
    found: dict[int, Deletion] = {}
    for event in recent:
        rows = event.before.get("rows")
        if rows:
            name = event.before.get("level3", "")
            found.setdefault(rows[0]["pk"], Deletion(event.pk, name))
    there = Indicator.objects.filter(pk__in=found).values_list("pk", flat=True)
    back = frozenset(there) if found else frozenset()
    return [each for pk, each in found.items() if pk not in back][:MOST_SHOWN]


def _recent(project: BudgetProject) -> Any:
    return AuditEvent.objects.filter(
        subject=subject_of(project), action=DELETED, at__gte=timezone.now() - KEPT
    )


@transaction.atomic
def restore_indicator(
    user: User, project: BudgetProject, event_pk: int
) -> Indicator | None:
    """Bring back a deleted indicator with its results; None: it is back already.

    Raises ClosedError, ValidationError: too late, or its name is taken meanwhile.
    """
    check_open(project)
    # Held, so that two people pressing at once bring it back once.
    BudgetProject.objects.select_for_update().get(pk=project.pk)
    event = _recent(project).filter(pk=event_pk).first()
    if event is None or not event.before.get("rows"):
        raise ValidationError("已超过可以撤销的时间，请重新填写")
    own, *along = event.before["rows"]
    if Indicator.objects.filter(pk=own["pk"]).exists():
        return None
    indicator = _load(own)
    assert isinstance(indicator, Indicator)
    indicator.full_clean()
    indicator.save(force_insert=True)
    _bring_back(along)
    change = Change(
        action="indicator.restored",
        subject=subject_of(project),
        summary=f"撤销删除指标“{indicator.level3}”",
        after={"event": event.pk},
    )
    record(user, change)
    carry_into_assessments(indicator)
    return indicator


def _bring_back(rows: list[Mapping[str, Any]]) -> None:
    """Store what was deleted along, as it was; what has lost its other end stays gone.

    A row waits for those it points to.
    """
    waiting = [_load(each) for each in rows]
    while waiting:
        ready = [each for each in waiting if _has_ends(each)]
        for each in ready:
            each.save_base(raw=True, force_insert=True)
        waiting = [each for each in waiting if each not in ready] if ready else []


def _has_ends(row: Any) -> bool:
    """Whether all that a row points to is there."""
    ends = [
        (field.related_model, getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.is_relation
    ]
    return all(
        key is None or model._base_manager.filter(pk=key).exists()
        for model, key in ends
    )


def _load(values: Mapping[str, Any]) -> Any:
    (loaded,) = serializers.deserialize("python", [values], ignorenonexistent=True)
    return loaded.object
