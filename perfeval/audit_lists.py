"""The lists of those who audit: columns and conditions of events and of log-ins."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from perfeval.audit_words import subject_words, told
from perfeval.lists import Column
from perfeval.models import AccessEvent, AccessKind, AuditEvent

SYSTEM = "系统"


def _person(row: AuditEvent) -> str:
    return f"{row.user}（{row.user.username}）" if row.user else SYSTEM


AUDIT_COLUMNS = (
    Column(
        key="at",
        label="时间",
        value=lambda row: row.at,
        order=("at",),
        width=20,
        css="nowrap",
        fixed=True,
    ),
    Column(
        key="person",
        label="操作人",
        value=_person,
        order=("user__username",),
        width=20,
    ),
    Column(
        key="summary",
        label="说明",
        value=lambda row: row.summary,
        width=60,
        css="text-cell",
    ),
    Column(key="origin", label="来源", value=lambda row: row.origin, width=16),
    Column(
        key="action", label="操作", value=lambda row: row.action, width=24, shown=False
    ),
    Column(
        key="subject",
        label="对象",
        value=lambda row: subject_words(row.subject),
        width=30,
        shown=False,
    ),
    Column(
        key="place",
        label="审计链",
        value=lambda row: f"{row.chain.key} 第 {row.sequence}",
        order=("chain", "sequence"),
        width=24,
        css="nowrap",
    ),
    Column(
        key="before",
        label="修改前",
        value=lambda row: told(row, row.before),
        width=40,
        on_screen=False,
    ),
    Column(
        key="after",
        label="修改后",
        value=lambda row: told(row, row.after),
        width=40,
        on_screen=False,
    ),
    Column(
        key="digest",
        label="摘要",
        value=lambda row: row.digest,
        width=66,
        on_screen=False,
    ),
)

ACCESS_COLUMNS = (
    Column(
        key="at",
        label="时间",
        value=lambda row: row.at,
        order=("at",),
        width=20,
        css="nowrap",
        fixed=True,
    ),
    Column(
        key="kind",
        label="事件",
        value=lambda row: row.get_kind_display(),
        order=("kind",),
        width=20,
    ),
    Column(
        key="person",
        label="用户",
        value=lambda row: str(row.user or ""),
        order=("user__username",),
        width=16,
    ),
    Column(
        key="username",
        label="用户名",
        value=lambda row: row.user.username if row.user else "",
        width=20,
    ),
    Column(key="origin", label="来源", value=lambda row: row.origin, width=16),
    Column(
        key="browser",
        label="浏览器",
        value=lambda row: row.browser,
        width=60,
        css="text-cell",
        shown=False,
    ),
)


class _EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions of both lists: days from and to, and a person."""

    since = django_filters.DateFilter(
        label="起",
        field_name="at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        label="止",
        field_name="at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    person = django_filters.CharFilter(
        label="姓名或用户名",
        method="of_person",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def of_person(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        text = value.strip()
        return rows.filter(
            Q(user__name__icontains=text) | Q(user__username__icontains=text)
        )


class AuditFilter(_EventFilter):
    text = django_filters.CharFilter(
        label="说明含有",
        field_name="summary",
        lookup_expr="icontains",
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    action = django_filters.CharFilter(
        label="操作代码开头",
        field_name="action",
        lookup_expr="startswith",
        widget=forms.TextInput(attrs={"placeholder": "如 assessment."}),
    )
    chain = django_filters.CharFilter(
        label="审计链",
        field_name="chain__key",
        widget=forms.TextInput(attrs={"placeholder": "如 assessment:12"}),
    )

    class Meta:
        model = AuditEvent
        fields: list[str] = []


class AccessFilter(_EventFilter):
    kind = django_filters.ChoiceFilter(
        label="事件", choices=AccessKind.choices, empty_label="全部"
    )

    class Meta:
        model = AccessEvent
        fields: list[str] = []
