"""What reviewers decide and say."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models.assessments import NarrativeKey, SelfAssessment, Status
from indicators.models.targets import Indicator


class ReviewRecord(models.Model):
    """One step of the flow: who moved it from where to where, and with what words."""

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="review_records",
    )
    action = models.CharField("操作", max_length=20)
    from_status = models.CharField("原状态", max_length=12, choices=Status)
    to_status = models.CharField("新状态", max_length=12, choices=Status)
    level = models.PositiveSmallIntegerField("审核级次", default=0)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Who was stood in for (代办授权), null where the person acted in an own role.
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="代办对象",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField("意见", max_length=4000, blank=True)
    due_at = models.DateTimeField("退回后的期限", null=True)
    is_late = models.BooleanField("逾期", default=False)
    submission = models.CharField("送审编号", max_length=30, blank=True)
    edition = models.PositiveSmallIntegerField("版次", default=1)
    at = models.DateTimeField("时间")
    version = models.PositiveIntegerField("版本")
    snapshot = models.JSONField("报告快照")

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="reviewrecord_return_has_a_note",
                condition=~Q(to_status=Status.RETURNED) | ~Q(note=""),
                violation_error_message="退回时请填写退回意见",
            ),
            models.CheckConstraint(
                name="reviewrecord_reason_where_asked",
                condition=~Q(action__in=["send_down", "reopen"]) | ~Q(note=""),
                violation_error_message="请填写原因",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.action}"

    @property
    def who(self) -> str:
        """Who took the step, and for whom: 许文昭（代陈启明）."""
        other = self.on_behalf_of
        return f"{self.actor}（代{other}）" if other else str(self.actor)


class ItemComment(models.Model):
    """A remark on one indicator or one text, or an answer to one (评语)."""

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="comments",
    )
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="指标",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="comments",
    )
    narrative_key = models.CharField(
        "部分", max_length=20, choices=NarrativeKey, blank=True
    )
    answers = models.ForeignKey(
        "self",
        verbose_name="所答评语",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replies",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="作者",
        on_delete=models.PROTECT,
        related_name="+",
    )
    text = models.TextField("内容", max_length=4000)
    at = models.DateTimeField("时间")
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评语"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="itemcomment_on_one_thing",
                condition=Q(indicator__isnull=False, narrative_key="")
                | (Q(indicator__isnull=True) & ~Q(narrative_key="")),
                violation_error_message="评语应针对一项指标或一个部分",
            )
        ]

    def __str__(self) -> str:
        return self.text[:50]
