"""Copies to be published (公开稿) of an approved report, and what is hidden in them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from indicators.models import ReviewRecord, SelfAssessment
from reports.personal_data import KINDS


class PublicationState(models.TextChoices):
    DRAFT = "draft", "编制中"
    SENT = "sent", "待批准"
    PUBLISHED = "published", "已公开"
    SUPERSEDED = "superseded", "已更正"
    DROPPED = "dropped", "已作废"


WORKED_ON = (PublicationState.DRAFT, PublicationState.SENT)
OUT = (PublicationState.PUBLISHED, PublicationState.SUPERSEDED)


class Publication(models.Model):
    """One version of what is published of a report.

    record: the approval whose document it is made of. Once it is out, document (the
    redacted one), title, unit and year stay as they are; a correction is a row of its
    own, after which this one is superseded and kept.
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="publications",
    )
    record = models.ForeignKey(
        ReviewRecord,
        verbose_name="审定记录",
        on_delete=models.PROTECT,
        related_name="publications",
    )
    number = models.PositiveSmallIntegerField("公开版次")
    parts = models.JSONField("公开的部分")
    note = models.TextField("更正说明", max_length=1000, blank=True)
    state = models.CharField(
        "状态",
        max_length=12,
        choices=PublicationState,
        default=PublicationState.DRAFT,
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="编制人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField("编制时间", auto_now_add=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="送批人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sent_at = models.DateTimeField("送批时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="批准人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("批准时间", null=True)
    decision_note = models.TextField("批准意见", max_length=1000, blank=True)
    superseded_at = models.DateTimeField("更正时间", null=True)
    document = models.JSONField("公开的内容", null=True)
    code = models.CharField("查验码", max_length=19, blank=True, db_index=True)
    year = models.PositiveSmallIntegerField("年度", null=True)
    title = models.CharField("标题", max_length=500, blank=True)
    unit = models.CharField("单位", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "公开稿"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "number"],
                name="publication_number_once",
                violation_error_message="该版次的公开稿已存在",
            ),
            models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(state__in=["draft", "sent"]),
                name="publication_one_worked_on",
                violation_error_message="已有一份公开稿正在编制或待批准",
            ),
            models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(state="published"),
                name="publication_one_current",
                violation_error_message="已有一份现行的公开稿",
            ),
            models.CheckConstraint(
                name="publication_state_known",
                condition=Q(state__in=PublicationState.values),
                violation_error_message="没有这种状态",
            ),
            models.CheckConstraint(
                name="publication_out_is_whole",
                condition=~Q(state__in=["published", "superseded"])
                | (
                    Q(document__isnull=False, decided_at__isnull=False)
                    & ~Q(code="")
                    & Q(decided_by__isnull=False, sent_by__isnull=False)
                    & ~Q(decided_by=F("made_by"))
                    & ~Q(decided_by=F("sent_by"))
                ),
                violation_error_message="公开稿应由编制人以外的人批准",
            ),
        ]

    def __str__(self) -> str:
        return f"公开稿第 {self.number} 版"

    @property
    def is_draft(self) -> bool:
        return self.state == PublicationState.DRAFT

    @property
    def is_sent(self) -> bool:
        return self.state == PublicationState.SENT

    @property
    def is_out(self) -> bool:
        """Whether people outside have it, or had it until it was corrected."""
        return self.state in OUT

    @property
    def is_current(self) -> bool:
        return self.state == PublicationState.PUBLISHED

    @property
    def badge(self) -> str:
        """What _status_badge.html colours the state by."""
        colours = {"sent": "in_review", "published": "published", "dropped": "warning"}
        return colours.get(self.state, "draft")


class Choice(models.TextChoices):
    """hide also stands for what nobody has decided yet, until it is decided."""

    HIDE = "hide", "遮盖"
    KEEP = "keep", "保留"


class Redaction(models.Model):
    """One piece of a copy's texts (reports.personal_data.Piece) and what becomes of it.

    choice: "" until somebody has decided.
    """

    publication = models.ForeignKey(
        Publication,
        verbose_name="公开稿",
        on_delete=models.PROTECT,
        related_name="redactions",
    )
    kind = models.CharField("种类", max_length=10, choices=list(KINDS.items()))
    path = models.CharField("位置", max_length=100)
    start = models.PositiveIntegerField("起点")
    end = models.PositiveIntegerField("终点")
    text = models.TextField("内容")
    choice = models.CharField("处理", max_length=4, choices=Choice, blank=True)
    reason = models.CharField("保留理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "遮盖处"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "path", "start", "end"],
                name="redaction_once",
                violation_error_message="这一处已经列出",
            ),
            models.CheckConstraint(
                name="redaction_kept_for_a_reason",
                condition=~Q(choice="keep") | ~Q(reason="") | Q(kind="marked"),
                violation_error_message="保留个人信息应有理由",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.path}"
