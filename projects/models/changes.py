"""What a unit asks for and the 绩效科 decides; changes of a project's status."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from perfeval.fields import AmountField
from perfeval.models import StoredFile
from projects.models.projects import (
    AMOUNT_LABELS,
    NOT_REPORTING,
    BudgetProject,
    FundingLine,
    ProjectStatus,
)

# What is said of a classified project, and nothing else.
CLASSIFIED_REASON = "涉密项目，按保密规定另行报送"
CLASSIFIED_REFUSAL = "不属于涉密另报范围"


class ChangeState(models.TextChoices):
    REQUESTED = "requested", "待审批"
    APPROVED = "approved", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"


class ChangeRequest(models.Model):
    """What every change that needs approval carries: why, by what document, decided.

    Written by the services alone; once decided it stays as it is. Withdrawn it was
    decided by whoever asked.
    """

    reason = models.CharField("原因", max_length=300, blank=True)
    document = models.CharField(
        "依据文号", max_length=100, blank=True, help_text="照文件原文填写"
    )
    document_date = models.DateField("文件日期", null=True, blank=True)
    attachment = models.ForeignKey(
        StoredFile,
        verbose_name="附件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(
        "审批状态",
        max_length=10,
        choices=ChangeState,
        default=ChangeState.REQUESTED,
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="申请人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审批人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=300, blank=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_state_known",
                condition=Q(state__in=ChangeState.values),
                violation_error_message="没有这种审批状态",
            ),
            models.CheckConstraint(
                name="%(class)s_decided_by_somebody",
                condition=Q(state="requested", decided_at__isnull=True)
                | (
                    ~Q(state="requested")
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                violation_error_message="已审批的申请应有审批人和审批时间",
            ),
            models.CheckConstraint(
                name="%(class)s_refused_with_a_note",
                condition=~Q(state="refused") | ~Q(decision_note=""),
                violation_error_message="不同意时请填写审批意见",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state == ChangeState.REQUESTED


class StatusChange(ChangeRequest):
    """A project is not to report: merged, cancelled, unspent or classified.

    Of a classified project nothing may be told, so the change carries no words either.
    """

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="status_changes",
    )
    from_status = models.CharField("原状态", max_length=12, choices=ProjectStatus)
    to_status = models.CharField("新状态", max_length=12, choices=ProjectStatus)
    merged_into = models.ForeignKey(
        BudgetProject,
        verbose_name="并入项目",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(ChangeRequest.Meta):
        verbose_name = verbose_name_plural = "项目状态变更"
        constraints = [
            *ChangeRequest.Meta.constraints,
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state="requested"),
                name="statuschange_one_open_a_project",
                violation_error_message="本项目已有待审批的状态变更申请",
            ),
            models.CheckConstraint(
                name="statuschange_to_a_status_without_report",
                condition=Q(to_status__in=NOT_REPORTING),
                violation_error_message="请选择不再自评的状态",
            ),
            models.CheckConstraint(
                name="statuschange_has_reason_and_document",
                condition=Q(to_status="classified")
                | (~Q(reason="") & ~Q(document="") & Q(document_date__isnull=False)),
                violation_error_message="请填写原因、依据文号和文件日期",
            ),
            models.CheckConstraint(
                name="statuschange_classified_has_no_text",
                condition=~Q(to_status="classified")
                | Q(
                    reason="",
                    document="",
                    document_date__isnull=True,
                    attachment__isnull=True,
                    decision_note__in=["", CLASSIFIED_REFUSAL],
                ),
                violation_error_message="涉密项目在本系统不得填写说明、文号、附件和意见",
            ),
            models.CheckConstraint(
                name="statuschange_merged_names_its_successor",
                condition=Q(to_status="merged", merged_into__isnull=False)
                | (~Q(to_status="merged") & Q(merged_into__isnull=True)),
                violation_error_message="合并时请填写并入的项目",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_to_status_display()}"

    @property
    def shown_reason(self) -> str:
        """The reason for screens; of a classified project always the same words."""
        return self.reason or CLASSIFIED_REASON


class AmountCorrection(ChangeRequest):
    """A correction (更正) of an imported amount, in 元; null: not known."""

    line = models.ForeignKey(
        FundingLine,
        verbose_name="资金来源",
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    amount = models.CharField(
        "金额", max_length=10, choices=list(AMOUNT_LABELS.items())
    )
    old_value = AmountField("原金额", null=True, blank=True)
    new_value = AmountField("更正为", null=True, blank=True)

    class Meta(ChangeRequest.Meta):
        verbose_name = verbose_name_plural = "导入金额更正"
        constraints = [
            *ChangeRequest.Meta.constraints,
            models.UniqueConstraint(
                fields=["line", "amount"],
                condition=Q(state="requested"),
                name="amountcorrection_one_open_an_amount",
                violation_error_message="该金额已有待审批的更正申请",
            ),
            models.CheckConstraint(
                name="amountcorrection_has_reason",
                condition=~Q(reason=""),
                violation_error_message="请填写更正原因",
            ),
            models.CheckConstraint(
                name="amountcorrection_amount_known",
                condition=Q(amount__in=list(AMOUNT_LABELS)),
                violation_error_message="没有这种金额",
            ),
            models.CheckConstraint(
                name="amountcorrection_not_negative",
                condition=Q(new_value__isnull=True) | Q(new_value__gte=0),
                violation_error_message="金额不能为负数",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.get_amount_display()}"

    @property
    def origin(self) -> str:
        """From what file and when the amount came."""
        return self.line.origin_of(self.amount)
