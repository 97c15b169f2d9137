"""A budget list in Chromium: from the file over its mistakes to projects."""

import re
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from projects.corrections import request_correction
from projects.models import BudgetProject, Role
from tests.browser.looking import faults
from tests.factories import make_department, make_project, make_user
from tests.imports import one_sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAD = ["项目编码", "项目名称", "预算单位", "资金来源", "年初预算数（万元）", "备注"]
CODE = "440700240000000000101"


@pytest.fixture
def filler():
    city = make_department(code="100", name="云水市本级")
    bureau = make_department(city, code="118", name="云水市司法局")
    person = make_user(Role.FILLER, bureau, username="sumin", name="苏敏")
    person.set_password("Own-Password-1")
    person.save()
    return person


@pytest.fixture
def visit(page, live_server, filler):
    """Open a page logged in; the console must stay silent."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url + "/login/")
    page.locator("#id_username").fill("sumin")
    page.locator("#id_password").fill("Own-Password-1")
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(live_server.url + "/")

    def go(address):
        page.goto(live_server.url + address)
        return page

    yield go
    assert complaints == []


def budget_list(path, code=CODE):
    book = one_sheet(
        ["云水市司法局2024年部门预算项目表"],
        HEAD,
        [code, "法律援助办案补贴", "云水市司法局", "当年财政拨款", 13.32, "续建"],
        [code, None, None, "上年结转资金", "2.5000001", None],
        ["合计", None, None, None, 15.82, None],
    )
    book.worksheets[0].merge_cells("A1:F1")
    book.save(path)


def send(page, path):
    page.locator("#id_file").set_input_files(path)
    page.get_by_role("button", name="读取并核对").click()


def test_a_budget_list_is_mended_and_becomes_projects(visit, tmp_path):
    page = visit(reverse("projects:list"))
    page.get_by_role("link", name="导入", exact=True).click()
    page.get_by_role("link", name="导入项目名册").click()
    file = tmp_path / "预算.xlsx"
    budget_list(file)

    send(page, file)
    page.get_by_text("有 1 处需要更正，没有写入任何内容").wait_for()
    cells = page.locator("#problems tbody td").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注好的工作簿").click()
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    assert cells[1:4] == [
        "E4",
        "2.5000001",
        "金额 2.5000001 万元精确到了分以下，最小到分",
    ]
    assert "精确到了分以下" in book.worksheets[0]["E4"].comment.text
    book.worksheets[0]["E4"] = 2.5
    book.save(file)

    page.get_by_role("link", name="换一个文件").click()
    send(page, file)
    page.get_by_text("将要发生的变化").wait_for()
    assert page.get_by_text("没有用到的列：备注").is_visible()
    page.get_by_role("button", name="导入", exact=True).click()

    page.get_by_text("已导入：项目新增 1、修改 0；资金新增 2、修改 0").wait_for()
    page.get_by_role("link", name="法律援助办案补贴").click()
    page.get_by_text("来自 预算.xlsx").first.wait_for()
    assert BudgetProject.objects.get().code == CODE
    page.get_by_role("link", name=re.compile("申请更正.*当年财政拨款")).click()
    page.locator("#id_new_value").fill("14")
    page.locator("#id_reason").fill("批复为 14 万元")
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("已提出更正“当年财政拨款”年初预算数的申请").wait_for()


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(visit, tmp_path):
    file = tmp_path / "预算.xlsx"
    budget_list(file, code="坏")

    found = faults(visit(reverse("projects:imports")))
    page = visit(reverse("projects:import"))
    found += faults(page)
    send(page, file)
    page.get_by_text("处需要更正").wait_for()
    found += faults(page)

    assert found == []


def test_axe_finds_nothing_where_imported_money_is_corrected(visit, filler):
    project = make_project(filler.memberships.get().department)
    line = project.funding_lines.get()
    line.imported_amounts = {"adjusted": ["预算.xlsx", "2025-01-05T12:00:00+08:00"]}
    line.save()
    correction = request_correction(
        filler, line, "adjusted", Decimal(250000), reason="批复为 25 万元"
    )
    addresses = [
        reverse("projects:detail", args=[project.pk]),
        reverse("projects:funding", args=[project.pk]),
        reverse("projects:correct", args=[project.pk, line.pk]),
        reverse("projects:correction", args=[correction.pk]),
    ]

    assert [faults(visit(address)) for address in addresses] == [[], [], [], []]
