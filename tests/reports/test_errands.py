"""Long imports and long lists: handed to workers, done there once, told of."""

import inspect
import io

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.urls import get_resolver, reverse

from perfeval import lists
from perfeval.files import path_of
from perfeval.models import AuditEvent, Notice
from projects.models import BudgetProject, Role
from projects.project_import.importer import ProjectImporter
from reports.batches import working
from reports.batches.list_job import GONE, LISTS
from reports.models import Batch, BatchState
from tests.factories import make_department, make_project, make_user
from tests.imports import last_import, looked_through, one_sheet

pytestmark = pytest.mark.django_db

URLS = "projects:import"
HEAD = ("年度", "项目编码", "项目名称", "单位编码", "资金来源", "全年预算数（万元）")
ROWS = [
    (2024, f"44070024000000000010{number}", name, "118001", "当年财政拨款", 12.5)
    for number, name in enumerate(("法律援助", "人民调解", "社区矫正"))
]


@pytest.fixture(autouse=True)
def short(settings, tmp_path, monkeypatch):
    """Keep files apart; two rows are many."""
    settings.MEDIA_ROOT = tmp_path
    working.stopping.clear()
    monkeypatch.setattr(ProjectImporter, "in_background_from", 2)
    monkeypatch.setattr(lists, "COUNTED", 2)


@pytest.fixture
def unit():
    bureau = make_department(make_department(), code="118", name="云水市司法局")
    return make_department(bureau, code="118001", name="云水市法律援助中心")


@pytest.fixture
def finance(client, unit):
    person = make_user(Role.PERFORMANCE_SECTION, unit.parent.parent)
    client.force_login(person)
    return person


@pytest.fixture
def batch(client, finance):
    """A roster of three rows, looked through and handed over; return its batch."""
    plan = looked_through(client, URLS, one_sheet(HEAD, *ROWS))
    preview = reverse(f"{URLS}_preview", args=[last_import().pk])
    page = client.get(preview).text
    assert "在后台导入" in page
    values = {"digest": plan.digest, "in_background": 1}
    answer = client.post(reverse(f"{URLS}_save", args=[last_import().pk]), values)
    batch = Batch.objects.get()
    assert answer.url == batch.get_absolute_url() == client.get(preview).url
    assert not BudgetProject.objects.exists()
    return batch


def done(batch):
    working.work_on(batch.pk)
    batch.refresh_from_db()
    return batch


def test_a_long_import_is_written_by_a_worker_once(client, batch, finance):
    done(batch)
    Batch.objects.update(state=BatchState.WAITING)
    batch.items.update(state="waiting")
    done(batch)

    assert BudgetProject.objects.count() == 3
    assert AuditEvent.objects.filter(action="import.done").count() == 1
    assert batch.message.startswith("已导入：")
    page = client.get(batch.get_absolute_url()).text
    assert "新增 3" in page
    assert "返回核对" not in page
    assert Notice.objects.filter(person=finance)[0].text.endswith(batch.message)


def test_an_import_on_data_that_changed_writes_nothing_and_leads_back(
    client, batch, unit
):
    make_project(unit, year=2024, code=ROWS[0][1])

    done(batch)

    assert BudgetProject.objects.count() == 1
    page = client.get(batch.get_absolute_url()).text
    assert "系统中的数据刚刚有变化" in page
    assert reverse(f"{URLS}_preview", args=[last_import().pk]) in page


def test_who_may_no_longer_import_imports_nothing(batch, finance):
    finance.memberships.all().delete()

    done(batch)

    assert batch.items.get().error == "只有填报人和绩效科可以导入项目"
    assert not BudgetProject.objects.exists()


@pytest.fixture
def listed(client, finance, unit):
    """Three projects in a list of which two are counted; return the file's batch."""
    for number in range(3):
        make_project(unit, name=f"项目{number}", year=2024)
    page = client.get(reverse("projects:list"), {"sort": "-name", "text": "项目"})
    start = page.context["list"].file_address
    answer = client.get(reverse("batches:list_file"), {"list": start})
    assert "导出 Excel" in page.text
    assert f"{reverse('batches:list_file')}?list=%2Fprojects%2F" in page.text
    assert "项目" in answer.text
    assert not Batch.objects.exists()
    client.post(reverse("batches:list_file", query={"list": start}))
    return Batch.objects.get()


def test_a_long_list_is_a_file_that_only_who_asked_can_have(client, listed, unit):
    done(listed)

    with default_storage.open(path_of(listed.result.sha256)) as data:
        sheet = openpyxl.load_workbook(io.BytesIO(data.read())).worksheets[0]
    names = [
        str(cell.value)
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if str(cell.value).startswith("项目")
    ]
    assert names == ["项目2", "项目1", "项目0"]
    assert listed.result.name.startswith("项目20")
    assert listed.title == f"导出{listed.result.name.removesuffix('.xlsx')}"
    client.force_login(make_user(Role.FILLER, unit))
    assert client.get(reverse("batches:file", args=[listed.pk])).status_code == 404


def test_rows_are_those_that_the_person_sees_when_it_is_written(listed, finance):
    finance.is_active = False
    finance.save()

    done(listed)

    assert listed.items.get().error == GONE


@pytest.mark.parametrize(
    "address",
    ["/projects/", "/me/?file=xlsx", "//elsewhere/?file=xlsx", "x", ""],
    ids=["no file", "no list", "another host", "no address", "nothing"],
)
def test_nothing_else_is_asked_in_a_persons_name(client, finance, address):
    start = reverse("batches:list_file", query={"list": address})

    assert client.get(start).status_code == 404
    assert client.post(start).status_code == 404
    assert not Batch.objects.exists()


def views(patterns, namespace=""):
    """Yield every view of the site by its name."""
    for each in patterns:
        if hasattr(each, "url_patterns"):
            inner = f"{each.namespace}:" if each.namespace else ""
            yield from views(each.url_patterns, namespace + inner)
        else:
            yield f"{namespace}{each.name}", inspect.unwrap(each.callback)


def test_every_page_that_offers_its_list_as_a_file_is_known():
    offering = {
        name
        for name, view in views(get_resolver().url_patterns)
        if ".as_file(" in inspect.getsource(view)
    }

    assert len(offering) > 10
    assert offering <= LISTS


def test_a_list_that_is_not_theirs_is_refused_at_once(client, finance):
    start = reverse("batches:list_file", query={"list": "/audit/?file=xlsx"})

    assert client.get(start).status_code == 403
