"""The mechanism of all lists: sort, columns, pages and the file, all in the address."""

import io

import openpyxl
import pytest
from django.db.models import F
from django.test import RequestFactory

from perfeval import lists
from perfeval.lists import Column, Listing
from perfeval.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

COLUMNS = (
    Column(key="code", label="编码", value=lambda row: row.username, on_screen=False),
    Column(
        key="name",
        label="姓名",
        value=lambda row: row.name,
        order=("name",),
        fixed=True,
    ),
    Column(
        key="login",
        label="登录",
        value=lambda row: row.last_login,
        order=(F("last_login"),),
    ),
    Column(key="phone", label="电话", value=lambda row: row.phone, shown=False),
)


@pytest.fixture
def people():
    return [
        make_user(name=name, username=f"u{number}", phone=f"{number}")
        for number, name in enumerate(("丙", "甲", "乙"))
    ]


def listing(query="", rows=None, **options):
    request = RequestFactory().get(f"/list/?{query}")
    rows = User.objects.all() if rows is None else rows
    return Listing(request, COLUMNS, rows, order=("username",), **options)


def names(found):
    return [person.name for person in found.page]


def test_without_a_sort_rows_stand_in_the_lists_own_order(people):
    assert names(listing()) == ["丙", "甲", "乙"]
    assert not listing().is_sorted


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_head_sorts_and_turns_round_at_the_second_press(people, in_memory):
    rows = list(User.objects.order_by("username")) if in_memory else None
    up = listing("sort=name", rows)
    down = listing("sort=-name", rows)

    assert names(up) == sorted("丙甲乙")
    assert names(down) == sorted("丙甲乙", reverse=True)
    [head] = [each for each in up.heads if each.label == "姓名"]
    assert (head.url, head.direction) == ("?sort=-name", "ascending")
    [head] = [each for each in down.heads if each.label == "姓名"]
    assert (head.url, head.direction) == ("?sort=name", "descending")


@pytest.mark.parametrize("sort", ["login", "-login"])
def test_what_is_not_known_stands_last_in_both_directions(people, sort):
    last = people[2]
    last.last_login = last.date_joined
    last.save()

    assert names(listing(f"sort={sort}"))[0] == last.name


@pytest.mark.parametrize("sort", ["phone", "password", "-", "name,pk", "__proto__"])
def test_nothing_else_of_the_address_sorts(people, sort):
    found = listing(f"sort={sort}")

    assert names(found) == ["丙", "甲", "乙"]
    assert {each.direction for each in found.heads} == {""}


def test_columns_are_chosen_and_the_first_stays(people):
    assert listing().shown == {"name", "login"}
    assert listing("columns=phone").shown == {"name", "phone"}
    assert listing("columns=code&columns=nonsense").shown == {"name", "login"}
    assert [head.label for head in listing("columns=phone").heads] == ["姓名", "电话"]


def test_conditions_sort_and_columns_stay_in_every_address(people):
    found = listing("text=a&sort=name&columns=phone&page=3")

    [head, _] = found.heads
    assert head.url == "?text=a&columns=phone&sort=-name"
    assert found.kept == [("sort", "name"), ("columns", "phone")]
    assert found.conditions == [("text", "a"), ("sort", "name")]
    assert found.plain_url == "?sort=name&columns=phone"
    assert found.file_url == "?text=a&sort=name&columns=phone&file=xlsx"


def test_a_page_that_is_not_there_is_the_nearest(people):
    assert names(listing("page=2", per_page=2)) == ["乙"]
    assert names(listing("page=9", per_page=2)) == ["乙"]
    assert names(listing("page=x", per_page=2)) == ["丙", "甲"]


def test_counting_ends_where_it_would_cost(people, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED", 2)

    first = listing(per_page=1).page
    beyond = listing("page=3", per_page=1).page
    nowhere = listing("page=7", per_page=1).page

    assert (first.paginator.is_cut, first.paginator.count) == (True, 2)
    assert first.has_next()
    assert (names_of(beyond), beyond.has_next()) == (["乙"], False)
    assert names_of(nowhere) == ["甲"]  # the last page that was counted


def names_of(page):
    return [person.name for person in page]


def test_a_page_takes_two_queries(people, django_assert_num_queries):
    with django_assert_num_queries(2):
        listing("sort=name").page.has_next()


def test_the_file_holds_all_pages_with_the_columns_of_the_screen(people):
    found = listing("file=xlsx&sort=name&columns=phone", per_page=1)

    answer = found.as_file("人员")

    assert found.is_file
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == ("编码", "姓名", "电话")
    expected = sorted((each.name, each.username, each.phone) for each in people)
    assert rows == [(code, name, phone) for name, code, phone in expected]


def test_the_file_prepares_its_rows_in_portions(people, monkeypatch):
    monkeypatch.setattr(lists, "CHUNK", 2)
    portions = []
    found = listing(prepare=lambda rows: portions.append(len(rows)))

    list(found.as_file("人员").streaming_content)

    assert portions == [2, 1]
