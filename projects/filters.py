"""The project list's filter row; every condition stands in the address."""

from typing import Any

import django_filters
from django.db.models import Max, Min, Q
from django.forms import CheckboxInput, TextInput

from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.models import BudgetProject, Department, ProjectStatus
from projects.querysets import BudgetProjectQuerySet, assessments_seen_by, with_words

ALL_YEARS = "all"
WITHOUT = "none"
SEARCHED = ("code", "name", "level1_name", "unit__name")


class ProjectFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on the projects a person may see.

    Without a year in the address the newest one counts: sums over years mean nothing.
    """

    year = django_filters.ChoiceFilter(label="年度", method="of_year", empty_label=None)
    department = django_filters.ModelChoiceFilter(
        label="单位",
        queryset=Department.objects.none(),
        method="of_department",
        empty_label="全部单位",
        widget=LongSelect,
    )
    status = django_filters.ChoiceFilter(
        label="项目状态", choices=ProjectStatus.choices, empty_label="全部状态"
    )
    assessment = django_filters.ChoiceFilter(
        label="绩效自评", method="of_assessment", empty_label="不限"
    )
    level1 = django_filters.CharFilter(label="一级项目", method="of_level1")
    text = django_filters.CharFilter(
        label="编码、名称或单位",
        method="with_words",
        widget=TextInput(attrs={"type": "search"}),
    )
    mine = django_filters.BooleanFilter(
        label="只看本人的",
        method="of_person",
        widget=CheckboxInput(attrs={"title": "项目负责人或联系人是本人"}),
    )

    class Meta:
        model = BudgetProject
        fields: list[str] = []

    def __init__(self, data: Any, *, user: User, **kwargs: Any) -> None:
        seen = BudgetProject.objects.visible_to(user)
        self.user = user
        self.years = _years(seen)
        data = data.copy()
        if self.years:
            data.setdefault("year", str(self.years[0]))
        super().__init__(data, queryset=seen, **kwargs)
        shown = [(str(year), f"{year}年度") for year in self.years]
        self.filters["year"].extra["choices"] = [*shown, (ALL_YEARS, "全部年度")]
        self.filters["assessment"].extra["choices"] = assessment_states()
        departments = Department.objects.visible_to(user)
        self.filters["department"].queryset = departments

    @property
    def year_chosen(self) -> int | None:
        """The one year that is listed, None where all are."""
        chosen = self.form.cleaned_data.get("year") if self.form.is_valid() else ""
        return int(chosen) if chosen and chosen != ALL_YEARS else None

    @property
    def without_year(self) -> bool:
        return self.year_chosen is None

    @property
    def is_filtered(self) -> bool:
        """Whether any condition but the year is set."""
        return any(self.data.get(name) for name in self.filters if name != "year")

    def of_year(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        return queryset if value == ALL_YEARS else queryset.for_year(int(value))

    def of_department(
        self, queryset: BudgetProjectQuerySet, name: str, value: Department
    ) -> BudgetProjectQuerySet:
        """Those of a department and all below it, or under its supervision."""
        return queryset.filter(
            Q(unit__path__startswith=value.path) | Q(supervising_department=value)
        )

    def of_assessment(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        seen = assessments_seen_by(self.user)
        if value == WITHOUT:
            return queryset.exclude(pk__in=seen.values("project"))
        return queryset.filter(pk__in=seen.filter(status=value).values("project"))

    def of_level1(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        """Those of a 一级项目, by its whole code or a part of its name."""
        named = Q(level1_code=value.strip()) | Q(level1_name__icontains=value.strip())
        return queryset.filter(named)

    def with_words(
        self, queryset: BudgetProjectQuerySet, name: str, value: str
    ) -> BudgetProjectQuerySet:
        """Those in which every word occurs somewhere."""
        return queryset.filter(with_words(value, SEARCHED))

    def of_person(
        self, queryset: BudgetProjectQuerySet, name: str, value: bool
    ) -> BudgetProjectQuerySet:
        """Those that name the person as 项目负责人 or 联系人."""
        if not value:
            return queryset
        person = self.user.name
        return queryset.filter(Q(project_leader=person) | Q(contact=person))


def _years(projects: BudgetProjectQuerySet) -> list[int]:
    """Return the years from the newest project's to the oldest's.

    Two look-ups in the index: DISTINCT would read every project.
    """
    ends = projects.order_by().aggregate(newest=Max("year"), oldest=Min("year"))
    if ends["newest"] is None:
        return []
    return list(range(ends["newest"], ends["oldest"] - 1, -1))


def assessment_states() -> list[tuple[str, str]]:
    """Return the states of self-assessments, and that there is none."""
    relation: Any = BudgetProject._meta.get_field("assessments")
    status = relation.related_model._meta.get_field("status")
    return [*status.choices, (WITHOUT, "未下达")]
