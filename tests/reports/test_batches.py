"""Batches: who has an item, what becomes of it, and what is made of all of them."""

import errno
import io
import zipfile
from datetime import timedelta

import openpyxl
import pikepdf
import pypdf
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from indicators.models import SelfAssessment
from perfeval.files import path_of, store_content
from perfeval.models import AuditEvent, Notice
from projects.models import Role
from reports.batches import queue, working
from reports.batches.jobs import ItemError, Job, StopError, register
from reports.batches.report_job import start_reports
from reports.models import Batch, BatchItem, BatchState, ItemState
from reports.summary import main_problems
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    working.stopping.clear()


@pytest.fixture
def made():
    """Register a job whose work is told here: {key: error or None}; return what ran."""
    ran: list[str] = []
    outcomes: dict[str, Exception] = {}

    def work(item):
        ran.append(item.key)
        outcome = outcomes.get(item.key)
        if outcome:
            raise outcome
        return store_content(None, f"{item.key}.txt", item.key.encode(), "text/plain")

    def finish(batch):
        ran.append("finish")
        return store_content(None, "all.txt", b"all", "text/plain")

    register(Job("try", "试验", work, finish))
    return ran, outcomes


def start(count=3, user=None, **values):
    items = [(str(number), f"第 {number} 项") for number in range(1, count + 1)]
    return queue.start(user, "try", "试验", items, finishing="汇总", **values)


def claim(batch, owner):
    item = queue.claim(batch, owner)
    assert item is not None
    return item


def state(batch):
    return Batch.objects.get(pk=batch.pk).state


def test_every_item_is_done_once_and_then_what_is_made_of_all(made):
    ran, _ = made
    batch = start()

    working.work_on(batch.pk)

    assert ran == ["1", "2", "3", "finish"]
    assert state(batch) == BatchState.DONE
    assert Batch.objects.get(result__name="all.txt") == batch
    assert queue.progress(batch) == queue.Progress(total=3, done=3, failed=0)


def test_the_same_batch_is_started_once_while_it_is_open(made):
    first, second = start(), start()
    working.work_on(first.pk)

    third = start()

    assert first == second
    assert third != first


def test_one_item_that_cannot_be_done_does_not_hold_up_the_others(made):
    ran, outcomes = made
    outcomes["2"] = ItemError("没有字体可用")
    batch = start()

    working.work_on(batch.pk)

    assert ran == ["1", "2", "3", "finish"]
    assert batch.items.get(key="2").error == "没有字体可用"
    assert queue.progress(batch).failed == 1


def test_a_fault_of_the_program_is_logged_and_told_without_its_traceback(made, caplog):
    _, outcomes = made
    outcomes["1"] = ValueError("x < y")
    batch = start(1)

    working.work_on(batch.pk)

    assert batch.items.get(key="1").error == working.FAILED
    assert "x < y" in caplog.text


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (StopError("字体没有安装"), "字体没有安装"),
        (OSError(errno.ENOSPC, "No space left on device"), working.DISK_FULL),
    ],
)
def test_what_stops_all_of_it_is_said_and_nothing_is_lost(made, error, message):
    ran, outcomes = made
    outcomes["2"] = error
    batch = start()

    working.work_on(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.message) == (BatchState.STOPPED, message)
    assert ran == ["1", "2"]
    del outcomes["2"]
    queue.resume(make_user(), batch)
    working.work_on(batch.pk)
    assert ran[2:] == ["2", "3", "finish"]
    assert state(batch) == BatchState.DONE


def test_an_item_of_a_dead_worker_is_taken_up_when_its_lease_ends(made):
    ran, _ = made
    batch = start(1)
    claimed = claim(batch, "dead:1")

    assert working.sweep() == 0
    BatchItem.objects.filter(pk=claimed.pk).update(
        until=timezone.now() - timedelta(seconds=1)
    )
    working.sweep()

    assert ran == ["1", "finish"]
    assert state(batch) == BatchState.DONE


def test_what_a_worker_brings_after_its_lease_counts_for_nothing(made):
    batch = start(1)
    late = claim(batch, "late:1")
    BatchItem.objects.update(until=timezone.now() - timedelta(seconds=1))
    file = store_content(None, "late.txt", b"late", "text/plain")
    current = claim(batch, "quick:2")

    assert not queue.done(late, "late:1", file)
    assert queue.done(current, "quick:2", None)
    assert batch.items.get(key="1").file is None


