"""What proves a self-assessment (佐证材料), and which of its parts each file proves."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from indicators.models.assessments import NarrativeKey, SelfAssessment
from indicators.models.targets import Indicator
from perfeval.models import StoredFile, User


class Evidence(models.Model):
    """One file of a self-assessment; who brought it and when stands on the file.

    What was sent up once is superseded, never deleted: replaces is the piece before it.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="evidence",
    )
    file = models.OneToOneField(
        StoredFile, verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField("说明", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self",
        verbose_name="更换的文件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replacement",
    )
    replace_reason = models.CharField("更换原因", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_replaced_with_a_reason",
                condition=Q(replaces__isnull=True) | ~Q(replace_reason=""),
                violation_error_message="请填写更换原因",
            )
        ]

    def __str__(self) -> str:
        return str(self.file)

    @property
    def added_at(self) -> datetime:
        return self.file.uploaded_at

    @property
    def added_by(self) -> User | None:
        return self.file.uploaded_by


class EvidenceLink(models.Model):
    """One indicator or one text that a piece of evidence proves."""

    evidence = models.ForeignKey(
        Evidence,
        verbose_name="佐证材料",
        on_delete=models.CASCADE,
        related_name="links",
    )
    # An indicator that is deleted takes its link along, not the file.
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="指标",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="evidence_links",
    )
    narrative_key = models.CharField(
        "部分", max_length=20, choices=NarrativeKey, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "佐证对应"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="evidencelink_indicator_or_text",
                condition=Q(indicator__isnull=False, narrative_key="")
                | (Q(indicator__isnull=True) & ~Q(narrative_key="")),
                violation_error_message="佐证材料对应一项指标或一个部分",
            ),
            models.UniqueConstraint(
                fields=["evidence", "indicator"],
                name="evidencelink_indicator_once",
                condition=Q(indicator__isnull=False),
                violation_error_message="已对应该指标",
            ),
            models.UniqueConstraint(
                fields=["evidence", "narrative_key"],
                name="evidencelink_text_once",
                condition=~Q(narrative_key=""),
                violation_error_message="已对应该部分",
            ),
        ]

    def __str__(self) -> str:
        return self.get_narrative_key_display() or str(self.indicator)
