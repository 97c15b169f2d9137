"""The filter rows of a task: over the projects to choose from, over those in it."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum

from indicators.models import EDITABLE, EvaluationTask, SelfAssessment, TaskState
from indicators.querysets import (
    EvaluationTaskQuerySet,
    SelfAssessmentQuerySet,
    is_exempt,
)
from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.forms import AmountInput
from projects.models import BudgetProject, Department, FundingLine, FundNature
from projects.querysets import BudgetProjectQuerySet, with_words

SEARCHED = ("code", "name", "level1_name", "unit__name")
OF_PROJECT = tuple(f"project__{name}" for name in SEARCHED)


class AmountFilter(django_filters.Filter):  # type: ignore[misc]  # no stubs
    field_class = AmountInput


class CandidateFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on the projects of a task's year, by which they are chosen."""

    department = django_filters.ChoiceFilter(
        label="部门或单位",
        method="of_department",
        empty_label="全部单位",
        widget=LongSelect,
    )
    category = django_filters.ChoiceFilter(
        label="项目类别", field_name="category", empty_label="全部类别"
    )
    fund_nature = django_filters.ChoiceFilter(
        label="资金性质", choices=FundNature.choices, empty_label="全部"
    )
    amount = AmountFilter(label="全年预算数不少于（万元）", method="of_amount")
    text = django_filters.CharFilter(
        label="编码、名称或单位",
        method="with_words",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = BudgetProject
        fields: list[str] = []

    def __init__(self, data: Any, *, task: EvaluationTask, user: User) -> None:
        seen = BudgetProject.objects.visible_to(user).for_year(task.year)
        super().__init__(data, queryset=seen.order_by("code", "pk"))
        departments = Department.objects.visible_to(user).order_by("path")
        self.filters["department"].extra["choices"] = [
            (each.path, each.name) for each in departments
        ]
        named = seen.exclude(category="").order_by("category")
        names = named.values_list("category", flat=True).distinct()
        self.filters["category"].extra["choices"] = [(name, name) for name in names]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def of_department(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        """Those of a body and all below it, or under its supervision."""
        return queryset.filter(
            Q(unit__path__startswith=value)
            | Q(supervising_department__path__startswith=value)
        )

    def of_amount(
        self, queryset: BudgetProjectQuerySet, name: str, value: Decimal
    ) -> BudgetProjectQuerySet:
        lines = FundingLine.objects.filter(project=OuterRef("pk")).order_by()
        summed = lines.values("project").annotate(sum=Sum("adjusted")).values("sum")
        money = DecimalField(max_digits=19, decimal_places=2)
        amount = Subquery(summed, output_field=money)
        return queryset.alias(adjusted_sum=amount).filter(adjusted_sum__gte=value)

    def with_words(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        return queryset.filter(with_words(value, SEARCHED))


class TaskFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on the tasks a person sees."""

    year = django_filters.ChoiceFilter(
        label="年度", field_name="year", empty_label="全部年度"
    )
    state = django_filters.ChoiceFilter(
        label="任务状态", choices=TaskState.choices, empty_label="全部状态"
    )
    text = django_filters.CharFilter(
        label="任务名称或文号",
        method="with_words",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = EvaluationTask
        fields: list[str] = []

    def __init__(self, data: Any, *, user: User) -> None:
        seen = EvaluationTask.objects.visible_to(user)
        super().__init__(data, queryset=seen)
        years = seen.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(x, f"{x}年度") for x in years]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def with_words(
        self, queryset: EvaluationTaskQuerySet, name: str, value: str
    ) -> EvaluationTaskQuerySet:
        return queryset.filter(with_words(value, ("title", "notice_number")))


STATES = (
    ("reported", "已报"),
    ("unreported", "未报"),
    ("exempt", "免报"),
    ("overdue", "逾期"),
)


class TaskProjectFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on the self-assessments of one task; states as counts.py has them."""

    department = django_filters.ChoiceFilter(
        label="部门或单位",
        method="of_department",
        empty_label="全部单位",
        widget=LongSelect,
    )
    state = django_filters.ChoiceFilter(
        label="情况", choices=STATES, method="in_state", empty_label="全部应报"
    )
    text = django_filters.CharFilter(
        label="编码、名称或单位",
        method="with_words",
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    supervisor = django_filters.NumberFilter(
        field_name="project__supervising_department_id", widget=forms.HiddenInput
    )

    class Meta:
        model = SelfAssessment
        fields: list[str] = []

    def __init__(self, data: Any, *, task: EvaluationTask, user: User) -> None:
        seen = SelfAssessment.objects.visible_to(user).filter(task=task)
        super().__init__(data, queryset=seen.with_facts())
        departments = Department.objects.visible_to(user).order_by("path")
        self.filters["department"].extra["choices"] = [
            (each.path, each.name) for each in departments
        ]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    @property
    def shows_exemptions(self) -> bool:
        """Whether projects recorded as 免报 belong among what is listed."""
        return self.data.get("state", "") in ("", "exempt")

    def exemptions(self, rows: Any) -> Any:
        """Return those of the projects recorded as 免报 that fit the conditions."""
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        if chosen.get("department"):
            rows = rows.filter(project__unit__path__startswith=chosen["department"])
        if chosen.get("supervisor"):
            rows = rows.filter(project__supervising_department=chosen["supervisor"])
        return rows.filter(with_words(chosen.get("text") or "", OF_PROJECT))

    def of_department(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(project__unit__path__startswith=value)

    def in_state(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        if value == "overdue":
            return queryset.overdue()
        if value == "exempt":
            return queryset.filter(is_exempt())
        required = queryset.required()
        with_unit = Q(status__in=EDITABLE)
        return required.filter(with_unit if value == "unreported" else ~with_unit)

    def with_words(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(with_words(value, OF_PROJECT))


class LateFilter(TaskProjectFilter):
    """Conditions on what is overdue in a task."""

    state = None
    supervisor = None

    @property
    def qs(self) -> SelfAssessmentQuerySet:
        found: SelfAssessmentQuerySet = super().qs
        return found.overdue()
