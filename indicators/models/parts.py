"""Parts of a self-assessment given to a person (分工)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models.assessments import NarrativeKey, SelfAssessment

# “results” is the key of a text.
MONEY, ROWS, EVIDENCE = "money", "rows", "evidence"
PART_NAMES: dict[str, str] = {
    MONEY: "项目资金",
    ROWS: "绩效指标完成情况",
    **{str(value): str(label) for value, label in NarrativeKey.choices},
    EVIDENCE: "佐证材料",
}


class PartAssignment(models.Model):
    """One part that a person fills in, with the day by which; the person needs no role.

    part: money, rows, evidence or the key of a text.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.CASCADE,
        related_name="assignments",
    )
    part = models.CharField("部分", max_length=20, choices=list(PART_NAMES.items()))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="填写人",
        on_delete=models.PROTECT,
        related_name="assigned_parts",
    )
    due_on = models.DateField("完成日期")
    note = models.CharField("说明", max_length=300, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="分派人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    given_at = models.DateTimeField("分派时间")

    class Meta:
        verbose_name = verbose_name_plural = "分工"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "part"],
                name="partassignment_part_once",
                violation_error_message="该部分已分给一人",
            ),
            models.CheckConstraint(
                name="partassignment_part_known",
                condition=Q(part__in=list(PART_NAMES)),
                violation_error_message="没有这一部分",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} → {self.user}"
