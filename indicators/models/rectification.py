"""Problems of a self-assessment and what its unit does about them (问题清单与整改)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models.assessments import SelfAssessment
from indicators.problem_querysets import ProblemQuerySet
from perfeval.audit import SITE_CHAIN
from perfeval.models import StoredFile
from projects.models import Role


class ProblemState(models.TextChoices):
    DRAFT = "draft", "拟列"
    OPEN = "open", "待整改"
    WORKING = "working", "整改中"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    CONFIRMED = "confirmed", "已确认"
    CANCELLED = "cancelled", "已撤销"


# With the unit: it writes what it does about the problem.
WITH_UNIT = (ProblemState.OPEN, ProblemState.WORKING, ProblemState.RETURNED)
UNFINISHED = (*WITH_UNIT, ProblemState.SUBMITTED)
# 应整改: what was sent out and stands.
COUNTED = (*UNFINISHED, ProblemState.CONFIRMED)

BADGES = {
    ProblemState.OPEN: "requested",
    ProblemState.WORKING: "running",
    ProblemState.SUBMITTED: "in_review",
    ProblemState.CONFIRMED: "done",
}


class ProblemSource(models.TextChoices):
    SECTION = "section", "自评报告"
    ROW = "row", "指标复核"
    OPINION = "opinion", "审核意见"
    OTHER = "other", "另行提出"


class Problem(models.Model):
    """One problem: where it was found, what is done about it by whom until when.

    It runs beside the report and changes nothing in it. state is written by
    rectification.py alone; drafts are seen by those who list problems alone.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="problems",
    )
    text = models.TextField("问题", max_length=4000)
    source = models.CharField(
        "来源", max_length=10, choices=ProblemSource, default=ProblemSource.OTHER
    )
    place = models.CharField("出处", max_length=200, blank=True)
    quote = models.TextField("原文", max_length=4000, blank=True)
    edition = models.PositiveSmallIntegerField("依据的版次", default=1)
    # The level that listed it confirms it.
    listed_as = models.CharField("提出级次", max_length=20, choices=Role)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提出人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    listed_at = models.DateTimeField("提出时间")
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    measure = models.TextField("整改措施", max_length=4000, blank=True)
    person = models.CharField("整改责任人", max_length=50, blank=True)
    due_on = models.DateField("整改期限", null=True, blank=True)
    # Given with the list, it is not the unit's to move.
    is_due_given = models.BooleanField("期限由提出方规定", default=False)
    result = models.TextField("整改结果", max_length=4000, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=ProblemState, default=ProblemState.DRAFT
    )
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="保存人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    version = models.PositiveIntegerField("版本", default=1)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改问题"
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="problem_state_known",
                condition=Q(state__in=ProblemState.values),
                violation_error_message="没有这种状态",
            ),
            models.CheckConstraint(
                name="problem_has_a_text",
                condition=~Q(text=""),
                violation_error_message="请填写问题",
            ),
            models.CheckConstraint(
                name="problem_submitted_is_whole",
                condition=~Q(state__in=[ProblemState.SUBMITTED, ProblemState.CONFIRMED])
                | (
                    ~Q(measure="")
                    & ~Q(person="")
                    & ~Q(result="")
                    & Q(due_on__isnull=False)
                ),
                violation_error_message="请填写整改措施、责任人、期限和结果",
            ),
            models.CheckConstraint(
                name="problem_given_due_is_there",
                condition=Q(is_due_given=False) | Q(due_on__isnull=False),
                violation_error_message="请填写整改期限",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="problem_by_state")]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 40 else f"{self.text[:39]}…"

    @property
    def chain(self) -> str:
        """The report's; a draft's events are not for those who read of the report."""
        is_draft = self.state == ProblemState.DRAFT
        return SITE_CHAIN if is_draft else self.assessment.chain

    @property
    def is_with_unit(self) -> bool:
        return self.state in WITH_UNIT

    @property
    def state_key(self) -> str:
        """What _status_badge.html colours the state by."""
        return BADGES.get(ProblemState(self.state), self.state)

    @property
    def where(self) -> str:
        """Where it was found, in words: 自评报告：存在问题和建议."""
        source = self.get_source_display()
        return f"{source}：{self.place}" if self.place else source

    @property
    def is_of_older_edition(self) -> bool:
        """Whether the report was reopened since (uses the loaded assessment)."""
        return self.edition < self.assessment.edition


class ProblemStep(models.Model):
    """One step of a problem: who moved it, with what words."""

    problem = models.ForeignKey(
        Problem, verbose_name="问题", on_delete=models.PROTECT, related_name="steps"
    )
    action = models.CharField("操作", max_length=20)
    to_state = models.CharField("新状态", max_length=10, choices=ProblemState)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField("意见", max_length=4000, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "整改流转"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="problemstep_reason_where_asked",
                condition=~Q(action__in=["send_back", "cancel"]) | ~Q(note=""),
                violation_error_message="请写明原因",
            )
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} {self.action}"


class ProblemFile(models.Model):
    """One file that shows what was done about a problem (整改佐证)."""

    problem = models.ForeignKey(
        Problem, verbose_name="问题", on_delete=models.PROTECT, related_name="files"
    )
    file = models.OneToOneField(
        StoredFile, verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "整改佐证"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)
