"""Looking through the chains of audit events; noting their heads outside the database.

The noted heads are files, one for each day on which a chain grew: who can rewrite a
whole chain with its digests in the database still differs from what was noted.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db.models import F

from perfeval.audit import event_digest
from perfeval.models import AuditChain, AuditEvent

CHUNK = 2000


@dataclass(frozen=True)
class Fault:
    """One place at which a chain is not what was written; sequence: 0 for all of it."""

    chain: str
    sequence: int
    words: str

    def __str__(self) -> str:
        place = f"第 {self.sequence} 个事件" if self.sequence else "整条链"
        return f"审计链 {self.chain} {place}：{self.words}"


@dataclass(frozen=True)
class Head:
    """The head of a chain as it stood on a day; length: events, digest: of the last."""

    length: int
    digest: str
    day: str


@dataclass
class Check:
    """What looking through all chains found; events and chains: how many were seen."""

    faults: list[Fault]
    chains: int = 0
    events: int = 0


def check_chains() -> Check:
    """Look through every event of every chain, and compare with the noted heads.

    Events that are added meanwhile are left for the next time.
    """
    heads = {each.pk: each for each in AuditChain.objects.order_by("pk")}
    noted = noted_heads()
    check = Check(faults=[], chains=len(heads))
    events = AuditEvent.objects.order_by("chain_id", "sequence")
    seen = set()
    rows = events.iterator(chunk_size=CHUNK)
    for pk, of_chain in groupby(rows, key=lambda event: event.chain_id):
        head = heads.get(pk)
        if head is None:  # begun while the others were read
            continue
        seen.add(pk)
        for fault in _faults_of(head, of_chain, noted.get(head.key, []), check):
            check.faults.append(fault)
    for pk, head in heads.items():
        if pk not in seen and head.length:
            words = f"{head.length} 个事件全部缺失"
            check.faults.append(Fault(head.key, 0, words))
    check.faults += _beyond_the_head()
    known = {head.key for head in heads.values()}
    for key in sorted(set(noted) - known):
        days = "、".join(sorted({each.day for each in noted[key]}))
        check.faults.append(Fault(key, 0, f"{days} 留存过末位摘要，现已不存在"))
    return check


def _faults_of(
    head: AuditChain, events: Iterator[AuditEvent], noted: list[Head], check: Check
) -> Iterator[Fault]:
    previous: str | None = ""
    place = 0
    told = {each.length: each for each in noted}
    for event in events:
        if event.sequence > head.length:
            continue
        check.events += 1
        if event.sequence != place + 1:
            yield _gap(head.key, place + 1, event.sequence - 1)
            previous = None  # what it was tied to is gone
        place = event.sequence
        if previous is not None and event.digest != event_digest(event, previous):
            words = f"内容与摘要不符，曾被改动、插入或调换（{event.summary}）"
            yield Fault(head.key, place, words)
        note = told.pop(place, None)
        if note and note.digest != event.digest:
            yield Fault(head.key, place, f"与 {note.day} 留存的末位摘要不符")
        previous = event.digest
    if place < head.length:
        yield _gap(head.key, place + 1, head.length)
    elif previous != head.digest:
        yield Fault(head.key, place, "与链上登记的末位摘要不符")
    for length, note in sorted(told.items()):
        if length > head.length:
            yield Fault(head.key, length, f"{note.day} 留存过末位摘要，现已缺失")


def _gap(key: str, first: int, last: int) -> Fault:
    words = "缺失" if first == last else f"至第 {last} 个缺失"
    return Fault(key, first, words)


def _beyond_the_head() -> list[Fault]:
    """Return what stands in a chain behind its head: put there past the program."""
    extra = AuditEvent.objects.filter(sequence__gt=F("chain__length"))
    return [
        Fault(each.chain.key, each.sequence, "在链尾之后，不是由程序写入的")
        for each in extra.select_related("chain").order_by("chain_id", "sequence")
    ]


def note_heads(day: date) -> Path | None:
    """Note the heads of all chains that grew since they were noted last, once a day.

    Returns the file, None where that day's is there or nothing grew.
    """
    folder = Path(settings.AUDIT_HEADS)
    target = folder / f"{day.isoformat()}.jsonl"
    if target.exists():
        return None
    last = {key: heads[-1].length for key, heads in noted_heads().items()}
    grown = [
        [head.key, head.length, head.digest]
        for head in AuditChain.objects.order_by("key")
        if head.length > last.get(head.key, 0)
    ]
    if not grown:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{day.isoformat()}-{os.getpid()}"
    lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in grown]
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.replace(target)
    return target


def noted_heads() -> Mapping[str, list[Head]]:
    """Return {chain: its noted heads, the earliest first}."""
    noted: dict[str, list[Head]] = {}
    for file in sorted(Path(settings.AUDIT_HEADS).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            key, length, digest = json.loads(line)
            noted.setdefault(key, []).append(Head(length, digest, file.stem))
    return noted
