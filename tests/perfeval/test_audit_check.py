"""Whole chains pass; a changed, removed or inserted row is named with its place."""

import json
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from perfeval.audit import Change, event_digest, record, record_many
from perfeval.audit_check import check_chains, note_heads
from perfeval.models import AuditChain, AuditEvent
from tests.factories import make_user

pytestmark = pytest.mark.django_db

REPORT = "assessment:7"


def change(summary):
    return Change(
        action="result.saved", subject="x:1", summary=summary, after={"points": "9.50"}
    )


@pytest.fixture(autouse=True)
def heads(settings, tmp_path):
    settings.AUDIT_HEADS = tmp_path / "heads"
    return settings.AUDIT_HEADS


@pytest.fixture(autouse=True)
def events():
    """A chain of four events of one report, and one of the site."""
    user = make_user()
    record(user, change("登记"))
    record_many(user, [change(each) for each in "一二三四"], chain=REPORT)
    return {
        each.sequence: each for each in AuditEvent.objects.filter(chain__key=REPORT)
    }


@contextmanager
def past_the_program():
    """As somebody with the database's password would, the trigger switched off."""
    table = "ALTER TABLE perfeval_auditevent {} TRIGGER perfeval_auditevent_stays"
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # Deferred constraints would otherwise stand in the way of ALTER TABLE.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(table.format("DISABLE"))
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(table.format("ENABLE"))


def places():
    return [(each.chain, each.sequence) for each in check_chains().faults]


def verify():
    """Return the exit code and what verify_audit prints."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except SystemExit as error:
        return error.code, out.getvalue()
    return 0, out.getvalue()


def test_whole_chains_pass_with_their_noted_heads():
    note_heads(date(2025, 3, 1))

    assert verify() == (0, "核对了 2 条审计链、5 个事件，没有发现问题\n")


def test_a_changed_row_is_named_with_chain_and_place(events):
    with past_the_program():
        AuditEvent.objects.filter(pk=events[2].pk).update(after={"points": "10.00"})

    code, told = verify()

    assert code == 1
    assert f"审计链 {REPORT} 第 2 个事件：内容与摘要不符" in told
    assert places() == [(REPORT, 2)]


def test_a_row_changed_with_its_digest_betrays_itself_at_the_next(events):
    events[2].summary = "改"
    events[2].digest = event_digest(events[2], events[1].digest)
    with past_the_program():
        events[2].save()

    assert places() == [(REPORT, 3)]


@pytest.mark.parametrize("place", [1, 3, 4])
def test_a_removed_row_is_named(events, place):
    with past_the_program():
        events[place].delete()

    assert places() == [(REPORT, place)]


def test_an_emptied_chain_is_named(events):
    with past_the_program():
        for each in events.values():
            each.delete()

    assert places() == [(REPORT, 0)]


def test_a_row_put_behind_the_head_is_named(events):
    extra = events[4]
    previous, extra.pk, extra.sequence = extra.digest, None, 5
    extra.digest = event_digest(extra, previous)
    extra.save()

    assert places() == [(REPORT, 5)]


def test_a_row_put_between_two_others_is_named(events):
    with past_the_program():
        for place in (4, 3):
            AuditEvent.objects.filter(pk=events[place].pk).update(sequence=place + 1)
        forged = events[3]
        forged.pk, forged.summary = None, "伪造"
        forged.digest = event_digest(forged, events[2].digest)
        forged.save()
        AuditChain.objects.filter(key=REPORT).update(length=5)

    assert (REPORT, 4) in places()


def test_a_chain_rewritten_with_all_its_digests_differs_from_its_noted_head(events):
    note_heads(date(2025, 3, 1))
    previous = ""
    with past_the_program():
        for place in range(1, 5):
            event = events[place]
            event.summary = f"改写{place}"
            event.digest = previous = event_digest(event, previous)
            event.save()
        AuditChain.objects.filter(key=REPORT).update(digest=previous)

    [fault] = check_chains().faults

    assert (fault.chain, fault.sequence) == (REPORT, 4)
    assert "与 2025-03-01 留存的末位摘要不符" in fault.words


def test_a_chain_cut_short_with_its_head_misses_its_noted_end(events):
    note_heads(date(2025, 3, 1))
    with past_the_program():
        events[4].delete()
    AuditChain.objects.filter(key=REPORT).update(length=3, digest=events[3].digest)

    assert places() == [(REPORT, 4)]


def test_a_chain_that_was_noted_and_is_gone_is_named(events):
    note_heads(date(2025, 3, 1))
    with past_the_program():
        for each in events.values():
            each.delete()
    AuditChain.objects.filter(key=REPORT).delete()

    assert places() == [(REPORT, 0)]


def test_heads_are_noted_once_a_day_and_only_those_that_grew(heads):
    assert note_heads(date(2025, 3, 1)) == Path(heads) / "2025-03-01.jsonl"
    assert note_heads(date(2025, 3, 1)) is None
    assert note_heads(date(2025, 3, 2)) is None
    record(None, change("五"), chain=REPORT)

    note_heads(date(2025, 3, 3))

    second = Path(heads) / "2025-03-03.jsonl"
    digest = AuditChain.objects.get(key=REPORT).digest
    assert [json.loads(line) for line in second.read_text().splitlines()] == [
        [REPORT, 5, digest]
    ]
    assert check_chains().faults == []


@pytest.mark.skipif(
    "sqlite" in installed.DATABASES["default"]["ENGINE"],
    reason="the trigger stands on PostgreSQL",
)
def test_the_table_itself_refuses_a_change_and_a_removal(events):
    for act in (
        lambda: AuditEvent.objects.filter(pk=events[1].pk).update(summary="改"),
        lambda: AuditEvent.objects.filter(pk=events[1].pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
            act()

    assert check_chains().faults == []
