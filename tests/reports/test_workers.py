"""Real worker processes on a real database: killed, cut off, short of disk."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.installations import empty_installations

START = """
from indicators.models import SelfAssessment
from perfeval.models import User
from reports.batches.report_job import start_reports
user = User.objects.get(username="{user}")
rows = SelfAssessment.objects.visible_to(user)
print(start_reports(user, rows, "报告", package="zip", suffix="{suffix}").pk)
"""
STATE = """
import json
from reports.models import Batch
batch = Batch.objects.get(pk={pk})
items = list(batch.items.values("state", "attempts", "error", "owner", "file_id"))
print(json.dumps([batch.state, batch.message, batch.result_id, items]))
"""
FORGET = """
from django.utils import timezone
from reports.models import BatchItem
BatchItem.objects.filter(until__isnull=False).update(until=timezone.now())
"""
YEAR = """
from indicators.models import SelfAssessment
rows = SelfAssessment.objects.required().values_list("project__year", flat=True)
print(max(rows))
"""
PERSON = """
from projects.models import Membership
print(Membership.objects.filter(role="performance_section").first().user.username)
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory, django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        empty_installations(tmp_path_factory.mktemp("workers")) as make,
    ):
        yield make


@pytest.fixture(scope="module")
def place(places):
    """An installation with the demo year."""
    made = places("year")
    made.done("migrate", "-v", "0")
    made.done("load_demo")
    return made


def shell(place, code):
    return place.done("shell", "-v", "0", "-c", code).strip().splitlines()[-1:]


def start(place, suffix="json"):
    (user,) = shell(place, PERSON)
    (pk,) = shell(place, START.format(user=user, suffix=suffix))
    return int(pk)


def state(place, pk):
    (line,) = shell(place, STATE.format(pk=pk))
    return json.loads(line)


def worker(place, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "worker", *arguments],
        env=place.environment | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(place, pk, wanted, seconds=60):
    end = time.monotonic() + seconds
    while (found := state(place, pk))[0] not in wanted:
        assert time.monotonic() < end, found
        time.sleep(0.5)
    return found


def end(*processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        assert process.wait(20) == 0, process.stdout.read()
        process.stdout.close()


def finished_whole(found):
    reached, _, result, items = found
    assert (reached, bool(result)) == ("done", True)
    assert {each["state"] for each in items} <= {"done", "failed"}
    # Only what need not be handed in has no report.
    assert all(each["file_id"] or "免评" in each["error"] for each in items)


def test_two_workers_make_each_report_exactly_once(place):
    both = worker(place), worker(place)
    pk = start(place, "html")

    found = wait_for(place, pk, {"done"})

    end(*both)
    finished_whole(found)
    assert {each["attempts"] for each in found[3]} == {1}


def test_workers_killed_at_any_point_lose_nothing(place):
    pk = start(place, "html")
    for _ in range(5):
        killed = worker(place)
        time.sleep(random.uniform(1.0, 3.0))
        killed.kill()
        killed.wait()
        killed.stdout.close()
        shell(place, FORGET)

    last = worker(place, "--once")

    last.communicate(timeout=90)
    assert last.returncode == 0
    finished_whole(state(place, pk))


def test_a_worker_that_is_asked_to_end_finishes_its_item(place):
    pk = start(place, "html")
    asked = worker(place)
    wait_for(place, pk, {"running", "done"})

    end(asked)

    items = state(place, pk)[3]
    assert all(each["owner"] == "" for each in items)
    last = worker(place, "--once")
    last.communicate(timeout=90)
    finished_whole(state(place, pk))


@pytest.mark.race
def test_a_database_that_is_away_for_a_while_is_waited_for(place):
    name = place.environment["DATABASE_URL"].rpartition("@/")[2].partition("?")[0]
    said = connection.get_connection_params()
    server = f"host={said['host']} port={said.get('port', 5432)} user={said['user']}"
    working = worker(place)
    pk = start(place, "html")
    time.sleep(1.5)

    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as session:
        session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        time.sleep(10)
        session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert working.poll() is None
    shell(place, FORGET)

    found = wait_for(place, pk, {"done"}, 90)

    end(working)
    finished_whole(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_stops_the_batch_with_its_reason_and_it_goes_on_after(
    place, tmp_path
):
    store = place.files / "attachments"
    store.mkdir(parents=True, exist_ok=True)
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", store],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        pk = start(place, "html")
        stopped = worker(place, "--once")
        stopped.communicate(timeout=60)
        found = state(place, pk)
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            subprocess.run(["umount", store], check=True)

    assert found[0] == "stopped"
    assert "磁盘已满" in found[1]


def test_build_reports_fills_a_folder_and_goes_on_where_it_was(place, tmp_path):
    out = tmp_path / "reports"
    (year,) = shell(place, YEAR)

    place.done("build_reports", "--year", year, "--format", "json", "-o", str(out))

    assert (out / "自评结果汇总表.xlsx").is_file()
    files = list(out.rglob("*.json"))
    assert len(files) > 5
    assert not list(out.rglob(".*.part"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--year", "1999", "-o", "x.zip"], "1999 年度没有应报的自评"),
        (
            ["--year", "2024", "--department", "none", "-o", "x"],
            "没有编码为“none”的部门",
        ),
        (["--year", "2024", "-o", "/nowhere/x.zip"], "没有文件夹 /nowhere"),
    ],
)
def test_build_reports_says_what_is_wrong(place, arguments, message):
    result = place.run("build_reports", *arguments)

    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_periodic_work_may_be_repeated(place):
    place.done("periodic")
    place.done("periodic")
