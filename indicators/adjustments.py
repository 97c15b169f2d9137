"""绩效目标调整: how an approved target or weight is changed, and what follows."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from indicators.models import Indicator, TargetAdjustment
from indicators.services import carry_into_assessments, check_open, check_own_points
from perfeval.audit import Change, record, subject_of
from perfeval.files import store_file
from perfeval.models import User
from perfeval.versions import ClosedError, save_versioned
from projects.changes import mark_decided, mark_withdrawn
from projects.models import ChangeState

ADJUSTED = ("comparator", "target", "unit", "max_points")


@transaction.atomic
def request_adjustment(
    user: User,
    indicator: Indicator,
    values: Mapping[str, Any],
    *,
    reason: str,
    document: str,
    document_date: date | None,
    upload: "UploadedFile[Any] | None" = None,
) -> TargetAdjustment:
    """Ask for other values of an approved indicator; nothing changes before approval.

    values: comparator, target, unit, max_points. Raises ClosedError (not approved, one
    is waiting, the report was sent up), ValidationError.
    """
    locked = Indicator.objects.select_for_update().get(pk=indicator.pk)
    check_open(locked.project)
    _check_waiting(locked)
    adjustment = TargetAdjustment(
        indicator=locked,
        reason=reason,
        document=document,
        document_date=document_date,
        requested_by=user,
        requested_at=timezone.now(),
        **{f"old_{name}": getattr(locked, name) for name in ADJUSTED},
        **{f"new_{name}": values[name] for name in ADJUSTED},
    )
    adjustment.full_clean()
    _check_new_values(locked, values)
    if upload:
        adjustment.attachment = store_file(user, upload)
    adjustment.save()
    summary = f"申请调整指标“{locked.level3}”的目标"
    _record(user, adjustment, "target.adjustment_requested", summary)
    return adjustment


@transaction.atomic
def decide_adjustment(
    user: User, pk: int, *, approve: bool, note: str
) -> TargetAdjustment:
    """Approve an adjustment, which the indicator takes at once, or refuse it.

    Raises ClosedError (decided already, values changed meanwhile, the report was sent
    up), ValidationError.
    """
    waiting = TargetAdjustment.objects.select_for_update(of=("self",))
    adjustment = waiting.select_related("indicator__project").get(pk=pk)
    mark_decided(adjustment, user, approve=approve, note=note)
    verb = "同意" if approve else "不同意"
    summary = f"{verb}调整指标“{adjustment.indicator.level3}”的目标"
    _record(user, adjustment, "target.adjustment_decided", summary)
    if approve:
        _apply(adjustment)
    return adjustment


@transaction.atomic
def withdraw_adjustment(user: User, pk: int) -> TargetAdjustment:
    """Take back an adjustment one asked for; raise ClosedError: decided meanwhile."""
    waiting = TargetAdjustment.objects.select_for_update(of=("self",))
    adjustment = waiting.select_related("indicator__project").get(pk=pk)
    mark_withdrawn(adjustment, user)
    summary = f"撤回调整指标“{adjustment.indicator.level3}”的申请"
    _record(user, adjustment, "target.adjustment_withdrawn", summary)
    return adjustment


def _apply(adjustment: TargetAdjustment) -> None:
    """Give the indicator its new values, keep the first old ones, score again."""
    indicator = Indicator.objects.select_for_update().get(pk=adjustment.indicator_id)
    check_open(indicator.project)
    if any(getattr(indicator, x) != getattr(adjustment, f"old_{x}") for x in ADJUSTED):
        raise ClosedError("指标在申请之后已改动，请不同意本申请，由单位重新提出")
    new = {name: getattr(adjustment, f"new_{name}") for name in ADJUSTED}
    check_own_points(indicator, adjustment.new_max_points)
    before: dict[str, Any] = {}
    if adjustment.changes_target and not indicator.target_before:
        before["target_before"] = adjustment.old_shown or "（空）"
    if adjustment.changes_points and indicator.points_before is None:
        before["points_before"] = adjustment.old_max_points
    made = {
        "adjusted_on": adjustment.made_on,
        "adjusted_late": indicator.adjusted_late or adjustment.is_after_year_end,
    }
    save_versioned(indicator, {**new, **before, **made}, version=indicator.version)
    carry_into_assessments(indicator)


def _check_waiting(indicator: Indicator) -> None:
    if not indicator.is_approved:
        raise ClosedError("该指标还没有批复，可以直接修改，不需要办理绩效目标调整")
    if indicator.adjustments.filter(state=ChangeState.REQUESTED).exists():
        raise ClosedError("该指标已有绩效目标调整等待绩效科审批")


def _check_new_values(indicator: Indicator, values: Mapping[str, Any]) -> None:
    """Refuse values that the indicator itself could not hold."""
    for name in ADJUSTED:
        setattr(indicator, name, values[name])
    try:
        indicator.full_clean()
    except ValidationError as error:
        indicator.refresh_from_db()
        raise error
    check_own_points(indicator, Decimal(values["max_points"]))
    indicator.refresh_from_db()


def _record(
    user: User, adjustment: TargetAdjustment, action: str, summary: str
) -> None:
    # In the project's history: that is where a person looks for it.
    old = {name: getattr(adjustment, f"old_{name}") for name in ADJUSTED}
    new = {name: getattr(adjustment, f"new_{name}") for name in ADJUSTED}
    attachment = adjustment.attachment
    basis = {
        "state": adjustment.state,
        "reason": adjustment.reason,
        "document": adjustment.document,
        "document_date": adjustment.document_date,
        "attachment": attachment.sha256 if attachment else "",
        "note": adjustment.decision_note,
    }
    change = Change(
        action=action,
        subject=subject_of(adjustment.indicator.project),
        summary=summary,
        before=old,
        after={**new, **basis},
    )
    record(user, change)
