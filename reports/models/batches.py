"""Work on many reports (批量任务): the batch, its items, the workers that are alive."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from perfeval.models import StoredFile

# A worker that has not said so for this long is taken for dead.
SILENCE = timedelta(seconds=30)


class BatchState(models.TextChoices):
    WAITING = "waiting", "等待处理"
    RUNNING = "running", "处理中"
    DONE = "done", "已完成"
    STOPPED = "stopped", "已中止"
    CANCELLED = "cancelled", "已取消"


OPEN_STATES = (BatchState.WAITING, BatchState.RUNNING)


class Batch(models.Model):
    """One piece of work on many things, done by workers item by item.

    kind: which job does it (batches/jobs.py); params: what that job needs; key: whoever
    starts the same while it is open gets this one. stopped: it cannot go on (message
    says why) until somebody resumes it.
    """

    kind = models.CharField("种类", max_length=30)
    title = models.CharField("名称", max_length=200)
    key = models.CharField("标识", max_length=64)
    params = models.JSONField("参数", default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发起人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(
        "状态", max_length=10, choices=BatchState, default=BatchState.WAITING
    )
    message = models.CharField("说明", max_length=500, blank=True)
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    result = models.ForeignKey(
        StoredFile,
        verbose_name="结果",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "批量任务"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=OPEN_STATES),
                name="batch_open_once",
                violation_error_message="同样的批量任务正在进行",
            ),
            models.CheckConstraint(
                name="batch_state_known",
                condition=Q(state__in=BatchState.values),
                violation_error_message="没有这种状态",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("batches:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class ItemState(models.TextChoices):
    WAITING = "waiting", "等待"
    DONE = "done", "完成"
    FAILED = "failed", "未完成"


class BatchItem(models.Model):
    """One thing of a batch. owner, until: the worker at it, and how long it may be.

    After until it is anybody's again: whoever was at it is dead. is_last: made of all
    the others, once they are finished.
    """

    batch = models.ForeignKey(
        Batch, verbose_name="批量任务", on_delete=models.PROTECT, related_name="items"
    )
    position = models.PositiveIntegerField("次序")
    key = models.CharField("标识", max_length=60)
    label = models.CharField("名称", max_length=300)
    is_last = models.BooleanField("收尾", default=False)
    state = models.CharField(
        "状态", max_length=10, choices=ItemState, default=ItemState.WAITING
    )
    owner = models.CharField("处理者", max_length=64, blank=True)
    until = models.DateTimeField("占用到", null=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    error = models.TextField("原因", blank=True)
    file = models.ForeignKey(
        StoredFile,
        verbose_name="文件",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "批量任务明细"
        ordering = ["batch", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"],
                name="batchitem_once",
                violation_error_message="该项已在批量任务中",
            ),
            models.CheckConstraint(
                name="batchitem_state_known",
                condition=Q(state__in=ItemState.values),
                violation_error_message="没有这种状态",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state", "position"], name="batchitem_next")
        ]

    def __str__(self) -> str:
        return self.label


class WorkerBeat(models.Model):
    """A worker that is alive, and when it last said so."""

    name = models.CharField("名称", max_length=64, unique=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "后台进程"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def any_alive() -> bool:
        """Whether a worker has been heard of lately."""
        heard = timezone.now() - SILENCE
        return WorkerBeat.objects.filter(at__gt=heard).exists()
