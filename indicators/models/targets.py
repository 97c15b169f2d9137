"""Indicators with their targets (绩效指标), and how approved targets are changed."""

from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from perfeval.audit import subject_of
from perfeval.fields import PointsField
from perfeval.numbers import Quantity, Span, read_value
from perfeval.templatetags.units import chinese_date, max_points
from projects.models import BudgetProject, ChangeRequest


class Comparator(models.TextChoices):
    AT_LEAST = ">=", "≥"
    MORE = ">", "＞"
    EQUAL = "=", "＝"
    AT_MOST = "<=", "≤"
    LESS = "<", "＜"
    QUALITATIVE = "qualitative", "定性"
    RUBRIC = "rubric", "按评分标准"


JUDGED = (Comparator.QUALITATIVE, Comparator.RUBRIC)


class Combination(models.TextChoices):
    """How the actual value of the whole comes about where several units share it."""

    LEAD = "lead", "牵头单位填写"
    SUM = "sum", "各单位合计"
    AVERAGE = "average", "各单位平均"


def shown_target(comparator: str, target: str, unit: str) -> str:
    """Return a target as the form prints it: ≥50场, or the words as written."""
    read = read_value(target)
    if comparator in JUDGED or not isinstance(read, Quantity | Span):
        return target
    sign = "" if read.sign else Comparator(comparator).label
    return f"{sign}{target.strip()}{'' if read.unit else unit}"


class Indicator(models.Model):
    """A level-3 indicator of a project with its target (绩效指标)."""

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="indicators",
    )
    position = models.PositiveSmallIntegerField("顺序", default=0)
    level1 = models.CharField("一级指标", max_length=50)
    level2 = models.CharField("二级指标", max_length=50, blank=True)
    level3 = models.CharField("三级指标", max_length=200)
    comparator = models.CharField(
        "指标性质", max_length=12, choices=Comparator, default=Comparator.AT_LEAST
    )
    target = models.CharField(
        "年度指标值",
        max_length=200,
        blank=True,
        help_text="定量指标填数字，定性指标填应达到的程度",
    )
    unit = models.CharField("度量单位", max_length=20, blank=True)
    max_points = PointsField("分值", validators=[MinValueValidator(0)])
    standard = models.TextField("评分标准", max_length=2000, blank=True)
    combination = models.CharField(
        "完成值汇总方式",
        max_length=8,
        choices=Combination,
        default=Combination.LEAD,
        help_text="由多个单位实施的项目：全项目的完成值怎样得出",
    )
    is_approved = models.BooleanField("已批复", default=False)
    # As they were before the first 绩效目标调整, "" and null where there was none;
    # written by adjustments.decide_adjustment alone.
    target_before = models.CharField(
        "原指标值", max_length=230, blank=True, editable=False
    )
    points_before = PointsField("原分值", null=True, blank=True, editable=False)
    adjusted_on = models.DateField("调整日期", null=True, blank=True, editable=False)
    adjusted_late = models.BooleanField("年度终了后调整", default=False, editable=False)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "绩效指标"
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["project", "position"], name="indicator_in_order"),
            # Which projects wait for approval, where nearly all have it.
            models.Index(
                fields=["project"],
                condition=Q(is_approved=False),
                name="indicator_unapproved",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "level1", "level2", "level3"],
                name="indicator_name_once",
                violation_error_message="同一项目中已有同名指标",
            ),
            models.CheckConstraint(
                name="indicator_points_within_100",
                condition=Q(max_points__gte=0) & Q(max_points__lte=100),
                violation_error_message="分值应在 0 与 100 之间",
            ),
            models.CheckConstraint(
                name="indicator_comparator_known",
                condition=Q(comparator__in=Comparator.values),
                violation_error_message="没有这种指标性质",
            ),
            models.CheckConstraint(
                name="indicator_combination_known",
                condition=Q(combination__in=Combination.values),
                violation_error_message="没有这种汇总方式",
            ),
            models.CheckConstraint(
                name="indicator_judged_by_the_lead",
                condition=Q(combination="lead") | ~Q(comparator__in=JUDGED),
                violation_error_message="定性和按评分标准的指标由牵头单位填写",
            ),
        ]

    def __str__(self) -> str:
        return self.level3

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events stand in the project's history."""
        return {
            "subject": subject_of(self.project),
            "action__startswith": "indicator.",
            "summary__endswith": f"“{self.level3}”",
        }

    @property
    def is_judged(self) -> bool:
        """Whether points are given by judgement, within a band or by a standard."""
        return self.comparator in JUDGED

    @property
    def shown_target(self) -> str:
        """The target as the form prints it."""
        return shown_target(self.comparator, self.target, self.unit)

    @property
    def adjustment_words(self) -> str:
        """What the form says of its adjustment beside 原指标值, "" without one."""
        if self.adjusted_on is None:
            return ""
        points = self.points_before
        weight = "" if points is None else f"原分值{max_points(points)}，"
        day = chinese_date(self.adjusted_on.isoformat())
        late = "年度终了后" if self.adjusted_late else ""
        return f"{weight}{day}{late}调整"

    @property
    def is_combined(self) -> bool:
        """Whether its actual value is made from what several units fill in."""
        return self.combination != Combination.LEAD


