"""What is made of a result in next year's budget (结果应用): rules and decisions."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models.assessments import SelfAssessment
from indicators.models.tasks import EvaluationTask
from indicators.result_use_querysets import ResultUseQuerySet
from perfeval.audit import subject_of
from perfeval.fields import AmountField, PointsField


class Use(models.TextChoices):
    PRIORITY = "priority", "优先保障"
    KEEP = "keep", "正常安排"
    REDUCE = "reduce", "压减预算"
    STOP = "stop", "取消或收回"


class UseRule(models.Model):
    """What is suggested at a grade (参考): of one task, or of all (task is null)."""

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="自评任务",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="use_rules",
    )
    grade = models.CharField("等级", max_length=2)
    use = models.CharField("建议", max_length=10, choices=Use)
    note = models.CharField("下一年度预算安排意见", max_length=500, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "结果应用参考"
        ordering = ["task", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "grade"],
                name="userule_once_a_task",
                violation_error_message="本任务的这个等级已有参考意见",
            ),
            models.UniqueConstraint(
                fields=["grade"],
                name="userule_once_for_all",
                condition=Q(task__isnull=True),
                violation_error_message="这个等级已有参考意见",
            ),
            models.CheckConstraint(
                name="userule_use_known",
                condition=Q(use__in=Use.values),
                violation_error_message="没有这种应用方式",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade}：{self.get_use_display()}"

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events are of the task."""
        return {
            "subject": subject_of(self.task) if self.task else "",
            "action__startswith": "userule.",
            "summary__contains": f"“{self.grade}”",
        }


class ResultUse(models.Model):
    """What the 绩效科 or 归口业务科室 decided of one self-assessment's result.

    grade, score, edition: what it was decided on. suggested: what the rule said then.
    The unit sees it once it is sent out; a change after that carries a reason.
    """

    assessment = models.OneToOneField(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="result_use",
    )
    use = models.CharField("应用方式", max_length=10, choices=Use)
    note = models.TextField("下一年度预算安排意见", max_length=2000, blank=True)
    amount = AmountField("建议安排金额", null=True, blank=True)
    grade = models.CharField("等级", max_length=2, blank=True)
    score = PointsField("得分", null=True, blank=True)
    edition = models.PositiveSmallIntegerField("依据的版次", default=1)
    suggested = models.CharField(
        "参考意见", max_length=10, choices=Use, blank=True, default=""
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="决定人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("决定时间")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发出人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    reason = models.CharField("修改原因", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    objects = ResultUseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结果应用"
        ordering = ["assessment"]
        constraints = [
            models.CheckConstraint(
                name="resultuse_use_known",
                condition=Q(use__in=Use.values),
                violation_error_message="没有这种应用方式",
            ),
            models.CheckConstraint(
                name="resultuse_amount_not_negative",
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                violation_error_message="金额不能为负数",
            ),
        ]

    def __str__(self) -> str:
        return self.get_use_display()

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def is_as_suggested(self) -> bool:
        return self.use == self.suggested

    @property
    def is_of_older_edition(self) -> bool:
        """Whether the report was reopened since (uses the loaded assessment)."""
        return self.edition < self.assessment.edition
