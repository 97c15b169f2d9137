"""Steps of the flow keep the document that was decided on."""

import pytest
from django.utils import timezone

from indicators.models import IndicatorResult, Narrative, ReviewRecord
from indicators.workflow import TransitionError
from projects.models import Role
from reports.assembly import assemble
from reports.document import document_to_json
from reports.models import Artifact
from reports.submission import IncompleteError, decide, submit, take_step
from tests.factories import complete, make_assessment, make_task, make_user
from tests.reports.publishing import publish

pytestmark = pytest.mark.django_db

LEVELS = (Role.UNIT_REVIEWER, Role.PERFORMANCE_SECTION)


@pytest.fixture
def assessment():
    return complete(make_assessment(task=make_task(levels=LEVELS)))


@pytest.fixture
def filler(assessment):
    return make_user(Role.FILLER, assessment.project.unit)


@pytest.fixture
def reviewer(assessment):
    return make_user(Role.UNIT_REVIEWER, assessment.project.unit)


@pytest.fixture
def finance(assessment):
    return make_user(Role.PERFORMANCE_SECTION, assessment.project.unit)


def snapshots():
    return list(ReviewRecord.objects.order_by("pk").values_list("snapshot", flat=True))


def without_release(snapshot):
    """What was sent up of a snapshot: less what steps and reviewers add to it."""
    added = ("release", "opinions", "review_total")
    kept = {name: value for name, value in snapshot.items() if name not in added}
    kept["indicators"] = [
        {name: value for name, value in row.items() if name != "review_points"}
        for row in snapshot["indicators"]
    ]
    return kept


def test_what_was_sent_up_is_what_every_later_step_is_about(
    assessment, filler, reviewer, finance
):
    before = without_release(document_to_json(assemble(assessment.pk)))

    sent = submit(filler, assessment, version=assessment.version)
    # Nobody can do this on a page; a step would not take it for what was sent up.
    Narrative.objects.filter(key="basics").update(text="改过的文字")
    passed = decide(reviewer, sent, "approve", version=sent.version)
    approved = decide(finance, passed, "approve", version=passed.version)
    publish(approved, filler, finance, parts=("report",))

    kept = snapshots()
    assert len(kept) == 4
    assert [without_release(each) for each in kept] == [before] * 4
    number = f"{assessment.task.year}-{assessment.pk:06}-01"
    told = [(each["release"]["state"], each["release"]["submission"]) for each in kept]
    assert told == [("submitted", number)] * 2 + [("approved", number)] * 2
    today = timezone.localdate().isoformat()
    assert kept[3]["release"]["approved_at"] == today


def test_points_of_the_reviewers_come_into_the_next_snapshot(
    assessment, filler, reviewer
):
    sent = submit(filler, assessment, version=assessment.version)
    row = IndicatorResult.objects.filter(indicator__level3="培训场次")
    row.update(review_points="49", review_note="一场无签到")

    decide(reviewer, sent, "approve", version=sent.version)

    first, last = (each["indicators"][0] for each in snapshots())
    assert ("review_points" in first, last["review_points"]) == (False, "49.00")
    assert last["review_note"] == "一场无签到"


def test_what_lacks_something_is_not_sent_up_and_each_thing_is_named(filler):
    lacking = make_assessment(task=make_task(levels=LEVELS))
    own = make_user(Role.FILLER, lacking.project.unit)

    with pytest.raises(IncompleteError) as refused:
        submit(own, lacking, version=lacking.version)

    assert [each.text for each in refused.value.gaps][:2] == [
        "3 项指标未填实际完成值",
        "1 项指标未选达成程度",
    ]
    assert ReviewRecord.objects.count() == 0


def test_a_stranger_hears_of_rights_not_of_gaps():
    lacking = make_assessment()

    with pytest.raises(TransitionError, match="您没有送审的权限"):
        submit(make_user(), lacking, version=lacking.version)


def test_a_refused_step_leaves_no_record_and_reserves_no_file(assessment, filler):
    sent = submit(filler, assessment, version=assessment.version)

    with pytest.raises(TransitionError):
        decide(filler, sent, "approve", version=sent.version)

    assert ReviewRecord.objects.count() == 1
    assert not Artifact.objects.exists()


def test_a_page_from_before_an_extension_decides_nothing(assessment, filler, reviewer):
    sent = submit(filler, assessment, version=assessment.version)
    taken = take_step(filler, sent, "withdraw", version=sent.version)
    submit(filler, taken, version=taken.version)

    with pytest.raises(TransitionError, match="已被他人处理"):
        decide(reviewer, sent, "approve", version=sent.version)