def test_an_item_at_which_workers_die_again_and_again_is_given_up(made):
    ran, _ = made
    batch = start(2)
    for number in range(queue.ATTEMPTS):
        assert claim(batch, f"dead:{number}").key == "1"
        BatchItem.objects.filter(key="1").update(
            until=timezone.now() - timedelta(seconds=1)
        )

    working.sweep()

    assert ran == ["2", "finish"]
    assert batch.items.get(key="1").error == queue.DIED


def test_a_cancelled_batch_ends_after_the_item_at_hand_and_can_be_resumed(made):
    ran, _ = made
    user, batch = make_user(), start()
    item = claim(batch, "worker:1")

    assert queue.cancel(user, batch)
    assert queue.done(item, "worker:1", None)
    assert working.work_on(batch.pk) == 0
    assert not queue.cancel(user, batch)
    queue.resume(user, batch)
    working.work_on(batch.pk)

    assert ran == ["2", "3", "finish"]
    assert state(batch) == BatchState.DONE


def test_resuming_tries_only_what_failed(made):
    ran, outcomes = made
    outcomes["2"] = ItemError("缺数据")
    user, batch = make_user(), start()
    working.work_on(batch.pk)
    outcomes.clear()
    ran.clear()

    assert queue.resume(user, batch)
    working.work_on(batch.pk)

    assert ran == ["2", "finish"]
    assert not queue.resume(user, batch)


def test_every_change_of_a_batch_leaves_an_event(made):
    user = make_user()
    batch = start(1, user=user)
    queue.cancel(user, batch)
    queue.resume(user, batch)
    working.work_on(batch.pk)

    told = AuditEvent.objects.filter(action__startswith="batch.").order_by("pk")
    assert [each.action for each in told] == [
        "batch.started",
        "batch.cancelled",
        "batch.resumed",
        "batch.finished",
    ]


def test_who_started_it_is_told_once_for_each_time_that_it_ends(made):
    _, outcomes = made
    outcomes["2"] = StopError("字体没有安装")
    user = make_user()
    batch = start(user=user)
    working.work_on(batch.pk)
    outcomes["2"] = ItemError("缺数据")
    queue.resume(user, batch)
    working.work_on(batch.pk)
    told = Notice.objects.order_by("pk").values_list("person", "text", "address")
    page = f"/batches/{batch.pk}/"
    assert list(told) == [
        (user.pk, "批量任务“试验”已中止：字体没有安装", page),
        (user.pk, "批量任务“试验”已完成：完成 2 项，未完成 1 项", page),
    ]


def test_workers_are_called_when_the_batch_is_committed(
    made, django_capture_on_commit_callbacks
):
    from django_tasks_db.models import DBTaskResult

    with django_capture_on_commit_callbacks(execute=True):
        batch = start(9)

    calls = list(DBTaskResult.objects.values_list("args_kwargs", flat=True))
    assert calls == [{"args": [batch.pk], "kwargs": {}}] * queue.LANES


# --- Reports


@pytest.fixture
def section():
    return make_user(Role.PERFORMANCE_SECTION, make_department(name="市财政局"))


@pytest.fixture
def assessments(section):
    task = make_task()
    made = []
    for department in ("市教育局", "市水务局"):
        above = make_department(name=department)
        unit = make_department(above, name=f"{department}下属单位")
        for number in (1, 2):
            project = make_project(unit, name=f"{department}项目{number}")
            assessment = make_assessment(project, task)
            complete(assessment)
            made.append(assessment)
    return made


