"""A PDF for a page: ten impatient clicks make one print, a few are made at a time."""

import multiprocessing
import time

import pytest

from reports import print_cache
from reports.print_cache import BusyError, made_once


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "cache" / "prints"


def click(log, key):
    def make():
        with log.open("a") as file:
            file.write("made\n")
        time.sleep(0.3)
        return b"%PDF"

    assert made_once(key, make) == b"%PDF"


def test_ten_clicks_in_as_many_processes_make_one_print(tmp_path):
    log, fork = tmp_path / "log", multiprocessing.get_context("fork")
    clicks = [fork.Process(target=click, args=(log, "ab" * 32)) for _ in range(10)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    assert [each.exitcode for each in clicks] == [0] * 10
    assert log.read_text() == "made\n"


def test_who_finds_no_free_place_is_told_so(settings, monkeypatch):
    settings.PRINTS = 1
    monkeypatch.setattr(print_cache, "PATIENCE", 0.2)

    def make():
        made_once("cd" * 32, lambda: b"another")
        return b""

    with pytest.raises(BusyError):
        made_once("ab" * 32, make)


def test_the_oldest_are_dropped(folder, monkeypatch):
    monkeypatch.setattr(print_cache, "MOST_FILES", 2)

    for key in ("a0", "b0", "c0"):
        made_once(key * 32, lambda: b"x")
        time.sleep(0.02)

    assert sorted(each.name[:2] for each in folder.glob("*.pdf")) == ["b0", "c0"]


def test_what_fails_is_not_kept():
    def fail():
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        made_once("ab" * 32, fail)

    assert made_once("ab" * 32, lambda: b"now") == b"now"
