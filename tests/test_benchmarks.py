"""What ./perfeval.sh bench prints: rows, goals, table and data; no timing here."""

import json

import pytest

from indicators.models import SelfAssessment
from projects.models import BudgetProject, Department
from tests.benchmarks import (
    batches,
    commands,
    formats,
    imports,
    lists,
    pages,
    rendering,
)
from tests.benchmarks.__main__ import main, report
from tests.benchmarks.documents import long_document, short_document
from tests.benchmarks.table import Row, as_text, text_width
from tests.benchmarks.timing import interleaved
from tests.benchmarks.visitors import LIST_PAGES, PAGES


def row(**fields):
    return Row(**{"subject": "s", "key": "k", "name": "名", "value": 1.0, **fields})


@pytest.mark.parametrize(
    ("value", "goal", "reached"),
    [(0.8, 0.8, True), (0.81, 0.8, False), (5.0, None, None)],
    ids=["just kept", "missed", "without a goal"],
)
def test_a_goal_is_the_most_that_a_value_may_be(value, goal, reached):
    assert row(value=value, goal=goal).reached is reached


def test_columns_stand_below_one_another_although_chinese_is_wide():
    first = row(name="报告", value=0.5, goal=1.0)
    second = row(name="Chromium 打印", value=231.4, unit="ms", detail="8 页")

    _, *lines = as_text([first, second]).split("\n")

    assert lines == [
        "报告           0.50    ≤ 1   达到",
        "Chromium 打印  231 ms              8 页",
    ]
    assert text_width("Chromium 打印") == 13


def test_a_missed_goal_is_marked_and_counted():
    text = report([row(value=2.0, goal=1.0), row()], as_json=False)

    assert "未达到" in text
    assert text.endswith("1 项目标，0 项达到。")


def test_json_holds_every_row_with_its_goal_and_outcome():
    data = json.loads(report([row(value=2.0, goal=1.0)], as_json=True))

    assert data["machine"]["cpus"] >= 1
    assert data["rows"] == [
        {
            "subject": "s",
            "key": "k",
            "name": "名",
            "value": 2.0,
            "unit": "",
            "goal": 1.0,
            "detail": "",
            "reached": False,
        }
    ]


def test_an_unknown_subject_is_refused_before_anything_is_measured(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["rendring"])

    assert stopped.value.code == 2
    assert "rendring" in capsys.readouterr().err


def test_the_median_leaves_out_the_round_that_warms_up():
    taken = iter([100.0, 3.0, 1.0, 2.0])

    medians = interleaved({"one": lambda: next(taken)}, rounds=3)

    assert medians == {"one": 2.0}


def test_the_measured_documents_are_as_long_as_their_names_say():
    short = short_document()
    long = long_document(short)

    lengths = [sum(len(part.text) for part in each.sections) for each in (short, long)]

    assert lengths[0] == 2656
    assert lengths[1] // 2656 == 10
    assert len(short.indicators) == 25


def test_every_goal_of_rendering_follows_from_the_figures():
    kinds = ("report", "own", "bare", "untagged", "plain", "chromium", "faces")
    seconds = {f"{kind}:{name}": 0.2 for kind in kinds for name in ("short", "long")}
    seconds |= {"own:short": 0.02, "report:long": 0.47}
    pages_of = {key: 53 if key.endswith("long") else 8 for key in seconds}
    size = dict.fromkeys(seconds, 250_000) | {"chromium:short": 1_000_000}

    found = rendering.rows(rendering.Figures(seconds, seconds, pages_of, size))
    values = {each.key: round(each.value, 4) for each in found if each.goal is not None}

    # (0.47 - 0.2) s more for 45 more pages is 0.006 s, of 0.2 s.
    assert values == {
        "plain": 1.0,
        "plain_long": 1.0,
        "chromium": 1.0,
        "faces": 1.0,
        "archival": 1.0,
        "own_part": 0.1,
        "further_page": 0.03,
        "bytes": 0.25,
    }


def test_each_format_is_held_against_its_share_of_the_print():
    cpu = {"report": 0.4, "docx": 0.12, "xlsx": 0.13, "signed": 0.1}
    cpu |= {"served": 0.008, "clicked": 0.02}

    reached = {each.key: each.reached for each in formats.rows(cpu)}

    assert reached == {
        "docx": True,
        "xlsx": False,
        "signed": True,
        "served": True,
        "clicked": None,
    }


