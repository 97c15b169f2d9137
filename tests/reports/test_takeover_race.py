"""Two people take files over at once, or one saves money: nothing is lost silently."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import close_old_connections

from indicators.models import IndicatorResult
from projects.models import FundingLine
from projects.services import save_funding
from reports.takeover import ConflictError, take_over
from tests.reports.test_takeover import assessment_of, cell, planned

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*works):
    """Run the works in threads that start together; return what each came to."""
    start = threading.Barrier(len(works))
    outcomes: list[object] = [None] * len(works)

    def run(place, work):
        start.wait()
        try:
            outcomes[place] = work()
        except Exception as error:
            outcomes[place] = type(error)
        finally:
            close_old_connections()

    threads = [
        threading.Thread(target=run, args=(place, work))
        for place, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_who_take_over_one_cell_the_second_is_asked():
    assessment = assessment_of()
    found = cell(planned(assessment), "养护里程·实际完成值")

    outcomes = at_once(
        lambda: take_over(None, assessment, [replace(found, new="117")]),
        lambda: take_over(None, assessment, [replace(found, new="119")]),
    )

    actual = IndicatorResult.objects.get(indicator__level3="养护里程").actual
    assert sorted(map(str, outcomes)) == sorted(map(str, [1, ConflictError]))
    assert actual == ("117" if outcomes[0] == 1 else "119")


def test_money_saved_at_the_same_moment_locks_nobody_out():
    assessment = assessment_of()
    line = FundingLine.objects.create(
        project=assessment.project, source="appropriation", executed=None
    )
    plan = planned(assessment)
    executed = cell(plan, "当年财政拨款·全年执行数（万元）")

    outcomes = at_once(
        lambda: take_over(None, assessment, [executed]),
        lambda: save_funding(None, line, {"initial": Decimal(5)}, version=1),
    )

    line.refresh_from_db()
    # Either the line was read before and is stale, or both amounts stand.
    assert outcomes[0] == 1
    assert line.executed == Decimal("1500000.00")
    if outcomes[1] is True:
        assert line.initial == Decimal("5.00")
