"""People (User), what they did (AuditEvent, written by audit.py alone), their files."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from perfeval.fields import PHONE


class User(AbstractUser):
    """A person who logs in (用户); deactivated, never deleted."""

    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("联系电话", max_length=40, blank=True, validators=[PHONE])
    # The password is known to whoever gave it: the first log-in asks for an own one.
    must_change_password = models.BooleanField("须设置新密码", default=False)
    # null: never since the field came; then the day of joining counts.
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    inactive_since = models.DateTimeField("停用时间", null=True, blank=True)
    inactive_reason = models.CharField("停用原因", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)


class FormerPassword(models.Model):
    """The hash of a password that a person has or had, so that it is not used again."""

    user = models.ForeignKey(
        User,
        verbose_name="用户",
        on_delete=models.PROTECT,
        related_name="former_passwords",
    )
    hash = models.CharField("摘要", max_length=128)
    set_at = models.DateTimeField("启用时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "曾用密码"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


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
        indexes = [
            models.Index(fields=["subject"], name="auditevent_subject"),
            models.Index(fields=["at"], name="auditevent_at"),
        ]

    def __str__(self) -> str:
        return self.summary


class Notice(models.Model):
    """One thing a person is told, and the page it is about; notices.py makes them.

    key: what it is of, so that nothing is told twice. claimed_at: since when somebody
    tries to mail it; mailed_at: when the mail server took it.
    """

    person = models.ForeignKey(
        User, verbose_name="收件人", on_delete=models.PROTECT, related_name="notices"
    )
    key = models.CharField("标识", max_length=120, unique=True)
    text = models.CharField("内容", max_length=400)
    address = models.CharField("位置", max_length=300)
    at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    claimed_at = models.DateTimeField("开始发送", null=True, blank=True)
    mailed_at = models.DateTimeField("邮件发送时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(
                fields=["person"],
                condition=models.Q(read_at__isnull=True),
                name="notice_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class AccessKind(models.TextChoices):
    """What happened at the door."""

    LOGIN = "login", "登录"
    LOGOUT = "logout", "退出"
    REFUSED = "refused", "登录失败"
    LOCKED = "locked", "多次失败，暂停登录"


class AccessEvent(models.Model):
    """A log-in, a log-out or a refused try; access_log.py writes and archives them.

    user: None where the name that was typed is nobody's.
    """

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    kind = models.CharField("事件", max_length=10, choices=AccessKind)
    user = models.ForeignKey(
        User,
        verbose_name="用户",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    origin = models.CharField("来源", max_length=100, blank=True)
    browser = models.CharField("浏览器", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录记录"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


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


class DataImport(models.Model):
    """A workbook handed in to be imported: looked through first, then taken over once.

    kind: which importer reads it (imports/flow.py); sheet: the one to be read, where
    the person said so; result: what it wrote, counted.
    """

    kind = models.CharField("种类", max_length=30)
    file = models.ForeignKey(
        StoredFile, verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        User, verbose_name="导入人", on_delete=models.PROTECT, related_name="+"
    )
    sheet = models.CharField("工作表", max_length=31, blank=True)
    started_at = models.DateTimeField("上传时间", auto_now_add=True)
    done_at = models.DateTimeField("导入时间", null=True, blank=True)
    result = models.CharField("结果", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据导入"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.file}"
