"""Units, people and roles from one workbook: all checked first, written once."""

import io
import re
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from perfeval.imports.marking import LIST, MARK
from perfeval.models import AuditEvent, DataImport, User
from perfeval.people import deactivate
from projects.departments import merge_department
from projects.models import Department, FormerName, Membership, Role
from tests.factories import make_department, make_membership, make_user
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

UNIT_HEAD = ["单位编码", "单位名称", "上级单位编码", "归口业务科室编码", "更名日期"]
PEOPLE_HEAD = [
    "用户名",
    "姓名",
    "联系电话",
    "单位编码",
    "角色",
    "生效日期",
    "失效日期",
]
UNITS = [
    # A unit may stand above the one it belongs to.
    ["118001", "云水市司法局本级", "118", "", ""],
    ["118", "云水市司法局", "", "101003", ""],
    ["101", "云水市财政局", "", "", ""],
    ["101003", "行政政法科", "101", "", ""],
]
PEOPLE = [
    ["wangfang", "王芳", "0700-3300001", "118001", "填报人", "", ""],
    ["liming", "李明", "", "118", "主管部门审核人", "2024-01-01", "2099-12-31"],
    ["liming", "", "", "118001", "单位审核人", "", ""],
]


@pytest.fixture
def administrator(client):
    office = make_department(code="001", name="信息中心")
    person = make_user(Role.SYSTEM_ADMIN, office, name="赵敏")
    client.force_login(person)
    return person


