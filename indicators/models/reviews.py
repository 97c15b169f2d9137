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
    # An answer in a thread is the unit's unless a reviewer goes on asking.
    by_reviewer = models.BooleanField("审核人追问", default=False)
    # The passage a remark is on, where it stands in the text that was sent up
    # (characters from 0), and in which 送审 that was.
    quote = models.TextField("所评文字", max_length=2000, blank=True)
    start = models.PositiveIntegerField("所评文字起点", null=True, blank=True)
    end = models.PositiveIntegerField("所评文字终点", null=True, blank=True)
    submission = models.CharField("送审编号", max_length=30, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="作者",
        on_delete=models.PROTECT,
        related_name="+",
    )
    text = models.TextField("内容", max_length=4000)
    at = models.DateTimeField("时间")
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="关闭人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "评语"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="itemcomment_on_one_thing",
                condition=Q(indicator__isnull=False, narrative_key="")
                | (Q(indicator__isnull=True) & ~Q(narrative_key="")),
                violation_error_message="评语应针对一项指标或一个部分",
            ),
            models.CheckConstraint(
                name="itemcomment_passage_is_whole",
                condition=Q(start__isnull=True, end__isnull=True)
                | (
                    Q(start__isnull=False, end__isnull=False)
                    & Q(start__lt=models.F("end"))
                    & ~Q(quote="")
                ),
                violation_error_message="所评文字的位置不对",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class ReviewPhrase(models.Model):
    """A sentence of the office's that reviewers pick for their opinion (审核意见)."""

    class Use(models.TextChoices):
        APPROVE = "approve", "通过"
        RETURN = "return", "退回"
        COMMENT = "comment", "评语"

    use = models.CharField("用于", max_length=10, choices=Use)
    text = models.CharField("用语", max_length=300)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "审核用语"
        ordering = ["use", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["use", "text"],
                name="reviewphrase_once",
                violation_error_message="已有这句用语",
            ),
            models.CheckConstraint(
                name="reviewphrase_use_known",
                condition=Q(use__in=["approve", "return", "comment"]),
                violation_error_message="没有这种用途",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ReviewDraft(models.Model):
    """What a person is writing in a review and has not said yet; nobody else sees it.

    place: opinion, indicator-12 or text-basics, or comment-7 for an answer.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.CASCADE,
        related_name="drafts",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="作者",
        on_delete=models.PROTECT,
        related_name="+",
    )
    place = models.CharField("位置", max_length=40)
    text = models.TextField("内容", max_length=4000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "未提交的审核文字"
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "author", "place"],
                name="reviewdraft_once",
                violation_error_message="该处已有未提交的文字",
            )
        ]

    def __str__(self) -> str:
        return self.text[:50]
