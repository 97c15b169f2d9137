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

# The tables of the database under test are copied: it must have some.
pytestmark = pytest.mark.django_db
COUNT, SOME, FEW = 200, 100, 40  # reports


class Attendant:
    """The process that fills an installation and looks at its batches."""

    def __init__(self, process):
        self.process = process

    def ask(self, name, *arguments):
        self.process.stdin.write(f"{json.dumps([name, *arguments])}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextlib.contextmanager
def attendant(place):
    with subprocess.Popen(
        [sys.executable, "-m", "tests.reports.attendant"],
        cwd=settings.BASE_DIR,
        env=place.environment | {"DJANGO_SETTINGS_MODULE": "perfeval.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Attendant(process)
        assert process.stdin
        process.stdin.close()  # the end of its input ends it


@pytest.fixture(scope="module")
def place(tmp_path_factory, django_db_setup, django_db_blocker):
    """An installation of its own, with the tables of the one under test."""
    folder = tmp_path_factory.mktemp("workers")
    with (
        django_db_blocker.unblock(),
        empty_installations(folder, migrated=True) as make,
    ):
        yield make("year")


@pytest.fixture(scope="module")
def desk(place):
    """Its attendant, who has put 200 reports into it."""
    with attendant(place) as found:
        found.year = found.ask("fill", COUNT)
        yield found


def worker(place, *arguments):
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "worker", *arguments],
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(desk, pk, is_so, seconds=180):
    """Look at a batch until it is so; return what was seen last."""
    pause = 0.5 if is_so is is_done else 0.05
    end = time.monotonic() + seconds
    while not is_so(found := desk.ask("state", pk)):
        assert time.monotonic() < end, found[:3]
        time.sleep(pause)
    return found


def is_done(found):
    return found[0] == "done"


def is_begun(found):
    """Whether a worker is at an item, with some done and more to do."""
    states = [each["state"] for each in found[3]]
    return {"done", "waiting"} <= {*states} and any(each["owner"] for each in found[3])


def end(*processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        assert process.wait(20) == 0, process.stdout.read()
        process.stdout.close()


def kill(process):
    process.kill()
    process.wait()
    process.stdout.close()


def finished_whole(found, count=FEW):
    """Each of the reports, and the package of them all, made and kept."""
    reached, _, result, items = found
    assert (reached, bool(result)) == ("done", True)
    assert len(items) == count + 1
    assert all(each["state"] == "done" and each["file_id"] for each in items)


def test_two_workers_make_each_of_200_reports_exactly_once(place, desk):
    both = worker(place), worker(place)
    pk = desk.ask("start", "两个进程", COUNT)

    found = wait_for(desk, pk, is_done)

    end(*both)
    finished_whole(found, COUNT)
    assert {each["attempts"] for each in found[3]} == {1}


def test_a_worker_killed_at_five_points_loses_nothing(place, desk):
    pk = desk.ask("start", "五次中断", SOME)
    for _ in range(5):
        killed = worker(place)
        wait_for(desk, pk, is_begun)
        time.sleep(random.uniform(0, 0.2))
        kill(killed)
        assert desk.ask("state", pk)[0] == "running"
        desk.ask("forget")

    last = worker(place, "--once")

    last.communicate(timeout=120)
    assert last.returncode == 0
    found = desk.ask("state", pk)
    finished_whole(found, SOME)
    # Nothing was done again but, at most, what was at hand when it was killed.
    assert sum(each["attempts"] for each in found[3]) <= len(found[3]) + 5


def test_cancelled_while_it_runs_it_ends_and_resumed_it_does_only_the_rest(place, desk):
    at_work = worker(place)
    pk = desk.ask("start", "取消后继续", FEW)
    wait_for(desk, pk, is_begun)

    assert desk.ask("cancel", pk)
    halted = wait_for(desk, pk, lambda found: not any(i["owner"] for i in found[3]))
    time.sleep(1.5)  # longer than a worker waits for work
    assert desk.ask("state", pk) == halted
    assert halted[0] == "cancelled"
    assert desk.ask("resume", pk)
    found = wait_for(desk, pk, is_done)

    end(at_work)
    finished_whole(found)
    assert {each["attempts"] for each in found[3]} == {1}


def test_a_worker_that_is_asked_to_end_finishes_its_item(place, desk):
    pk = desk.ask("start", "请求结束", FEW)
    asked = worker(place)
    wait_for(desk, pk, is_begun)

    end(asked)

    items = desk.ask("state", pk)[3]
    assert all(each["owner"] == "" for each in items)
    assert {each["attempts"] for each in items} == {0, 1}
    desk.ask("cancel", pk)


@pytest.mark.race
def test_two_who_start_the_same_at_once_start_one(place, desk):
    with attendant(place) as other:
        other.ask("forget")  # it is up
        for each in (desk, other):
            each.process.stdin.write(f"{json.dumps(['start', '同时发起', FEW])}\n")
            each.process.stdin.flush()
        found = {json.loads(each.process.stdout.readline()) for each in (desk, other)}

    assert len(found) == 1
    assert desk.ask("cancel", found.pop())


@pytest.mark.race
def test_a_database_that_is_away_for_ten_seconds_is_waited_for(place, desk):
    name = place.environment["DATABASE_URL"].rpartition("@/")[2].partition("?")[0]
    said = connection.get_connection_params()
    server = f"host={said['host']} port={said.get('port', 5432)} user={said['user']}"
    at_work = worker(place)
    pk = desk.ask("start", "数据库中断", FEW)
    wait_for(desk, pk, is_begun)

    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as session:
        session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        time.sleep(10)
        session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert at_work.poll() is None
    with attendant(place) as after:
        after.ask("forget")
        found = wait_for(after, pk, is_done)

    end(at_work)
    finished_whole(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_stops_the_batch_with_its_reason_and_it_goes_on_after(place):
    store = place.files / "attachments"
    store.mkdir(parents=True, exist_ok=True)
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", store],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    with attendant(place) as desk:
        try:
            pk = desk.ask("start", "磁盘已满", FEW)
            worker(place, "--once").communicate(timeout=120)
            stopped = desk.ask("state", pk)
        finally:
            subprocess.run(["umount", store], check=True)
        kept = {each["file_id"] for each in stopped[3]} - {None}

        assert stopped[0] == "stopped"
        assert "磁盘已满" in stopped[1]
        assert desk.ask("resume", pk)
        worker(place, "--once").communicate(timeout=120)

        found = desk.ask("state", pk)
    assert found[0] == "done"
    assert kept <= {each["file_id"] for each in found[3]}


def test_build_reports_fills_a_folder(place, desk, tmp_path):
    out, year = tmp_path / "reports", str(desk.year)

    place.done("build_reports", "--year", year, "--format", "json", "-o", str(out))

    assert (out / "自评结果汇总表.xlsx").is_file()
    assert len(list(out.rglob("*.json"))) == COUNT
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
def test_build_reports_says_what_is_wrong(place, desk, arguments, message):
    result = place.run("build_reports", *arguments)

    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_periodic_work_may_be_repeated(place):
    place.done("periodic")
    place.done("periodic")