def workbook(units=UNITS, people=PEOPLE):
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, head, rows in (("单位", UNIT_HEAD, units), ("人员", PEOPLE_HEAD, people)):
        sheet = book.create_sheet(name)
        for row in (head, *rows):
            sheet.append(row)
    return book


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def one_sheet(name):
    """A workbook with one empty sheet, and the sheet."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    return book, book.create_sheet(name)


def last_import():
    return DataImport.objects.latest("pk")


def packed(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(client, content, name="人员名单.xlsx"):
    return client.post(
        reverse("people:import"), {"file": SimpleUploadedFile(name, content)}
    )


def looked_through(client, book):
    """Upload a workbook; return its plan as the preview shows it."""
    answered = upload(client, packed(book))
    assert answered.status_code == 302, answered.context["form"].errors
    return client.get(answered.url).context["plan"]


def save(client, plan):
    address = reverse("people:import_save", args=[last_import().pk])
    return client.post(address, {"digest": plan.digest})


def told(plan):
    return {(each.sheet, each.place): each.reason for each in plan.problems}


def written():
    return (
        Department.objects.count(),
        User.objects.count(),
        Membership.objects.count(),
        AuditEvent.objects.count(),
    )


def test_units_people_and_roles_come_in_from_one_workbook(client, administrator):
    plan = looked_through(client, workbook())

    answered = save(client, plan)

    assert [(name, counts[0][1]) for name, counts in plan.counts] == [
        ("单位", 4),
        ("人员", 2),
        ("角色", 3),
    ]
    assert answered.url == reverse("people:passwords")
    unit = Department.objects.get(code="118001")
    assert unit.path == "118/118001/"
    section = Department.objects.get(code="101003")
    assert section.path == "101/101003/"
    assert list(section.supervised.all()) == [unit.parent]
    held = Membership.objects.filter(user__username="liming").order_by("role")
    assert [(each.department.code, each.role) for each in held] == [
        ("118", Role.DEPARTMENT_REVIEWER),
        ("118001", Role.UNIT_REVIEWER),
    ]
    assert (held[0].valid_from, held[0].valid_to) == (
        date(2024, 1, 1),
        date(2099, 12, 31),
    )
    assert held[1].valid_from == timezone.localdate()
    assert User.objects.get(username="wangfang").phone == "0700-3300001"


def test_each_row_written_leaves_its_event(client, administrator):
    save(client, looked_through(client, workbook()))

    events = AuditEvent.objects.filter(user=administrator)
    counts = {
        action: events.filter(action=action).count()
        for action in ("user.created", "membership.created", "import.done")
    }
    assert counts == {"user.created": 2, "membership.created": 3, "import.done": 1}
    assert set(
        events.filter(action="department.saved").values_list("summary", flat=True)
    ) == {f"保存单位“{name}”" for _, name, *_ in UNITS}
    done = events.get(action="import.done")
    assert done.summary.startswith("单位和人员导入：单位新增 4、修改 0；人员新增 2")
    assert done.after["file"] == "人员名单.xlsx"


def test_initial_passwords_are_shown_once_and_let_their_people_in(
    client, administrator
):
    answered = save(client, looked_through(client, workbook()))

    shown = client.get(answered.url)
    again = client.get(answered.url)

    rows = {person.username: password for person, password in shown.context["rows"]}
    assert set(rows) == {"wangfang", "liming"}
    assert rows["wangfang"] in shown.text
    assert "no-store" in shown["Cache-Control"]
    assert "没有可显示的初始密码" in again.text
    client.post("/logout/")
    client.post("/login/", {"username": "wangfang", "password": rows["wangfang"]})
    assert client.get("/").url == "/password/"


def test_a_second_import_of_the_same_file_changes_nothing(client, administrator):
    save(client, looked_through(client, workbook()))
    before = written()

    plan = looked_through(client, workbook())

    assert plan.changes_nothing
    assert plan.count("leave") == 9
    page = client.get(reverse("people:import_preview", args=[last_import().pk]))
    assert "不需要导入" in page.text
    save(client, plan)
    assert written()[:3] == before[:3]


def test_the_same_import_sent_twice_is_written_once(client, administrator):
    plan = looked_through(client, workbook())
    save(client, plan)
    before = written()

    answered = save(client, plan)

    assert answered.status_code == 302
    assert "这个文件已导入" in client.get(answered.url, follow=True).text
    assert written() == before


def test_columns_stand_anywhere_under_titles_beside_others(client, administrator):
    make_department(code="118", name="云水市司法局")
    book, sheet = one_sheet("人员名单")
    sheet.append(["云水市司法局绩效系统人员"])
    sheet.merge_cells("A1:F1")
    sheet.append([])
    sheet.append(["序号", "角 色*", "备注", "用户名（必填）", "单位编码：", "姓名"])
    sheet.append([1, "填报人", "财务科", "wangfang", "118", "王芳"])
    sheet.append([None] * 6)
    sheet["C9"].fill = MARK  # formatted, but empty

    plan = looked_through(client, book)

    assert plan.problems == []
    assert [line.name for line in plan.lines] == [
        "王芳（wangfang）",
        "wangfang · 118 · 填报人",
    ]


def test_merged_cells_speak_for_all_rows_they_cover(client, administrator):
    book = workbook(people=[*PEOPLE[:1], ["liming", "李明", "", None, "填报人"]])
    book["人员"].merge_cells("D2:D3")

    plan = looked_through(client, book)

    assert plan.problems == []
    assert [line.name for line in plan.lines if line.table == "角色"] == [
        "wangfang · 118001 · 填报人",
        "liming · 118001 · 填报人",
    ]


def test_hidden_sheets_and_sheets_of_other_names_are_left_aside(client, administrator):
    book = workbook()
    hidden = book.create_sheet("旧人员")
    hidden.append(PEOPLE_HEAD)
    hidden.append(["hidden", "某人", "", "118", "填报人"])
    hidden.sheet_state = "hidden"
    book.create_sheet("说明").append(["请照模板填写"])
    book["人员"].row_dimensions[2].hidden = True

    plan = looked_through(client, book)

    assert plan.problems == []
    assert plan.notes == [
        "工作表“人员”的隐藏行（第 2 行）也已读取",
        "工作表“旧人员”已隐藏，没有读取",
        "工作表“说明”不是模板中的工作表，没有读取",
    ]
    assert not any("hidden" in line.name for line in plan.lines)


def test_results_of_formulas_count_and_lost_ones_are_refused(client, administrator):
    book = workbook(people=[*PEOPLE, ["=A2", "王芳", "", "118001", "观察员"]])
    content = packed(book)
    # openpyxl writes no results: as a program that never calculated.
    plan_without = told(looked_through(client, book))
    sheet = "xl/worksheets/sheet2.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    calculated = b'<c r="A5" t="str"><f>A2</f><v>wangfang</v></c>'
    parts[sheet], count = re.subn(
        rb'<c r="A5"[^>]*><f>A2</f>.*?</c>', calculated, parts[sheet]
    )
    assert count == 1
    with_result = io.BytesIO()
    with zipfile.ZipFile(with_result, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    answered = upload(client, with_result.getvalue())
    plan_with = told(client.get(answered.url).context["plan"])

    assert plan_without["人员", "A5"] == "公式没有保存计算结果"
    assert plan_with == {("人员", "E5"): "没有“观察员”这一选项"}


WRONG_UNITS = [
    (["", "无编码"], "A", "没有填写单位编码"),
    (["200", ""], "B", "没有填写单位名称"),
    (["编码", "某局"], "A", "“编码”不是正确的单位编码"),
    (["118", "云水市司法局"], "A", "与第 3 行的编码相同"),
    (["200", "某局", "999"], "C", "没有编码为“999”的单位"),
    (["200", "某局", "200"], "C", "上级单位绕成了一圈：200 → 200"),
    (["200", "某局", "", "998"], "D", "没有编码为“998”的单位"),
    (["200", "某局", "", "", "明年"], "E", "“明年”不是日期"),
    ([440700210000000012345, "某局"], "A", "超过 15 位的数字，Excel 只保留前 15 位"),
    (["4.4070021E+20", "某局"], "A", "编码变成了科学计数法，后面的数字已丢失"),
    (["900", "改了名称"], "B", "系统中该编码的单位名称是“老单位”"),
    (["900", "改了名称", "", "", "2099-01-01"], "E", "现名称自2000年1月1日起使用"),
    (["901", "已并单位"], "A", "“已并单位”已并入“老单位”（900）"),
    (["902", "停用单位"], "A", "“停用单位”已停用"),
    (["200", "某" * 101], "B", "有 101 个字符，多了 1 个"),
]


@pytest.fixture
def old_units(administrator):
    """Bodies in the system: in use, merged, closed."""
    old = make_department(code="900", name="老单位")
    merged = make_department(code="901", name="已并单位")
    merge_department(None, merged, old, timezone.localdate(), version=1)
    make_department(code="902", name="停用单位", is_active=False)
    return old


@pytest.mark.parametrize(
    ("row", "column", "reason"), WRONG_UNITS, ids=[each[2] for each in WRONG_UNITS]
)
def test_a_wrong_unit_is_told_at_its_cell(client, old_units, row, column, reason):
    plan = looked_through(client, workbook(units=[*UNITS, row]))

    found = told(plan)
    assert reason in found["单位", f"{column}6"]
    assert all(each.remedy for each in plan.problems)
    assert len(found) == 1


WRONG_PEOPLE = [
    (["", "王芳", "", "118", "填报人"], "A", "没有填写用户名"),
    (["wang fang", "王芳", "", "118", "填报人"], "A", "用户名"),
    (["new", "", "", "118", "填报人"], "B", "没有填写姓名"),
    (["new", "新", "请打总机", "118", "填报人"], "C", "“请打总机”不是正确的联系电话"),
    (["new", "新", "", "", "填报人"], "D", "没有填写单位编码"),
    (["new", "新", "", "997", "填报人"], "D", "没有编码为“997”的单位"),
    (["new", "新", "", "901", "填报人"], "D", "“已并单位”已并入“老单位”（900）"),
    (["new", "新", "", "118", ""], "E", "没有填写角色"),
    (["new", "新", "", "118", "科长"], "E", "没有“科长”这一选项"),
    (["wangfang", "王方", "", "118", "填报人"], "B", "与第 2 行同一用户名的姓名不同"),
    (["wangfang", "王芳", "", "118001", "填报人"], "E", "与第 2 行重复"),
    (["new", "新", "", "118", "填报人", "上月"], "F", "“上月”不是日期"),
    (
        ["new", "新", "", "118", "填报人", "2024-05-01", "2024-04-30"],
        "G",
        "失效日期早于生效日期（2024年5月1日）",
    ),
    (["left", "何婉", "", "118", "填报人"], "A", "用户“何婉”已停用"),
    (["root", "根", "", "118", "填报人"], "A", "这是系统的超级用户"),
    (["auditor", "", "", "118", "系统管理员"], "E", "不能由同一人担任"),
    (["auditor", "", "", "900", "审计管理员", "2024-01-01"], "F", "已自2020年1月1日"),
]


@pytest.mark.parametrize(
    ("row", "column", "reason"), WRONG_PEOPLE, ids=[each[2] for each in WRONG_PEOPLE]
)
def test_a_wrong_person_is_told_at_its_cell(
    client, administrator, old_units, row, column, reason
):
    make_user(username="root", is_superuser=True)
    make_membership(make_user(username="auditor"), Role.AUDIT_ADMIN, old_units)
    deactivate(administrator, make_user(username="left", name="何婉"), "调离")

    plan = looked_through(client, workbook(people=[*PEOPLE, row]))

    found = told(plan)
    assert reason in found["人员", f"{column}5"]
    assert len(found) == 1


def test_two_administrators_roles_for_one_person_in_one_file(client, administrator):
    rows = [
        ["new", "新", "", "118", "系统管理员"],
        ["new", "新", "", "118", "审计管理员"],
    ]

    plan = looked_through(client, workbook(people=rows))

    assert told(plan) == {("人员", "E3"): "系统管理员和审计管理员不能由同一人担任"}


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(
    client, administrator
):
    units = [*UNITS, ["编码", "", "995"]]
    people = [
        *PEOPLE,
        ["new", "", "abc", "997", "科长"],
        [440700210000000012345, "新", "", "996", "填报人"],
    ]
    before = written()

    plan = looked_through(client, workbook(units, people))
    answered = save(client, plan)

    assert list(told(plan)) == [
        ("单位", "A6"),
        ("单位", "B6"),
        ("单位", "C6"),
        ("人员", "B5"),
        ("人员", "C5"),
        ("人员", "D5"),
        ("人员", "E5"),
        ("人员", "A6"),
        ("人员", "D6"),
    ]
    page = client.get(answered.url).text
    assert "有 9 处需要更正，没有写入任何内容" in page
    assert re.search(r"E5</td>\s*<td class=\"cell-error\">科长</td>", page)
    assert written() == before


def test_the_workbook_comes_back_with_its_bad_cells_marked(client, administrator):
    people = [*PEOPLE, ["new", "新", "", "118", "科长"]]
    book = workbook(people=people)
    book["人员"]["H5"] = "=1+1"
    looked_through(client, book)
    started = last_import()

    answered = client.get(reverse("people:import_marked", args=[started.pk]))

    assert "%E4%BA%BA%E5%91%98" in answered["Content-Disposition"]
    marked = opened(answered.content)
    cell = marked["人员"]["E5"]
    assert cell.fill == MARK
    assert "没有“科长”这一选项" in cell.comment.text
    assert marked["人员"]["H5"].value == "=1+1"
    others = [
        each for row in marked["人员"].iter_rows() for each in row if each != cell
    ]
    assert not any(each.comment for each in others)
    assert [each.value for each in marked[LIST][2]][:4] == [
        "人员",
        "E5",
        "科长",
        "没有“科长”这一选项",
    ]


def test_a_marked_workbook_mended_comes_in_and_carries_no_old_marks(
    client, administrator
):
    people = [*PEOPLE, ["new", "新", "", "118", "科长"]]
    looked_through(client, workbook(people=people))
    first = last_import()
    answer = client.get(reverse("people:import_marked", args=[first.pk]))
    book = opened(answer.content)
    book["人员"]["E5"] = "填报人"
    book["人员"]["D5"] = "999"

    plan = looked_through(client, book)
    again = client.get(reverse("people:import_marked", args=[last_import().pk]))

    assert list(told(plan)) == [("人员", "D5")]
    sheet = opened(again.content)["人员"]
    assert sheet["E5"].comment is None
    assert sheet["E5"].fill != MARK
    assert sheet["D5"].fill == MARK


def test_a_problem_that_begins_like_a_formula_is_text_in_the_list(
    client, administrator
):
    people = [*PEOPLE, ["new", "新", "", "118", '=HYPERLINK("http://x","y")']]
    book = workbook(people=people)
    book["人员"]["E5"].data_type = "s"
    looked_through(client, book)

    answer = client.get(reverse("people:import_marked", args=[last_import().pk]))

    marked = opened(answer.content)
    assert marked[LIST]["C2"].data_type == "s"


def test_missing_and_doubled_columns_are_named_with_the_unused_ones(
    client, administrator
):
    book, sheet = one_sheet("人员")
    sheet.append(["用户名", "名字", "单位编码", "部门编码", "职务"])
    sheet.append(["new", "新", "118", "118", "填报人"])

    plan = looked_through(client, book)

    reasons = [each.reason for each in plan.problems]
    assert reasons == [
        "缺少列“角色”；表头中没有用到的列：名字、职务",
        "有两列都叫“单位编码”（C、D 列）",
    ]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.xlsx", "文件"),
        (b"code,name\n1,2\n", "a.csv", "这不是 Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "另存"),
        (b"PK\x03\x04broken", "a.xlsx", "文件已损坏"),
    ],
    ids=["empty", "csv", "xls", "broken"],
)
def test_what_is_no_workbook_is_refused_with_the_way_out(
    client, administrator, content, name, message
):
    answered = upload(client, content, name)

    assert answered.status_code == 200
    assert message in answered.text
    assert not DataImport.objects.exists()


def with_sheet(xml):
    """A workbook whose sheet 人员 is this XML, packed small."""
    with zipfile.ZipFile(io.BytesIO(packed(workbook()))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet2.xml"] = xml
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)
FAR_CELL = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
STYLED = b'<row r="1">' + b'<c r="A1" s="1"/>' * 150_001 + b"</row>"
ROWS = b"".join(
    b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (each, each)
    for each in range(1, 5_002)
)


@pytest.mark.parametrize(
    "rows", [FAR_CELL, STYLED, ROWS], ids=["far cell", "styled cells", "rows"]
)
def test_a_sheet_beyond_the_limits_is_refused_before_it_is_read(
    client, administrator, rows
):
    answered = upload(client, with_sheet(SHEET % rows))

    plan = client.get(answered.url).context["plan"]
    assert [each.reason for each in plan.problems] == [
        "工作表“人员”超过 5000 行、100 列或 15 万个单元格"
    ]


def test_a_file_that_unpacks_to_more_than_100_mb_is_refused(client, administrator):
    bomb = with_sheet(SHEET % (b" " * (101 * 1024 * 1024)))
    assert len(bomb) < 1024 * 1024

    answered = upload(client, bomb)

    assert "解压后超过 100 MB" in answered.text


def test_a_renamed_unit_keeps_its_former_name(client, administrator):
    unit = make_department(code="118", name="云水市司法局")
    row = ["118", "云水市司法和信访局", "", "", "2024-03-01"]

    plan = looked_through(client, workbook(units=[row], people=[]))
    save(client, plan)

    assert (
        plan.lines[0].note
        == "更名：云水市司法局 → 云水市司法和信访局，自2024年3月1日起"
    )
    unit.refresh_from_db()
    former = FormerName.objects.get(department=unit)
    assert unit.name == "云水市司法和信访局"
    assert (former.name, former.valid_to) == ("云水市司法局", date(2024, 2, 29))


def test_units_that_move_take_what_stands_below_along(client, administrator):
    old, new = make_department(code="100"), make_department(code="200")
    moved = make_department(old, code="110", name="某局")
    below = make_department(moved, code="111", name="某所")
    rows = [["112", "新设所", "111", "", ""], ["110", "某局", "200", "", ""]]

    save(client, looked_through(client, workbook(units=rows, people=[])))

    moved.refresh_from_db()
    below.refresh_from_db()
    assert moved.parent == new
    assert below.path == "200/110/111/"
    assert Department.objects.get(code="112").path == "200/110/111/112/"


def test_a_last_day_ends_a_role_and_data_that_differ_are_changed(client, administrator):
    unit = make_department(code="118", name="云水市司法局")
    person = make_user(username="wangfang", name="王芳", phone="111111")
    held = make_membership(person, Role.FILLER, unit)
    last = timezone.localdate() + timedelta(days=30)
    row = ["wangfang", "", "222222", "118", "填报人", "", last]

    plan = looked_through(client, workbook(units=[], people=[row]))
    answered = save(client, plan)

    assert answered.url == reverse("people:list")  # nobody new, no passwords
    person.refresh_from_db()
    held.refresh_from_db()
    assert (person.name, person.phone, held.valid_to) == ("王芳", "222222", last)
    assert Membership.objects.filter(user=person).count() == 1


def test_roles_for_oneself_are_on_record_as_such(client, administrator):
    row = [administrator.username, "", "", "001", "绩效科"]

    save(client, looked_through(client, workbook(units=[], people=[row])))

    event = AuditEvent.objects.get(action="membership.self_granted")
    assert event.user == administrator
    assert event.summary.startswith("本人为自己授予任职角色")


def test_what_changed_after_the_preview_is_looked_at_again(client, administrator):
    plan = looked_through(client, workbook())
    make_department(code="118", name="云水市司法局")
    before = written()

    answered = save(client, plan)

    page = client.get(answered.url).text
    assert "还没有导入；请重新核对" in page
    assert written() == before


def test_the_template_is_filled_in_and_comes_back_without_a_problem(
    client, administrator
):
    answered = client.get(reverse("people:import_template"))

    book = opened(answered.content)
    assert book.sheetnames == ["单位", "人员", "填写说明"]
    offered = book["人员"].data_validations.dataValidation[0]
    assert str(offered.sqref) == "E2:E5000"
    assert "填报人" in offered.formula1
    assert book["单位"].column_dimensions["A"].number_format == "@"
    book["单位"].append(["118", "云水市司法局"])
    book["人员"].append(["wangfang", "王芳", "", "118", "填报人"])
    assert looked_through(client, book).problems == []


def test_an_empty_template_asks_for_content(client, administrator):
    content = client.get(reverse("people:import_template")).content

    answered = upload(client, content)

    plan = client.get(answered.url).context["plan"]
    assert [each.reason for each in plan.problems] == ["没有找到“单位、人员”的内容"]


PAGES = ["people:import", "people:import_template", "people:passwords"]


@pytest.mark.parametrize("role", [Role.PERFORMANCE_SECTION, Role.AUDIT_ADMIN])
def test_other_roles_are_refused(client, role):
    client.force_login(make_user(role, make_department()))

    assert {client.get(reverse(each)).status_code for each in PAGES} == {403}
    assert upload(client, packed(workbook())).status_code == 403


def test_an_import_is_its_starters_alone(client, administrator):
    looked_through(client, workbook())
    started = DataImport.objects.get()
    client.force_login(make_user(Role.SYSTEM_ADMIN, make_department()))

    for name in ("import_preview", "import_marked"):
        assert (
            client.get(reverse(f"people:{name}", args=[started.pk])).status_code == 404
        )
    save_url = reverse("people:import_save", args=[started.pk])
    assert client.post(save_url).status_code == 404


def test_the_preview_asks_the_same_of_the_database_whatever_the_rows(
    client, administrator
):
    many = [[f"person{each}", f"人{each}", "", "118", "填报人"] for each in range(60)]
    looked_through(client, workbook())
    few = reverse("people:import_preview", args=[last_import().pk])
    looked_through(client, workbook(people=many))
    lots = reverse("people:import_preview", args=[last_import().pk])

    assert len(queries_of(client, lots)) == len(queries_of(client, few)) <= 12
