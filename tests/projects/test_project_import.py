"""A budget list becomes projects with their money: all looked through, written once."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from indicators.models import SelfAssessment
from perfeval.imports.marking import LIST, MARK
from perfeval.models import AuditEvent
from projects.models import BudgetProject, FundingLine, Role
from projects.project_import.importer import PROJECT_IMPORTER
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_user,
    submit,
)
from tests.imports import (
    imported,
    last_import,
    looked_through,
    one_sheet,
    opened,
    packed,
    save,
    told,
    upload,
    with_part,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

URLS = "projects:import"
CODE, OTHER = "440700240000000000101", "440700240000000000102"
HEAD = [
    *("年度", "项目编码", "项目名称", "单位编码", "资金来源"),
    *("年初预算数（万元）", "全年预算数（万元）"),
]
ROWS: list[list[Any]] = [
    ["2024", CODE, "法律援助办案补贴", "118001", "当年财政拨款", 13.32, "13.32"],
    ["2024", CODE, None, None, "上年结转资金", None, "２．５"],
    ["2024", OTHER, "人民调解员培训", "118001", "当年财政拨款", "1,234.50", "—"],
]


@pytest.fixture
def unit():
    city = make_department(code="100", name="云水市本级")
    section = make_department(city, code="101002", name="业务一科")
    bureau = make_department(city, code="118", name="云水市司法局", section=section)
    return make_department(bureau, code="118001", name="云水市法律援助中心")


@pytest.fixture
def filler(client, unit):
    person = make_user(Role.FILLER, unit.parent, name="王芳")
    client.force_login(person)
    return person


@pytest.fixture
def finance(client, unit):
    person = make_user(Role.PERFORMANCE_SECTION, unit, name="郑岚")
    client.force_login(person)
    return person


def roster(*rows, head=HEAD):
    return one_sheet(head, *(rows or ROWS))


def row(**changed):
    """One right row with other values: row(code=…)."""
    keys = ("year", "code", "name", "unit", "source", "initial", "adjusted")
    values = dict(zip(keys, ROWS[0], strict=True)) | changed
    return list(values.values())


def written():
    return (
        BudgetProject.objects.count(),
        FundingLine.objects.count(),
        AuditEvent.objects.count(),
    )


def test_a_list_becomes_projects_with_their_sources(client, filler, unit):
    plan = looked_through(client, URLS, roster())
    before = written()

    answered = save(client, URLS, plan)

    assert before[:2] == (0, 0)
    assert answered.url == reverse("projects:list") + "?year=2024"
    project = BudgetProject.objects.get(year=2024, code=CODE)
    assert (project.name, project.unit) == ("法律援助办案补贴", unit)
    assert project.supervising_department.code == "118"
    assert project.section == project.supervising_department.section
    lines = {
        each.source: (each.initial, each.adjusted)
        for each in project.funding_lines.all()
    }
    assert lines == {
        "appropriation": (Decimal("133200.00"), Decimal("133200.00")),
        "carryover": (None, Decimal("25000.00")),
    }
    other = FundingLine.objects.get(project__code=OTHER)
    assert (other.initial, other.adjusted) == (Decimal("12345000.00"), None)


def test_each_project_and_source_leaves_its_event(client, filler):
    imported(client, URLS, roster(), name="2024年预算.xlsx")

    events = AuditEvent.objects.filter(user=filler).order_by("pk")
    actions = [each.action for each in events]

    assert actions.count("project.created") == 2
    assert actions.count("funding.changed") == 3
    assert actions[-1] == "import.done"
    money = events.filter(action="funding.changed")[0]
    assert money.summary == "导入“当年财政拨款”金额（2024年预算.xlsx）"
    assert money.after["initial"] == "133200.00"


def test_money_tells_from_what_file_it_came_and_when(client, filler):
    imported(client, URLS, roster(), name="2024年预算.xlsx")

    line = FundingLine.objects.get(source="carryover")
    page = client.get(reverse("projects:detail", args=[line.project_id])).text

    assert list(line.imported_amounts) == ["adjusted"]
    assert line.imported_from == "2024年预算.xlsx"
    assert line.origins[0][1] == ["全年预算数"]
    assert "2024年预算.xlsx" in page


def test_the_same_list_again_changes_nothing(client, filler):
    imported(client, URLS, roster())
    before = written()

    plan = looked_through(client, URLS, roster())

    assert plan.changes_nothing
    assert save(client, URLS, plan).status_code == 302
    assert written()[:2] == before[:2]


def test_what_changes_is_told_with_the_old_and_the_new_value(client, finance):
    imported(client, URLS, roster())
    changed = [
        row(name="法律援助补贴", adjusted=15),
        row(source="上年结转资金", name="", initial="", adjusted=2.5),
        ROWS[2],
    ]

    plan = imported(client, URLS, roster(*changed))

    notes = {(line.table, line.word): line.note for line in plan.lines}
    assert notes["项目", "修改"] == "项目名称：法律援助办案补贴 → 法律援助补贴"
    assert notes["资金", "修改"] == "全年预算数：13.32 万元 → 15.00 万元"
    assert [line.word for line in plan.lines] == [
        *("修改", "修改", "不变"),
        *("不变", "不变"),
    ]
    project = BudgetProject.objects.get(code=CODE)
    assert (project.name, project.version) == ("法律援助补贴", 2)
    assert project.adjusted == Decimal("175000.00")


def test_columns_stand_anywhere_below_titles_and_others_are_kept_out(client, filler):
    book = one_sheet(
        ["云水市2023年部门预算项目支出表"],
        ["编制单位：云水市司法局", None, None, None, "单位：元"],
        ["金额", "主管处室", "名 称", "项目代码", "预算单位", "序号"],
        [133200, "行财处", "普法宣传", CODE, "云水市司法局", 1],
        ["合计", None, None, None, None, None],
        ["填表人：苏敏", None, None, None, None, None],
    )
    book.active.merge_cells("A1:F1")

    plan = imported(client, URLS, book)

    assert plan.notes == [
        "工作表“Sheet1”：没有用到的列：主管处室、序号",
        "工作表“Sheet1”：合计、标题和落款（第 5、6 行）没有读取",
        "表中没有“资金来源”列：金额按资金性质记入，财政专户和单位资金以外的都记入"
        "“当年财政拨款”",
    ]
    project = BudgetProject.objects.get(year=2023, code=CODE)
    assert project.unit.code == "118"
    assert project.funding_total("initial") == Decimal("133200.00")


def test_a_heading_in_two_rows_under_a_unit_of_its_own(client, filler):
    book = one_sheet(
        ["2024年项目表", None, None, None, None],
        ["项目编码", "项目名称", "单位名称", "资金（万元）", None],
        [None, None, None, "年初预算", "全年预算"],
        [CODE, "普法宣传", "云水市司法局", 13.32, 14],
    )
    for cells in ("A2:A3", "B2:B3", "C2:C3", "D2:E2"):
        book.active.merge_cells(cells)

    imported(client, URLS, book)

    line = FundingLine.objects.get()
    assert (line.initial, line.adjusted) == (Decimal(133200), Decimal(140000))


def test_numbers_as_text_and_plain_numbers_say_the_same(client, filler):
    imported(
        client, URLS, roster(row(year=2024, initial="13.32 ", adjusted="13.32万元"))
    )

    line = FundingLine.objects.get()
    assert line.initial == line.adjusted == Decimal("133200.00")


@pytest.mark.parametrize(
    ("changed", "place", "reason", "remedy"),
    [
        ({"code": 4.407e20}, "B2", "超过 15 位的数字，Excel 只保留前 15 位", "文本"),
        ({"code": "4.4070024E+20"}, "B2", "编码变成了科学计数法", "文本"),
        ({"code": "44-07/1"}, "B2", "“44-07/1”不是正确的项目编码", "只含数字"),
        ({"code": None}, "B2", "没有填写项目编码", "预算批复"),
        ({"year": "24年"}, "A2", "“24年”不是年度", "四位数字"),
        ({"year": None}, "B2", "没有写明年度", "标题"),
        ({"name": None}, "C2", "没有填写项目名称", "核对年度和项目编码"),
        ({"name": "长" * 201}, "C2", "有 201 个字符，多了 1 个", "200 字"),
        ({"unit": None}, "D2", "没有填写单位", "系统管理员"),
        ({"unit": "999"}, "D2", "没有编码为“999”的单位", "系统管理员"),
        ({"unit": "777"}, "D2", "您不能为“别的单位”填报项目", "由该单位导入"),
        ({"unit": "666"}, "D2", "“旧单位”已停用", "现在使用的单位"),
        ({"source": "彩票"}, "E2", "没有“彩票”这一选项", "一行一种来源"),
        ({"initial": "13.32.1"}, "F2", "不是金额", "只填数字"),
        ({"initial": "5 6"}, "F2", "“5 6”的数字中间有空格", "只填数字"),
        ({"initial": "约13"}, "F2", "“约13”不是金额", "只填数字"),
        ({"initial": -1}, "F2", "金额不能为负数", "核对金额"),
        (
            {"initial": 13.3200001},
            "F2",
            "金额 13.3200001 万元精确到了分以下",
            "只填数字",
        ),
        ({"initial": "50%"}, "F2", "单位“%”不是元或万元", "只填数字"),
        ({"initial": 10**12}, "F2", "过大", "只填数字"),
        ({"initial": date(2024, 1, 2)}, "F2", "“2024年1月2日”不是金额", "只填数字"),
    ],
)
def test_each_mistake_is_told_at_its_cell_with_the_remedy(
    client, filler, changed, place, reason, remedy
):
    make_department(code="777", name="别的单位")
    make_department(
        filler.memberships.get().department, code="666", name="旧单位", is_active=False
    )
    before = written()

    plan = looked_through(client, URLS, roster(row(**changed)))

    problem = plan.problems[0]
    assert len(plan.problems) == 1, plan.problems
    assert (problem.sheet, problem.place) == ("Sheet1", place)
    assert reason in problem.reason
    assert remedy in problem.remedy
    assert save(client, URLS, plan).status_code == 302
    assert written()[:2] == before[:2]


def test_dates_that_excel_made_errors_and_lost_formulas_are_refused(client, filler):
    book = roster(row(), row(code=OTHER), row(code="103"))
    sheet = book.active
    sheet["F2"] = date(2024, 1, 2)
    sheet["F2"].number_format = 'm"月"d"日"'
    sheet["F3"] = "#REF!"
    sheet["C3"] = "#N/A"
    sheet["G4"] = "=F4*2"

    plan = looked_through(client, URLS, book)

    assert told(plan) == {
        "F2": "Excel 把填写的内容当成了日期",
        "C3": "单元格里是错误值 #N/A",
        "F3": "单元格里是错误值 #REF!",
        "G4": "公式没有保存计算结果",
    }
    assert plan.problems[0].value == "1/2"
    assert len(plan.problems) == 4
    remedies = {each.place: each.remedy for each in plan.problems}
    assert remedies["C3"] == "请改正公式或直接填写内容，保存后再上传"


def test_results_of_formulas_count_as_they_are_shown(client, filler):
    def calculated(part):
        return part.replace(
            b'<c r="G2" t="inlineStr"><is><t>13.32</t></is></c>',
            b'<c r="G2"><f>F2*2</f><v>26.640000000000001</v></c>',
        )

    content = packed(roster(row()))
    part = "xl/worksheets/sheet1.xml"
    changed = with_part(content, part, calculated)
    assert changed != content

    plan = looked_through(client, URLS, changed)

    assert [each.note for each in plan.lines if each.table == "资金"] == [
        "年初预算数：13.32 万元；全年预算数：26.64 万元"
    ]


def test_all_mistakes_come_at_once_and_back_in_the_same_workbook(client, filler):
    book = roster(
        row(code="坏", initial="十三"), row(code="103", unit="999"), ROWS[2], ROWS[2]
    )
    book["Sheet1"]["C3"].fill = MARK

    plan = looked_through(client, URLS, book)
    address = reverse("projects:import_marked", args=[last_import().pk])
    marked = opened(client.get(address).content)

    assert list(told(plan)) == ["B2", "F2", "D3", "E5"]
    sheet = marked["Sheet1"]
    assert [sheet[place].fill == MARK for place in ("B2", "F2", "D3", "A2")] == [
        *(True, True, True),
        False,
    ]
    assert "不是金额" in sheet["F2"].comment.text
    assert marked[LIST].max_row == 5
    assert BudgetProject.objects.count() == 0


def test_rows_of_one_project_that_differ_are_told(client, filler):
    other = row(name="别的名称", source="上年结转资金", year="2024年度")

    plan = looked_through(client, URLS, roster(row(), other, row()))

    assert told(plan) == {
        "C3": "与第 2 行同一项目的项目名称不同",
        "E4": "与第 2 行重复：同一项目的“当年财政拨款”",
    }


def test_a_unit_whose_code_and_name_differ_is_told(client, filler):
    head = ["年度", "项目编码", "项目名称", "单位编码", "单位名称"]
    rows = [["2024", CODE, "普法", "118001", "云水市司法局"]]

    plan = looked_through(client, URLS, roster(*rows, head=head))

    assert told(plan) == {"E2": "编码 118001 的单位是“云水市法律援助中心”"}


@pytest.mark.parametrize("unit_code", ["预算单位代码", "单位代码", "实施单位代码"])
def test_either_word_for_code_heads_the_same_column(client, filler, unit_code):
    head = ["年度", "项目代码", "项目名称", unit_code, "预算单位"]
    rows = [["2024", CODE, "普法", "118001", "云水市司法局"]]

    plan = looked_through(client, URLS, roster(*rows, head=head))

    assert told(plan) == {"E2": "编码 118001 的单位是“云水市法律援助中心”"}


@pytest.mark.parametrize(
    ("code", "reasons"),
    [("118", {}), ("101002", {"F2": "编码 101002 的单位是“业务一科”"})],
)
def test_a_department_is_named_by_code_and_name_that_agree(
    client, filler, code, reasons
):
    head = [
        *("年度", "项目编码", "项目名称", "单位编码"),
        "主管部门代码",
        "主管部门名称",
    ]
    rows = [["2024", CODE, "普法", "118001", code, "云水市司法局"]]

    plan = looked_through(client, URLS, roster(*rows, head=head))

    assert told(plan) == reasons


def test_money_without_a_unit_is_refused(client, filler):
    plan = looked_through(client, URLS, roster(head=[*HEAD[:5], "年初预算数", HEAD[6]]))

    assert told(plan) == {"F1": "没有写明金额单位，不能判断是元还是万元"}


def test_hidden_rows_are_read_and_told_hidden_sheets_left(client, filler):
    book = roster()
    book.active.row_dimensions[3].hidden = True
    old = book.create_sheet("去年")
    old.append(HEAD)
    old.append(row(code="9"))
    old.sheet_state = "hidden"

    plan = looked_through(client, URLS, book)

    assert plan.problems == []
    assert plan.notes == [
        "工作表“Sheet1”的隐藏行（第 3 行）也已读取",
        "工作表“去年”已隐藏，没有读取",
    ]


def test_ten_thousand_empty_rows_cost_nothing(client, filler):
    book = roster()
    for number in range(5, 10_005):
        book.active.cell(number, 1).fill = MARK

    plan = looked_through(client, URLS, book)

    assert (plan.problems, len(plan.lines)) == ([], 5)


def test_a_second_table_with_the_same_headings_is_read_on(client, filler):
    book = roster(ROWS[0])
    for each in ([], ["年中追加项目"], [*HEAD[:5], "年初预算数（元）"], []):
        book.active.append(each)
    book.active.append(["2024", OTHER, "培训", "118", "当年财政拨款", 80000])
    book.active.merge_cells("A4:G4")

    plan = imported(client, URLS, book)

    assert "工作表“Sheet1”：第 5 行又是表头，按它接着读取下面的内容" in plan.notes
    assert FundingLine.objects.get(project__code=OTHER).initial == Decimal("80000.00")


def test_another_table_below_is_refused_once(client, filler):
    book = roster(ROWS[0])
    for each in ([], ["类别", "数量/个", "备 注"], ["部门项目", "1 个", "-"]):
        book.active.append(each)

    plan = looked_through(client, URLS, book)

    assert told(plan) == {"A4": "从第 4 行起像是另一张表，不能和上面的表一起读取"}


def test_two_tables_side_by_side_are_told(client, filler):
    plan = looked_through(client, URLS, roster(head=[*HEAD, None, "项目编码"]))

    assert plan.problems[0].reason == "有两列都叫“项目编码”（B、I 列）"


def test_a_list_without_codes_names_the_missing_column(client, filler):
    plan = looked_through(client, URLS, roster(head=["年度", "序号", *HEAD[2:]]))

    assert plan.problems[0].reason == "缺少列“项目编码”；表头中没有用到的列：序号"


def test_the_writing_of_wps_with_prefixed_parts_is_read(client, filler):
    def prefixed(part):
        text = part.decode().replace("<worksheet xmlns=", "<x:worksheet xmlns:x=")
        for name in ("worksheet", "sheetData", "row", "c", "v", "is", "t"):
            text = text.replace(f"<{name} ", f"<x:{name} ").replace(
                f"<{name}>", f"<x:{name}>"
            )
            text = text.replace(f"</{name}>", f"</x:{name}>")
        return text.encode()

    content = with_part(packed(roster()), "xl/worksheets/sheet1.xml", prefixed)

    plan = looked_through(client, URLS, content)

    assert len(plan.lines) == 5


def test_a_project_of_another_unit_is_not_told_of(client, filler):
    make_project(make_department(), year=2024, code=CODE, name="机密名称")

    plan = looked_through(client, URLS, roster())

    assert told(plan) == {"B2": "本年度已有此编码的项目，不属于您可以填报的单位"}
    assert (
        "机密名称"
        not in client.get(
            reverse("projects:import_preview", args=[last_import().pk])
        ).text
    )


def test_what_was_sent_up_is_closed(client, filler, unit):
    project = make_project(unit, year=2024, code=CODE, name="法律援助办案补贴")
    submit(make_assessment(project))

    plan = looked_through(client, URLS, roster())

    assert told(plan) == {
        "B2": "“法律援助办案补贴”的绩效自评审核中，项目信息和资金不能修改"
    }


def test_a_classified_project_takes_nothing(client, finance, unit):
    make_project(unit, year=2024, code=CODE, name="", status="classified", money=None)

    plan = looked_through(client, URLS, roster())

    assert told(plan) == {"B2": "该编码是涉密另报项目，不得导入内容"}


def test_the_score_follows_the_money_that_came_in(client, finance, unit):
    project = make_project(unit, year=2024, code=CODE, name="法律援助办案补贴")
    assessment = make_assessment(project)
    before = assessment.total
    head = [*HEAD[:5], "全年执行数（元）"]

    imported(client, URLS, roster([*ROWS[0][:5], 230000], head=head))

    after = SelfAssessment.objects.get(pk=assessment.pk).total
    # Execution rises from 57.91 % (5.79 points) to 100 % (10 points).
    assert after - before == Decimal("4.21")


def test_what_changed_after_the_preview_is_looked_at_again(client, filler, unit):
    plan = looked_through(client, URLS, roster())
    make_project(unit, year=2024, code=OTHER, name="手工录入")

    answered = save(client, URLS, plan)

    assert "刚刚有变化" in client.get(answered.url, follow=True).text
    assert BudgetProject.objects.count() == 1


def test_the_sample_comes_in_as_it_is(client, filler):
    sample = client.get(reverse("projects:import_sample")).content

    plan = imported(client, URLS, sample)

    assert [(line.table, line.word) for line in plan.lines] == [
        *(("项目", "新增"), ("资金", "新增"), ("资金", "新增")),
        *(("项目", "新增"), ("资金", "新增")),
    ]


def test_the_template_asks_for_content(client, filler):
    template = client.get(reverse("projects:import_template")).content

    plan = looked_through(client, URLS, template)

    assert [each.reason for each in plan.problems] == ["没有找到“项目”的内容"]


@pytest.mark.parametrize(
    "role",
    [Role.UNIT_REVIEWER, Role.OBSERVER, Role.SYSTEM_ADMIN, Role.SECTION_REVIEWER],
)
def test_other_roles_are_refused(client, unit, role):
    client.force_login(make_user(role, unit))

    for name in ("imports", "import", "import_template", "execution_import"):
        assert client.get(reverse(f"projects:{name}")).status_code == 403
    assert upload(client, URLS, roster()).status_code == 403


def test_an_import_is_its_starters_alone(client, filler, unit):
    looked_through(client, URLS, roster())
    pk = last_import().pk
    client.force_login(make_user(Role.FILLER, unit))

    for name in ("preview", "marked"):
        address = reverse(f"projects:import_{name}", args=[pk])
        assert client.get(address).status_code == 404


def test_the_preview_asks_the_same_of_the_database_whatever_the_rows(client, filler):
    many = [row(code=f"2024{each:05}") for each in range(80)]
    looked_through(client, URLS, roster(row()))
    few = reverse("projects:import_preview", args=[last_import().pk])
    looked_through(client, URLS, roster(*many))
    lots = reverse("projects:import_preview", args=[last_import().pk])

    assert len(queries_of(client, lots)) == len(queries_of(client, few)) <= 12


class TestCommand:
    def call(self, tmp_path, book, *options):
        file = tmp_path / "预算.xlsx"
        file.write_bytes(packed(book))
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("import_projects", file, *options, stdout=out, stderr=err)
        except SystemExit as stopped:
            return stopped.code, out.getvalue(), err.getvalue()
        return 0, out.getvalue(), err.getvalue()

    def test_it_writes_what_the_web_upload_writes(self, tmp_path, unit):
        code, out, err = self.call(tmp_path, roster())

        assert (code, err) == (0, "")
        assert out == "项目 新增 2 修改 0 不变 0\n资金 新增 3 修改 0 不变 0\n"
        line = FundingLine.objects.get(source="carryover")
        assert line.imported_from == "预算.xlsx"

    def test_it_refuses_with_a_line_for_each_mistake(self, tmp_path, unit):
        code, out, err = self.call(tmp_path, roster(row(code="坏", initial="?")))

        assert (code, out) == (2, "")
        lines = err.splitlines()
        assert [line.partition("：")[0] for line in lines] == [
            "Sheet1!B2“坏”",
            "Sheet1!F2“?”",
        ]
        assert BudgetProject.objects.count() == 0

    def test_it_acts_with_the_rights_of_a_person(self, tmp_path, unit):
        other = make_user(Role.FILLER, make_department(), username="li")

        code, _, err = self.call(tmp_path, roster(), "--user", other.username)

        assert code == 2
        assert "您不能为“云水市法律援助中心”填报项目" in err

    def test_a_dry_run_writes_nothing(self, tmp_path, unit):
        code, out, _ = self.call(tmp_path, roster(), "--dry-run")

        assert (code, out.splitlines()[0]) == (0, "项目 新增 2 修改 0 不变 0")
        assert BudgetProject.objects.count() == 0


def test_ten_thousand_rows_are_within_the_limits():
    assert PROJECT_IMPORTER.limits.rows > 10_000


BY_SOURCE: list[list[Any]] = [
    ["2024年部门预算项目表（单位：万元）"],
    ["项目编码", "项目名称", "单位编码", "年初预算数", None, None, "全年执行数", None],
    [None, None, None, "合计", "财政拨款", "其他资金", "上级资金", "本级资金"],
    [CODE, "法律援助办案补贴", "118001", 13.32, 10.82, 2.5, 3, 4.25],
]
FLAT = [
    [
        *("年度", "项目编码", "项目名称", "单位编码", "年初预算数（万元）"),
        *("其中：财政拨款（万元）", "其他资金（万元）", "财政拨款执行数（元）"),
    ],
    ["2024", CODE, "法律援助办案补贴", "118001", 13.32, 10.82, 2.5, 72_500],
]


def money_of(code):
    lines = FundingLine.objects.filter(project__code=code).order_by("source")
    return {each.source: (each.initial, each.executed) for each in lines}


@pytest.mark.parametrize("rows", [BY_SOURCE, FLAT], ids=["two rows", "one row"])
def test_a_column_of_money_for_each_source_becomes_a_line_for_each(
    client, filler, rows
):
    plan = imported(client, URLS, one_sheet(*rows))

    assert money_of(CODE) == {
        "appropriation": (Decimal("108200.00"), Decimal("72500.00")),
        "other": (Decimal("25000.00"), None),
    }
    assert "记入“当年财政拨款”的年初预算数" in "".join(plan.notes)


def test_parts_that_do_not_make_the_sum_beside_them_are_told_of(client, filler):
    rows = [list(each) for each in BY_SOURCE]
    rows[3][3] = 13.33

    plan = looked_through(client, URLS, one_sheet(*rows))

    reason = "年初预算数合计 13.33 万元，各来源之和是 13.32 万元"
    assert told(plan) == {"D4": reason}


def test_an_old_workbook_is_read_and_comes_back_marked(client, filler, unit):
    old = (Path(__file__).parents[1] / "data" / "imports" / "roster.xls").read_bytes()
    plan = imported(client, URLS, old, name="名册.xls")
    unit.is_active = False
    unit.save()

    refused = looked_through(client, URLS, old, name="名册.xls")
    address = reverse("projects:import_marked", args=[last_import().pk])
    marked = opened(client.get(address).content)

    assert money_of(OTHER) == {"appropriation": (Decimal("80000.00"), None)}
    assert [count for _, count in plan.counts[0][1]] == [2, 0, 0]
    assert set(told(refused)) == {"A4", "A5"}
    sheet = marked["部门预算"]
    assert (sheet["A4"].value, sheet["D4"].value) == (CODE, 13.32)
    assert sheet["A4"].fill == MARK
    assert sheet["D2"].value == "年初预算数"


def test_a_row_without_a_right_code_tells_all_else_that_is_wrong(client, filler):
    rows = [
        row(code="44070024E", unit="999999", source="国债"),
        row(code=4.4070024e20, unit="888888"),
        row(code="法援", initial="约五万"),
    ]

    plan = looked_through(client, URLS, roster(*rows))

    assert sorted(told(plan)) == ["B3", "B4", "D2", "D3", "E2", "F4"]
