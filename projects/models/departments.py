"""Departments and who works in them."""

from datetime import date

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from projects.querysets import DepartmentQuerySet, MembershipQuerySet

DEPARTMENT_CODE = RegexValidator(
    r"^[0-9A-Za-z-]+$", "单位编码只能由数字、字母和连字符组成"
)


class Department(models.Model):
    """A body in the tree of departments and units (部门、单位、科室)."""

    code = models.CharField(
        "单位编码", max_length=20, unique=True, validators=[DEPARTMENT_CODE]
    )
    name = models.CharField("单位名称", max_length=100)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    # The codes from the root to this body, each followed by "/": what stands below a
    # body starts with its path. Written by projects.services.place_department alone.
    path = models.CharField("层级路径", max_length=400, db_index=True, editable=False)
    section = models.ForeignKey(
        "self",
        verbose_name="归口业务科室",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="supervised",
        help_text="财政部门中负责本部门的业务科室",
    )
    is_active = models.BooleanField("在用", default=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入单位",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
    )
    merged_on = models.DateField("合并日期", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="department_not_its_own_parent",
                condition=~Q(parent=F("pk")),
                violation_error_message="上级单位不能是本单位",
            ),
            models.CheckConstraint(
                name="department_merged_on_a_day",
                condition=Q(merged_into__isnull=True, merged_on__isnull=True)
                | Q(
                    merged_into__isnull=False, merged_on__isnull=False, is_active=False
                ),
                violation_error_message="并入其他单位的单位应有合并日期，且不再使用",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """How many bodies stand above this one."""
        return self.path.count("/") - 1

    def name_on(self, day: date) -> str:
        """Return the name that was valid on a day (uses prefetched former_names)."""
        for former in self.former_names.all():
            if former.valid_from <= day <= former.valid_to:
                return former.name
        return self.name


class FormerName(models.Model):
    """A name that a department had from one day to another (both included)."""

    department = models.ForeignKey(
        Department,
        verbose_name="单位",
        on_delete=models.PROTECT,
        related_name="former_names",
    )
    name = models.CharField("曾用名称", max_length=100)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期")

    class Meta:
        verbose_name = verbose_name_plural = "曾用名称"
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                name="formername_dates_in_order",
                condition=Q(valid_from__lte=F("valid_to")),
                violation_error_message="停用日期不能早于启用日期",
            ),
            models.UniqueConstraint(
                fields=["department", "valid_from"],
                name="formername_one_per_start",
                violation_error_message="同一单位同一启用日期只能有一个曾用名称",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    FILLER = "filler", "填报人"
    UNIT_REVIEWER = "unit_reviewer", "单位审核人"
    DEPARTMENT_REVIEWER = "department_reviewer", "主管部门审核人"
    SECTION_REVIEWER = "section_reviewer", "归口业务科室审核人"
    PERFORMANCE_SECTION = "performance_section", "绩效科"
    THIRD_PARTY = "third_party", "第三方机构"
    OBSERVER = "observer", "查阅人"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Membership(models.Model):
    """A person's role in a department and all that stands below it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="用户",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    department = models.ForeignKey(
        Department,
        verbose_name="单位",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField("角色", max_length=30, choices=Role)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职角色"
        ordering = ["department__code", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department", "role", "valid_from"],
                name="membership_once",
                violation_error_message="该用户在该单位已有此角色",
            ),
            models.CheckConstraint(
                name="membership_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_from__lte=F("valid_to")),
                violation_error_message="失效日期不能早于生效日期",
            ),
            models.CheckConstraint(
                name="membership_role_known",
                condition=Q(role__in=Role.values),
                violation_error_message="没有这种角色",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.department} · {self.get_role_display()}"
