"""Breaches of what must hold in rechecks, problems and results."""

from decimal import Decimal

from django.utils import timezone

from indicators.models import (
    Problem,
    ProblemStep,
    Recheck,
    RecheckRow,
    RecheckText,
    ResultUse,
    SpotCheck,
    SpotCheckItem,
    UseRule,
)
from tests.factories import make_department, make_user


def insert(row):
    """Insert a row without any validation."""
    type(row)._default_manager.bulk_create([row])
    return row


def twice(make):
    """Return a breach that inserts a row again."""

    def breach(assessment):
        make(assessment)
        make(assessment)

    return breach


def sample(assessment, **values):
    told = {
        "number": 1,
        "share": Decimal("0.15"),
        "seed": "2024",
        "algorithm": "1",
        "population": [],
        "strata": [],
        "drawn_at": timezone.now(),
    }
    return insert(SpotCheck(task=assessment.task, **{**told, **values}))


def drawn_twice(assessment):
    drawn = sample(assessment)
    for position in (1, 2):
        insert(
            SpotCheckItem(
                spot_check=drawn,
                assessment=assessment,
                position=position,
                by_amount=False,
            )
        )


def recheck(assessment, **values):
    now = timezone.now()
    told = {"person": make_user(), "due_at": now, "assigned_at": now}
    return insert(Recheck(assessment=assessment, **{**told, **values}))


def row_of(assessment, given, **values):
    result = assessment.results.first()
    told = {"max_points": 50, **values}
    insert(RecheckRow(recheck=given, result=result, **told))


def row_twice(assessment):
    given = recheck(assessment)
    row_of(assessment, given)
    row_of(assessment, given)


def text_twice(assessment):
    given = recheck(assessment)
    for text in ("台账不全", "台账齐全"):
        insert(RecheckText(recheck=given, key="opinion", text=text))


def problem(assessment, **values):
    told = {"text": "签到表不齐", "listed_by": make_user(), "listed_at": timezone.now()}
    listed = {"listed_as": "performance_section", **told, **values}
    return insert(Problem(assessment=assessment, **listed))


def sent_back_without_words(assessment):
    insert(
        ProblemStep(
            problem=problem(assessment),
            action="send_back",
            to_state="returned",
            actor=make_user(),
            at=timezone.now(),
        )
    )


def rule(assessment, **values):
    insert(UseRule(**{"grade": "甲", "use": "priority", **values}))


def use(assessment, **values):
    told = {"use": "priority", "grade": "优", "decided_at": timezone.now(), **values}
    insert(ResultUse(assessment=assessment, decided_by=make_user(), **told))


AFTER_REVIEW = {
    "spotcheck_numbered_once": twice(sample),
    "spotcheck_share_is_a_fraction": lambda a: sample(a, share=Decimal("1.5")),
    "spotcheckitem_once": drawn_twice,
    "recheck_state_known": lambda a: recheck(a, state="lost"),
    "recheck_by_a_person_or_a_body": lambda a: recheck(a, body=make_department()),
    "recheck_one_at_a_time": twice(recheck),
    "recheck_taken_back_with_a_reason": lambda a: recheck(a, state="withdrawn"),
    "recheck_total_not_negative": lambda a: recheck(a, total=-1),
    "recheckrow_once": row_twice,
    "recheckrow_points_within_max": lambda a: row_of(a, recheck(a), points=51),
    "rechecktext_once": text_twice,
    "problem_state_known": lambda a: problem(a, state="lost"),
    "problem_has_a_text": lambda a: problem(a, text=""),
    "problem_submitted_is_whole": lambda a: problem(a, state="submitted"),
    "problem_given_due_is_there": lambda a: problem(a, is_due_given=True),
    "problemstep_reason_where_asked": sent_back_without_words,
    "userule_once_for_all": twice(rule),
    "userule_once_a_task": twice(lambda a: rule(a, task=a.task)),
    "userule_use_known": lambda a: rule(a, use="praise"),
    "resultuse_use_known": lambda a: use(a, use="praise"),
    "resultuse_amount_not_negative": lambda a: use(a, amount=-1),
}
