"""What a text of a self-assessment was before, and what was not taken over."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models.assessments import Narrative


class VersionKind(models.TextChoices):
    """How a version came about; rejected: typed, but somebody else saved first."""

    AUTO = "auto", "自动保存"
    SAVED = "saved", "保存"
    DRAFTED = "drafted", "生成初稿"
    RESTORED = "restored", "恢复"
    REJECTED = "rejected", "未采用"


class NarrativeVersion(models.Model):
    """One state of a text; number: the version of the Narrative that it was.

    Of a rejected one: the version that it was written on. An automatic one that only
    adds to its writer's last automatic one takes its place: nothing is lost by that.
    """

    narrative = models.ForeignKey(
        Narrative,
        verbose_name="报告文字",
        on_delete=models.CASCADE,
        related_name="versions",
    )
    number = models.PositiveIntegerField("版本")
    kind = models.CharField("方式", max_length=10, choices=VersionKind)
    text = models.TextField("内容", max_length=100_000, blank=True)
    saved_at = models.DateTimeField("保存时间", null=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="保存人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "文字版本"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["narrative", "number"],
                condition=~Q(kind=VersionKind.REJECTED),
                name="narrativeversion_once",
                violation_error_message="该版本已存在",
            ),
            models.CheckConstraint(
                name="narrativeversion_kind_known",
                condition=Q(kind__in=VersionKind.values),
                violation_error_message="没有这种方式",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.narrative} 第 {self.number} 版"
