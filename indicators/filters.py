"""The filter row of the list of self-assessments."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef

from indicators.forms.library import COMMON, COMMON_KEY, search
from indicators.models import (
    EvaluationTask,
    IndicatorTemplate,
    SelfAssessment,
    Status,
    TaskState,
)
from indicators.querysets import (
    IndicatorTemplateQuerySet,
    SelfAssessmentQuerySet,
    is_exempt,
)
from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.models import BudgetProject, Department
from projects.querysets import with_words

OVERDUE, EXEMPT = "overdue", "exempt"
ALL_YEARS = "all"


class AssessmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Year, task, departments, state and text; choices only of what a person sees.

    Without year or task in the address the newest year counts, all years where
    opens_on_all_years. A filter that offers one choice alone is left out.
    """

    opens_on_all_years = False

    year = django_filters.ChoiceFilter(label="年度", method="of_year", empty_label=None)
    task = django_filters.ChoiceFilter(
        label="自评任务", field_name="task_id", empty_label="全部任务"
    )
    supervisor = django_filters.ChoiceFilter(
        label="主管部门",
        field_name="project__supervising_department_id",
        empty_label="全部主管部门",
        widget=LongSelect,
    )
    unit = django_filters.ChoiceFilter(
        label="单位", method="below_unit", empty_label="全部单位", widget=LongSelect
    )
    status = django_filters.ChoiceFilter(
        label="状态",
        method="in_state",
        choices=[
            *Status.choices,
            (OVERDUE, "逾期未送审"),
            (EXEMPT, "免报"),
        ],
        empty_label="全部状态",
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
        # One not sent out yet has none: its year would be an empty list.
        sent = EvaluationTask.objects.visible_to(user).exclude(state=TaskState.DRAFT)
        tasks = list(sent.values_list("pk", "year", "title"))
        years = sorted({year for _, year, _ in tasks}, reverse=True)
        data = data.copy()
        if years:
            takes_all = self.opens_on_all_years or data.get("task")
            data.setdefault("year", ALL_YEARS if takes_all else str(years[0]))
        super().__init__(data, queryset=SelfAssessment.objects.visible_to(user))
        supervises = Exists(
            BudgetProject.objects.filter(supervising_department=OuterRef("pk"))
        )
        self.departments = list(
            Department.objects.visible_to(user).annotate(supervises=supervises)
        )
        supervising = [each for each in self.departments if getattr(each, "supervises")]  # noqa: B009
        shown = [(str(year), f"{year}年度") for year in years]
        self._offer("year", [*shown, (ALL_YEARS, "全部年度")])
        self._offer("task", [(str(pk), title) for pk, _, title in tasks])
        self._offer("supervisor", [(str(each.pk), each.name) for each in supervising])
        self._offer("unit", [(str(each.pk), each.name) for each in self.departments])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if len(choices) > 1:
            self.filters[name].extra["choices"] = choices
        else:
            del self.filters[name]

    @property
    def is_filtered(self) -> bool:
        """Whether any condition but the year is set."""
        return any(self.data.get(name) for name in self.filters if name != "year")

    def of_year(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        # The project's year, not the task's: rows then come in the order of an index.
        return queryset if value == ALL_YEARS else queryset.filter(project__year=value)

    def below_unit(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        unit = next(each for each in self.departments if str(each.pk) == value)
        return queryset.filter(project__unit__path__startswith=unit.path)

    def in_state(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        """As the progress table counts: what is exempt counts nowhere else."""
        if value == EXEMPT:
            return queryset.filter(is_exempt())
        if value == OVERDUE:
            return queryset.overdue()
        return queryset.required().filter(status=value)

    def with_text(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        fields = ("project__name", "project__code", "project__unit__name")
        return queryset.filter(with_words(value, fields))


class LibraryFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """The filter row of the indicator library: words, whose, level, in use or not."""

    q = django_filters.CharFilter(
        label="查找",
        method="with_text",
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    whose = django_filters.ChoiceFilter(
        label="范围", method="of_department", empty_label="全部", widget=LongSelect
    )
    level1 = django_filters.ChoiceFilter(label="一级指标", empty_label="全部")
    is_active = django_filters.ChoiceFilter(
        label="供选取",
        choices=[("True", "供选取"), ("False", "停用")],
        empty_label="不限",
    )

    class Meta:
        model = IndicatorTemplate
        fields: list[str] = []

    def __init__(self, data: Any, *, user: User) -> None:
        seen = IndicatorTemplate.objects.visible_to(user)
        super().__init__(data, queryset=seen)
        # Both sets of choices in one query.
        rows = seen.order_by("department__path").values_list(
            "level1", "department", "department__name"
        )
        told = list(rows.distinct())
        departments = dict.fromkeys((str(pk), name) for _, pk, name in told if pk)
        self.filters["whose"].extra["choices"] = [(COMMON_KEY, COMMON), *departments]
        levels = dict.fromkeys(level1 for level1, _, _ in told)
        self.filters["level1"].extra["choices"] = [(each, each) for each in levels]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def with_text(
        self, queryset: IndicatorTemplateQuerySet, name: str, value: str
    ) -> IndicatorTemplateQuerySet:
        return search(queryset, value)

    def of_department(
        self, queryset: IndicatorTemplateQuerySet, name: str, value: str
    ) -> IndicatorTemplateQuerySet:
        return search(queryset, "", value)
