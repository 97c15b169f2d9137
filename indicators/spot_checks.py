"""Drawing a task's spot check (抽评): what it is drawn from, and what is kept of it."""

import secrets
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DecimalField, OuterRef, Subquery, Sum
from django.utils import timezone

from indicators.models import (
    EvaluationTask,
    SelfAssessment,
    SpotCheck,
    SpotCheckItem,
)
from indicators.querysets import SelfAssessmentQuerySet
from indicators.sampling import ALGORITHM, Candidate, Sample, draw
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from projects.models import Department, FundingLine

SEED_BYTES = 8


def population_of(user: User, task: EvaluationTask) -> SelfAssessmentQuerySet:
    """Return what a sample is drawn from: all that can be rechecked now."""
    seen = SelfAssessment.objects.visible_to(user).filter(task=task)
    return seen.open_to_recheck()


@transaction.atomic
def draw_spot_check(
    user: User, task: EvaluationTask, share: Decimal, *, large_first: bool, seed: str
) -> SpotCheck:
    """Draw a sample and keep it with its population; an earlier one stays as it is.

    share: fraction of 1; seed: "" for one by chance. Raises ValidationError where
    there is nothing to draw from.
    """
    # One number after the other, whoever draws at the same time.
    EvaluationTask.objects.select_for_update().get(pk=task.pk)
    candidates = _candidates(user, task)
    if not candidates:
        raise ValidationError("还没有到绩效科复核或已审定的自评，无从抽取")
    seed = seed.strip() or secrets.token_hex(SEED_BYTES)
    sample = draw(candidates, share, seed, large_first=large_first)
    spot_check = SpotCheck(
        task=task,
        number=SpotCheck.objects.filter(task=task).count() + 1,
        share=share,
        large_first=large_first,
        seed=seed,
        algorithm=ALGORITHM,
        population=[
            [each.key, each.code, each.stratum, f"{each.amount:f}"]
            for each in candidates
        ],
        strata=_named(sample),
        drawn_by=user,
        drawn_at=timezone.now(),
    )
    spot_check.full_clean()
    spot_check.save()
    SpotCheckItem.objects.bulk_create(
        SpotCheckItem(
            spot_check=spot_check,
            assessment_id=each.candidate.key,
            position=position,
            by_amount=each.by_amount,
        )
        for position, each in enumerate(sample.drawn, start=1)
    )
    change = Change(
        action="spotcheck.drawn",
        subject=subject_of(spot_check),
        summary=(
            f"从“{task}”的 {len(candidates)} 个项目中抽取 {len(sample.drawn)} 个抽评"
        ),
        after={
            "share": share,
            "large_first": large_first,
            "seed": seed,
            "algorithm": ALGORITHM,
            "drawn": [each.candidate.code for each in sample.drawn],
        },
    )
    record(user, change)
    return spot_check


def draw_again(spot_check: SpotCheck) -> Sample:
    """Return what a kept sample's seed and population give: the same, if sound."""
    candidates = [
        Candidate(key=key, code=code, stratum=stratum, amount=Decimal(amount))
        for key, code, stratum, amount in spot_check.population
    ]
    return draw(
        candidates,
        spot_check.share,
        spot_check.seed,
        large_first=spot_check.large_first,
    )


def is_repeatable(spot_check: SpotCheck) -> bool:
    """Whether drawing again gives exactly the sample that is kept."""
    kept = spot_check.items.order_by("position").values_list("assessment", "by_amount")
    again = draw_again(spot_check)
    return [(each.candidate.key, each.by_amount) for each in again.drawn] == list(kept)


def _candidates(user: User, task: EvaluationTask) -> list[Candidate]:
    lines = FundingLine.objects.filter(project=OuterRef("project")).order_by()
    summed = lines.values("project").annotate(sum=Sum("adjusted")).values("sum")
    money = DecimalField(max_digits=19, decimal_places=2)
    rows = population_of(user, task).annotate(
        adjusted_sum=Subquery(summed, output_field=money)
    )
    found = rows.order_by("project__code", "pk").values_list(
        "pk",
        "project__code",
        "project__supervising_department__code",
        "adjusted_sum",
    )
    return [
        Candidate(key=pk, code=code, stratum=stratum, amount=amount or Decimal(0))
        for pk, code, stratum, amount in found
    ]


def _named(sample: Sample) -> list[list[str | int]]:
    codes = [each.code for each in sample.strata]
    names = dict(Department.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        [each.code, names.get(each.code, each.code), each.population, each.places]
        for each in sample.strata
    ]
