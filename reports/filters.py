"""The filter row of what waits for a reviewer."""

from typing import Any

import django_filters
from django import forms

from indicators.models import SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.querysets import with_words
from reports.inbox import waiting_for


class InboxFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Task, unit and text; choices only of what waits."""

    task = django_filters.ChoiceFilter(
        label="自评任务", field_name="task_id", empty_label="全部任务"
    )
    unit = django_filters.ChoiceFilter(
        label="单位",
        field_name="project__unit_id",
        empty_label="全部单位",
        widget=LongSelect,
    )
    text = django_filters.CharFilter(
        label="项目名称、编码或单位",
        method="with_text",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = SelfAssessment
        fields: list[str] = []

    def __init__(self, data: Any, *, user: User) -> None:
        waiting = waiting_for(user)
        super().__init__(data, queryset=waiting)
        rows = waiting.order_by("project__unit__path", "task").values_list(
            "task", "task__title", "project__unit", "project__unit__name"
        )
        told = list(rows.distinct())
        tasks = dict.fromkeys((str(pk), title) for pk, title, _, _ in told)
        units = dict.fromkeys((str(pk), name) for _, _, pk, name in told)
        self.filters["task"].extra["choices"] = [*tasks]
        self.filters["unit"].extra["choices"] = [*units]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def with_text(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        fields = ("project__name", "project__code", "project__unit__name")
        return queryset.filter(with_words(value, fields))
