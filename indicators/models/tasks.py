"""What a year's work is sent out with: scheme, task, levels of review."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from indicators.querysets import EvaluationTaskQuerySet
from projects.models import PHONE, Role


class ScoringScheme(models.Model):
    """A version of a scoring scheme as the database keeps it (评分方案)."""

    scheme_id = models.CharField("方案标识", max_length=40)
    version = models.PositiveSmallIntegerField("版本")
    name = models.CharField("方案名称", max_length=100)
    text = models.TextField("方案内容")
    sha256 = models.CharField("内容摘要", max_length=64)
    loaded_at = models.DateTimeField("载入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "评分方案"
        ordering = ["scheme_id", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_id", "version"],
                name="scoringscheme_version_once",
                violation_error_message="该方案已有此版本",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.reference}）"

    @property
    def reference(self) -> str:
        """Id and version as documents name them: mof-2020@1."""
        return f"{self.scheme_id}@{self.version}"


class TaskState(models.TextChoices):
    DRAFT = "draft", "未下达"
    SENT = "sent", "进行中"
    CLOSED = "closed", "已结束"


class EvaluationTask(models.Model):
    """A year's work as it is sent out (自评任务)."""

    year = models.PositiveSmallIntegerField(
        "评价年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    title = models.CharField("任务名称", max_length=200)
    notice_number = models.CharField(
        "通知文号", max_length=100, blank=True, help_text="照通知原文填写"
    )
    notice = models.TextField("通知内容", blank=True)
    scheme = models.ForeignKey(
        ScoringScheme,
        verbose_name="评分方案",
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True, validators=[PHONE])
    opens_at = models.DateTimeField("开始时间")
    due_at = models.DateTimeField("截止时间", help_text="到该分钟结束为止")
    state = models.CharField(
        "任务状态", max_length=10, choices=TaskState, default=TaskState.DRAFT
    )

    objects = EvaluationTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自评任务"
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "title"],
                name="evaluationtask_title_once_a_year",
                violation_error_message="本年度已有同名任务",
            ),
            models.CheckConstraint(
                name="evaluationtask_times_in_order",
                condition=Q(opens_at__lt=F("due_at")),
                violation_error_message="截止时间应晚于开始时间",
            ),
            models.CheckConstraint(
                name="evaluationtask_state_known",
                condition=Q(state__in=TaskState.values),
                violation_error_message="没有这种任务状态",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TaskLevel(models.Model):
    """One level of review in a task, in order from 1."""

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="任务",
        on_delete=models.CASCADE,
        related_name="levels",
    )
    position = models.PositiveSmallIntegerField(
        "级次", validators=[MinValueValidator(1)]
    )
    name = models.CharField("名称", max_length=30)
    role = models.CharField("审核角色", max_length=30, choices=Role)
    due_at = models.DateTimeField("审核截止时间", null=True, blank=True)
    gives_points = models.BooleanField("给出复核得分", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "审核级次"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "position"],
                name="tasklevel_position_once",
                violation_error_message="同一任务的级次不能重复",
            ),
            models.CheckConstraint(
                name="tasklevel_position_from_one",
                condition=Q(position__gte=1),
                violation_error_message="级次从 1 开始",
            ),
            models.CheckConstraint(
                name="tasklevel_role_reviews",
                condition=Q(
                    role__in=[
                        Role.UNIT_REVIEWER,
                        Role.DEPARTMENT_REVIEWER,
                        Role.SECTION_REVIEWER,
                        Role.PERFORMANCE_SECTION,
                    ]
                ),
                violation_error_message="该角色不能审核",
            ),
        ]

    def __str__(self) -> str:
        return self.name
