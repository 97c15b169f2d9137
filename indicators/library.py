"""Writes of the indicator library, each with its audit event in one transaction."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from indicators.models import IndicatorTemplate
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.templatetags.units import max_points
from perfeval.versions import save_versioned


@transaction.atomic
def save_template(
    user: User | None,
    template: IndicatorTemplate,
    changes: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Create (no pk) or change an indicator of the library; return whether it did.

    Raises ValidationError, or StaleError where somebody saved meanwhile.
    """
    created = template.pk is None
    before = {} if created else {name: getattr(template, name) for name in changes}
    if created:
        for name, value in changes.items():
            setattr(template, name, value)
        template.full_clean()
        template.save()
    elif not save_versioned(template, changes, version=version):
        return False
    verb = "新增" if created else "修改"
    change = Change(
        action="template.created" if created else "template.changed",
        subject=subject_of(template),
        summary=f"{verb}指标库指标“{template.level3}”",
        before=_told(before),
        after=_told(changes),
    )
    record(user, change)
    return True


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if name == "department" and value else value
        for name, value in values.items()
    }


def texts_of(row: Any) -> dict[str, str]:
    """Return an indicator or one of the library as texts to propose."""
    names = ("level1", "level2", "level3", "comparator", "target", "unit", "standard")
    points = max_points(row.max_points)
    return {**{name: getattr(row, name) for name in names}, "max_points": points}
