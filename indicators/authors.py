"""Who wrote in a self-assessment: nobody reviews own work, whatever roles they hold."""

from django.db.models import Q

from indicators.models import Narrative, ReviewRecord, SelfAssessment
from perfeval.models import AuditEvent

# What is written into the report, by the beginnings of the names of audit events.
WRITING = ("result.", "narrative.", "share.", "evidence.", "part.")


def authors_of(assessment: SelfAssessment) -> set[int]:
    """Return the keys of those who wrote in it or sent it up, for whomever they did."""
    wrote = Narrative.objects.filter(assessment=assessment, saved_by__isnull=False)
    sent = ReviewRecord.objects.filter(assessment=assessment, action="submit")
    written = Q()
    for beginning in WRITING:
        written |= Q(action__startswith=beginning)
    filled = AuditEvent.objects.filter(
        written, chain__key=assessment.chain, user__isnull=False
    )
    keys = (
        filled.order_by().values_list("user_id"),
        sent.order_by().values_list("actor_id"),
    )
    return {key for (key,) in wrote.order_by().values_list("saved_by_id").union(*keys)}
