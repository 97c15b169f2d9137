"""A workbook of units and people in Chromium: mended, imported, first log-ins."""

import openpyxl
import pytest
from django.urls import reverse

from perfeval.models import User
from projects.models import Role
from tests.browser.looking import faults, violations
from tests.factories import make_department, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = "Brand-New-22"
PEOPLE = [
    ["wangfang", "王芳", "0700-3300001", "118001", "填报人"],
    ["liming", "李明", "", "118", "主管部门审核员"],  # the role's name is 审核人
]


@pytest.fixture
def administrator():
    office = make_department(code="001", name="信息中心")
    person = make_user(Role.SYSTEM_ADMIN, office, username="zhaomin", name="赵敏")
    person.set_password(OWN)
    person.save()
    return person


@pytest.fixture
def quiet(page):
    """A page whose console must stay silent."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )
    yield page
    assert complaints == []


def log_in(page, live_server, username, password):
    page.goto(live_server.url + "/login/")
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def log_out(page):
    page.locator(".topbar .dropdown-toggle").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/")


def downloaded(page, link, path):
    """Follow a link to a file; save it at a path and open it as a workbook."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(path)
    return openpyxl.load_workbook(path)


def fill_in(book, path):
    """Fill in the template as an office does."""
    book["单位"].append(["118", "云水市司法局"])
    book["单位"].append(["118001", "云水市法律援助中心", "118"])
    for row in PEOPLE:
        book["人员"].append(row)
    book.save(path)


def test_from_the_empty_template_to_a_clerk_with_a_password_of_her_own(
    quiet, live_server, administrator, tmp_path
):
    page = quiet
    log_in(page, live_server, "zhaomin", OWN)
    page.get_by_role("link", name="人员管理").first.click()
    page.get_by_role("link", name="从工作簿导入").click()
    assert violations(page) == []
    file = tmp_path / "人员.xlsx"
    fill_in(downloaded(page, "下载空白模板", file), file)

    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="读取并核对").click()
    page.get_by_text("有 1 处需要更正，没有写入任何内容").wait_for()
    assert page.locator("#problems tbody td").all_inner_texts()[:4] == [
        "人员",
        "E3",
        "主管部门审核员",
        "没有“主管部门审核员”这一选项",
    ]
    assert violations(page) == []
    book = downloaded(page, "下载标注好的工作簿", file)
    book["人员"]["E3"] = "主管部门审核人"
    book.save(file)

    page.get_by_role("link", name="换一个文件").click()
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="读取并核对").click()
    page.get_by_text("将要发生的变化").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="导入", exact=True).click()

    page.get_by_text("初始密码只显示这一次").wait_for()
    assert violations(page) == []
    cells = page.locator(".password-slips tbody tr").all_inner_texts()
    passwords = {row.split("\t")[2]: row.split("\t")[3] for row in cells}
    assert set(passwords) == {"wangfang", "liming"}
    log_out(page)

    log_in(page, live_server, "wangfang", passwords["wangfang"])
    page.get_by_text("只能用来设置自己的密码").wait_for()
    page.locator("#id_old_password").fill(passwords["wangfang"])
    page.locator("#id_new_password1").fill(OWN)
    page.locator("#id_new_password2").fill(OWN)
    page.get_by_role("button", name="修改密码").click()

    page.get_by_text("密码已修改").wait_for()
    assert page.url == live_server.url + "/"
    log_out(page)
    log_in(page, live_server, "wangfang", OWN)
    page.get_by_role("link", name="项目", exact=True).first.wait_for()
    assert not User.objects.get(username="wangfang").must_change_password
    assert User.objects.get(username="liming").must_change_password


def test_axe_finds_nothing_on_the_administrators_pages(
    quiet, live_server, administrator
):
    page = quiet
    log_in(page, live_server, "zhaomin", OWN)
    bureau = make_department(code="118", name="云水市司法局")
    person = make_user(Role.FILLER, bureau, name="王芳")
    addresses = [
        reverse("own_data"),
        reverse("departments:list"),
        reverse("departments:add"),
        *(
            reverse(f"departments:{name}", args=[bureau.pk])
            for name in ("detail", "edit", "rename", "merge")
        ),
        reverse("people:list"),
        reverse("people:add"),
        *(
            reverse(f"people:{name}", args=[person.pk])
            for name in ("detail", "edit", "role_add", "deactivate")
        ),
        reverse("people:role_end", args=[person.memberships.get().pk]),
    ]
    page.get_by_role("link", name="人员管理").first.wait_for()

    found = []
    for address in addresses:
        page.goto(live_server.url + address)
        found += faults(page)

    assert found == []