def run(section, package, **values):
    rows = SelfAssessment.objects.visible_to(section)
    batch = start_reports(section, rows, "2024年度自评报告", package=package, **values)
    working.work_on(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE, list(batch.items.values("label", "error"))
    assert not batch.items.filter(state=ItemState.FAILED).exists()
    return batch


def content(file):
    with default_storage.open(path_of(file.sha256)) as data:
        return io.BytesIO(data.read())


def test_a_package_has_a_folder_for_each_department_and_the_summary(
    section, assessments
):
    batch = run(section, "zip", suffix="json")

    with zipfile.ZipFile(content(batch.result)) as package:
        names = package.namelist()
        book = openpyxl.load_workbook(io.BytesIO(package.read(names[0])))

    assert names[0] == "自评结果汇总表.xlsx"
    assert len(names) == 5
    assert all(name.endswith(".json") for name in names[1:])
    folders = {name.split("/")[0] for name in names[1:]}
    assert folders == {str(each.project.supervising_department) for each in assessments}
    column = [cell.value for cell in book["汇总表"]["B"]]
    assert column.count("市教育局项目1") == 1
    assert column[-1] == "合计"


def test_a_package_holds_empty_forms_alone_where_these_are_wanted(section, assessments):
    batch = run(section, "zip", suffix="xlsx", parts=["form"], blank=True)

    with zipfile.ZipFile(content(batch.result)) as package:
        names = package.namelist()[1:]
        book = openpyxl.load_workbook(io.BytesIO(package.read(names[0])))

    cells = [str(cell.value or "") for row in book.worksheets[0] for cell in row]
    assert len(names) == len(assessments)
    assert "培训场次" in cells
    assert not any("知晓率比上年提高" in cell for cell in cells)


def test_a_book_numbers_its_pages_and_marks_every_report(section, assessments):
    batch = run(section, "book", issuer="市财政局")

    data = content(batch.result)
    reader = pypdf.PdfReader(data)
    texts = [page.extract_text().replace(" ", "") for page in reader.pages]
    cover, contents = texts[0].replace("\n", ""), texts[1]
    day = timezone.localtime(batch.created_at)
    assert "2024年度自评报告" in cover
    assert f"市财政局{day.year}年{day.month}月{day.day}日" in cover
    assert "项目支出绩效自评结果汇总表" in contents.replace("\n", "")
    numbered = [text for text in texts if "总第" in text]
    assert "总第1页" in numbered[0].replace("\n", "")
    assert f"总第{len(numbered)}页" in numbered[-1].replace("\n", "")
    assert "项目支出绩效自评结果汇总表" in numbered[0].replace("\n", "")
    for assessment in assessments:
        assert assessment.project.name in contents.replace("\n", "")
    with pikepdf.open(data) as book, book.open_outline() as outline:
        marks = [(each.title, len(each.children)) for each in outline.root]
        with book.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
        assert book.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert not {"/StructParents", "/Annots"} & {
            key for page in book.pages for key in list(page.obj)
        }
    assert marks[0] == ("项目支出绩效自评结果汇总表", 0)
    assert sum(count for _, count in marks) == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("（一）主要问题。开工较晚。\n（二）改进措施。提前招标。", "开工较晚。"),
        ("一、存在的问题：\n开工较晚。\n二、下一步改进措施\n提前招标。", "开工较晚。"),
        (
            "开工较晚，下一步改进措施是提前招标。",
            "开工较晚，下一步改进措施是提前招标。",
        ),
        ("问" * 121, "问" * 119 + "…"),
        ("", ""),
    ],
    ids=["numbered", "headings alone", "one sentence", "long", "nothing"],
)
def test_the_summary_tells_the_problems_and_not_what_is_done_about_them(text, told):
    assert main_problems(text) == told


def test_a_project_that_need_not_report_is_told_and_stands_in_the_summary(
    section, assessments
):
    exempt = assessments[0]
    exempt.exempt_since, exempt.exempt_reason = timezone.now(), "项目已取消"
    exempt.save()
    rows = SelfAssessment.objects.visible_to(section)
    batch = start_reports(section, rows, "报告", package="zip", suffix="json")

    working.work_on(batch.pk)

    assert batch.items.get(key=str(exempt.pk)).error == "该项目免评，没有自评报告"
    batch.refresh_from_db()
    with zipfile.ZipFile(content(batch.result)) as package:
        book = openpyxl.load_workbook(io.BytesIO(package.read("自评结果汇总表.xlsx")))
    notes = [cell.value for cell in book["汇总表"]["K"]]
    assert "免评：项目已取消" in notes


def test_nobody_gets_a_report_they_may_not_see_any_more(section, assessments):
    rows = SelfAssessment.objects.visible_to(section)
    batch = start_reports(section, rows, "报告", package="zip", suffix="json")
    section.memberships.all().delete()

    working.work_on(batch.pk)

    errors = set(batch.items.filter(is_last=False).values_list("error", flat=True))
    assert errors == {"发起人已不能查看这份自评"}
