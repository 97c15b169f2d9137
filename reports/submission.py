"""The steps of a self-assessment: build the document decided on, then advance().

The one caller of workflow.advance. The document is read while the self-assessment is
locked, so that nothing is saved between what is decided on and the decision.
"""

from typing import Literal

from django.db import transaction

from indicators.models import SelfAssessment
from indicators.workflow import advance
from perfeval.models import User
from reports.assembly import assemble
from reports.document import document_to_json

Decision = Literal["approve", "send_back"]


def submit(user: User, assessment: SelfAssessment, *, version: int) -> SelfAssessment:
    """Send a self-assessment up; return it in its new state.

    version: the one the page was made from. Raises TransitionError.
    """
    return _step(user, assessment, "submit", version=version, note="")


def decide(
    user: User,
    assessment: SelfAssessment,
    decision: Decision,
    *,
    version: int,
    note: str = "",
) -> SelfAssessment:
    """Approve or send back at the level at hand; return it in its new state.

    version: the one the page was made from. Raises TransitionError.
    """
    return _step(user, assessment, decision, version=version, note=note)


@transaction.atomic
def _step(
    user: User, assessment: SelfAssessment, action: str, *, version: int, note: str
) -> SelfAssessment:
    SelfAssessment.objects.select_for_update().get(pk=assessment.pk)
    snapshot = document_to_json(assemble(assessment.pk))
    return advance(
        assessment.pk, action, user, version=version, note=note, snapshot=snapshot
    )
