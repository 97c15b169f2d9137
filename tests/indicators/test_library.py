"""The indicator library: who sees and keeps it, import, picking from it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import Workbook

from indicators.models import IndicatorTemplate
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import make_department, make_indicators, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department(name="市水利局", code="330")


@pytest.fixture
def unit(department):
    return make_department(department)


def make_template(department=None, **values):
    values = {
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": "巡河次数",
        **values,
    }
    return IndicatorTemplate.objects.create(department=department, **values)


def entered(**values):
    return {
        "department": "",
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": "清淤长度",
        "comparator": ">=",
        "target": "",
        "unit": "公里",
        "max_points": "",
        "standard": "",
        "is_active": "on",
        "version": 1,
        **values,
    }


def names(response):
    return [each.level3 for each in response.context["page_obj"]]


def test_a_unit_sees_the_common_ones_and_those_of_departments_above_it(client, unit):
    make_template(level3="共性")
    make_template(unit.parent, level3="本部门")
    make_template(make_department(), level3="外部门")
    client.force_login(make_user(Role.FILLER, unit))

    everything = client.get(reverse("indicators:library"))
    found = client.get(reverse("indicators:library"), {"q": "本部", "whose": ""})

    assert sorted(names(everything)) == ["共性", "本部门"]
    assert names(found) == ["本部门"]
    assert "修改" not in everything.content.decode().partition("<main")[2]


def test_the_list_asks_the_database_no_more_for_more_rows(
    client, unit, django_assert_max_num_queries
):
    for number in range(30):
        make_template(unit.parent, level3=f"指标{number}")
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, unit.parent))

    with django_assert_max_num_queries(12):
        client.get(reverse("indicators:library"))


def test_the_performance_section_adds_common_ones(client):
    client.force_login(make_user(Role.PERFORMANCE_SECTION, make_department()))

    address = reverse("indicators:library_add")
    form = client.get(address).context["form"]
    response = client.post(address, entered())

    assert form["department"].value() is None

    assert response.status_code == 302
    assert IndicatorTemplate.objects.get().department is None
    assert AuditEvent.objects.filter(action="template.created").count() == 1


def test_a_department_keeps_its_own_and_no_common_ones(client, department):
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, department))
    common, own = make_template(), make_template(department)
    add = reverse("indicators:library_add")

    refused = client.post(add, entered())
    accepted = client.post(add, entered(department=department.pk))
    pages = [
        client.get(reverse("indicators:library_edit", args=[each.pk])).status_code
        for each in (common, own)
    ]

    assert "请选择适用部门" in refused.content.decode()
    assert accepted.status_code == 302
    assert pages == [403, 200]


def test_a_stale_edit_shows_both_texts(client, department):
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, department))
    template = make_template(department, version=2, unit="公里")
    address = reverse("indicators:library_edit", args=[template.pk])
    sent = entered(department=department.pk, level3="巡河次数", unit="次", version=1)

    refused = client.post(address, sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "他人已保存的内容" in page
    assert 'value="次"' in page
    assert client.post(address, {**sent, "version": 2}).status_code == 302


def test_fillers_do_not_keep_the_library(client, unit):
    client.force_login(make_user(Role.FILLER, unit))

    pages = [
        client.get(reverse(f"indicators:{name}")).status_code
        for name in ("library_add", "library_import", "library_import_template")
    ]

    assert pages == [403] * 3


@pytest.mark.parametrize("department", [False, True], ids=["common", "of a department"])
def test_the_database_holds_a_name_once(department):
    whose = make_department() if department else None
    make_template(whose)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_template(whose)


# --- Import


def workbook(*rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("指标库")
    sheet.append(["指标库（2024年修订）"])
    sheet.append(["指标名称", "一级指标", "二级指标", "指标值", "权重", "部门编码"])
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return SimpleUploadedFile("指标库.xlsx", packed.getvalue())


def import_file(client, *rows):
    response = client.post(
        reverse("indicators:library_import"), {"file": workbook(*rows)}
    )
    return client.get(response["Location"])


def test_a_workbook_is_imported_and_again_changes_nothing(client, department):
    client.force_login(make_user(Role.PERFORMANCE_SECTION, make_department()))
    rows = [
        ["清淤长度", "产出指标", "数量指标", "≥12公里", "10", "330"],
        ["群众安全感", "效益指标", "社会效益指标", "明显提升", None, None],
    ]

    preview = import_file(client, *rows)
    plan = preview.context["plan"]
    pk = preview.context["started"].pk
    save = reverse("indicators:library_import_save", args=[pk])
    assert plan.problems == []
    assert client.post(save, {"digest": plan.digest}).status_code == 302

    own, common = IndicatorTemplate.objects.order_by("level1")
    assert (own.department, own.comparator, own.target) == (department, ">=", "12")
    assert (own.unit, str(own.max_points)) == ("公里", "10.00")
    assert (common.department, common.comparator) == (None, "qualitative")
    assert import_file(client, *rows).context["plan"].changes_nothing


def test_all_errors_of_a_workbook_are_told_by_cell(client, department):
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, department))

    plan = import_file(
        client,
        ["清淤长度", "产出指标", "数量指标", "≥12公里", "约10", "330"],
        ["巡河次数", "产出指标", "数量指标", "24", "10", "999"],
        ["巡河里程", "产出指标", "数量指标", "24", "10", None],
    ).context["plan"]

    assert [(each.place, each.reason) for each in plan.problems] == [
        ("E3", "“约10”不是分数"),
        ("F4", "没有可以维护的部门“999”"),
        ("F5", "共性指标由绩效科维护"),
    ]


# --- Picking


def test_chosen_ones_are_looked_through_before_they_stand_in_the_table(client, unit):
    project = make_project(unit)
    make_indicators(project)
    chosen = make_template(unit.parent, comparator=">=", target="24", unit="次")
    make_template(level3="不供选取", is_active=False)
    client.force_login(make_user(Role.FILLER, unit))
    address = reverse("indicators:library_pick", args=[project.pk])

    listed = client.get(address, {"q": "巡河"})
    nothing = client.post(address, {})
    page = client.post(address, {"template": chosen.pk})

    assert listed.context["templates"] == [chosen]
    assert "请至少勾选一项指标" in nothing.content.decode()
    form = page.context["rows"].forms[0]
    assert (form.what, form["target"].value(), form["unit"].value()) == (
        "create",
        "24",
        "次",
    )
    assert project.indicators.count() == 3


def test_what_a_person_does_not_see_cannot_be_picked(client, unit):
    project = make_project(unit)
    foreign = make_template(make_department())
    client.force_login(make_user(Role.FILLER, unit))
    address = reverse("indicators:library_pick", args=[project.pk])

    response = client.post(address, {"template": foreign.pk})

    assert "请至少勾选一项指标" in response.content.decode()
