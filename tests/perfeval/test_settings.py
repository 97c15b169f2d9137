"""Settings as a server sees them: each case starts a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def start(code, **environment):
    """Run code in a fresh process that knows only these variables of ours."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PERFEVAL_", "DATABASE_URL", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean | {"DJANGO_SETTINGS_MODULE": "perfeval.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def read_settings(*names, **environment):
    code = (
        "import json\nfrom django.conf import settings\n"
        f"print(json.dumps({{n: getattr(settings, n) for n in {names!r}}}))"
    )
    ran = start(code, PERFEVAL_SECRET_KEY="k" * 50, **environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


TRANSPORT = [
    "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
]


def test_without_any_variable_the_site_is_closed_and_encrypted():
    found = read_settings("DEBUG", "ALLOWED_HOSTS", *TRANSPORT)

    assert found == {
        "DEBUG": False,
        "ALLOWED_HOSTS": [],
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
    }


@pytest.mark.parametrize("name", ["PERFEVAL_DEBUG", "PERFEVAL_HTTPS"])
def test_debug_and_plain_intranets_do_without_https(name):
    value = {"PERFEVAL_DEBUG": "1", "PERFEVAL_HTTPS": "false"}[name]

    found = read_settings(*TRANSPORT, **{name: value})

    assert not any(found.values())


@pytest.mark.parametrize(
    ("code", "environment", "named"),
    [
        ("import django; django.setup()", {}, "PERFEVAL_SECRET_KEY"),
        (
            "import perfeval.wsgi",
            {"PERFEVAL_SECRET_KEY": "k"},
            "PERFEVAL_ALLOWED_HOSTS",
        ),
        (
            "import django; django.setup()",
            {"PERFEVAL_DEBUG": "perhaps"},
            "PERFEVAL_DEBUG='perhaps'",
        ),
        (
            "import django; django.setup()",
            {"PERFEVAL_DEBUG": "1", "PERFEVAL_SESSION_MINUTES": "half"},
            "PERFEVAL_SESSION_MINUTES='half'",
        ),
        (
            "import django; django.setup()",
            {"PERFEVAL_DEBUG": "1", "DATABASE_URL": "mysql://db/perfeval"},
            "DATABASE_URL",
        ),
    ],
    ids=["secret key", "hosts", "not a truth value", "not a number", "database"],
)
def test_a_missing_or_bad_value_stops_the_start_and_is_named(code, environment, named):
    ran = start(code, **environment)

    assert ran.returncode != 0
    assert "ImproperlyConfigured" in ran.stderr
    assert named in ran.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://clerk@%2Ftmp%2FSock.aB/perfeval",
        "postgres://clerk@/perfeval?host=/tmp/Sock.aB",
    ],
)
def test_a_database_address_may_name_a_socket_folder(url):
    database = read_settings("DATABASES", DATABASE_URL=url)["DATABASES"]["default"]

    socket = database["HOST"] or database["OPTIONS"]["host"]
    assert socket == "/tmp/Sock.aB"
    assert database["NAME"] == "perfeval"


def test_postgresql_connections_come_from_a_pool_as_large_as_the_threads():
    found = read_settings(
        "DATABASES", DATABASE_URL="postgres://db/perfeval", PERFEVAL_THREADS="6"
    )

    database = found["DATABASES"]["default"]
    assert database["OPTIONS"]["pool"]["max_size"] == 6
    assert database["CONN_MAX_AGE"] == 0


def test_sqlite_writers_queue_up_instead_of_failing(tmp_path):
    found = read_settings("DATABASES", PERFEVAL_VAR=str(tmp_path))

    database = found["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "perfeval.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert database["OPTIONS"]["timeout"] == 20
