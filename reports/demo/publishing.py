"""The demo's published reports: a clerk makes the copy, the 绩效科 approves it."""

from collections.abc import Iterable

from indicators.models import SelfAssessment
from indicators.scheme_store import scheme_of
from perfeval.models import User
from reports.copies import (
    approved_document,
    copy_of,
    decide_places,
    make_copy,
    mark,
    usual_parts,
)
from reports.models import Choice, Publication
from reports.publishing import approve_copy, send_copy

KEPT = {"name": "单位职务行为的责任人，姓名依法公开"}


def publish_report(
    assessment: SelfAssessment, maker: User, approver: User, hide: Iterable[str]
) -> SelfAssessment:
    """Publish an approved report: names stay, all else that is personal is hidden.

    hide: what is marked by hand. Its files are made when somebody first asks for them.
    """
    document = approved_document(assessment)
    assert document is not None
    parts = usual_parts(document, scheme_of(assessment.task.scheme))
    made = make_copy(maker, assessment, parts=parts)
    for words in hide:
        mark(maker, made, words)
    copy = copy_of(_stored(made))
    decisions: dict[int, tuple[str, str]] = {
        each.pk: (Choice.KEEP, KEPT[each.kind])
        if each.kind in KEPT
        else (Choice.HIDE, "")
        for each in copy.places
    }
    decide_places(maker, made, decisions, version=_stored(made).version)
    send_copy(maker, made, version=_stored(made).version)
    approve_copy(approver, made, version=_stored(made).version, makes_files=False)
    return SelfAssessment.objects.with_facts().get(pk=assessment.pk)


def _stored(copy: Publication) -> Publication:
    return Publication.objects.select_related("record").get(pk=copy.pk)
