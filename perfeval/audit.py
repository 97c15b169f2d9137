"""Writing audit events: the only place that adds an AuditEvent, none changes one."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from perfeval.http import current_origin
from perfeval.models import AuditChain, AuditEvent, User
from perfeval.versions import StaleError

SITE_CHAIN = "site"
# How the actions end that keep what was typed where somebody else saved first.
REJECTED = ".rejected"
# Well below what the databases take as parameters of one statement.
CHAINS_AT_ONCE = 5000


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one event tells; summary is one line in Chinese that a person can read."""

    action: str
    subject: str
    summary: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def record(user: User | None, change: Change, *, chain: str = SITE_CHAIN) -> None:
    """Add one event to a chain, in the transaction of the write it tells of."""
    record_many(user, [change], chain=chain)


def record_many(
    user: User | None, changes: Sequence[Change], *, chain: str = SITE_CHAIN
) -> None:
    """Add the events of one bulk write to a chain, in the order given."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of its write")
    AuditChain.objects.get_or_create(key=chain)
    head = AuditChain.objects.select_for_update().get(key=chain)
    events = []
    for change in changes:
        event = _next_event(head, user, change)
        head.length, head.digest = event.sequence, event.digest
        events.append(event)
    AuditEvent.objects.bulk_create(events)
    head.save(update_fields=["length", "digest"])


def record_across(user: User | None, changes: Mapping[str, Change]) -> None:
    """Add one event to each of many chains ({key: change}), in a few statements.

    Heads are locked in the order of their keys, so that two such writes never wait for
    each other.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of its write")
    keys = sorted(changes)
    for first in range(0, len(keys), CHAINS_AT_ONCE):
        batch = keys[first : first + CHAINS_AT_ONCE]
        _record_across(user, {key: changes[key] for key in batch})


def _record_across(user: User | None, changes: Mapping[str, Change]) -> None:
    new = [AuditChain(key=key) for key in changes]
    AuditChain.objects.bulk_create(new, ignore_conflicts=True)
    chains = AuditChain.objects.filter(key__in=changes).order_by("key")
    heads = list(chains.select_for_update())
    events = [_next_event(head, user, changes[head.key]) for head in heads]
    AuditEvent.objects.bulk_create(events)
    for head, event in zip(heads, events, strict=True):
        head.length, head.digest = event.sequence, event.digest
    # Each row is sought in a list of all: a long list costs more than two statements.
    AuditChain.objects.bulk_update(heads, ["length", "digest"], batch_size=1000)


@transaction.atomic
def record_rejected(
    user: User | None, error: StaleError, change: Change, *, chain: str
) -> None:
    """Keep what was typed (change.after) where somebody else saved first.

    Called outside the transaction that was refused.
    """
    record(user, change, chain=chain)
    error.is_kept = True


@contextmanager
def keeping_rejected(
    user: User | None,
    action: str,
    row: models.Model,
    summary: str,
    typed: Mapping[str, Any],
    *,
    version: int,
    chain: str,
) -> Iterator[None]:
    """Keep what was typed where the write inside finds that others saved first.

    The write is a transaction of its own, which is undone. version: the one it was
    typed on.
    """
    try:
        yield
    except StaleError as error:
        change = Change(
            action=action,
            subject=subject_of(row),
            summary=summary,
            before={"version": version},
            after=typed,
        )
        record_rejected(user, error, change, chain=chain)
        raise


def about(row: models.Model) -> dict[str, str]:
    """Return the conditions on the events that tell of a row, its subject among them.

    A model whose rows are told of under another one says so itself, in told_as.
    """
    return getattr(row, "told_as", None) or {"subject": subject_of(row)}


def chain_of(row: models.Model) -> str:
    """Return the chain of what happens to a row: its report's, else the site's."""
    owner = row if hasattr(row, "chain") else getattr(row, "assessment", None)
    return str(getattr(owner, "chain", SITE_CHAIN))


def subject_of(row: models.Model) -> str:
    """Return the stable name of a row in events: projects.budgetproject:12."""
    return f"{row._meta.label_lower}:{row.pk}"


def event_digest(event: AuditEvent, previous: str) -> str:
    """Return the sha256 that ties an event to the one before it (previous)."""
    told = [
        previous,
        event.sequence,
        event.at.isoformat(),
        event.user_id,
        event.origin,
        event.action,
        event.subject,
        event.summary,
        event.before,
        event.after,
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _next_event(head: AuditChain, user: User | None, change: Change) -> AuditEvent:
    event = AuditEvent(
        chain=head,
        sequence=head.length + 1,
        at=timezone.now(),
        user=user,
        origin=current_origin(),
        action=change.action,
        subject=change.subject,
        summary=change.summary[:300],
        before=_plain(change.before),
        after=_plain(change.after),
    )
    event.digest = event_digest(event, head.digest)
    return event


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON gives them back, so that a digest can be made again."""
    text = json.dumps(dict(values), ensure_ascii=False, cls=DjangoJSONEncoder)
    plain: dict[str, Any] = json.loads(text)
    return plain
