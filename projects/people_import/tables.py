"""The two sheets of the workbook: 单位 and 人员."""

from perfeval.imports.tables import Column, Table, field_check
from perfeval.models import User
from projects.models import Department, Role

ROLES = {str(role.label): role for role in Role}
DAY_HELP = "日期，如 2024-01-01；留空为导入当日"

UNITS = Table(
    name="单位",
    note="一行一个单位；上级单位可以写在下级之后。系统中已有的单位不必再列。",
    optional=True,
    columns=(
        Column(
            key="code",
            heading="单位编码",
            also=("编码", "部门编码", "预算单位编码"),
            help="照预算单位编码填写，只含数字、字母和连字符",
            required=True,
            kind="code",
            check=field_check(Department, "code"),
            example="118001",
        ),
        Column(
            key="name",
            heading="单位名称",
            also=("名称", "单位全称", "部门名称"),
            help="单位全称，不超过 100 字",
            required=True,
            check=field_check(Department, "name"),
            example="云水市司法局本级",
            width=32,
        ),
        Column(
            key="parent",
            heading="上级单位编码",
            also=("上级编码", "主管部门编码"),
            help="上级单位的编码，应在本表或系统中；留空为没有上级（已有单位则不变）",
            kind="code",
            example="118",
        ),
        Column(
            key="section",
            heading="归口业务科室编码",
            also=("归口科室编码", "业务科室编码"),
            help="财政部门中归口业务科室的编码，应在本表或系统中；留空则不变",
            kind="code",
            example="101003",
            width=20,
        ),
        Column(
            key="renamed",
            heading="更名日期",
            also=("新名称启用日期",),
            help="单位更名时填写新名称的启用日期，如 2024-01-01；旧报告仍用旧名称",
            kind="date",
            example="2024-01-01",
        ),
    ),
)

PEOPLE = Table(
    name="人员",
    note="一行一个人的一个角色；一人有几个角色就写几行，用户名相同。",
    optional=True,
    columns=(
        Column(
            key="username",
            heading="用户名",
            also=("登录名", "账号"),
            help="登录用的名字，不超过 150 个字符，只含文字、数字和 @ . + - _",
            required=True,
            kind="code",
            check=field_check(User, "username"),
            example="wangfang",
        ),
        Column(
            key="name",
            heading="姓名",
            help="不超过 50 字；新用户必填",
            check=field_check(User, "name"),
            example="王芳",
        ),
        Column(
            key="phone",
            heading="联系电话",
            also=("电话", "手机", "手机号码", "办公电话"),
            help="只含数字、空格、括号、加号和连字符，5 至 40 位；留空则不变",
            kind="code",
            check=field_check(User, "phone"),
            example="0700-3300000",
        ),
        Column(
            key="unit",
            heading="单位编码",
            also=("所在单位编码", "部门编码"),
            help="担任角色的单位的编码，应在“单位”表或系统中",
            required=True,
            kind="code",
            example="118001",
        ),
        Column(
            key="role",
            heading="角色",
            help="从列表中选择",
            required=True,
            choices=tuple(ROLES),
            example="填报人",
            width=22,
        ),
        Column(
            key="valid_from",
            heading="生效日期",
            also=("任职日期", "开始日期"),
            help=DAY_HELP,
            kind="date",
            example="2024-01-01",
        ),
        Column(
            key="valid_to",
            heading="失效日期",
            also=("结束日期", "离任日期"),
            help="担任该角色的最后一天，如 2024-12-31；留空为一直有效",
            kind="date",
        ),
    ),
)
