"""A project's history, told from the audit events of it and its self-assessments."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model, Q, QuerySet
from django.utils import timezone

from perfeval.audit import REJECTED, subject_of
from perfeval.audit_words import HistoryLine, rejected_words
from perfeval.fields import AmountField
from perfeval.models import AuditChain, AuditEvent, User
from perfeval.templatetags.units import amount
from projects.models import BudgetProject, FundingLine

LONGEST = 60
# Where imported amounts come from: the summary names the file.
UNTOLD = ("imported_amounts", "imported_from", "imported_at")


def events_of(project: BudgetProject) -> QuerySet[AuditEvent]:
    """Return the events of a project and those self-assessments loaded with it.

    Newest first. project: with_assessments(), so that nobody reads of others'.
    """
    keys = [each.chain for each in project.assessments.all()]
    # Two conditions on indexed columns of one table: a join would make the database
    # read every event there is.
    chains = list(AuditChain.objects.filter(key__in=keys).values_list("pk", flat=True))
    found = Q(subject=subject_of(project)) | Q(chain__in=chains)
    return AuditEvent.objects.filter(found).select_related("user")


def told(events: list[AuditEvent], reader: User) -> list[HistoryLine]:
    """Return the lines of a timeline; the same act repeated on a day is one line.

    What was typed and not taken over (REJECTED) is told to who typed it alone.
    """
    lines: list[HistoryLine] = []
    for group in _repeated(events):
        newest = group[0]
        note = _changes(newest) if len(group) == 1 else f"当日共 {len(group)} 次"
        if newest.action.endswith(REJECTED):
            note = rejected_words(newest) if newest.user_id == reader.pk else ""
        who = str(newest.user) if newest.user else "系统"
        lines.append(HistoryLine(what=newest.summary, who=who, at=newest.at, note=note))
    return lines


def _repeated(events: list[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """Group neighbours that say the same of the same person on the same day."""
    group: list[AuditEvent] = []
    for event in events:
        if group and _likeness(group[0]) != _likeness(event):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _likeness(event: AuditEvent) -> tuple[object, ...]:
    # Each text that was not taken over is shown.
    own = event.pk if event.action.endswith(REJECTED) else None
    day = timezone.localdate(event.at)
    return event.subject, event.summary, event.user_id, day, own


def _changes(event: AuditEvent) -> str:
    """Return what a change to the project or its money changed, by field names."""
    if event.action not in ("project.changed", "funding.changed"):
        return ""
    model: type[Model] = (
        BudgetProject if event.action == "project.changed" else FundingLine
    )
    return "\n".join(
        _change(model._meta.get_field(name), event.before.get(name), value)
        for name, value in event.after.items()
        if event.before.get(name) != value and name not in UNTOLD
    )


def _change(field: Any, before: Any, after: Any) -> str:
    assert isinstance(field, Field)
    old, new = _shown(field, before), _shown(field, after)
    return f"{field.verbose_name}：{old} → {new}"


def _shown(field: "Field[Any, Any]", value: Any) -> str:
    if value in (None, ""):
        return "（空）"
    if isinstance(field, AmountField):
        return f"{amount(Decimal(value))} 元"
    words = dict(field.flatchoices)
    text = str(words.get(value, value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
