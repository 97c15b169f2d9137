"""What a year's work is sent out with: scheme, task, levels of review, material."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from indicators.querysets import EvaluationTaskQuerySet
from perfeval.audit import subject_of
from perfeval.fields import AmountField
from perfeval.models import StoredFile
from projects.models import PHONE, BudgetProject, Department, Role


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


class Material(models.TextChoices):
    FORM = "form", "仅自评表"
    FORM_REPORT = "form_report", "自评表和自评报告"
    FORM_REPORT_SCORE = "form_report_score", "自评表、自评报告和评分表"


class DueRule(models.TextChoices):
    """What becomes of a due time on a day off (perfeval.deadlines.moved)."""

    AS_TYPED = "as_typed", "按所填时间，不变"
    NEXT_WORKDAY = "next_workday", "顺延到下一个工作日"
    PREVIOUS_WORKDAY = "previous_workday", "提前到前一个工作日"


class EvaluationTask(models.Model):
    """A year's work as it is sent out (自评任务).

    due_at counts; typed_due_at is what was typed where a holiday moved it.
    """

    year = models.PositiveSmallIntegerField(
        "评价年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    title = models.CharField("任务名称", max_length=200)
    notice_number = models.CharField(
        "通知文号", max_length=100, blank=True, help_text="照通知原文填写"
    )
    notice = models.TextField("通知内容", max_length=20_000, blank=True)
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
    typed_due_at = models.DateTimeField(
        "所填截止时间", null=True, blank=True, editable=False
    )
    due_rule = models.CharField(
        "截止时间遇节假日", max_length=20, choices=DueRule, default=DueRule.AS_TYPED
    )
    default_material = models.CharField(
        "材料要求", max_length=20, choices=Material, default=Material.FORM_REPORT
    )
    needs_sealed_scan = models.BooleanField("要求上传盖章扫描件", default=False)
    state = models.CharField(
        "任务状态", max_length=10, choices=TaskState, default=TaskState.DRAFT
    )
    # In the order of uploading; who may have one sees the task.
    attachments = models.ManyToManyField(
        StoredFile, verbose_name="附件", blank=True, related_name="+"
    )
    version = models.PositiveIntegerField("版本", default=1, editable=False)

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
            models.CheckConstraint(
                name="evaluationtask_due_rule_known",
                condition=Q(due_rule__in=DueRule.values),
                violation_error_message="没有这种截止规则",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_due_moved(self) -> bool:
        """Whether a holiday moved the due time away from what was typed."""
        return self.typed_due_at not in (None, self.due_at)


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
    opens_at = models.DateTimeField("审核开始时间", null=True, blank=True)
    due_at = models.DateTimeField("审核截止时间", null=True, blank=True)
    typed_due_at = models.DateTimeField(
        "所填审核截止时间", null=True, blank=True, editable=False
    )
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
            models.CheckConstraint(
                name="tasklevel_times_in_order",
                condition=Q(opens_at__isnull=True)
                | Q(due_at__isnull=True)
                | Q(opens_at__lt=F("due_at")),
                violation_error_message="审核截止时间应晚于审核开始时间",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MaterialRule(models.Model):
    """What is asked of projects from an amount on, or of a category, or of both.

    The first rule that fits a project counts, else the task's default_material.
    """

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="任务",
        on_delete=models.CASCADE,
        related_name="material_rules",
    )
    position = models.PositiveSmallIntegerField("顺序")
    from_amount = AmountField("全年预算数不少于", null=True, blank=True)
    category = models.CharField("项目类别", max_length=50, blank=True)
    material = models.CharField("材料要求", max_length=20, choices=Material)

    class Meta:
        verbose_name = verbose_name_plural = "材料要求规则"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "position"],
                name="materialrule_position_once",
                violation_error_message="同一任务的规则顺序不能重复",
            ),
            models.CheckConstraint(
                name="materialrule_asks_something",
                condition=Q(from_amount__isnull=False) | ~Q(category=""),
                violation_error_message="请填写金额或项目类别",
            ),
            models.CheckConstraint(
                name="materialrule_material_known",
                condition=Q(material__in=Material.values),
                violation_error_message="没有这种材料要求",
            ),
        ]

    def __str__(self) -> str:
        return self.get_material_display()


class TaskPassing(models.Model):
    """How a department passes a task down: an earlier due time and words of its own."""

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="任务",
        on_delete=models.PROTECT,
        related_name="passings",
    )
    department = models.ForeignKey(
        Department,
        verbose_name="部门",
        on_delete=models.PROTECT,
        related_name="task_passings",
    )
    due_at = models.DateTimeField("本部门截止时间", null=True, blank=True)
    remarks = models.TextField("本部门补充说明", max_length=4000, blank=True)
    passed_at = models.DateTimeField("转发时间")
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="转发人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "任务转发"
        ordering = ["department__path"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "department"],
                name="taskpassing_once_a_department",
                violation_error_message="本部门已转发该任务",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} · {self.task}"

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events are of the task."""
        return {
            "subject": subject_of(self.task),
            "action": "task.passed_down",
            "summary__startswith": str(self.department),
        }


class TaskExemption(models.Model):
    """A project that the task counts although it does not report (免报), and why.

    A project that had its self-assessment already keeps it: see exempt_since there.
    """

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="任务",
        on_delete=models.PROTECT,
        related_name="exemptions",
    )
    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="exemptions",
    )
    reason = models.CharField("原因", max_length=300)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "免报项目"
        ordering = ["project__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "project"],
                name="taskexemption_once_a_task",
                violation_error_message="该项目在本任务中已登记免报",
            ),
            models.CheckConstraint(
                name="taskexemption_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="请填写免报原因",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.task}"


class Holiday(models.Model):
    """A day on which the week alone does not tell whether it is worked."""

    date = models.DateField("日期", unique=True)
    name = models.CharField("名称", max_length=50)
    is_workday = models.BooleanField(
        "调休上班", default=False, help_text="周末因调休上班的日子"
    )

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
