"""Indicators with their targets (绩效指标)."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from perfeval.fields import PointsField
from perfeval.numbers import Quantity, Span, read_value
from projects.models import BudgetProject


class Comparator(models.TextChoices):
    AT_LEAST = ">=", "≥"
    MORE = ">", "＞"
    EQUAL = "=", "＝"
    AT_MOST = "<=", "≤"
    LESS = "<", "＜"
    QUALITATIVE = "qualitative", "定性"
    RUBRIC = "rubric", "按评分标准"


JUDGED = (Comparator.QUALITATIVE, Comparator.RUBRIC)


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
    is_approved = models.BooleanField("已批复", default=False)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "绩效指标"
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["project", "position"], name="indicator_in_order")
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
        ]

    def __str__(self) -> str:
        return self.level3

    @property
    def is_judged(self) -> bool:
        """Whether points are given by judgement, within a band or by a standard."""
        return self.comparator in JUDGED

    @property
    def shown_target(self) -> str:
        """The target as the form prints it: ≥50场, or the words as written."""
        read = read_value(self.target)
        if self.is_judged or not isinstance(read, Quantity | Span):
            return self.target
        sign = "" if read.sign else self.get_comparator_display()
        return f"{sign}{self.target.strip()}{'' if read.unit else self.unit}"
