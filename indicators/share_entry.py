"""Writing what a unit fills in of a shared project's indicators."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from indicators.models import IndicatorResult, SelfAssessment, ShareResult
from indicators.services import lock_open, rescore
from indicators.shares import ShareError, read_part
from perfeval.audit import Change, record_many, subject_of
from perfeval.models import User
from perfeval.numbers import is_blank
from perfeval.versions import save_versioned
from projects.models import Department


@transaction.atomic
def save_shares(
    user: User | None,
    assessment: SelfAssessment,
    unit: Department,
    entries: Mapping[int, tuple[str, int]],
) -> int:
    """Save a unit's values, {key of result: (text, version)}; return how many differed.

    The wholes and the score follow. Raises ClosedError, ValidationError, or StaleError
    where somebody saved meanwhile; then nothing is saved.
    """
    locked = lock_open(assessment.pk)
    results = locked.results.select_related("indicator").filter(pk__in=entries)
    changes = [
        change
        for result in results
        if (change := _save_share(result, unit, *entries[result.pk]))
    ]
    if changes:
        rescore(locked)
        record_many(user, changes, chain=locked.chain)
    return len(changes)


def _save_share(
    result: IndicatorResult, unit: Department, text: str, version: int
) -> Change | None:
    indicator, text = result.indicator, text.strip()
    if not is_blank(text):
        try:
            read_part(indicator, text)
        except ShareError as error:
            raise ValidationError(f"{indicator.level3}：{error}") from None
    row, _ = ShareResult.objects.get_or_create(result=result, unit=unit)
    before = row.actual
    if not save_versioned(row, {"actual": text}, version=version):
        return None
    return Change(
        action="share.changed",
        subject=subject_of(result),
        summary=f"{unit.name}填报指标“{indicator.level3}”的本单位完成值",
        before={"actual": before},
        after={"actual": text},
    )
