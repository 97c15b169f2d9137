"""Lists of rechecks, a task's and one's own: rows, filter row and columns."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Case, F, FilteredRelation, Q, When
from django.db.models.functions import Coalesce, Round

from indicators.models import EvaluationTask, RecheckState, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from indicators.rechecks import runs_rechecks
from indicators.scheme_store import scheme_of
from perfeval.fields import ComputedPointsField, PointsField
from perfeval.lists import Column
from perfeval.models import User
from perfeval.widgets import LongSelect
from projects.columns import about_project
from projects.models import Department
from projects.querysets import with_words

NOBODY, WIDE = "none", "wide"
SEARCHED = ("project__code", "project__name", "project__unit__name")


def recheck_rows(user: User, task: EvaluationTask) -> SelfAssessmentQuerySet:
    """Return a task's self-assessments with the figures of their rechecks.

    For the 绩效科 all that can be rechecked or are; for others those confirmed. What
    was taken back counts as never given out.
    """
    runs = runs_rechecks(user)
    counted = (
        ~Q(rechecks__state=RecheckState.WITHDRAWN)
        if runs
        else Q(rechecks__state=RecheckState.CONFIRMED)
    )
    seen = SelfAssessment.objects.visible_to(user).filter(task=task)
    rows = with_recheck(seen, counted, task)
    if not runs:
        return rows.filter(Q(recheck__isnull=False))
    ready = SelfAssessment.objects.filter(task=task).open_to_recheck()
    return rows.filter(Q(recheck__isnull=False) | Q(pk__in=ready.values("pk")))


def with_recheck(
    rows: SelfAssessmentQuerySet, counted: Q, task: EvaluationTask
) -> SelfAssessmentQuerySet:
    """Annotate the one recheck that counts of each: key, state, due, who, figures.

    is_wide: whether the gap is striking by the task's scheme.
    """
    wide_gap = scheme_of(task.scheme).wide_gap
    confirmed = When(recheck__state=RecheckState.CONFIRMED, then=F("recheck__total"))
    joined = rows.annotate(recheck=FilteredRelation("rechecks", condition=counted))
    return joined.annotate(
        recheck_pk=F("recheck__pk"),
        recheck_state=F("recheck__state"),
        recheck_due=F("recheck__due_at"),
        recheck_who=Coalesce("recheck__person__name", "recheck__body__name"),
        recheck_contractor=F("recheck__contractor"),
        recheck_own=F("recheck__own_total"),
        recheck_total=F("recheck__total"),
        # Rounded: SQLite subtracts binary fractions.
        recheck_gap=Round(
            F("recheck__total") - F("recheck__own_total"),
            precision=2,
            output_field=ComputedPointsField(),
        ),
        recheck_reason=F("recheck__main_reason"),
        final_total=Coalesce(
            Case(confirmed, output_field=PointsField()),
            "review_total",
            "total",
            output_field=ComputedPointsField(),
        ),
    ).annotate(is_wide=Q(recheck_gap__gte=wide_gap) | Q(recheck_gap__lte=-wide_gap))


class RecheckFilter(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """Conditions on a task's rechecks: state, gap, department, text."""

    state = django_filters.ChoiceFilter(
        label="复核状态",
        method="in_state",
        choices=[
            (NOBODY, "未分派"),
            *[each for each in RecheckState.choices if each[0] != "withdrawn"],
        ],
        empty_label="全部状态",
    )
    gap = django_filters.ChoiceFilter(
        label="偏差", method="of_gap", empty_label="全部", choices=[(WIDE, "偏差较大")]
    )
    department = django_filters.ChoiceFilter(
        label="部门或单位",
        method="of_department",
        empty_label="全部单位",
        widget=LongSelect,
    )
    text = django_filters.CharFilter(
        label="编码、名称或单位",
        method="with_words",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = SelfAssessment
        fields: list[str] = []

    def __init__(self, data: Any, *, rows: SelfAssessmentQuerySet) -> None:
        super().__init__(data, queryset=rows)
        bodies = Department.objects.filter(pk__in=rows.values("project__unit"))
        self.filters["department"].extra["choices"] = [
            (each.path, each.name)
            for each in bodies.with_those_above().order_by("path")
        ]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def in_state(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        if value == NOBODY:
            return queryset.filter(Q(recheck__isnull=True))
        return queryset.filter(Q(recheck__state=value))

    def of_gap(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(Q(is_wide=True))

    def of_department(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(
            Q(project__unit__path__startswith=value)
            | Q(project__supervising_department__path__startswith=value)
        )

    def with_words(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(with_words(value, SEARCHED))


def state_label(state: str | None) -> str:
    return str(RecheckState(state).label) if state else "未分派"


RECHECK_COLUMNS = (
    *about_project("project"),
    Column(
        key="own",
        label="自评得分",
        value=lambda row: row.total,
        order=(F("total"),),
        css="num",
    ),
    Column(
        key="reviewed",
        label="审定得分",
        value=lambda row: row.review_total,
        order=(F("review_total"),),
        css="num",
        shown=False,
    ),
    Column(
        key="rechecked",
        label="复核得分",
        value=lambda row: row.recheck_total,
        order=(F("recheck_total"),),
        css="num",
    ),
    Column(
        key="gap",
        label="偏差",
        value=lambda row: row.recheck_gap,
        order=(F("recheck_gap"),),
        css="num",
    ),
    Column(
        key="final",
        label="最终得分",
        value=lambda row: row.final_total,
        order=(F("final_total"),),
        css="num",
        shown=False,
    ),
    Column(
        key="reason",
        label="主要原因",
        value=lambda row: row.recheck_reason or "",
        order=(F("recheck_reason"),),
        width=36,
        css="text-cell",
    ),
    Column(
        key="who",
        label="复核方",
        value=lambda row: row.recheck_who or "",
        order=(F("recheck_who"),),
        width=20,
    ),
    Column(
        key="contractor",
        label="受托机构",
        value=lambda row: row.recheck_contractor or "",
        order=(F("recheck_contractor"),),
        width=24,
        shown=False,
    ),
    Column(
        key="due",
        label="复核期限",
        value=lambda row: row.recheck_due,
        order=(F("recheck_due"),),
        width=18,
    ),
    Column(
        key="state",
        label="复核状态",
        value=lambda row: state_label(row.recheck_state),
        order=(F("recheck_state"),),
    ),
)

MY_COLUMNS = (
    *about_project("assessment__project")[:3],
    Column(
        key="own",
        label="自评得分",
        value=lambda row: row.assessment.total,
        order=(F("assessment__total"),),
        css="num",
    ),
    Column(
        key="rechecked",
        label="复核得分",
        value=lambda row: row.total,
        order=(F("total"),),
        css="num",
    ),
    Column(
        key="due",
        label="复核期限",
        value=lambda row: row.due_at,
        order=("due_at",),
        width=18,
    ),
    Column(
        key="state",
        label="状态",
        value=lambda row: row.get_state_display(),
        order=("state",),
    ),
)
