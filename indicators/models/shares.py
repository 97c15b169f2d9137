"""What each of several units achieved of one indicator."""

from django.db import models

from indicators.models.assessments import IndicatorResult
from perfeval.audit import subject_of
from projects.models import Department


class ShareResult(models.Model):
    """One unit's part of an indicator's actual value; the lead has one too.

    The whole (IndicatorResult.actual) is made from them: indicators/shares.py.
    """

    result = models.ForeignKey(
        IndicatorResult,
        verbose_name="指标完成情况",
        on_delete=models.CASCADE,
        related_name="shares",
    )
    unit = models.ForeignKey(
        Department,
        verbose_name="实施单位",
        on_delete=models.PROTECT,
        related_name="share_results",
    )
    actual = models.CharField("实际完成值", max_length=100, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "分单位完成情况"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "unit"],
                name="shareresult_once_a_unit",
                violation_error_message="该单位已填此指标",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}：{self.actual}"

    @property
    def chain(self) -> str:
        return self.result.assessment.chain

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events are of the whole row."""
        return {
            "subject": subject_of(self.result),
            "action__startswith": "share.",
            "summary__startswith": self.unit.name,
        }
