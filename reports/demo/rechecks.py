"""The demo's spot check and rechecks: drawn, given out, one handed in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from indicators.models import EvaluationTask, Recheck, SelfAssessment
from indicators.recheck_entries import OPINION, record_row, record_text
from indicators.recheck_steps import take_recheck_step
from indicators.rechecks import Order, assign
from indicators.sampling import DEFAULT_SHARE
from indicators.spot_checks import draw_spot_check
from projects.models import BudgetProject
from reports.demo.assessments import Stage
from reports.demo.data import DemoProject

RUNNING = "running"
SEED = "demo"
END_OF_WORK = time(17, 30)


def create_rechecks(
    projects: Sequence[DemoProject],
    created: Mapping[str, BudgetProject],
    tasks: Mapping[str, EvaluationTask],
    stage: Stage,
) -> None:
    """Draw a sample of the running task, and give out what the demo says."""
    finance = stage.people["finance"]
    draw_spot_check(finance, tasks[RUNNING], DEFAULT_SHARE, large_first=True, seed=SEED)
    for each in projects:
        if each.recheck:
            project = created[each.facts["code"]]
            assessment = project.assessments.get(task=tasks[each.task])
            _recheck(assessment, each.recheck, stage)


def _recheck(assessment: SelfAssessment, told: Mapping[str, Any], stage: Stage) -> None:
    day = stage.today + timedelta(days=told["days_left"])
    order = Order(
        due_at=timezone.make_aware(datetime.combine(day, END_OF_WORK)),
        person=stage.people[told["by"]],
    )
    finance = stage.people["finance"]
    done = assign(finance, assessment.task, [assessment.pk], order).done
    if "opinion" in told:
        _hand_in(done[0], told, stage)


def _hand_in(recheck: Recheck, told: Mapping[str, Any], stage: Stage) -> None:
    expert = stage.people[told["by"]]
    results = recheck.assessment.results.select_related("indicator")
    by_name = {each.indicator.level3: each for each in results}
    for row in told["rows"]:
        changes = {
            "actual": row.get("actual", ""),
            "points": Decimal(row["points"]),
            "reason": row["reason"],
            "note": row["note"],
        }
        record_row(expert, recheck, by_name[row["name"]], changes, version=1)
    record_text(expert, recheck, OPINION, "复核意见", told["opinion"], version=1)
    take_recheck_step(expert, recheck.pk, "hand_in", version=recheck.version)
