"""What units have asked for and the 绩效科 has to decide: status, targets, money."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from indicators.models import TargetAdjustment
from projects.models import AmountCorrection, ChangeState, StatusChange


@dataclass(frozen=True, kw_only=True)
class OpenChange:
    """One request as a list shows it; flag: what is unusual about it, "" if nothing."""

    name: str
    what: str
    unit: str
    asked_by: str
    asked_at: datetime
    url: str
    flag: str


def open_changes() -> list[OpenChange]:
    """Return what waits for a decision, the oldest first, in three queries."""
    state = ChangeState.REQUESTED
    status = StatusChange.objects.filter(state=state).select_related(
        "project__unit", "requested_by"
    )
    targets = TargetAdjustment.objects.filter(state=state).select_related(
        "indicator__project__unit", "requested_by"
    )
    money = AmountCorrection.objects.filter(state=state).select_related(
        "line__project__unit", "requested_by"
    )
    told = [
        *map(_of_status, status),
        *map(_of_target, targets),
        *map(_of_money, money),
    ]
    return sorted(told, key=lambda each: each.asked_at)


def _of_status(change: StatusChange) -> OpenChange:
    return OpenChange(
        name=change.project.shown_name,
        what=f"改为“{change.get_to_status_display()}”",
        unit=str(change.project.unit),
        asked_by=str(change.requested_by),
        asked_at=change.requested_at,
        url=reverse("projects:status_change", args=[change.pk]),
        flag="",
    )


def _of_target(change: TargetAdjustment) -> OpenChange:
    indicator = change.indicator
    return OpenChange(
        name=indicator.project.shown_name,
        what=f"调整指标“{indicator.level3}”：{change.summary}",
        unit=str(indicator.project.unit),
        asked_by=str(change.requested_by),
        asked_at=change.requested_at,
        url=reverse("indicators:adjustment", args=[change.pk]),
        flag="年度终了后" if change.is_after_year_end else "",
    )


def _of_money(change: AmountCorrection) -> OpenChange:
    project = change.line.project
    return OpenChange(
        name=project.shown_name,
        what=f"更正“{change.line}”的{change.get_amount_display()}",
        unit=str(project.unit),
        asked_by=str(change.requested_by),
        asked_at=change.requested_at,
        url=reverse("projects:correction", args=[change.pk]),
        flag="",
    )
