"""What waits for a reviewer, the earliest due time first, with what stands out."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Length

from indicators.models import (
    JUDGED,
    IndicatorResult,
    Narrative,
    ReviewRecord,
    SelfAssessment,
    TaskLevel,
)
from indicators.progress import oddity
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.amounts import from_yuan
from perfeval.models import User
from reports.checks.check import CHECKS
from reports.models import SentCheck

# Shorter texts are equal without having been copied: 无, 未发生 …
SHORTEST_TEXT = 30
RETURNS = ("send_back", "send_down", "reopen")


_LEVEL = TaskLevel.objects.filter(task=OuterRef("task"), position=OuterRef("level"))
REVIEW_DUE = Coalesce("level_due_at", Subquery(_LEVEL.values("due_at")[:1]))
BY_DUE = (REVIEW_DUE.asc(nulls_last=True), "changed_at", "pk")


def waiting_for(user: User) -> SelfAssessmentQuerySet:
    """Return what waits at a person's levels, by due time."""
    seen = SelfAssessment.objects.visible_to(user).awaiting_review_by(user)
    return seen.order_by(*BY_DUE)


def with_content(waiting: SelfAssessmentQuerySet) -> SelfAssessmentQuerySet:
    """Load what a row tells, and what stands out."""
    loaded = waiting.with_facts().prefetch_related(
        "task__levels", "project__funding_lines"
    )
    return with_flags(loaded)


def with_flags(waiting: SelfAssessmentQuerySet) -> SelfAssessmentQuerySet:
    """Load what flags() says, in the query that loads the rows."""
    return waiting.annotate(
        returns=Coalesce(Subquery(_returns(), output_field=IntegerField()), 0),
        has_rows=Exists(IndicatorResult.objects.filter(assessment=OuterRef("pk"))),
        below_full=Exists(_below_full()),
        copied=Exists(_copied()),
        found_codes=Subquery(_sent_checks().values("codes")[:1]),
        answered=Coalesce(Subquery(_sent_checks().values("answered")[:1]), 0),
    )


def flags(assessment: SelfAssessment) -> Iterator[tuple[str, str]]:
    """Yield what stands out in one of with_flags(): a word and what it means."""
    if assessment.submissions == 1:
        yield "首次送审", "第一次送审，以前没有审过"
    returns: int = getattr(assessment, "returns", 0)
    if returns >= 2:
        yield f"退回 {returns} 次", "已经退回两次或更多"
    odd = oddity(assessment)
    if odd:
        yield "得分远高于执行率", odd
    if getattr(assessment, "has_rows", False) and not getattr(
        assessment, "below_full", True
    ):
        yield "各项满分", "每一项指标都得满分"
    budget: Decimal | None = assessment.project.funding_total("adjusted")
    if budget is not None and budget >= settings.LARGE_BUDGET:
        amount = from_yuan(budget, "万元")
        yield "大额资金", f"全年预算数 {amount:,.2f} 万元"
    yield from _found(assessment)
    if getattr(assessment, "copied", False):
        yield "文字与上年相同", "有一部分文字和上一年度的报告一字不差"


def _found(assessment: SelfAssessment) -> Iterator[tuple[str, str]]:
    """Yield what the checks found as it was sent up, each with what that means."""
    found: dict[str, dict[str, int]] = getattr(assessment, "found_codes", None) or {}
    asked, hints = found.get("warning", {}), found.get("info", {})
    if asked:
        answered: int = getattr(assessment, "answered", 0)
        yield f"附说明 {answered} 项", f"送审时单位作了说明：{_helps(asked)}"
    if hints:
        yield f"检查提示 {sum(hints.values())} 处", _helps(hints)


def _helps(codes: Mapping[str, int]) -> str:
    """Return what finding codes mean, those that are known still."""
    return "；".join(CHECKS[code].help for code in codes if code in CHECKS)


def _sent_checks() -> QuerySet[SentCheck, SentCheck]:
    """What was found when a self-assessment was sent up, the last time first."""
    kept = SentCheck.objects.filter(record__assessment=OuterRef("pk"))
    return kept.order_by("-record")


def _returns() -> QuerySet[Any, Any]:
    found = ReviewRecord.objects.filter(assessment=OuterRef("pk"), action__in=RETURNS)
    counted = found.order_by().values("assessment")
    return counted.annotate(times=Count("pk")).values("times")


def _below_full() -> QuerySet[Any, Any]:
    """Rows without all their points: the unit's own where it gives them, or the rule's.

    max_points of a result is the weight at the time it was scored.
    """
    judged = Q(indicator__comparator__in=JUDGED, self_points__isnull=False)
    full = (judged & Q(self_points__gte=F("max_points"))) | (
        ~judged & Q(auto_points__gte=F("max_points"))
    )
    rows = IndicatorResult.objects.filter(assessment=OuterRef("pk"))
    return rows.exclude(pk__in=IndicatorResult.objects.filter(full).values("pk"))


def _copied() -> QuerySet[Any, Any]:
    """Texts of any length that say word for word what the year before said."""
    before = Narrative.objects.filter(
        assessment__project__code=OuterRef("assessment__project__code"),
        assessment__project__year=OuterRef("assessment__project__year") - 1,
        key=OuterRef("key"),
        text=OuterRef("text"),
    )
    own = Narrative.objects.filter(assessment=OuterRef("pk"))
    long = own.annotate(length=Length("text")).filter(length__gte=SHORTEST_TEXT)
    return long.filter(Exists(before))
