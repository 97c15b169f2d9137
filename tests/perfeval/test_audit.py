"""Audit events: written with what they tell of, chained, never changed."""

import threading

import pytest
from django.db import IntegrityError, close_old_connections, transaction

from perfeval.audit import Change, event_digest, record, record_across, record_many
from perfeval.models import AuditChain, AuditEvent
from tests.factories import make_user


def change(summary="修改项目"):
    return Change(
        action="project.changed", subject="projects.budgetproject:1", summary=summary
    )


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_mistake():
    with pytest.raises(RuntimeError):
        record(None, change())


@pytest.mark.django_db(transaction=True)
def test_an_event_disappears_with_the_write_it_tells_of():
    with transaction.atomic():
        record(None, change())
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_each_event_is_tied_to_the_one_before():
    user = make_user()

    record_many(user, [change("一"), change("二")], chain="assessment:1")
    record(user, change("三"), chain="assessment:1")

    events = AuditEvent.objects.order_by("sequence")
    previous = ""
    for event in events:
        assert event.digest == event_digest(event, previous)
        previous = event.digest
    assert [event.sequence for event in events] == [1, 2, 3]
    assert AuditChain.objects.get(key="assessment:1").digest == previous


@pytest.mark.django_db
def test_events_of_many_chains_continue_each_of_them():
    record(None, change("一"), chain="assessment:1")

    record_across(None, {"assessment:2": change("新"), "assessment:1": change("二")})

    first = AuditChain.objects.get(key="assessment:1")
    second = AuditChain.objects.get(key="assessment:2")
    one, two = first.events.order_by("sequence")
    (new,) = second.events.all()
    assert (one.summary, two.summary, new.summary) == ("一", "二", "新")
    assert two.digest == event_digest(two, one.digest) == first.digest
    assert new.digest == event_digest(new, "") == second.digest
    assert (first.length, second.length) == (2, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["summary", "after", "origin", "action", "user_id"])
def test_a_changed_event_no_longer_fits_its_digest(field):
    record(make_user(), change())
    event = AuditEvent.objects.get()

    setattr(event, field, {"goal": "另一个"} if field == "after" else None)

    assert event.digest != event_digest(event, "")


@pytest.mark.django_db
def test_one_position_of_a_chain_holds_one_event():
    record(None, change())
    event = AuditEvent.objects.get()
    event.pk = None

    with pytest.raises(IntegrityError, match=r"auditevent_one_per_place|UNIQUE"):
        event.save()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_leave_one_chain_without_gaps():
    def write():
        for _ in range(20):
            with transaction.atomic():
                record(None, change())
        close_old_connections()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sequences = AuditEvent.objects.order_by("sequence").values_list(
        "sequence", flat=True
    )
    assert list(sequences) == list(range(1, 81))
