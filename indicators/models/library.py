"""The indicator library (指标库): indicators to pick, common and of departments."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from indicators.models.targets import Comparator, shown_target
from indicators.querysets import IndicatorTemplateQuerySet
from perfeval.fields import PointsField
from projects.models import Department


class IndicatorTemplate(models.Model):
    """An indicator of the library; department: whose it is, None for all.

    max_points: a proposal, null without one.
    """

    department = models.ForeignKey(
        Department,
        verbose_name="适用部门",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicator_templates",
    )
    level1 = models.CharField("一级指标", max_length=50)
    level2 = models.CharField("二级指标", max_length=50, blank=True)
    level3 = models.CharField("三级指标", max_length=200)
    comparator = models.CharField(
        "指标性质", max_length=12, choices=Comparator, default=Comparator.AT_LEAST
    )
    target = models.CharField("参考指标值", max_length=200, blank=True)
    unit = models.CharField("度量单位", max_length=20, blank=True)
    max_points = PointsField(
        "建议分值", null=True, blank=True, validators=[MinValueValidator(0)]
    )
    standard = models.TextField("评分标准", max_length=2000, blank=True)
    is_active = models.BooleanField("供选取", default=True)
    version = models.PositiveIntegerField("版本", default=1)

    objects = IndicatorTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标库"
        ordering = ["level1", "level2", "level3", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["level1", "level2", "level3"],
                condition=Q(department__isnull=True),
                name="indicatortemplate_common_once",
                violation_error_message="共性指标中已有同名指标",
            ),
            models.UniqueConstraint(
                fields=["department", "level1", "level2", "level3"],
                name="indicatortemplate_once_a_department",
                violation_error_message="该部门的指标库中已有同名指标",
            ),
            models.CheckConstraint(
                name="indicatortemplate_points_within_100",
                condition=Q(max_points__isnull=True)
                | (Q(max_points__gte=0) & Q(max_points__lte=100)),
                violation_error_message="分值应在 0 与 100 之间",
            ),
            models.CheckConstraint(
                name="indicatortemplate_comparator_known",
                condition=Q(comparator__in=Comparator.values),
                violation_error_message="没有这种指标性质",
            ),
        ]

    def __str__(self) -> str:
        return self.level3

    @property
    def shown_target(self) -> str:
        """The target as the form prints it; without one its unit: （场）."""
        shown = shown_target(self.comparator, self.target, self.unit)
        return shown or (f"（{self.unit}）" if self.unit else "")
