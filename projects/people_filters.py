"""The filter rows over people and over departments."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.forms import CheckboxInput, TextInput
from django.utils import timezone

from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.forms import indented
from projects.models import Department, Role
from projects.people import held_on
from projects.querysets import DepartmentQuerySet

NO_ROLE = "none"
STATES = {
    "active": "在用",
    "never": "从未登录",
    "initial": "未设置密码",
    "inactive": "已停用",
    "all": "全部",
}


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on people; without one those in use are listed."""

    unit = django_filters.ModelChoiceFilter(
        label="单位",
        queryset=Department.objects.order_by("path"),
        method="of_unit",
        empty_label="全部单位",
        widget=LongSelect,
    )
    role = django_filters.ChoiceFilter(
        label="角色",
        choices=[*Role.choices, (NO_ROLE, "没有角色")],
        method="of_role",
        empty_label="全部角色",
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=list(STATES.items()), method="of_state", empty_label=None
    )
    text = django_filters.CharFilter(
        label="姓名、用户名或电话",
        method="with_words",
        widget=TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, data: Any, **kwargs: Any) -> None:
        data = data.copy()
        data.setdefault("state", "active")
        super().__init__(data, **kwargs)
        self.filters["unit"].field.label_from_instance = indented

    @property
    def is_filtered(self) -> bool:
        others = any(self.data.get(name) for name in ("unit", "role", "text"))
        return others or self.data.get("state") != "active"

    def of_unit(
        self, queryset: QuerySet[User], name: str, value: Department
    ) -> QuerySet[User]:
        """Those with a role of today in a department or below it."""
        below = Q(memberships__department__path__startswith=value.path)
        return self._holding(queryset, below)

    def of_role(
        self, queryset: QuerySet[User], name: str, value: str
    ) -> QuerySet[User]:
        if value == NO_ROLE:
            current = User.objects.filter(held_on(timezone.localdate()))
            return queryset.exclude(pk__in=current.values("pk"))
        return self._holding(queryset, Q(memberships__role=value))

    def _holding(self, queryset: QuerySet[User], condition: Q) -> QuerySet[User]:
        # Role and day are asked of one membership; a subquery keeps rows single.
        holding = User.objects.filter(condition & held_on(timezone.localdate()))
        return queryset.filter(pk__in=holding.values("pk"))

    def of_state(
        self, queryset: QuerySet[User], name: str, value: str
    ) -> QuerySet[User]:
        if value == "all":
            return queryset
        conditions = {
            "active": Q(is_active=True),
            "never": Q(is_active=True, last_login=None),
            "initial": Q(is_active=True, must_change_password=True),
            "inactive": Q(is_active=False),
        }
        return queryset.filter(conditions[value])

    def with_words(
        self, queryset: QuerySet[User], name: str, value: str
    ) -> QuerySet[User]:
        """Those in which every word occurs somewhere."""
        for word in value.split():
            found = Q(name__icontains=word) | Q(username__icontains=word)
            queryset = queryset.filter(found | Q(phone__icontains=word))
        return queryset


class DepartmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on departments; closed ones only when asked for."""

    text = django_filters.CharFilter(
        label="编码、名称或曾用名称",
        method="with_words",
        widget=TextInput(attrs={"type": "search"}),
    )
    closed = django_filters.BooleanFilter(
        label="含已停用和已合并", method="with_closed", widget=CheckboxInput()
    )

    class Meta:
        model = Department
        fields: list[str] = []

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in ("text", "closed"))

    def with_closed(
        self, queryset: DepartmentQuerySet, name: str, value: bool
    ) -> DepartmentQuerySet:
        return queryset if value else queryset.filter(is_active=True)

    def with_words(
        self, queryset: DepartmentQuerySet, name: str, value: str
    ) -> DepartmentQuerySet:
        """Those in which every word occurs somewhere, former names too."""
        for word in value.split():
            former = Department.objects.filter(former_names__name__icontains=word)
            found = Q(name__icontains=word) | Q(code__icontains=word)
            queryset = queryset.filter(found | Q(pk__in=former.values("pk")))
        return queryset
