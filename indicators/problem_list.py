"""The list of problems over tasks and departments: filter row and columns."""

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import F

from indicators.filters import AssessmentFilter
from indicators.models import WITH_UNIT, Problem, ProblemState
from indicators.problem_querysets import ProblemQuerySet
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.lists import Column
from perfeval.models import User
from projects.columns import about_project
from projects.querysets import with_words

OVERDUE, UNFINISHED, AT_UNIT = "overdue", "unfinished", "with_unit"


class ProblemFilter(AssessmentFilter):
    """Year, task, departments of the self-assessment; state and words of the problem.

    problems: those that fit. qs are their self-assessments. What is still to be solved
    may be of any year.
    """

    opens_on_all_years = True

    status = django_filters.ChoiceFilter(
        label="状态",
        method="of_problem",
        choices=[
            (UNFINISHED, "未完成"),
            (AT_UNIT, "待单位提交"),
            (OVERDUE, "逾期未提交"),
            *ProblemState.choices,
        ],
        empty_label="全部状态",
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        self._seen = Problem.objects.visible_to(user)
        self.filters["text"].label = "问题、项目或单位"

    def of_problem(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        """Leave the self-assessments: it is a condition of the problem."""
        return queryset

    def with_text(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset

    @property
    def of_any_state(self) -> ProblemQuerySet:
        """The problems that fit but for their state, for the sums above the list."""
        found = self._seen.filter(assessment__in=self.qs.order_by().values("pk"))
        fields = ("text", "assessment__project__name", "assessment__project__code")
        words = self._asked("text")
        return found.filter(
            with_words(words, (*fields, "assessment__project__unit__name"))
        )

    @property
    def problems(self) -> ProblemQuerySet:
        state = self._asked("status")
        if state == OVERDUE:
            return self.of_any_state.overdue()
        if state == UNFINISHED:
            return self.of_any_state.unfinished()
        if state == AT_UNIT:
            return self.of_any_state.filter(state__in=WITH_UNIT)
        return self.of_any_state.filter(state=state) if state else self.of_any_state

    def _asked(self, name: str) -> str:
        is_valid = self.form.is_valid()
        return str(self.form.cleaned_data.get(name) or "") if is_valid else ""


_CODE, _NAME, _UNIT, _DEPARTMENT = about_project("assessment__project")
PROBLEM_COLUMNS = (
    _CODE,
    Column(
        key="problem",
        label="问题",
        value=lambda row: row.text,
        width=60,
        css="first-column text-cell",
        fixed=True,
    ),
    replace(_NAME, css="", fixed=False),
    _UNIT,
    _DEPARTMENT,
    Column(
        key="task",
        label="自评任务",
        value=lambda row: row.assessment.task.title,
        order=("assessment__task__title",),
        width=30,
        shown=False,
    ),
    Column(
        key="where",
        label="来源",
        value=lambda row: row.where,
        order=("source",),
        width=30,
        shown=False,
    ),
    Column(
        key="listed",
        label="提出级次",
        value=lambda row: row.get_listed_as_display(),
        order=("listed_as",),
        width=20,
        shown=False,
    ),
    Column(
        key="measure",
        label="整改措施",
        value=lambda row: row.measure,
        width=50,
        css="text-cell",
        shown=False,
    ),
    Column(
        key="person", label="责任人", value=lambda row: row.person, order=("person",)
    ),
    Column(
        key="due",
        label="整改期限",
        value=lambda row: row.due_on,
        order=(F("due_on"),),
        width=16,
    ),
    Column(
        key="state",
        label="状态",
        value=lambda row: row.get_state_display(),
        order=("state",),
    ),
    Column(
        key="result",
        label="整改结果",
        value=lambda row: row.result,
        width=50,
        css="text-cell",
        shown=False,
    ),
)
