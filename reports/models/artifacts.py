"""Files frozen at a step of the flow, and the sealed paper that belongs to one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models import ReviewRecord, SelfAssessment
from perfeval.models import StoredFile
from reports.models.publications import Publication


class ArtifactKind(models.TextChoices):
    SUBMITTED = "submitted", "报送件"
    ARCHIVED = "archived", "归档件"
    PUBLISHED = "published", "公开稿"


class Artifact(models.Model):
    """One file of a frozen set: made once of a step's snapshot, the same ever after.

    The row comes with the step; file is null until it is made (frozen.py), problem says
    why the last try failed. format: a name of rendering.formats (pdf, html, json …).
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="artifacts",
    )
    record = models.ForeignKey(
        ReviewRecord,
        verbose_name="流转记录",
        on_delete=models.PROTECT,
        related_name="artifacts",
    )
    # Of a published copy alone, which is then what the file is made of.
    publication = models.ForeignKey(
        Publication,
        verbose_name="公开稿",
        null=True,
        on_delete=models.PROTECT,
        related_name="artifacts",
    )
    kind = models.CharField("种类", max_length=10, choices=ArtifactKind)
    format = models.CharField("格式", max_length=10)
    code = models.CharField("查验码", max_length=19, db_index=True)
    submission = models.CharField("送审编号", max_length=30)
    edition = models.PositiveSmallIntegerField("版次")
    file = models.ForeignKey(
        StoredFile,
        verbose_name="文件",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sha256 = models.CharField("摘要", max_length=64, blank=True, db_index=True)
    made_at = models.DateTimeField("生成时间", null=True)
    problem = models.TextField("未能生成的原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "归档文件"
        ordering = ["-record", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind", "format"],
                condition=Q(publication__isnull=True),
                name="artifact_once",
                violation_error_message="该文件已生成",
            ),
            models.UniqueConstraint(
                fields=["publication", "format"],
                name="artifact_once_a_publication",
                violation_error_message="该文件已生成",
            ),
            models.CheckConstraint(
                name="artifact_published_of_a_publication",
                condition=Q(kind="published", publication__isnull=False)
                | (~Q(kind="published") & Q(publication__isnull=True)),
                violation_error_message="公开的文件应属于一份公开稿",
            ),
            models.CheckConstraint(
                name="artifact_file_with_its_sum",
                condition=Q(file__isnull=True, sha256="", made_at__isnull=True)
                | (Q(file__isnull=False, made_at__isnull=False) & ~Q(sha256="")),
                violation_error_message="已生成的文件应有摘要和时间",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.submission} {self.format}"


class SealedScan(models.Model):
    """The scan of a sealed 报送件 (盖章扫描件): belongs to exactly that file.

    invalid_since: since a later step it stands for nothing any more (已失效).
    """

    assessment = models.ForeignKey(
        SelfAssessment,
        verbose_name="绩效自评",
        on_delete=models.PROTECT,
        related_name="sealed_scans",
    )
    artifact = models.ForeignKey(
        Artifact,
        verbose_name="报送件",
        on_delete=models.PROTECT,
        related_name="scans",
    )
    file = models.ForeignKey(
        StoredFile, verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上传人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    invalid_since = models.DateTimeField("失效时间", null=True)
    invalid_reason = models.CharField("失效原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "盖章扫描件"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="sealedscan_invalid_for_a_reason",
                condition=Q(invalid_since__isnull=True) | ~Q(invalid_reason=""),
                violation_error_message="失效应有原因",
            )
        ]

    def __str__(self) -> str:
        return str(self.file)
