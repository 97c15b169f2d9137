"""The columns of a budget list and of a list of execution, and their headings."""

import re
from typing import Any

from django.core.exceptions import ValidationError

from perfeval.imports.tables import Column, Table, field_check
from projects.models import (
    BudgetProject,
    Continuity,
    Department,
    FundNature,
    FundSource,
    ProjectStatus,
)

YEAR = re.compile(r"(20[0-9]{2})(?:年度?|年预算)?")
YEAR_IN_TITLE = re.compile(r"(20[0-9]{2})\s*年")

SOURCES = {
    **{str(each.label): each for each in FundSource},
    **dict.fromkeys(
        ("财政拨款", "当年拨款", "本年财政拨款", "一般公共预算拨款"),
        FundSource.APPROPRIATION,
    ),
    # Whichever level of government pays: to the project it is this year's grant.
    **dict.fromkeys(
        (
            f"{level}{money}"
            for level in ("上级", "本级", "中央", "省级", "市级", "县级", "区级")
            for money in ("资金", "财政资金", "财政拨款", "补助", "补助资金")
        ),
        FundSource.APPROPRIATION,
    ),
    **dict.fromkeys(("上级", "本级", "上级转移支付"), FundSource.APPROPRIATION),
    **dict.fromkeys(("上年结转", "上年结转结余", "结转资金"), FundSource.CARRYOVER),
    **dict.fromkeys(
        ("财政专户", "专户资金", "财政专户资金"), FundSource.SPECIAL_ACCOUNT
    ),
    **dict.fromkeys(("单位自有资金", "自有资金"), FundSource.UNIT_FUNDS),
    "其他": FundSource.OTHER,
}
NATURES = {
    **{str(each.label): each for each in FundNature},
    "一般公共预算资金": FundNature.GENERAL,
    "政府性基金": FundNature.GOVERNMENT_FUND,
    "国有资本经营": FundNature.STATE_CAPITAL,
    "财政专户": FundNature.SPECIAL_ACCOUNT,
}
# Where a list names no source: what the nature of the money says.
SOURCE_OF_NATURE = {
    FundNature.SPECIAL_ACCOUNT: FundSource.SPECIAL_ACCOUNT,
    FundNature.UNIT_FUNDS: FundSource.UNIT_FUNDS,
}
CONTINUITIES = {
    **{str(each.label): each for each in Continuity},
    "新增": Continuity.NEW,
    "新建项目": Continuity.NEW,
    "延续": Continuity.CONTINUED,
    "续建项目": Continuity.CONTINUED,
}
STATUSES = {
    str(each.label): each
    for each in (ProjectStatus.NORMAL, ProjectStatus.ADDED, ProjectStatus.ADJUSTED)
}
AMOUNT_HELP = "只填数字，如 13.32；不知道的留空，不要填 0"


def year_of(text: str) -> int | None:
    """Return the year that 2024, 2024年 or 2024年度 means."""
    found = YEAR.fullmatch(text)
    return int(found[1]) if found else None


def year_in_title(text: str) -> int | None:
    """Return the one year that a table's title names, None for none or several."""
    years = {int(each) for each in YEAR_IN_TITLE.findall(text)}
    return years.pop() if len(years) == 1 else None


def _check_year(text: str) -> None:
    if year_of(text) is None:
        raise ValidationError(f"“{text}”不是年度")


def one_of(words: dict[str, Any]) -> Any:
    """Return a check that takes these words; the column's help names them."""

    def check(text: str) -> None:
        if text not in words:
            raise ValidationError(f"没有“{text}”这一选项")

    return check


def _labels(choices: Any) -> str:
    return "、".join(str(each.label) for each in choices)


def _text(
    key: str,
    heading: str,
    *also: str,
    told: str = "",
    example: str = "",
    width: int = 16,
) -> Column:
    """Return the column of a project's text field; told: more of what to write."""
    field = BudgetProject._meta.get_field(key)
    most = getattr(field, "max_length", None)
    return Column(
        key=key,
        heading=heading,
        also=also,
        help=f"不超过 {most} 字；{told}留空则不变",
        check=field_check(BudgetProject, key),
        example=example,
        width=width,
    )


YEAR_COLUMN = Column(
    key="year",
    heading="年度",
    also=("预算年度", "年份", "所属年度"),
    help="四位数字，如 2024；没有这一列时取表上方标题中的年份，"
    "如“2024年部门预算项目表”",
    check=_check_year,
    example="2024",
    width=8,
)
CODE_COLUMN = Column(
    key="code",
    heading="项目编码",
    also=("二级项目编码", "预算项目编码", "编码"),
    help="照预算批复填写，只含数字、字母和连字符，不超过 40 个；"
    "按年度和编码识别是哪个项目",
    required=True,
    kind="code",
    check=field_check(BudgetProject, "code"),
    example="440700240000000000101",
    width=26,
)
SOURCE_COLUMN = Column(
    key="source",
    heading="资金来源",
    also=("来源", "资金渠道", "经费来源"),
    help=f"一行一种来源：{_labels(FundSource)}；没有这一列时按资金性质记入",
    check=one_of(SOURCES),
    example="当年财政拨款",
    width=18,
)


