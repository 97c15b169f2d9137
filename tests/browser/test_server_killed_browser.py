"""The server is killed while it answers, and started again: nothing typed is lost."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import Narrative, SelfAssessment
from projects.models import Role
from tests.factories import make_assessment, make_department, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


class Server:
    """A server process on the test's database that can be killed and started again."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        base = connection.settings_dict
        place = f"{quote(base['USER'])}@{quote(base['HOST'], safe='')}"
        command = ["runserver", f"127.0.0.1:{self.port}", "--noreload", "--insecure"]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={
                **os.environ,
                "PERFEVAL_DEBUG": "1",
                "DATABASE_URL": f"postgres://{place}/{base['NAME']}",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise RuntimeError("the server does not start")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server():
    server = Server()
    server.start()
    yield server
    server.kill()


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def test_a_server_killed_in_the_middle_of_a_save_loses_nothing(page, context, server):
    unit = make_department(make_department())
    filler = make_user(Role.FILLER, unit)
    assessment = make_assessment(make_project(unit))
    client = Client()
    client.force_login(filler)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
    page.goto(server.url + reverse("indicators:narratives", args=[assessment.pk]))
    form, box = page.locator("#text-problems form"), page.locator("#id_problems_text")
    status = form.locator("[data-autosave-status]")

    with transaction.atomic():
        # The save waits for this lock: the server dies while it is at it.
        SelfAssessment.objects.select_for_update().get(pk=assessment.pk)
        box.press_sequentially("一是宣传不足，")
        end = time.monotonic() + SECONDS
        while not waits_for_a_lock() and time.monotonic() < end:
            page.wait_for_timeout(100)
        assert waits_for_a_lock()
        server.kill()
        expect(status).to_contain_text("未保存")
        box.press_sequentially("二是人手不够。")
    server.start()
    expect(page.locator("form[data-unsaved]")).to_have_count(0, timeout=SECONDS * 1000)

    stored = Narrative.objects.get(assessment=assessment, key="problems")
    assert box.input_value() == stored.text == "一是宣传不足，二是人手不够。"
    assert stored.versions.filter(kind="rejected").count() == 0
