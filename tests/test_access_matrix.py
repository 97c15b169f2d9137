"""Who gets in where: every address is walked as tests/access_matrix.csv says.

To add rows: see the head of that file. To see what the program answers now:
    python -m tests.access_matrix
"""

import csv
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from tests.access_world import PEOPLE, admin_path, arguments, make_world

MATRIX = Path(__file__).with_name("access_matrix.csv")
HEAD = ("method", "url", "state", *PEOPLE)
ABOUT_ONE = re.compile(r"/(assessments|projects)/\d+/")
STATES = ("draft", "in_review", "approved")


def read_rows():
    lines = MATRIX.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    rows = [[cell.strip() for cell in row] for row in csv.reader(told)]
    assert tuple(rows[0]) == HEAD
    return [dict(zip(HEAD, row, strict=True)) for row in rows[1:]]


ROWS = read_rows()


@cache
def addresses():
    """Return {url name: (route, names of its parameters)} of the whole site."""
    return dict(_walk(get_resolver()))


def _walk(resolver, prefix="", spaces=()):
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            name = ":".join([*spaces, each.name or route])
            yield name, (route, tuple(each.pattern.regex.groupindex))
        else:
            inner = (*spaces, each.namespace) if each.namespace else spaces
            yield from _walk(each, route, inner)


def fits(row, name):
    return fnmatchcase(name, row["url"])


def rows_of(name):
    """Return the rows of an address: those that name it, else those of a pattern."""
    own = [row for row in ROWS if row["url"] == name]
    return own or [row for row in ROWS if "*" in row["url"] and fits(row, name)]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The people, logged in, and one of each thing; committed, shared by this file."""
    with django_db_blocker.unblock():
        made = make_world()
        made["sessions"] = sessions_of(made["people"])
        yield made
        call_command("flush", interactive=False, verbosity=0)


def sessions_of(people):
    """Return {column: key of a session}, "" for nobody."""
    found = {"nobody": ""}
    for name, user in people.items():
        client = Client()
        client.force_login(user)
        found[name] = client.cookies["sessionid"].value
    return found


def ask(session, method, address):
    """Return how one is answered, as the head of the matrix says; nothing stays."""
    client = Client(raise_request_exception=False)
    if session:
        client.cookies["sessionid"] = session
    with transaction.atomic():
        answer = getattr(client, method.lower())(address)
        # Closing ends the request, and with it connections: not within this one.
        request_finished.disconnect(close_old_connections)
        answer.close()
        request_finished.connect(close_old_connections)
        transaction.set_rollback(True)
    is_led = method == "GET" and answer.status_code == 302 and ABOUT_ONE.match(address)
    kind = kind_of(answer)
    return "back" if is_led and kind == "ok" else kind


def kind_of(answer):
    status = answer.status_code
    if status in (403, 404, 405):
        return str(status)
    if status >= 500:
        return "error"
    if status == 302 and "/login/" in answer.url:
        return "login"
    return "ok"


def address_of(name, state, world):
    route, parameters = addresses()[name]
    things = world["draft" if state == "-" else state]
    if route.startswith("admin/"):
        return admin_path(route, things)
    if not parameters:
        return f"/{route}"
    return reverse(name, kwargs=arguments(name, route, parameters, things))


def states_of(row):
    return STATES if row["state"] == "any" else (row["state"],)


def walked():
    """Return every address with each of its rows; those of a pattern one by one."""
    return [
        pytest.param(name, row, id=f"{row['method']} {name} {row['state']}")
        for name in sorted(addresses())
        for row in rows_of(name)
    ]


def test_every_address_stands_in_the_matrix_and_the_matrix_names_no_other():
    missing = [name for name in addresses() if not rows_of(name)]
    unknown = {
        row["url"] for row in ROWS if not any(fits(row, name) for name in addresses())
    }

    assert (missing, unknown) == ([], set())


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "row"), walked())
def test_everybody_is_answered_as_the_matrix_says(name, row, world):
    answers = {
        (state, person): ask(
            world["sessions"][person], row["method"], address_of(name, state, world)
        )
        for state in states_of(row)
        for person in PEOPLE
    }

    assert answers == {
        (state, person): row[person] for state in states_of(row) for person in PEOPLE
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", [name for name in sorted(addresses()) if not name.startswith("admin:")]
)
def test_a_method_in_no_row_is_refused_to_everybody(name, world):
    rows = rows_of(name)
    address = address_of(name, states_of(rows[0])[0], world)
    others = {"GET", "POST"} - {row["method"] for row in rows}

    answers = {
        ask(world["sessions"][person], method, address)
        for method in others
        for person in ("filler", "unit", "finance", "sysadmin")
    }

    assert answers <= {"405", "403", "404"}