class TargetAdjustment(ChangeRequest):
    """A change of an approved target or weight (绩效目标调整), old and new values."""

    indicator = models.ForeignKey(
        Indicator,
        verbose_name="指标",
        on_delete=models.PROTECT,
        related_name="adjustments",
    )
    old_comparator = models.CharField("原指标性质", max_length=12, choices=Comparator)
    old_target = models.CharField("原指标值", max_length=200, blank=True)
    old_unit = models.CharField("原度量单位", max_length=20, blank=True)
    old_max_points = PointsField("原分值")
    new_comparator = models.CharField(
        "调整后指标性质", max_length=12, choices=Comparator
    )
    new_target = models.CharField("调整后指标值", max_length=200, blank=True)
    new_unit = models.CharField("调整后度量单位", max_length=20, blank=True)
    new_max_points = PointsField("调整后分值")

    class Meta(ChangeRequest.Meta):
        verbose_name = verbose_name_plural = "绩效目标调整"
        constraints = [
            *ChangeRequest.Meta.constraints,
            models.UniqueConstraint(
                fields=["indicator"],
                condition=Q(state="requested"),
                name="targetadjustment_one_open_an_indicator",
                violation_error_message="该指标已有待审批的绩效目标调整",
            ),
            models.CheckConstraint(
                name="targetadjustment_has_reason_and_document",
                condition=~Q(reason="")
                & ~Q(document="")
                & Q(document_date__isnull=False),
                violation_error_message="请填写调整原因、批准文号和文件日期",
            ),
            models.CheckConstraint(
                name="targetadjustment_changes_something",
                condition=~Q(
                    new_comparator=F("old_comparator"),
                    new_target=F("old_target"),
                    new_unit=F("old_unit"),
                    new_max_points=F("old_max_points"),
                ),
                violation_error_message="调整前后没有差别",
            ),
            models.CheckConstraint(
                name="targetadjustment_points_within_100",
                condition=Q(new_max_points__gte=0) & Q(new_max_points__lte=100),
                violation_error_message="分值应在 0 与 100 之间",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}：{self.summary}"

    @property
    def old_shown(self) -> str:
        return shown_target(self.old_comparator, self.old_target, self.old_unit)

    @property
    def new_shown(self) -> str:
        return shown_target(self.new_comparator, self.new_target, self.new_unit)

    @property
    def changes_target(self) -> bool:
        """Whether the target differs, not the weight alone."""
        old = (self.old_comparator, self.old_target, self.old_unit)
        return old != (self.new_comparator, self.new_target, self.new_unit)

    @property
    def changes_points(self) -> bool:
        return Decimal(self.old_max_points) != Decimal(self.new_max_points)

    @property
    def summary(self) -> str:
        """What changes, in one line: ≥50场 → ≥40场，分值 10 → 8."""
        told = []
        if self.changes_target:
            told.append(f"{self.old_shown or '（空）'} → {self.new_shown or '（空）'}")
        if self.changes_points:
            old, new = max_points(self.old_max_points), max_points(self.new_max_points)
            told.append(f"分值 {old} → {new}")
        return "，".join(told)

    @property
    def made_on(self) -> date:
        """The day it was made: when it was asked for, or its document if later."""
        asked = timezone.localdate(self.requested_at)
        return max(asked, self.document_date or asked)

    @property
    def is_after_year_end(self) -> bool:
        """Whether it was made after 31 December of the project's year."""
        return self.made_on > date(self.indicator.project.year, 12, 31)
