"""What must hold in every row holds in the database too: each test goes past forms."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, models
from django.utils import timezone

from indicators.models import (
    EvaluationTask,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorResult,
    IndicatorTemplate,
    ItemComment,
    MaterialRule,
    Narrative,
    NarrativeKey,
    NarrativeVersion,
    PartAssignment,
    ReviewDraft,
    ReviewPhrase,
    ReviewRecord,
    ScoringScheme,
    SelfAssessment,
    ShareResult,
    Status,
    TargetAdjustment,
    TaskExemption,
    TaskLevel,
    TaskPassing,
)
from perfeval.models import StoredFile, User
from tests.factories import make_user
from tests.indicators.breaches_after_review import AFTER_REVIEW, twice

pytestmark = pytest.mark.django_db

CONSTRAINTS = {
    constraint.name: constraint
    for model in apps.get_app_config("indicators").get_models()
    for constraint in model._meta.constraints
}


def again(row, **values):
    """Insert a copy of a row without any validation."""
    row.pk = None
    for name, value in values.items():
        setattr(row, name, value)
    type(row)._default_manager.bulk_create([row])


def change(row, **values):
    """Update a row without any validation."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def first_result(assessment):
    return assessment.results.first()


def sent_down_without_words(assessment):
    step_without_words(assessment, "send_down", Status.IN_REVIEW)


def returned_without_words(assessment):
    step_without_words(assessment, "send_back", Status.RETURNED)


def step_without_words(assessment, action, status):
    again(
        ReviewRecord(
            assessment=assessment,
            action=action,
            from_status=Status.IN_REVIEW,
            to_status=status,
            actor=make_user(),
            at=timezone.now(),
            version=1,
            snapshot={},
        )
    )


def share_of(assessment):
    unit = assessment.project.unit
    result = first_result(assessment)
    return ShareResult.objects.create(result=result, unit=unit, actual="1")


def adjust(assessment, **values):
    """Insert a request to lower the first target, without any validation."""
    same = {"comparator": ">=", "unit": "场", "max_points": Decimal(50)}
    told = {
        **{f"{side}_{name}": same[name] for side in ("old", "new") for name in same},
        "old_target": "50",
        "new_target": "40",
        "reason": "压减预算",
        "document": "江财绩〔2024〕8号",
        "document_date": timezone.localdate(),
        "requested_by": make_user(),
        "requested_at": timezone.now(),
        **values,
    }
    again(TargetAdjustment(indicator=first_result(assessment).indicator, **told))


def comment_on_two_things(assessment):
    again(
        ItemComment(
            assessment=assessment,
            indicator=first_result(assessment).indicator,
            narrative_key=NarrativeKey.GOAL,
            author=make_user(),
            text="请核对",
            at=timezone.now(),
        )
    )


def comment_on_half_a_passage(assessment):
    again(
        ItemComment(
            assessment=assessment,
            narrative_key=NarrativeKey.GOAL,
            quote="培训",
            start=3,
            author=make_user(),
            text="请核对",
            at=timezone.now(),
        )
    )


def phrase_of(assessment, **values):
    again(ReviewPhrase(**{"use": "approve", "text": "同意报送。", **values}))


def draft_of(assessment):
    # The same each time: a draft is of one person.
    author = User.objects.first() or make_user()
    again(ReviewDraft(assessment=assessment, author=author, place="opinion"))


def rule_of(assessment, **values):
    values = {"position": 1, "category": "专项", "material": "form", **values}
    again(MaterialRule(task=assessment.task, **values))


def passing_of(assessment):
    department = assessment.project.unit
    now = timezone.now()
    again(TaskPassing(task=assessment.task, department=department, passed_at=now))


def exemption_of(assessment, reason="撤销"):
    now = timezone.now()
    project = assessment.project
    row = TaskExemption(
        task=assessment.task, project=project, reason=reason, recorded_at=now
    )
    again(row)


