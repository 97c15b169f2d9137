"""The list of results and what is made of them: filter row, rows, columns."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Case, CharField, F, Prefetch, Q, When
from django.db.models.functions import Coalesce

from indicators.access import decides_use
from indicators.filters import AssessmentFilter
from indicators.models import FINAL, ResultUse, SelfAssessment, Use
from indicators.querysets import SelfAssessmentQuerySet
from indicators.result_use import rules_of
from perfeval.amounts import from_yuan
from perfeval.lists import Column
from perfeval.models import User
from projects.columns import about_project

UNDECIDED, DECIDED, SENT, OLDER = "undecided", "decided", "sent", "older"
GRADE = Case(
    When(review_grade="", then=F("grade")),
    default=F("review_grade"),
    output_field=CharField(),
)


class ResultUseFilter(AssessmentFilter):
    """Year, task, departments; the grade and where the decision stands.

    Those who decide find every approved result, others what was sent out; what is
    still to be decided may be of any year.
    """

    opens_on_all_years = True

    grade = django_filters.ChoiceFilter(
        label="等级",
        method="of_grade",
        choices=[(each, each) for each in "优良中差"],
        empty_label="全部等级",
    )
    status = django_filters.ChoiceFilter(
        label="决定",
        method="in_state",
        choices=[
            (UNDECIDED, "未决定"),
            (DECIDED, "已决定未发出"),
            (SENT, "已发给单位"),
            (OLDER, "依据旧版报告"),
        ],
        empty_label="全部",
    )
    use = django_filters.ChoiceFilter(
        label="应用方式",
        method="of_use",
        choices=Use.choices,
        empty_label="全部应用方式",
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        self.filters.move_to_end("text")
        self.uses = ResultUse.objects.visible_to(user)
        shown = Q(pk__in=self.uses.values("assessment"))
        if decides_use(user):
            shown |= Q(status__in=FINAL)
        self.queryset = SelfAssessment.objects.visible_to(user).filter(shown)

    def of_grade(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        return queryset.filter(Q(review_grade=value) | Q(review_grade="", grade=value))

    def of_use(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        found = self.uses.filter(use=value)
        return queryset.filter(pk__in=found.values("assessment"))

    def in_state(
        self, queryset: SelfAssessmentQuerySet, name: str, value: str
    ) -> SelfAssessmentQuerySet:
        if value == UNDECIDED:
            return queryset.exclude(pk__in=self.uses.values("assessment"))
        found = {
            DECIDED: self.uses.filter(sent_at__isnull=True),
            SENT: self.uses.filter(sent_at__isnull=False),
            OLDER: self.uses.filter(edition__lt=F("assessment__edition")),
        }[value]
        return queryset.filter(pk__in=found.values("assessment"))


def with_uses(rows: SelfAssessmentQuerySet, user: User) -> SelfAssessmentQuerySet:
    """Load what a row shows, its decision (use_of) where the person may see it."""
    uses = ResultUse.objects.visible_to(user).select_related("decided_by", "sent_by")
    return rows.with_facts().prefetch_related(
        Prefetch("result_use", uses), "project__funding_lines"
    )


def suggest(rows: Sequence[Any]) -> None:
    """Give loaded rows their decision, and in one query what is suggested."""
    rules = rules_of({each.task_id for each in rows})
    for each in rows:
        each.suggestion = rules.get((each.task_id, each.final_grade))
        each.decision = use_of(each)


def use_of(assessment: SelfAssessment) -> ResultUse | None:
    """Return the decision of one of with_uses(), None where there is none to see."""
    found: ResultUse | None = getattr(assessment, "result_use", None)
    return found


def state_of(assessment: SelfAssessment) -> str:
    """Return in a word where the decision stands."""
    use = use_of(assessment)
    if use is None:
        return "未决定"
    return "已发给单位" if use.is_sent else "已决定未发出"


def _amount(row: SelfAssessment) -> Decimal | None:
    use = use_of(row)
    return None if use is None or use.amount is None else from_yuan(use.amount, "万元")


def _of_use(name: str) -> Any:
    def value(row: SelfAssessment) -> Any:
        use = use_of(row)
        found = getattr(use, name) if use else None
        return str(found) if isinstance(found, User) else found

    return value


RESULT_USE_COLUMNS = (
    *about_project("project"),
    Column(
        key="task",
        label="自评任务",
        value=lambda row: row.task.title,
        order=("task__title",),
        width=30,
        shown=False,
    ),
    Column(
        key="score",
        label="得分",
        value=lambda row: row.final_score,
        order=(Coalesce("review_total", "total"),),
        css="num",
    ),
    Column(
        key="grade",
        label="等级",
        value=lambda row: row.final_grade,
        order=(GRADE,),
        width=8,
    ),
    Column(
        key="suggestion",
        label="参考意见",
        value=lambda row: row.suggestion.get_use_display() if row.suggestion else "",
    ),
    Column(
        key="use",
        label="应用方式",
        value=lambda row: use_of(row).get_use_display() if use_of(row) else "",  # type: ignore[union-attr]
    ),
    Column(
        key="amount",
        label="建议安排金额（万元）",
        value=_amount,
        css="num",
        width=20,
    ),
    Column(
        key="note",
        label="下一年度预算安排意见",
        value=_of_use("note"),
        css="text-cell",
        width=50,
    ),
    Column(key="state", label="决定", value=state_of),
    Column(key="person", label="决定人", value=_of_use("decided_by"), shown=False),
    Column(
        key="decided",
        label="决定时间",
        value=_of_use("decided_at"),
        width=18,
        shown=False,
    ),
)