def _amount(key: str, heading: str, *also: str, example: str = "") -> Column:
    return Column(
        key=key,
        heading=heading,
        also=also,
        help=AMOUNT_HELP,
        kind="amount",
        example=example,
        width=20,
    )


INITIAL = _amount(
    "initial",
    "年初预算数",
    *("年初预算", "年初批复数", "批复数", "预算批复数", "预算数", "年初预算金额"),
    *("预算金额", "金额", "批复金额"),
    example="13.32",
)
ADJUSTED = _amount(
    "adjusted",
    "全年预算数",
    *("调整预算数", "全年预算", "调整后预算数", "全年预算金额"),
    *("预算调整数", "调整后预算"),
    example="13.32",
)
RECEIVED = _amount("received", "到位数", "实际到位数", "资金到位数", "到位资金")
EXECUTED = _amount(
    "executed",
    "全年执行数",
    *("执行数", "全年支出数", "支出数", "实际支出数", "全年执行金额"),
    *("累计支出", "实际支出", "支出金额", "执行金额"),
)

PROJECTS = Table(
    name="项目",
    note="一行一个项目的一种资金来源；一个项目有几种来源就写几行，项目编码相同。"
    "也可以一行一个项目，金额按来源分列，如“财政拨款（万元）”“其他资金（万元）”。",
    parts=tuple(SOURCES),
    parted="initial",
    columns=(
        YEAR_COLUMN,
        CODE_COLUMN,
        _text(
            "name",
            "项目名称",
            *("名称", "二级项目名称", "预算项目名称"),
            example="法律援助办案补贴",
            width=32,
        ),
        Column(
            key="unit",
            heading="单位编码",
            also=("预算单位编码", "实施单位编码", "部门单位编码"),
            help="实施单位的编码；新项目的单位编码和单位名称至少填一项",
            kind="code",
            check=field_check(Department, "code"),
            example="118001",
        ),
        Column(
            key="unit_name",
            heading="单位名称",
            also=("预算单位", "实施单位", "单位", "项目单位", "预算单位名称"),
            help="系统中的单位全称",
            example="云水市法律援助中心",
            width=26,
        ),
        Column(
            key="department",
            heading="主管部门",
            also=("主管部门名称", "部门名称", "一级预算单位"),
            help="编码或全称；新项目留空时取实施单位所属的部门",
            kind="code",
            example="118",
            width=20,
        ),
        Column(
            key="department_code",
            heading="主管部门编码",
            help="“主管部门”写全称时可另写编码，二者应是同一单位",
            kind="code",
            check=field_check(Department, "code"),
            example="118",
        ),
        _text("level1_code", "一级项目编码"),
        _text("level1_name", "一级项目名称", "一级项目"),
        _text("category", "项目类别", "项目类型", example="部门预算项目"),
        Column(
            key="fund_nature",
            heading="资金性质",
            also=("预算类型", "资金类型"),
            help=f"{_labels(FundNature)}；新项目留空时为一般公共预算",
            check=one_of(NATURES),
            example="一般公共预算",
            width=18,
        ),
        Column(
            key="continuity",
            heading="新增或延续",
            also=("项目属性", "项目性质", "新增/延续", "新增延续"),
            help=f"{_labels(Continuity)}；新项目留空时为延续项目",
            check=one_of(CONTINUITIES),
            example="延续项目",
        ),
        Column(
            key="status",
            heading="项目状态",
            help=f"{'、'.join(STATUSES)}；不再自评的请在项目页申请，由绩效科审批",
            check=one_of(STATUSES),
            example="正常",
        ),
        SOURCE_COLUMN,
        INITIAL,
        ADJUSTED,
        RECEIVED,
        EXECUTED,
        _text("goal", "年度总体目标", "年度目标", "总体目标", "绩效目标", width=40),
        _text("unit_leader", "单位负责人"),
        _text("project_leader", "项目负责人"),
        _text("finance_leader", "财务负责人"),
        _text("contact", "联系人"),
        _text(
            "phone",
            "联系电话",
            "电话",
            told="5 个以上，只含数字、空格、括号、加号和连字符；",
        ),
    ),
)

EXECUTION = Table(
    name="执行",
    note="一行一个项目的一种资金来源，或金额按来源分列；只更新系统中已有的项目。",
    parts=tuple(SOURCES),
    parted="executed",
    columns=(
        YEAR_COLUMN,
        CODE_COLUMN,
        Column(
            key="name",
            heading="项目名称",
            also=("名称", "二级项目名称", "预算项目名称"),
            help="用来核对，与系统中的名称不同时提示",
            example="法律援助办案补贴",
            width=32,
        ),
        SOURCE_COLUMN,
        ADJUSTED,
        RECEIVED,
        EXECUTED,
    ),
)
