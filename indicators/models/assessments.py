"""Self-assessments with their results and texts (绩效自评)."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from indicators.models.targets import Indicator
from indicators.models.tasks import EvaluationTask, Material, TaskLevel
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.fields import PointsField
from projects.models import NOT_REPORTING, BudgetProject


class Status(models.TextChoices):
    DRAFT = "draft", "填报中"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已审定"
    PUBLISHED = "published", "已公开"


EDITABLE = (Status.DRAFT, Status.RETURNED)
FINAL = (Status.APPROVED, Status.PUBLISHED)


class SelfAssessment(models.Model):
    """One project's self-assessment in one task (绩效自评).

    status and level are written by workflow.advance alone; totals by services.rescore.
    """

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="assessments",
    )
    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="自评任务",
        on_delete=models.PROTECT,
        related_name="assessments",
    )
    material = models.CharField(
        "材料要求", max_length=20, choices=Material, default=Material.FORM_REPORT
    )
    status = models.CharField(
        "状态", max_length=12, choices=Status, default=Status.DRAFT
    )
    level = models.PositiveSmallIntegerField(
        "审核级次", default=0, help_text="审核中所在的级次，填报中为 0"
    )
    due_at = models.DateTimeField("本项目截止时间", null=True, blank=True)
    # The earliest of TaskPassing over its unit, so that a query can ask for it.
    passed_due_at = models.DateTimeField(
        "主管部门截止时间", null=True, blank=True, editable=False
    )
    # A due time of its own that a return gave to the level it went down to.
    level_due_at = models.DateTimeField("本级审核期限", null=True, blank=True)
    # Since then the level below can no longer take it back.
    opened_at = models.DateTimeField("本级打开时间", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="本级打开人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sealing = models.BooleanField(
        "待盖章报送",
        default=False,
        help_text="单位已办完，等盖章扫描件，下一级还看不到",
    )
    is_late = models.BooleanField("逾期送审", default=False)
    submissions = models.PositiveSmallIntegerField("送审次数", default=0)
    edition = models.PositiveSmallIntegerField(
        "版次", default=1, help_text="重新打开一次加一"
    )
    exempt_since = models.DateTimeField("收回时间", null=True, blank=True)
    exempt_reason = models.CharField("收回原因", max_length=300, blank=True)
    report_date = models.DateField("成文日期", null=True, blank=True)
    total = PointsField("自评得分", null=True, blank=True)
    review_total = PointsField("复核得分", null=True, blank=True)
    review_grade = models.CharField("复核等级", max_length=2, blank=True)
    grade = models.CharField("等级", max_length=2, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    changed_at = models.DateTimeField("最近修改", auto_now_add=True)

    objects = SelfAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "绩效自评"
        ordering = ["project__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "task"],
                name="selfassessment_once_a_task",
                violation_error_message="该项目在本任务中已有自评",
            ),
            models.CheckConstraint(
                name="selfassessment_status_known",
                condition=Q(status__in=Status.values),
                violation_error_message="没有这种状态",
            ),
            models.CheckConstraint(
                name="selfassessment_level_fits_status",
                condition=Q(status=Status.IN_REVIEW, level__gte=1)
                | (~Q(status=Status.IN_REVIEW) & Q(level=0)),
                violation_error_message="只有审核中的自评有审核级次",
            ),
            models.CheckConstraint(
                name="selfassessment_sealing_in_review",
                condition=Q(sealing=False) | Q(status=Status.IN_REVIEW),
                violation_error_message="只有审核中的自评可以待盖章报送",
            ),
            models.CheckConstraint(
                name="selfassessment_exempt_has_a_reason",
                condition=Q(exempt_since__isnull=True) | ~Q(exempt_reason=""),
                violation_error_message="请填写收回原因",
            ),
            models.CheckConstraint(
                name="selfassessment_total_not_negative",
                condition=Q(total__isnull=True) | Q(total__gte=0),
                violation_error_message="自评得分不能为负数",
            ),
            models.CheckConstraint(
                name="selfassessment_review_total_not_negative",
                condition=Q(review_total__isnull=True) | Q(review_total__gte=0),
                violation_error_message="复核得分不能为负数",
            ),
        ]
        indexes = [
            models.Index(fields=["task", "status"], name="selfassessment_by_status")
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.task}"

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE and self.exempt_since is None

    @property
    def is_sent_up(self) -> bool:
        """Whether it left the unit: what stands in it is closed to everybody."""
        return self.status not in EDITABLE

    @property
    def is_exempt(self) -> bool:
        """Whether it need not be handed in: taken back, or the project will not report.

        What was sent up already counts as handed in, whatever became of the project.
        """
        if self.exempt_since is not None:
            return True
        return self.status in EDITABLE and self.project.status in NOT_REPORTING

    @property
    def deadline(self) -> datetime:
        """The unit's due time, the one function for it (in queries: effective_due).

        Its own where it was extended, else its department's, never after the task's.
        """
        if self.due_at:
            return self.due_at
        return min(self.passed_due_at or self.task.due_at, self.task.due_at)

    @property
    def current_level(self) -> TaskLevel | None:
        """The level of review it stands at (uses prefetched task levels)."""
        levels = self.task.levels.all() if self.level else ()
        return next((each for each in levels if each.position == self.level), None)

    @property
    def review_due_at(self) -> datetime | None:
        """The due time of the level at hand: its own after a return, or the task's."""
        level = self.current_level
        return self.level_due_at or (level.due_at if level else None)

    @property
    def review_gap(self) -> Decimal | None:
        """Reviewed less own total, in points; None where either is missing."""
        if self.review_total is None or self.total is None:
            return None
        gap: Decimal = self.review_total - self.total
        return gap

    @property
    def final_score(self) -> Decimal | None:
        """The points that count: the reviewed total, else the unit's own."""
        reviewed: Decimal | None = self.review_total
        return self.total if reviewed is None else reviewed

    @property
    def final_grade(self) -> str:
        """The grade that counts: the reviewed one, else the unit's own."""
        return self.review_grade or self.grade

    @property
    def submission(self) -> str:
        """The number of what was sent up last, "" before: 2024-000012-01."""
        if not self.submissions:
            return ""
        return f"{self.task.year}-{self.pk:06}-{self.submissions:02}"

    @property
    def state_words(self) -> str:
        """The state as screens say it, in review with the level: 审核中（单位审核）."""
        if self.is_exempt:
            return "免报"
        if self.sealing:
            return "待盖章报送"
        level = self.current_level
        state = self.get_status_display()
        return f"{state}（{level.name}）" if level else state

    @property
    def state_key(self) -> str:
        """What _status_badge.html colours the state by."""
        return "exempt" if self.is_exempt else self.status

    @property
    def chain(self) -> str:
        """The key of this report's chain of audit events."""
        return f"assessment:{self.pk}"