def test_the_cold_command_is_held_against_chromium_and_160_megabytes():
    found = {each.key: each for each in commands.rows(commands.Figures(0.9, 1, 161, 9))}

    assert found["cold"].reached is True
    assert found["peak"].reached is False
    assert found["libreoffice"].goal is None
    assert "没有安装" in found["libreoffice"].detail
    measured = commands.Figures(0.9, 1, 161, 9, libreoffice=1.0)
    held = {each.key: each.reached for each in commands.rows(measured)}
    assert held["libreoffice"] is False


def test_each_page_has_a_goal_for_time_and_queries_but_the_search():
    seconds = {f"{page}:30": 0.1 for page in PAGES} | {
        f"{page}:30000": 0.16 for page in PAGES
    }
    queries = dict.fromkeys(PAGES, 12)

    found = list(pages.rows(seconds, queries))
    reached = {each.key: each.reached for each in found}

    assert reached["list_time"] is False
    assert reached["list_queries"] is True
    assert reached["search_time"] is None


def test_a_preview_is_held_against_three_times_the_bare_reading():
    found = {each.key: each for each in imports.rows(0.1, 0.31, 299)}

    assert round(found["preview"].value, 2) == 3.1
    assert found["preview"].reached is False
    assert found["preview_peak"].reached is True


def test_first_pages_of_lists_have_a_goal_and_what_is_asked_besides_has_none():
    seconds = {f"{page}:1000": 0.1 for page in LIST_PAGES} | {
        f"{page}:100000": 0.16 for page in LIST_PAGES
    }
    queries = dict.fromkeys(LIST_PAGES, 12)

    found = list(lists.rows(seconds, queries))
    reached = {each.key: each.reached for each in found}

    assert reached["projects_time"] is False
    assert reached["projects_queries"] is True
    assert reached["projects_search_time"] is None
    assert len([each for each in found if each.goal]) == 6


@pytest.mark.parametrize("subject", [pages, lists])
def test_what_is_asked_of_the_database_is_measured_on_postgresql_alone(
    subject, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", "sqlite://:memory:")

    with pytest.raises(Exception, match="PostgreSQL"):
        subject.measure(rounds=1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_multiplied_database_holds_whole_copies(monkeypatch):
    from tests.benchmarks import database

    monkeypatch.setattr(database, "COPIES", 3)
    monkeypatch.setattr(database, "DEPARTMENT_COPIES", 1)
    database.load_demo_year()
    own = BudgetProject.objects.count(), Department.objects.count()
    assessments = SelfAssessment.objects.count()

    database.multiply()

    assert BudgetProject.objects.count() == 4 * own[0]
    assert Department.objects.count() == 2 * own[1]
    assert SelfAssessment.objects.count() == 4 * assessments
    copy = SelfAssessment.objects.order_by("-pk")[0]
    original = SelfAssessment.objects.get(pk=copy.pk % database.STEP)
    assert copy.results.count() == original.results.count() > 0
    assert copy.project.unit.path.endswith(f"/{copy.project.unit.code}/")
    assert copy.project_id == original.project_id + copy.pk - original.pk


def test_batches_are_held_against_one_worker_a_pool_and_the_sum_of_their_parts():
    figures = batches.Figures(
        count=100,
        seconds={"one": 20.0, "two": 10.0, "bare": 9.5},
        cpu={"one": 19.0, "two": 20.0, "bare": 19.0},
        printing=16.0,
        binding=4.0,
        book=1.1e6,
        parts=1e6,
        span=(100, 1000),
        held=(200.0, 210.0),
    )

    found = {each.key: each for each in batches.rows(figures)}

    # 1/1.9 is 0.526; 20 ÷ 19 is 1.053; (20 + 4) ÷ 20 is 1.2, more than 1.15.
    values = {key: round(each.value, 3) for key, each in found.items() if each.goal}
    assert values == {
        "two_workers": 0.5,
        "overhead": 1.053,
        "book_bytes": 1.1,
        "book_time": 1.2,
        "memory": 1.05,
    }
    assert [key for key, each in found.items() if each.reached is False] == [
        "book_time"
    ]
