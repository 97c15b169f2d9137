"""Steps of the flow keep the document that was decided on."""

import pytest

from indicators.models import IndicatorResult, ReviewRecord
from indicators.services import record_result
from indicators.workflow import TransitionError
from projects.models import Role
from reports.assembly import assemble
from reports.document import document_to_json
from reports.submission import decide, submit
from tests.factories import make_assessment, make_task, make_user

pytestmark = pytest.mark.django_db


def test_each_step_keeps_the_document_as_it_was_before_the_step():
    assessment = make_assessment(task=make_task(levels=(Role.UNIT_REVIEWER,)))
    unit = assessment.project.unit
    result = IndicatorResult.objects.filter(assessment=assessment)[0]
    record_result(None, result, {"actual": "50"}, version=result.version)
    sent = document_to_json(assemble(assessment.pk))

    in_review = submit(
        make_user(Role.FILLER, unit), assessment, version=assessment.version
    )
    reviewed = document_to_json(assemble(assessment.pk))
    approved = decide(
        make_user(Role.UNIT_REVIEWER, unit),
        in_review,
        "approve",
        version=in_review.version,
    )

    assert approved.status == "approved"
    snapshots = ReviewRecord.objects.order_by("pk").values_list("snapshot", flat=True)
    assert list(snapshots) == [sent, reviewed]
    assert snapshots[0]["indicators"][0]["actual"] == "50"


def test_a_refused_step_leaves_no_record():
    assessment = make_assessment()
    filler = make_user(Role.FILLER, assessment.project.unit)
    sent = submit(filler, assessment, version=assessment.version)

    with pytest.raises(TransitionError):
        decide(filler, sent, "approve", version=sent.version)

    assert ReviewRecord.objects.count() == 1
