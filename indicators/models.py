"""Schemes, tasks, indicators, self-assessments and what reviewers say of them."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from indicators.querysets import EvaluationTaskQuerySet, SelfAssessmentQuerySet
from perfeval.fields import PointsField
from perfeval.numbers import Quantity, Span, read_value
from projects.models import PHONE, BudgetProject, Role


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


class Comparator(models.TextChoices):
    AT_LEAST = ">=", "≥"
    MORE = ">", "＞"
    EQUAL = "=", "＝"
    AT_MOST = "<=", "≤"
    LESS = "<", "＜"
    QUALITATIVE = "qualitative", "定性"
    RUBRIC = "rubric", "按评分标准"


JUDGED = (Comparator.QUALITATIVE, Comparator.RUBRIC)


class Indicator(models.Model):
    """A level-3 indicator of a project with its target (绩效指标)."""

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="indicators",
    )
    position = models.PositiveSmallIntegerField("顺序", default=0)
    level1 = models.CharField("一级指标", max_length=50)
    level2 = models.CharField("二级指标", max_length=50, blank=True)
    level3 = models.CharField("三级指标", max_length=200)
    comparator = models.CharField(
        "指标性质", max_length=12, choices=Comparator, default=Comparator.AT_LEAST
    )
    target = models.CharField(
        "年度指标值",
        max_length=200,
        blank=True,
        help_text="定量指标填数字，定性指标填应达到的程度",
    )
    unit = models.CharField("度量单位", max_length=20, blank=True)
    max_points = PointsField("分值", validators=[MinValueValidator(0)])
    standard = models.TextField("评分标准", max_length=2000, blank=True)
    is_approved = models.BooleanField("已批复", default=False)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "绩效指标"
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["project", "position"], name="indicator_in_order")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "level1", "level2", "level3"],
                name="indicator_name_once",
                violation_error_message="同一项目中已有同名指标",
            ),
            models.CheckConstraint(
                name="indicator_points_within_100",
                condition=Q(max_points__gte=0) & Q(max_points__lte=100),
                violation_error_message="分值应在 0 与 100 之间",
            ),
            models.CheckConstraint(
                name="indicator_comparator_known",
                condition=Q(comparator__in=Comparator.values),
                violation_error_message="没有这种指标性质",
            ),
        ]

    def __str__(self) -> str:
        return self.level3

    @property
    def is_judged(self) -> bool:
        """Whether points are given by judgement, within a band or by a standard."""
        return self.comparator in JUDGED

    @property
    def shown_target(self) -> str:
        """The target as the form prints it: ≥50场, or the words as written."""
        read = read_value(self.target)
        if self.is_judged or not isinstance(read, Quantity | Span):
            return self.target
        sign = "" if read.sign else self.get_comparator_display()
        return f"{sign}{self.target.strip()}{'' if read.unit else self.unit}"


class Status(models.TextChoices):
    DRAFT = "draft", "填报中"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已审定"
    PUBLISHED = "published", "已公开"


EDITABLE = (Status.DRAFT, Status.RETURNED)
FINAL = (Status.APPROVED, Status.PUBLISHED)


class Material(models.TextChoices):
    FORM = "form", "仅自评表"
    FORM_REPORT = "form_report", "自评表和自评报告"
    FORM_REPORT_SCORE = "form_report_score", "自评表、自评报告和评分表"


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
    report_date = models.DateField("成文日期", null=True, blank=True)
    total = PointsField("自评得分", null=True, blank=True)
    review_total = PointsField("复核得分", null=True, blank=True)
    grade = models.CharField("等级", max_length=2, blank=True)
    recheckers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name="复核人",
        blank=True,
        related_name="rechecks",
    )
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
        return self.status in EDITABLE

    @property
    def deadline(self) -> datetime:
        """The unit's due time: its own where it was given one, else the task's."""
        return self.due_at or self.task.due_at

    @property
    def current_level(self) -> TaskLevel | None:
        """The level of review it stands at (uses prefetched task levels)."""
        levels = self.task.levels.all() if self.level else ()
        return next((each for each in levels if each.position == self.level), None)

    @property
    def state_words(self) -> str:
        """The state as screens say it, in review with the level: 审核中（单位审核）."""
        level = self.current_level
        state = self.get_status_display()
        return f"{state}（{level.name}）" if level else state

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
    note = models.TextField("意见", max_length=4000, blank=True)
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.action}"


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
