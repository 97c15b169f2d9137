"""What the checks found when a report was sent up, and what the unit says to it."""

from typing import Any

from django.conf import settings
from django.db import models

from indicators.models import ReviewRecord, SelfAssessment
from perfeval.audit import subject_of


class FindingAnswers(models.Model):
    """What the unit says to each 需说明事项, as long as it is at work on the report.

    texts: {key of a finding: {"code", "message", "text"}}; an answer to what is found
    no more stays, for the case that it is found again.
    """

    assessment = models.OneToOneField(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.CASCADE,
        related_name="finding_answers",
    )
    texts = models.JSONField("说明", default=dict, blank=True)
    version = models.PositiveIntegerField("版本", default=0)
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="保存人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "对检查结果的说明"

    def __str__(self) -> str:
        return f"{self.assessment_id} 的说明"

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events are of the report."""
        return {
            "subject": subject_of(self.assessment),
            "action__startswith": "findinganswers.",
        }

    def text_of(self, key: str) -> str:
        """Return what is said to a finding, "" where nothing is."""
        said: dict[str, str] = self.texts.get(key, {})
        return said.get("text", "")


class SentCheck(models.Model):
    """What was found in a report as it was sent up: written once with the step.

    findings: as check_report prints them, each with "answer"; codes: how often
    each stands there, {severity: {code: number}}.
    """

    record = models.OneToOneField(
        ReviewRecord,
        verbose_name="流转记录",
        on_delete=models.PROTECT,
        related_name="sent_check",
    )
    findings = models.JSONField("检查结果", default=list)
    codes = models.JSONField("各类问题", default=dict)
    answered = models.PositiveIntegerField("已说明")

    class Meta:
        verbose_name = verbose_name_plural = "送审时的检查结果"

    def __str__(self) -> str:
        return f"{self.record_id} {len(self.findings)} 处"

    @property
    def said(self) -> list[dict[str, Any]]:
        """The findings that bear an answer."""
        return [each for each in self.findings if each["answer"]]
