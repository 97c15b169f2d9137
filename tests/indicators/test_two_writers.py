"""Two people save one text or one row at once: one wins, the other hears of it."""

import threading

import pytest
from django.db import close_old_connections

from indicators.models import IndicatorResult, Narrative
from indicators.services import record_result, write_narrative
from perfeval.models import AuditEvent
from perfeval.versions import StaleError
from projects.models import Role
from tests.factories import make_assessment, make_user

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = [20, pytest.param(200, marks=pytest.mark.long)]


def at_once(save, names):
    """Call save(name) in a thread each, all at one moment; return {name: outcome}."""
    start = threading.Barrier(len(names))
    outcomes: dict[str, object] = {}

    def run(name):
        start.wait()
        try:
            save(name)
            outcomes[name] = "saved"
        except StaleError as error:
            outcomes[name] = error.current
        finally:
            close_old_connections()

    threads = [threading.Thread(target=run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_two_who_save_one_text_one_wins_and_both_texts_are_kept(rounds):
    assessment = make_assessment()
    unit = assessment.project.unit
    people = {name: make_user(Role.FILLER, unit) for name in ("甲", "乙")}
    narrative = Narrative.objects.get(assessment=assessment, key="problems")

    for number in range(rounds):
        version = Narrative.objects.get(pk=narrative.pk).version

        def save(name, version=version, number=number):
            row = Narrative.objects.get(pk=narrative.pk)
            text = f"第 {number} 轮{name}写的"
            write_narrative(people[name], row, text, version=version)

        outcomes = at_once(save, people)

        (winner,) = [name for name, told in outcomes.items() if told == "saved"]
        (loser,) = people.keys() - {winner}
        assert outcomes[loser].text == f"第 {number} 轮{winner}写的"
        kept = narrative.versions.filter(text__startswith=f"第 {number} 轮")
        assert {(each.saved_by, each.kind) for each in kept} == {
            (people[winner], "saved"),
            (people[loser], "rejected"),
        }


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_two_who_save_one_result_row_one_wins_and_the_other_hears_of_it(rounds):
    assessment = make_assessment()
    result = assessment.results.get(indicator__level3="培训场次")

    for number in range(rounds):
        version = IndicatorResult.objects.get(pk=result.pk).version

        def save(name, version=version, number=number):
            row = IndicatorResult.objects.get(pk=result.pk)
            note = {"deviation_note": f"第 {number} 轮{name}写的"}
            record_result(None, row, note, version=version)

        outcomes = at_once(save, ("甲", "乙"))

        (winner,) = [name for name, told in outcomes.items() if told == "saved"]
        (loser,) = {"甲", "乙"} - {winner}
        assert outcomes[loser].deviation_note == f"第 {number} 轮{winner}写的"
        (kept,) = AuditEvent.objects.filter(
            action="result.rejected", after__deviation_note=f"第 {number} 轮{loser}写的"
        )
        assert kept.before == {"version": version}
