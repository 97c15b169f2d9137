"""The pages of batches: start, watch, cancel, go on, download; whose they are."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from perfeval.files import path_of
from projects.models import BudgetProject, Role
from reports.batches import queue, working
from reports.batches.expiry import expire_batches
from reports.models import Batch, BatchItem, BatchState, WorkerBeat
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    working.stopping.clear()


@pytest.fixture
def unit():
    return make_department(make_department(name="市水务局"), name="河道管理所")


@pytest.fixture
def person(unit):
    return make_user(Role.DEPARTMENT_REVIEWER, unit.parent)


@pytest.fixture
def client(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def assessments(unit):
    task = make_task()
    return [make_assessment(make_project(unit), task) for _ in range(3)]


@pytest.fixture
def batch(client, assessments):
    url = reverse("batches:start")
    values = {"title": "河道项目", "package": "zip", "format": "json"}
    answer = client.post(url, values)
    batch = Batch.objects.get()
    assert answer.url == reverse("batches:detail", args=[batch.pk])
    return batch


def page(client, batch, name="detail"):
    response = client.get(reverse(f"batches:{name}", args=[batch.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_leads_to_a_batch_of_what_it_shows(client, assessments):
    code = assessments[0].project.code
    response = client.get(reverse("indicators:list"), {"text": code})
    assert f"{reverse('batches:start')}?" in response.content.decode()

    start = client.get(reverse("batches:start"), {"text": code}).content.decode()

    assert "共 1 份自评" in start


def test_a_batch_holds_what_a_person_sees_and_nothing_else(batch, assessments):
    make_assessment()

    keys = set(batch.items.filter(is_last=False).values_list("key", flat=True))

    assert keys == {str(each.pk) for each in assessments}


def test_pressing_twice_starts_one(client, batch):
    values = {"title": "河道项目", "package": "zip", "format": "json"}

    client.post(reverse("batches:start"), values)

    assert Batch.objects.count() == 1


def test_without_a_title_nothing_is_started(client, assessments):
    answer = client.post(reverse("batches:start"), {"title": "", "package": "zip"})

    assert answer.status_code == 200
    assert "请先改正" in answer.content.decode() or answer.context["form"].errors
    assert not Batch.objects.exists()


def test_where_no_worker_answers_the_page_says_how_to_start_one(client, batch):
    assert "./perfeval.sh worker" in page(client, batch)

    WorkerBeat.objects.create(name="w:1", at=timezone.now())

    assert "./perfeval.sh worker" not in page(client, batch)


def test_progress_follows_and_ends_with_the_file(client, batch):
    before = page(client, batch, "progress")
    assert "已处理 0 / 3 份" in before
    assert "hx-trigger" in before

    working.work_on(batch.pk)

    after = page(client, batch, "progress")
    assert "已处理 3 / 3 份" in after
    assert "hx-trigger" not in after
    answer = client.get(reverse("batches:file", args=[batch.pk]))
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert "filename*=utf-8''" in answer.headers["Content-Disposition"]


def test_the_package_is_called_as_the_batch_in_letters_of_file_names(client, batch):
    Batch.objects.update(title="文旅/局：2025?")

    working.work_on(batch.pk)

    names = Batch.objects.values_list("result__name", flat=True)
    assert list(names) == ["文旅_局：2025_.zip"]


def test_cancelled_and_resumed(client, batch):
    client.post(reverse("batches:cancel", args=[batch.pk]))
    assert Batch.objects.get().state == BatchState.CANCELLED
    assert "继续" in page(client, batch)

    client.post(reverse("batches:resume", args=[batch.pk]))

    assert Batch.objects.get().state == BatchState.WAITING


def test_each_failure_is_listed_with_its_reason(client, batch):
    item = queue.claim(batch, "w:1")
    assert item is not None
    queue.failed(item, "w:1", "第一部分第 1 段：字符没有字体可用")

    told = page(client, batch)

    assert item.label in told
    assert "字符没有字体可用" in told


@pytest.mark.parametrize("name", ["detail", "progress", "file"])
def test_another_persons_batch_is_not_there(client, batch, unit, name):
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, unit.parent))

    response = client.get(reverse(f"batches:{name}", args=[batch.pk]))

    assert response.status_code == 404


@pytest.mark.parametrize("name", ["cancel", "resume"])
def test_another_persons_batch_is_not_touched(client, batch, unit, name):
    client.force_login(make_user(Role.DEPARTMENT_REVIEWER, unit.parent))

    response = client.post(reverse(f"batches:{name}", args=[batch.pk]))

    assert response.status_code == 404
    assert Batch.objects.get().state == BatchState.WAITING


@pytest.mark.parametrize(("suffix", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_the_summary_alone_can_be_had(client, assessments, suffix, start):
    answer = client.get(reverse("batches:summary", args=[suffix]))

    assert b"".join(answer.streaming_content).startswith(start)
    name = unquote(answer.headers["Content-Disposition"])
    year = assessments[0].task.year
    assert name.endswith(f"{year}年度项目支出绩效自评结果汇总表.{suffix}")


def test_a_summary_with_characters_of_no_font_is_refused_by_naming_them(
    client, assessments
):
    BudgetProject.objects.update(name="防汛\U0001f9ff项目")

    answer = client.get(reverse("batches:summary", args=["pdf"]), follow=True)

    assert answer.status_code == 200
    assert "字库里没有这些字，不能打印：\U0001f9ff" in answer.text


def test_pages_cost_the_same_however_many_items(client, batch):
    few = queries_of(client, reverse("batches:detail", args=[batch.pk]))
    rows = [
        BatchItem(batch=batch, position=number, key=str(number), label="甲")
        for number in range(100, 300)
    ]
    BatchItem.objects.bulk_create(rows)
    for row in BatchItem.objects.filter(position__gte=150)[:100]:
        queue.failed(queue.claim(batch, "w:1") or row, "w:1", "缺数据")

    many = queries_of(client, reverse("batches:detail", args=[batch.pk]))

    assert len(many) == len(few) <= 12


def test_old_results_are_removed_but_not_what_something_else_holds(
    batch, django_capture_on_commit_callbacks
):
    working.work_on(batch.pk)
    batch.refresh_from_db()
    digest = batch.result.sha256
    held = batch.items.filter(is_last=False).first().file
    other = Batch.objects.create(kind="reports", title="别的", key="k", result=held)
    before = timezone.now() + timedelta(days=1)

    with django_capture_on_commit_callbacks(execute=True):
        assert expire_batches(before) == 1

    assert not default_storage.exists(path_of(digest))
    assert default_storage.exists(path_of(held.sha256))
    other.refresh_from_db()
    assert other.result == held
    assert expire_batches(before) == 0
