"""Spot checks (抽评) and rechecks (复核) of self-assessments by third parties."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from indicators.models.assessments import IndicatorResult, SelfAssessment
from indicators.models.tasks import EvaluationTask
from indicators.recheck_querysets import RecheckQuerySet
from perfeval.fields import PointsField, RatioField
from projects.models import Department


class SpotCheck(models.Model):
    """A sample drawn from a task, with all that is needed to draw it again.

    population: [[key of the self-assessment, project code, department code, 全年预算数
    in 元], …]; strata: [[department code, name, population, drawn], …].
    """

    task = models.ForeignKey(
        EvaluationTask,
        verbose_name="自评任务",
        on_delete=models.PROTECT,
        related_name="spot_checks",
    )
    number = models.PositiveSmallIntegerField("次序")
    share = RatioField(
        "抽取比例",
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
    )
    large_first = models.BooleanField("大额优先", default=False)
    seed = models.CharField("随机种子", max_length=64)
    algorithm = models.CharField("抽取方法", max_length=20)
    population = models.JSONField("总体")
    strata = models.JSONField("分层")
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="抽取人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    drawn_at = models.DateTimeField("抽取时间")

    class Meta:
        verbose_name = verbose_name_plural = "抽评样本"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "number"],
                name="spotcheck_numbered_once",
                violation_error_message="该任务已有这一次抽取",
            ),
            models.CheckConstraint(
                name="spotcheck_share_is_a_fraction",
                condition=Q(share__gt=0, share__lte=1),
                violation_error_message="抽取比例应大于 0%，不超过 100%",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次抽取"


class SpotCheckItem(models.Model):
    """One self-assessment that was drawn."""

    spot_check = models.ForeignKey(
        SpotCheck,
        verbose_name="抽评样本",
        on_delete=models.PROTECT,
        related_name="items",
    )
    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="spot_check_items",
    )
    position = models.PositiveIntegerField("顺序")
    by_amount = models.BooleanField("按金额选取")

    class Meta:
        verbose_name = verbose_name_plural = "抽评项目"
        ordering = ["spot_check", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["spot_check", "assessment"],
                name="spotcheckitem_once",
                violation_error_message="该项目已在样本中",
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}"


class RecheckState(models.TextChoices):
    ASSIGNED = "assigned", "复核中"
    HANDED_IN = "handed_in", "已提交"
    CONFIRMED = "confirmed", "已确认"
    WITHDRAWN = "withdrawn", "已收回"


DONE = (RecheckState.HANDED_IN, RecheckState.CONFIRMED)


class Recheck(models.Model):
    """A self-assessment given to a third party to be rechecked (复核).

    To a person, or to a body: then whoever holds 第三方机构 there. Totals are those
    handed in; own_total: the self-evaluation's at that time. It stands beside what was
    approved and changes nothing of it.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="rechecks",
    )
    spot_check = models.ForeignKey(
        SpotCheck,
        verbose_name="抽评样本",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rechecks",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="复核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rechecks",
    )
    body = models.ForeignKey(
        Department,
        verbose_name="复核机构",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rechecks",
    )
    contractor = models.CharField("受托机构（收款单位）", max_length=100, blank=True)
    due_at = models.DateTimeField("复核期限")
    note = models.TextField("复核要求", max_length=2000, blank=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="分派人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    assigned_at = models.DateTimeField("分派时间")
    submission = models.CharField("送审编号", max_length=30, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=RecheckState, default=RecheckState.ASSIGNED
    )
    # Why it was opened again or taken back.
    state_note = models.TextField("原因", max_length=2000, blank=True)
    own_total = PointsField("自评得分", null=True, blank=True)
    total = PointsField("复核得分", null=True, blank=True)
    grade = models.CharField("复核等级", max_length=2, blank=True)
    main_reason = models.CharField("主要原因", max_length=200, blank=True)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    handed_in_at = models.DateTimeField("提交时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="确认人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    # The sending-up whose review took its points over.
    adopted_submission = models.CharField("采用时的送审编号", max_length=30, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核"
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="recheck_state_known",
                condition=Q(state__in=RecheckState.values),
                violation_error_message="没有这种状态",
            ),
            models.CheckConstraint(
                name="recheck_by_a_person_or_a_body",
                condition=Q(person__isnull=True, body__isnull=False)
                | Q(person__isnull=False, body__isnull=True),
                violation_error_message="请选择一名复核人或一个复核机构",
            ),
            models.UniqueConstraint(
                fields=["assessment"],
                condition=~Q(state="withdrawn"),
                name="recheck_one_at_a_time",
                violation_error_message="该自评已分派复核",
            ),
            models.CheckConstraint(
                name="recheck_taken_back_with_a_reason",
                condition=~Q(state="withdrawn") | ~Q(state_note=""),
                violation_error_message="请填写收回原因",
            ),
            models.CheckConstraint(
                name="recheck_total_not_negative",
                condition=Q(total__isnull=True) | Q(total__gte=0),
                violation_error_message="复核得分不能为负数",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state"], name="recheck_by_person"),
            models.Index(fields=["body", "state"], name="recheck_by_body"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.get_state_display()}"

    @property
    def who(self) -> str:
        """Who rechecks: the person or the body, with the contractor if one is named."""
        named = str(self.person or self.body)
        return f"{named}（{self.contractor}）" if self.contractor else named

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    @property
    def gap(self) -> Decimal | None:
        """复核得分 less 自评得分 as handed in; None where either is missing."""
        if self.total is None or self.own_total is None:
            return None
        gap: Decimal = self.total - self.own_total
        return gap


class RecheckRow(models.Model):
    """What a third party finds on one indicator; points null: the unit's own stand.

    max_points, own_points and own_actual are as they were when it was handed in.
    """

    recheck = models.ForeignKey(
        Recheck, verbose_name="复核", on_delete=models.PROTECT, related_name="rows"
    )
    result = models.ForeignKey(
        IndicatorResult,
        verbose_name="指标完成情况",
        on_delete=models.PROTECT,
        related_name="recheck_rows",
    )
    max_points = PointsField("分值")
    own_actual = models.CharField("自评完成值", max_length=500, blank=True)
    own_points = PointsField("自评得分", null=True, blank=True)
    actual = models.CharField("复核完成值", max_length=500, blank=True)
    points = PointsField("复核得分", null=True, blank=True)
    reason = models.CharField("扣分原因", max_length=40, blank=True)
    note = models.TextField("说明", max_length=4000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "复核指标"
        ordering = ["result__indicator__position", "result_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recheck", "result"],
                name="recheckrow_once",
                violation_error_message="该指标已有复核",
            ),
            models.CheckConstraint(
                name="recheckrow_points_within_max",
                condition=Q(points__isnull=True)
                | (Q(points__gte=0) & Q(points__lte=F("max_points"))),
                violation_error_message="复核得分应在 0 与分值之间",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result_id}"

    @property
    def gap(self) -> Decimal | None:
        if self.points is None or self.own_points is None:
            return None
        gap: Decimal = self.points - self.own_points
        return gap


class RecheckText(models.Model):
    """What a third party says of one section, or of all (key opinion: 复核意见)."""

    recheck = models.ForeignKey(
        Recheck, verbose_name="复核", on_delete=models.PROTECT, related_name="texts"
    )
    key = models.CharField("部分", max_length=20)
    text = models.TextField("内容", max_length=4000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "复核文字"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recheck", "key"],
                name="rechecktext_once",
                violation_error_message="该部分已有复核意见",
            )
        ]

    def __str__(self) -> str:
        return self.text[:50]
