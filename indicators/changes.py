"""What units have asked for and the 绩效科 has to decide: status, targets, money."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse

from indicators.models import TargetAdjustment
from perfeval.widgets import LongSelect
from projects.models import AmountCorrection, ChangeState, Department, StatusChange
from projects.querysets import with_words

STATUS, TARGET, MONEY = "status", "target", "money"


@dataclass(frozen=True, kw_only=True)
class OpenChange:
    """One request as a list shows it; flag: what is unusual about it, "" if nothing."""

    code: str
    name: str
    what: str
    unit: str
    asked_by: str
    asked_at: datetime
    url: str
    flag: str


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on requests of all kinds; open_changes() applies them."""

    kind = django_filters.ChoiceFilter(
        label="申请事项",
        choices=[(STATUS, "项目状态"), (TARGET, "绩效目标"), (MONEY, "金额更正")],
        empty_label="全部",
    )
    department = django_filters.ChoiceFilter(
        label="部门或单位", empty_label="全部单位", widget=LongSelect
    )
    text = django_filters.CharFilter(
        label="编码、名称或单位",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = StatusChange
        fields: list[str] = []

    def __init__(self, data: Any) -> None:
        super().__init__(data, queryset=StatusChange.objects.none())
        bodies = Department.objects.order_by("path").values_list("path", "name")
        self.filters["department"].extra["choices"] = list(bodies)

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    @property
    def chosen(self) -> Mapping[str, Any]:
        return self.form.cleaned_data if self.form.is_valid() else {}


def open_changes(chosen: Mapping[str, Any] | None = None) -> list[OpenChange]:
    """Return what waits for a decision, the oldest first, in three queries.

    chosen: kind, department (path) and text as ChangeFilter reads them.
    """
    chosen = chosen or {}
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
    kinds: tuple[tuple[str, Callable[[Any], OpenChange], QuerySet[Any], str], ...] = (
        (STATUS, _of_status, status, "project__"),
        (TARGET, _of_target, targets, "indicator__project__"),
        (MONEY, _of_money, money, "line__project__"),
    )
    told = [
        of_kind(each)
        for kind, of_kind, rows, prefix in kinds
        if chosen.get("kind") in (None, "", kind)
        for each in rows.filter(_fits(chosen, prefix))
    ]
    return sorted(told, key=lambda each: each.asked_at)


def _fits(chosen: Mapping[str, Any], prefix: str) -> Q:
    names = [f"{prefix}{name}" for name in ("name", "code", "unit__name")]
    condition = with_words(chosen.get("text") or "", names)
    if chosen.get("department"):
        condition &= Q(**{f"{prefix}unit__path__startswith": chosen["department"]})
    return condition


def _of_status(change: StatusChange) -> OpenChange:
    return OpenChange(
        code=change.project.code,
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
        code=indicator.project.code,
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
        code=project.code,
        name=project.shown_name,
        what=f"更正“{change.line}”的{change.get_amount_display()}",
        unit=str(project.unit),
        asked_by=str(change.requested_by),
        asked_at=change.requested_at,
        url=reverse("projects:correction", args=[change.pk]),
        flag="",
    )
