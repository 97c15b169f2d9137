"""People (User), what they did (AuditEvent, written by audit.py alone), their files."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who logs in (用户); deactivated, never deleted."""

    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("联系电话", max_length=40, blank=True)

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)


class AuditChain(models.Model):
    """The head of one chain of events: one for each report, one for the rest.

    Its row is locked while an event is added, so that the events of a chain follow one
    another without a gap.
    """

    key = models.CharField("链", max_length=60, unique=True)
    length = models.PositiveIntegerField("事件数", default=0)
    digest = models.CharField("末位摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计链"

    def __str__(self) -> str:
        return self.key


class AuditEvent(models.Model):
    """One write: who, when, from where, what, before and after. Only ever added."""

    chain = models.ForeignKey(
        AuditChain, verbose_name="链", on_delete=models.PROTECT, related_name="events"
    )
    sequence = models.PositiveIntegerField("序号")
    at = models.DateTimeField("时间")
    user = models.ForeignKey(
        User,
        verbose_name="操作人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    origin = models.CharField("来源", max_length=100)
    action = models.CharField("操作", max_length=40)
    subject = models.CharField("对象", max_length=60)
    summary = models.CharField("说明", max_length=300)
    before = models.JSONField("修改前", default=dict)
    after = models.JSONField("修改后", default=dict)
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "sequence"],
                name="auditevent_one_per_place",
                violation_error_message="审计链中同一位置只能有一个事件",
            )
        ]
        indexes = [models.Index(fields=["subject"], name="auditevent_subject")]

    def __str__(self) -> str:
        return self.summary


class StoredFile(models.Model):
    """A file that somebody attached (附件), as files.py keeps it; never changed.

    content_type: by its content; name: as the person named it.
    """

    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveIntegerField("大小", help_text="字节")
    content_type = models.CharField("类型", max_length=100)
    uploaded_by = models.ForeignKey(
        User,
        verbose_name="上传人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
