"""A save with a version: one writer wins, the other hears of it and changes nothing."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections

from perfeval.versions import StaleError, save_versioned
from projects.models import BudgetProject
from tests.factories import make_project


@pytest.fixture
def project():
    return make_project(name="法治宣传")


@pytest.mark.django_db
def test_a_save_moves_the_version(project):
    assert save_versioned(project, {"name": "普法宣传"}, version=1)

    project.refresh_from_db()
    assert (project.name, project.version) == ("普法宣传", 2)


@pytest.mark.django_db
def test_a_save_that_changes_nothing_leaves_the_version(project):
    assert not save_versioned(project, {"name": "法治宣传"}, version=1)

    project.refresh_from_db()
    assert project.version == 1


@pytest.mark.django_db
def test_a_stale_save_changes_nothing_and_hands_over_what_is_stored(project):
    save_versioned(project, {"name": "普法宣传"}, version=1)

    with pytest.raises(StaleError) as caught:
        save_versioned(project, {"name": "执法监督"}, version=1)

    project.refresh_from_db()
    assert project.name == "普法宣传"
    assert isinstance(caught.value.current, BudgetProject)
    assert caught.value.current.name == "普法宣传"


@pytest.mark.django_db
def test_the_same_save_sent_again_is_no_conflict(project):
    save_versioned(project, {"name": "普法宣传"}, version=1)

    assert not save_versioned(project, {"name": "普法宣传"}, version=1)

    project.refresh_from_db()
    assert (project.name, project.version) == ("普法宣传", 2)


@pytest.mark.django_db
def test_values_against_a_constraint_are_refused_before_the_save(project):
    with pytest.raises(ValidationError, match="2000"):
        save_versioned(project, {"year": 1999}, version=1)

    project.refresh_from_db()
    assert project.year != 1999


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_exactly_one_wins(project):
    outcomes: list[str] = []

    def save(name):
        row = type(project).objects.get(pk=project.pk)
        start.wait()
        try:
            save_versioned(row, {"name": name}, version=version)
        except StaleError:
            outcomes.append("stale")
        else:
            outcomes.append("saved")
        close_old_connections()

    for round_number in range(30):
        outcomes.clear()
        start = threading.Barrier(2)
        version = type(project).objects.get(pk=project.pk).version
        threads = [
            threading.Thread(target=save, args=(f"{round_number} {name}",))
            for name in ("甲", "乙")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["saved", "stale"]