class Achievement(models.TextChoices):
    MET = "met", "达成年度指标"
    PARTLY = "partly", "部分达成年度指标并具有一定效果"
    UNMET = "unmet", "未达成年度指标且效果较差"


def _points_within_max(field: str, label: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"indicatorresult_{field}_within_max",
        condition=Q(**{f"{field}__isnull": True})
        | (Q(**{f"{field}__gte": 0}) & Q(**{f"{field}__lte": F("max_points")})),
        violation_error_message=f"{label}应在 0 与分值之间",
    )


class IndicatorResult(models.Model):
    """One indicator's actual value and points in one self-assessment.

    auto_points: by the rule; self_points: the unit's own, where the rule leaves room;
    review_points: the reviewer's. They stay apart.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.CASCADE,
        related_name="results",
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="results"
    )
    actual = models.CharField("实际完成值", max_length=500, blank=True)
    achievement = models.CharField(
        "达成程度", max_length=10, choices=Achievement, blank=True
    )
    # The weight as it was when the result was scored: constraints look at one row.
    max_points = PointsField("分值")
    auto_points = PointsField("自动得分", null=True, blank=True)
    self_points = PointsField("自评得分", null=True, blank=True)
    review_points = PointsField("复核得分", null=True, blank=True)
    basis = models.TextField("得分依据", max_length=4000, blank=True)
    deviation_note = models.TextField(
        "偏差原因分析及改进措施", max_length=10000, blank=True
    )
    review_actual = models.CharField("复核完成值", max_length=500, blank=True)
    review_note = models.TextField("复核意见", max_length=4000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "指标完成情况"
        ordering = ["indicator__position", "indicator_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator"],
                name="indicatorresult_once",
                violation_error_message="该指标已有完成情况",
            ),
            _points_within_max("auto_points", "自动得分"),
            _points_within_max("self_points", "自评得分"),
            _points_within_max("review_points", "复核得分"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}"


class NarrativeKey(models.TextChoices):
    """The five sections, and the shorter texts that the form asks for."""

    BASICS = "basics", "项目基本情况"
    IMPLEMENTATION = "implementation", "项目组织实施情况"
    RESULTS = "results", "项目绩效情况和主要做法"
    PROBLEMS = "problems", "存在问题和建议"
    SCORE = "score", "项目自评结论及得分"
    GOAL = "goal", "年度总体目标实际完成情况"
    FUNDS = "funds", "预算执行情况说明"
    REMARKS = "remarks", "其他需要说明事项"


SECTION_KEYS = (
    NarrativeKey.BASICS,
    NarrativeKey.IMPLEMENTATION,
    NarrativeKey.RESULTS,
    NarrativeKey.PROBLEMS,
    NarrativeKey.SCORE,
)


class Narrative(models.Model):
    """One text of a self-assessment; paragraphs separated by a newline."""

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.CASCADE,
        related_name="narratives",
    )
    key = models.CharField("部分", max_length=20, choices=NarrativeKey)
    text = models.TextField("内容", max_length=100_000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
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
        verbose_name = verbose_name_plural = "报告文字"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "key"],
                name="narrative_key_once",
                violation_error_message="该部分已存在",
            ),
            models.CheckConstraint(
                name="narrative_key_known",
                condition=Q(key__in=NarrativeKey.values),
                violation_error_message="没有这一部分",
            ),
        ]

    def __str__(self) -> str:
        return self.get_key_display()
