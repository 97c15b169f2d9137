"""Published copies for tests: an approved report, its copy made, gone through, out."""

from indicators.models import ReviewRecord
from projects.models import Role
from reports.copies import copy_of, decide_places, make_copy
from reports.document import document_from_json, document_to_json
from reports.models import Publication
from reports.publishing import approve_copy, send_copy
from reports.submission import decide, submit
from tests.factories import complete, make_assessment, make_task, make_user

USUAL = ("report", "form")


def make_approved(**values):
    """Return an approved self-assessment with its filler and two of the 绩效科."""
    task = make_task(levels=(Role.PERFORMANCE_SECTION,))
    assessment = complete(make_assessment(task=task, **values))
    unit = assessment.project.unit
    filler = make_user(Role.FILLER, unit, name="陈填报")
    finance, other = (make_user(Role.PERFORMANCE_SECTION, unit) for _ in range(2))
    sent = submit(filler, assessment, version=assessment.version)
    approved = decide(finance, sent, "approve", version=sent.version)
    return approved, filler, finance, other


def rewrite_approved(assessment, change):
    """Put change(document) in place of what was approved: no check lets it pass."""
    record = ReviewRecord.objects.get(assessment=assessment, action="approve")
    document = change(document_from_json(record.snapshot))
    record.snapshot = document_to_json(document)
    record.save()


def fresh(copy):
    return Publication.objects.select_related("record").get(pk=copy.pk)


def hide_all(user, copy):
    """Decide of each piece that it is hidden; return the copy as stored."""
    decisions = {each.pk: ("hide", "") for each in copy_of(fresh(copy)).places}
    decide_places(user, copy, decisions, version=fresh(copy).version)
    return fresh(copy)


def send(user, copy):
    copy = hide_all(user, copy)
    send_copy(user, copy, version=copy.version)
    return fresh(copy)


def publish(assessment, maker, approver, *, parts=USUAL, note="", makes_files=False):
    """Make a copy, hide all that is personal, send and approve it; return it."""
    copy = send(maker, make_copy(maker, assessment, parts=parts, note=note))
    approve_copy(approver, copy, version=copy.version, makes_files=makes_files)
    return fresh(copy)
