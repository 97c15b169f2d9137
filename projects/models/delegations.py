"""Standing in: somebody on leave lends their roles to a colleague (代办授权)."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from projects.models.departments import Role

# What can be lent: what is assigned to a person, and administration, stay with them.
LENT_ROLES = (
    Role.FILLER,
    Role.UNIT_REVIEWER,
    Role.DEPARTMENT_REVIEWER,
    Role.SECTION_REVIEWER,
    Role.PERFORMANCE_SECTION,
)


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def current(self, day: date | None = None) -> "DelegationQuerySet":
        """Those that count on a day, today where none is named."""
        day = day or timezone.localdate()
        return self.filter(
            valid_from__lte=day,
            valid_to__gte=day,
            revoked_at=None,
            grantor__is_active=True,
        )


class Delegation(models.Model):
    """From one day to another the deputy acts in the roles of the grantor."""

    grantor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="授权人",
        on_delete=models.PROTECT,
        related_name="delegations",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="代办人",
        on_delete=models.PROTECT,
        related_name="deputies_of",
    )
    valid_from = models.DateField("开始日期")
    valid_to = models.DateField("结束日期")
    reason = models.CharField("原因", max_length=200)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)
    granted_at = models.DateTimeField("授权时间", auto_now_add=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代办授权"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="delegation_dates_in_order",
                condition=Q(valid_from__lte=F("valid_to")),
                violation_error_message="结束日期不能早于开始日期",
            ),
            models.CheckConstraint(
                name="delegation_to_another",
                condition=~Q(grantor=F("deputy")),
                violation_error_message="不能授权给本人",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grantor} → {self.deputy}"

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or self.valid_to < timezone.localdate()


class Handover(models.Model):
    """All open work of a person passed to another in one act (工作交接).

    work: what was open then, as the list says it: [{kind, project, unit, code, state}].
    """

    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="移交人",
        on_delete=models.PROTECT,
        related_name="handovers",
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="接办人",
        on_delete=models.PROTECT,
        related_name="takeovers",
    )
    reason = models.CharField("原因", max_length=200)
    roles = models.JSONField("移交的角色", default=list)
    work = models.JSONField("移交的工作", default=list)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办理人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_at = models.DateTimeField("办理时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作交接"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="handover_to_another",
                condition=~Q(giver=F("taker")),
                violation_error_message="不能移交给本人",
            )
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"
