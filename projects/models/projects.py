"""Budget projects of a year and their funding."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from perfeval.audit import subject_of
from perfeval.fields import PHONE, AmountField
from projects.models.departments import Department
from projects.querysets import BudgetProjectQuerySet

PROJECT_CODE = RegexValidator(
    r"^[0-9A-Za-z-]+$", "项目编码只能由数字、字母和连字符组成"
)


class ProjectStatus(models.TextChoices):
    NORMAL = "normal", "正常"
    ADDED = "added", "年中追加"
    ADJUSTED = "adjusted", "调整"
    MERGED = "merged", "合并"
    CANCELLED = "cancelled", "撤销"
    UNSPENT = "unspent", "未安排支出"
    CLASSIFIED = "classified", "涉密另报"


# Projects that hand in no self-assessment; they stay in every count and list.
NOT_REPORTING = (
    ProjectStatus.MERGED,
    ProjectStatus.CANCELLED,
    ProjectStatus.UNSPENT,
    ProjectStatus.CLASSIFIED,
)


class FundNature(models.TextChoices):
    GENERAL = "general", "一般公共预算"
    GOVERNMENT_FUND = "government_fund", "政府性基金预算"
    STATE_CAPITAL = "state_capital", "国有资本经营预算"
    SPECIAL_ACCOUNT = "special_account", "财政专户管理资金"
    UNIT_FUNDS = "unit_funds", "单位资金"


class Continuity(models.TextChoices):
    NEW = "new", "新增项目"
    CONTINUED = "continued", "延续项目"


# A classified project is a code and a status: nothing that could tell what it is.
EMPTY_IF_CLASSIFIED = (
    "name",
    "level1_code",
    "level1_name",
    "category",
    "status_reason",
    "goal",
    "unit_leader",
    "project_leader",
    "finance_leader",
    "contact",
    "phone",
)


class BudgetProject(models.Model):
    """A budget project of one year (预算项目)."""

    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    code = models.CharField("项目编码", max_length=40, validators=[PROJECT_CODE])
    name = models.CharField("项目名称", max_length=200, blank=True)
    level1_code = models.CharField("一级项目编码", max_length=40, blank=True)
    level1_name = models.CharField("一级项目名称", max_length=200, blank=True)
    category = models.CharField("项目类别", max_length=50, blank=True)
    fund_nature = models.CharField(
        "资金性质", max_length=20, choices=FundNature, default=FundNature.GENERAL
    )
    continuity = models.CharField(
        "新增或延续", max_length=10, choices=Continuity, default=Continuity.CONTINUED
    )
    unit = models.ForeignKey(
        Department,
        verbose_name="实施单位",
        on_delete=models.PROTECT,
        related_name="projects",
    )
    supervising_department = models.ForeignKey(
        Department,
        verbose_name="主管部门",
        on_delete=models.PROTECT,
        related_name="supervised_projects",
    )
    section = models.ForeignKey(
        Department,
        verbose_name="归口业务科室",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="section_projects",
    )
    status = models.CharField(
        "项目状态", max_length=12, choices=ProjectStatus, default=ProjectStatus.NORMAL
    )
    status_reason = models.CharField("状态说明", max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入项目",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_projects",
    )
    goal = models.TextField("年度总体目标", max_length=4000, blank=True)
    unit_leader = models.CharField("单位负责人", max_length=50, blank=True)
    project_leader = models.CharField("项目负责人", max_length=50, blank=True)
    finance_leader = models.CharField("财务负责人", max_length=50, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True, validators=[PHONE])
    version = models.PositiveIntegerField("版本", default=1)

    objects = BudgetProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "预算项目"
        ordering = ["-year", "code"]
        indexes = [
            # The list's order within a year, and the way in by unit.
            models.Index(
                fields=["year", "unit", "code"], name="budgetproject_unit_list"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "code"],
                name="budgetproject_code_once_a_year",
                violation_error_message="本年度已有此编码的项目",
            ),
            models.CheckConstraint(
                name="budgetproject_year_plausible",
                condition=Q(year__gte=2000) & Q(year__lte=2100),
                violation_error_message="年度应在 2000 与 2100 之间",
            ),
            models.CheckConstraint(
                name="budgetproject_status_known",
                condition=Q(status__in=ProjectStatus.values),
                violation_error_message="没有这种项目状态",
            ),
            models.CheckConstraint(
                name="budgetproject_named_unless_classified",
                condition=Q(status="classified") | ~Q(name=""),
                violation_error_message="请填写项目名称",
            ),
            models.CheckConstraint(
                name="budgetproject_classified_has_no_text",
                condition=~Q(status="classified")
                | Q(**dict.fromkeys(EMPTY_IF_CLASSIFIED, "")),
                violation_error_message=(
                    "涉密项目在本系统只登记编码和状态，不得填写名称、目标、说明和人员"
                ),
            ),
            models.CheckConstraint(
                name="budgetproject_merged_names_its_successor",
                condition=~Q(status="merged") | Q(merged_into__isnull=False),
                violation_error_message="状态为“合并”时请选择并入的项目",
            ),
            models.CheckConstraint(
                name="budgetproject_not_merged_into_itself",
                condition=~Q(merged_into=F("pk")),
                violation_error_message="项目不能并入自身",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.name or self.code}"

    @property
    def is_classified(self) -> bool:
        return self.status == ProjectStatus.CLASSIFIED

    @property
    def shown_name(self) -> str:
        """The name for screens: a classified project shows its code alone."""
        return self.name or f"涉密项目 {self.code}"

    def funding_total(self, amount: str) -> Decimal | None:
        """Return the sum of an amount (initial, adjusted …) over the sources, in 元.

        A source left empty adds nothing; None where no source says anything. Uses
        prefetched funding_lines.
        """
        return sum_known(getattr(line, amount) for line in self.funding_lines.all())

    def funding_by_source(self) -> list["FundingLine"]:
        """Return one line for each source: what several units have of it is summed.

        Uses prefetched funding_lines; a sum is a line that is not stored.
        """
        by_source: dict[str, list[FundingLine]] = {}
        for line in self.funding_lines.all():
            by_source.setdefault(line.source, []).append(line)
        return [_summed(lines) for lines in by_source.values()]

    @property
    def is_reporting(self) -> bool:
        """Whether it hands in a self-assessment."""
        return self.status not in NOT_REPORTING

    @property
    def initial(self) -> Decimal | None:
        return self.funding_total("initial")

    @property
    def adjusted(self) -> Decimal | None:
        return self.funding_total("adjusted")

    @property
    def executed(self) -> Decimal | None:
        return self.funding_total("executed")

    @property
    def execution_ratio(self) -> Decimal | None:
        """预算执行率 of all sources, as ratio_of says it."""
        return ratio_of(self.executed, self.adjusted)


def sum_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of the amounts that are known, None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def ratio_of(executed: Decimal | None, adjusted: Decimal | None) -> Decimal | None:
    """Return 预算执行率 (全年执行数 ÷ 全年预算数) to show; None where unknown.

    A fraction with 4 decimals, rounded half up. Points follow from the money itself.
    """
    if not adjusted or executed is None:
        return None
    return (executed / adjusted).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _summed(lines: list["FundingLine"]) -> "FundingLine":
    if len(lines) == 1:
        return lines[0]
    sums = {name: sum_known(getattr(line, name) for line in lines) for name in AMOUNTS}
    return FundingLine(project=lines[0].project, source=lines[0].source, **sums)


AMOUNT_LABELS = {
    "initial": "年初预算数",
    "adjusted": "全年预算数",
    "received": "到位数",
    "executed": "全年执行数",
}
AMOUNTS = tuple(AMOUNT_LABELS)


class FundSource(models.TextChoices):
    APPROPRIATION = "appropriation", "当年财政拨款"
    CARRYOVER = "carryover", "上年结转资金"
    FISCAL = "fiscal", "财政资金"
    SPECIAL_ACCOUNT = "special_account", "财政专户管理资金"
    UNIT_FUNDS = "unit_funds", "单位资金"
    OTHER = "other", "其他资金"


class FundingLine(models.Model):
    """One funding source of a project with its amounts, all in 元; empty: not known.

    unit: the sharing unit whose part this is, None for the lead's own.
    """

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.PROTECT,
        related_name="funding_lines",
    )
    unit = models.ForeignKey(
        Department,
        verbose_name="实施单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="funding_shares",
    )
    source = models.CharField("资金来源", max_length=20, choices=FundSource)
    initial = AmountField("年初预算数", null=True, blank=True)
    adjusted = AmountField("全年预算数", null=True, blank=True)
    received = AmountField("到位数", null=True, blank=True)
    executed = AmountField("全年执行数", null=True, blank=True)
    imported_from = models.CharField("导入来源", max_length=100, blank=True)
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    # {amount: [file, time]} of those that came with an import: fillers only read them,
    # and ask for a correction (AmountCorrection).
    imported_amounts = models.JSONField(
        "导入的金额", default=dict, blank=True, editable=False
    )
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "资金来源"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source"],
                condition=Q(unit__isnull=True),
                name="fundingline_source_once",
                violation_error_message="同一项目的每种资金来源只能填一行",
            ),
            models.UniqueConstraint(
                fields=["project", "unit", "source"],
                name="fundingline_source_once_a_unit",
                violation_error_message="同一单位的每种资金来源只能填一行",
            ),
            models.CheckConstraint(
                name="fundingline_source_known",
                condition=Q(source__in=FundSource.values),
                violation_error_message="没有这种资金来源",
            ),
            *(
                models.CheckConstraint(
                    name=f"fundingline_{name}_not_negative",
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}),
                    violation_error_message=f"{label}不能为负数",
                )
                for name, label in AMOUNT_LABELS.items()
            ),
        ]

    def __str__(self) -> str:
        return self.get_source_display()

    @property
    def told_as(self) -> dict[str, str]:
        """See perfeval.audit.about: its events stand in the project's history."""
        return {
            "subject": subject_of(self.project),
            "action__startswith": "funding.",
            "after__source": self.source,
        }

    @property
    def origins(self) -> list[tuple[str, list[str]]]:
        """Where imported amounts come from: [(预算.xlsx，5月6日导入, [年初预算数])].

        In the order of the columns.
        """
        found: dict[str, list[str]] = {}
        for name, label in AMOUNT_LABELS.items():
            if name in self.imported_amounts:
                found.setdefault(self.origin_of(name), []).append(label)
        return list(found.items())

    def origin_of(self, amount: str) -> str:
        """Return from what file and when an amount was imported, "" if typed."""
        if amount not in self.imported_amounts:
            return ""
        file, at = self.imported_amounts[amount]
        day = timezone.localtime(datetime.fromisoformat(at))
        return f"{file}，{date_format(day)}导入"

    @property
    def execution_ratio(self) -> Decimal | None:
        return ratio_of(self.executed, self.adjusted)
