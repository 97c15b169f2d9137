"""The year-end execution by source comes into projects that are there."""

from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import FundingLine, Role
from tests.factories import make_department, make_project, make_user
from tests.imports import imported, looked_through, one_sheet, told

pytestmark = pytest.mark.django_db

URLS = "projects:execution_import"
HEAD = ["年度", "项目编码", "项目名称", "资金来源", "全年预算数（元）", "支出数（元）"]


@pytest.fixture
def project():
    return make_project(code="A1", year=2024, name="法律援助")


@pytest.fixture
def finance(client, project):
    person = make_user(Role.PERFORMANCE_SECTION, make_department())
    client.force_login(person)
    return person


def execution(*rows):
    return one_sheet(HEAD, *rows)


def test_amounts_are_taken_by_source_and_marked(client, finance, project):
    plan = imported(
        client,
        URLS,
        execution(
            [2024, "A1", "法律援助", "财政拨款", 230000, 220000],
            [2024, "A1", None, "上年结转", 10000, "—"],
        ),
        name="12月执行.xlsx",
    )

    assert [(line.word, line.note) for line in plan.lines] == [
        ("修改", "全年执行数：13.32 万元 → 22.00 万元"),
        ("新增", "全年预算数：1.00 万元"),
    ]
    lines = {each.source: each for each in project.funding_lines.all()}
    assert lines["appropriation"].executed == Decimal(220000)
    assert list(lines["appropriation"].imported_amounts) == ["executed"]
    assert lines["appropriation"].imported_from == "12月执行.xlsx"
    assert lines["carryover"].executed is None


def test_each_import_keeps_its_own_file(client, finance, project):
    for name, spent in (("一.xlsx", 100), ("二.xlsx", 200)):
        head = HEAD if name == "一.xlsx" else [*HEAD[:4], "到位数（元）"]
        rows = [2024, "A1", None, "当年财政拨款", spent, None]
        imported(client, URLS, one_sheet(head, rows[: len(head)]), name=name)

    line = FundingLine.objects.get()
    assert [(file.split("，")[0], labels) for file, labels in line.origins] == [
        ("一.xlsx", ["全年预算数"]),
        ("二.xlsx", ["到位数"]),
    ]


def test_a_filler_does_not_import_over_what_the_section_imported(
    client, finance, project
):
    imported(client, URLS, execution([2024, "A1", None, "当年财政拨款", None, 220000]))
    client.force_login(make_user(Role.FILLER, project.unit))

    plan = looked_through(
        client, URLS, execution([2024, "A1", None, "当年财政拨款", None, 230000])
    )

    assert list(told(plan)) == ["F2"]
    assert "系统中是 22.00 万元，来自项目表.xlsx" in plan.problems[0].reason
    assert "申请更正" in plan.problems[0].remedy


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        (
            [2024, "B1", None, "当年财政拨款", 1, 1],
            "B2",
            "2024 年度没有编码为“B1”的项目",
        ),
        (
            [2023, "A1", None, "当年财政拨款", 1, 1],
            "B2",
            "2023 年度没有编码为“A1”的项目",
        ),
        (
            [2024, "A1", "别的", "当年财政拨款", 1, 1],
            "C2",
            "系统中该编码的项目是“法律援助”",
        ),
        ([2024, "A1", None, "当年财政拨款", None, None], "B2", "这一行没有金额"),
        ([2024, "A1", None, "当年财政拨款", 0.001, None], "E2", "精确到了分以下"),
        ([2024, "A1", None, "拨款？", 1, 1], "D2", "没有“拨款？”这一选项"),
    ],
)
def test_each_mistake_is_told_at_its_cell(client, finance, row, place, reason):
    plan = looked_through(client, URLS, execution(row))

    assert list(told(plan)) == [place]
    assert reason in plan.problems[0].reason


def test_the_page_of_all_imports_leads_to_each_with_its_template(client, finance):
    page = client.get(reverse("projects:imports")).text

    for name in ("projects:import", "projects:execution_import"):
        assert reverse(name) in page
        for kind in ("template", "sample"):
            address = reverse(f"{name}_{kind}")
            assert address in page
            assert client.get(address).status_code == 200