def version_of(assessment, kind="saved"):
    narrative = Narrative.objects.filter(assessment=assessment).first()
    again(NarrativeVersion(narrative=narrative, number=1, kind=kind))


def template_of(assessment, **values):
    whole = {"level1": "产出指标", "level3": "巡河次数", **values}
    again(IndicatorTemplate(**whole))


def template_of_a_department(assessment):
    template_of(assessment, department=assessment.project.unit)


def file_of(assessment, **values):
    """A piece of evidence; every one has a file of its own."""
    file = StoredFile.objects.create(sha256="0" * 64, name="a.pdf", size=1)
    return Evidence.objects.create(assessment=assessment, file=file, **values)


def link_of(assessment, **values):
    evidence = Evidence.objects.first() or file_of(assessment)
    return EvidenceLink.objects.create(evidence=evidence, **values)


def link_of_indicator(assessment):
    return link_of(assessment, indicator=first_result(assessment).indicator)


def link_of_text(assessment):
    return link_of(assessment, narrative_key="basics")


def assigned(assessment, part="goal"):
    now = timezone.now()
    return PartAssignment.objects.create(
        assessment=assessment,
        part=part,
        user=make_user(),
        due_on=now.date(),
        given_at=now,
    )


BREACHES: dict[str, Callable[[SelfAssessment], None]] = {
    "evidence_replaced_with_a_reason": lambda a: file_of(a, replaces=file_of(a)),
    "evidencelink_indicator_or_text": lambda a: link_of(a),
    "evidencelink_indicator_once": twice(link_of_indicator),
    "evidencelink_text_once": twice(link_of_text),
    "partassignment_part_once": twice(assigned),
    "partassignment_part_known": lambda a: assigned(a, part="lost"),
    "scoringscheme_version_once": lambda a: again(ScoringScheme.objects.first()),
    "evaluationtask_title_once_a_year": lambda a: again(EvaluationTask.objects.first()),
    "evaluationtask_times_in_order": lambda a: change(
        a.task, due_at=a.task.opens_at - timedelta(minutes=1)
    ),
    "evaluationtask_due_rule_known": lambda a: change(a.task, due_rule="lost"),
    "evaluationtask_state_known": lambda a: change(a.task, state="lost"),
    "tasklevel_position_once": lambda a: again(TaskLevel.objects.first()),
    "tasklevel_position_from_one": lambda a: change(
        TaskLevel.objects.first(), position=0
    ),
    "tasklevel_role_reviews": lambda a: change(
        TaskLevel.objects.first(), role="filler"
    ),
    "tasklevel_times_in_order": lambda a: change(
        TaskLevel.objects.first(), opens_at=a.task.due_at, due_at=a.task.opens_at
    ),
    "materialrule_position_once": twice(rule_of),
    "materialrule_asks_something": lambda a: rule_of(a, category=""),
    "materialrule_material_known": lambda a: rule_of(a, material="lost"),
    "taskpassing_once_a_department": twice(passing_of),
    "taskexemption_once_a_task": twice(exemption_of),
    "taskexemption_has_a_reason": lambda a: exemption_of(a, reason=""),
    "indicatortemplate_common_once": twice(template_of),
    "indicatortemplate_once_a_department": twice(template_of_a_department),
    "indicatortemplate_points_within_100": lambda a: template_of(
        a, max_points=Decimal("100.01")
    ),
    "indicatortemplate_comparator_known": lambda a: template_of(a, comparator="约"),
    "indicator_name_once": lambda a: again(Indicator.objects.first()),
    "indicator_points_within_100": lambda a: change(
        Indicator.objects.first(), max_points=Decimal("100.01")
    ),
    "indicator_comparator_known": lambda a: change(
        Indicator.objects.first(), comparator="约"
    ),
    "selfassessment_once_a_task": again,
    "selfassessment_status_known": lambda a: change(a, status="lost"),
    "selfassessment_level_fits_status": lambda a: change(a, level=1),
    "selfassessment_exempt_has_a_reason": lambda a: change(
        a, exempt_since=timezone.now()
    ),
    "selfassessment_total_not_negative": lambda a: change(a, total=Decimal("-0.01")),
    "selfassessment_review_total_not_negative": lambda a: change(
        a, review_total=Decimal("-0.01")
    ),
    "indicatorresult_once": lambda a: again(first_result(a)),
    "indicatorresult_auto_points_within_max": lambda a: change(
        first_result(a), auto_points=Decimal("50.01")
    ),
    "indicatorresult_self_points_within_max": lambda a: change(
        first_result(a), self_points=Decimal("50.01")
    ),
    "indicatorresult_review_points_within_max": lambda a: change(
        first_result(a), review_points=Decimal("-0.01")
    ),
    "narrative_key_once": lambda a: again(Narrative.objects.first()),
    "indicator_combination_known": lambda a: change(
        first_result(a).indicator, combination="product"
    ),
    "indicator_judged_by_the_lead": lambda a: change(
        Indicator.objects.get(comparator="qualitative"), combination="sum"
    ),
    "shareresult_once_a_unit": lambda a: again(share_of(a)),
    "targetadjustment_state_known": lambda a: adjust(
        a, state="perhaps", decided_by=make_user(), decided_at=timezone.now()
    ),
    "targetadjustment_decided_by_somebody": lambda a: adjust(a, state="approved"),
    "targetadjustment_refused_with_a_note": lambda a: adjust(
        a, state="refused", decided_by=make_user(), decided_at=timezone.now()
    ),
    "targetadjustment_one_open_an_indicator": lambda a: adjust(a) or adjust(a),
    "targetadjustment_has_reason_and_document": lambda a: adjust(a, document=""),
    "targetadjustment_changes_something": lambda a: adjust(a, new_target="50"),
    "targetadjustment_points_within_100": lambda a: adjust(a, new_max_points=101),
    "narrative_key_known": lambda a: change(Narrative.objects.first(), key="preface"),
    "narrativeversion_once": twice(version_of),
    "narrativeversion_kind_known": lambda a: version_of(a, kind="lost"),
    "reviewrecord_return_has_a_note": returned_without_words,
    "reviewrecord_reason_where_asked": sent_down_without_words,
    "selfassessment_sealing_in_review": lambda a: change(a, sealing=True),
    "itemcomment_on_one_thing": comment_on_two_things,
    "itemcomment_passage_is_whole": comment_on_half_a_passage,
    "reviewphrase_once": twice(phrase_of),
    "reviewphrase_use_known": lambda a: phrase_of(a, use="praise"),
    "reviewdraft_once": twice(draft_of),
    **AFTER_REVIEW,
}


def test_every_constraint_of_the_app_is_tried_here():
    assert set(BREACHES) == set(CONSTRAINTS)


@pytest.mark.parametrize("name", BREACHES)
def test_the_database_refuses_what_breaks_a_constraint(name, assessment):
    with pytest.raises(IntegrityError) as refused:
        BREACHES[name](assessment)

    # SQLite names the columns of a uniqueness, not the constraint.
    if isinstance(CONSTRAINTS[name], models.CheckConstraint):
        assert name in str(refused.value)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_constraint_says_in_chinese_what_is_wrong(name):
    message = CONSTRAINTS[name].violation_error_message

    assert re.search("[一-鿿]", str(message))


def test_in_review_needs_a_level(assessment):
    with pytest.raises(IntegrityError, match="selfassessment_level_fits_status"):
        SelfAssessment.objects.filter(pk=assessment.pk).update(
            status=Status.IN_REVIEW, level=0
        )


def test_points_at_both_ends_of_the_weight_are_accepted(assessment):
    result = first_result(assessment)

    change(result, auto_points=Decimal(0), self_points=result.max_points)

    assert IndicatorResult.objects.get(pk=result.pk).self_points == Decimal("50.00")
