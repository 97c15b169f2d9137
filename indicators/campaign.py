"""Sending out a task: the self-assessments of all that are in it.

send_out works on thousands of projects in a fixed number of bulk statements, in one
transaction, and may be repeated: who is in the task already is left alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from indicators.candidates import Candidate, Preview
from indicators.candidates import preview as preview
from indicators.models import (
    EvaluationTask,
    IndicatorResult,
    Narrative,
    SelfAssessment,
    TaskExemption,
    TaskPassing,
    TaskState,
)
from indicators.scheme_store import scheme_of
from indicators.score_sheet import score_rows, settled_grade
from indicators.services import narrative_keys
from indicators.telling import tell_when_sent_out
from perfeval.audit import Change, record_across, record_many, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.models import BudgetProject


@dataclass(frozen=True, kw_only=True)
class SentOut:
    """What sending out did: self-assessments started, exemptions recorded, left out."""

    started: list[SelfAssessment]
    exempt: list[Candidate]
    out: list[Candidate]


@transaction.atomic
def send_out(
    user: User | None, task: EvaluationTask, project_ids: Collection[int]
) -> SentOut:
    """Give each chosen project its self-assessment, or record it as 免报.

    Also for projects added later. Who is in already is left. Raises ClosedError: the
    task is over.
    """
    # Whoever sends out the same task at the same time waits here, then finds it done.
    locked = EvaluationTask.objects.select_for_update(of=("self",))
    task = locked.select_related("scheme").get(pk=task.pk)
    if task.state == TaskState.CLOSED:
        raise ClosedError("该任务已结束，不能再下达")
    chosen = BudgetProject.objects.filter(pk__in=project_ids).order_by("code", "pk")
    found = preview(task, chosen.prefetch_related("indicators"))
    started = _start(user, task, found.enters)
    _record_exempt(task, found.exempt)
    if task.state == TaskState.DRAFT and (started or found.exempt):
        task.state = TaskState.SENT
        task.save(update_fields=["state"])
    _tell(user, task, started, found)
    tell_when_sent_out(started)
    return SentOut(started=started, exempt=found.exempt, out=found.out)


def _start(
    user: User | None, task: EvaluationTask, entering: Sequence[Candidate]
) -> list[SelfAssessment]:
    """Create the self-assessments with their rows and texts, scored."""
    if not entering:
        return []
    passings = list(task.passings.select_related("department"))
    rows_of = [_rows(each.project) for each in entering]
    assessments = [
        _assessment(task, each, rows, passings)
        for each, rows in zip(entering, rows_of, strict=True)
    ]
    started = SelfAssessment.objects.bulk_create(assessments)
    for assessment, rows in zip(started, rows_of, strict=True):
        for row in rows:
            row.assessment = assessment
    IndicatorResult.objects.bulk_create([row for rows in rows_of for row in rows])
    texts = [
        Narrative(assessment=each, key=key)
        for each in started
        for key in narrative_keys(each.material)
    ]
    Narrative.objects.bulk_create(texts)
    # Projects that were exempt once and report now.
    again = [each.project_id for each in started]
    TaskExemption.objects.filter(task=task, project__in=again).delete()
    return started


def _rows(project: BudgetProject) -> list[IndicatorResult]:
    return [
        IndicatorResult(indicator=each, max_points=each.max_points)
        for each in project.indicators.all()
    ]


def _assessment(
    task: EvaluationTask,
    entering: Candidate,
    rows: Sequence[IndicatorResult],
    passings: Sequence[TaskPassing],
) -> SelfAssessment:
    """Return a self-assessment to be stored; its rows get their automatic points."""
    score = score_rows(entering.project, rows, scheme_of(task.scheme))
    for row, scored in zip(rows, score.rows, strict=True):
        row.auto_points = scored.points
    return SelfAssessment(
        project=entering.project,
        task=task,
        material=entering.material,
        passed_due_at=passed_due(passings, entering.project),
        total=score.total,
        grade=settled_grade(score),
    )


def passed_due(
    passings: Iterable[TaskPassing], project: BudgetProject
) -> datetime | None:
    """Return the earliest due time that a body above a project's unit passed down."""
    dues = [
        each.due_at
        for each in passings
        if each.due_at and project.unit.path.startswith(each.department.path)
    ]
    return min(dues, default=None)


def _record_exempt(task: EvaluationTask, exempt: Sequence[Candidate]) -> None:
    now = timezone.now()
    rows = [
        TaskExemption(
            task=task, project=each.project, reason=each.note, recorded_at=now
        )
        for each in exempt
    ]
    TaskExemption.objects.bulk_create(rows)


def _tell(
    user: User | None,
    task: EvaluationTask,
    started: Sequence[SelfAssessment],
    found: Preview,
) -> None:
    """Record one event of the task, one for each self-assessment and each exemption."""
    if not started and not found.exempt:
        return
    of_task = Change(
        action="task.sent",
        subject=subject_of(task),
        summary=f"下达自评任务“{task}”：{len(started)} 个项目，"
        f"免报 {len(found.exempt)} 个",
        after={"projects": [each.project_id for each in started]},
    )
    exempt = [
        Change(
            action="task.exempted",
            subject=subject_of(each.project),
            summary=f"在“{task}”中登记免报：{each.note}",
        )
        for each in found.exempt
    ]
    record_many(user, [of_task, *exempt])
    changes = {
        each.chain: Change(
            action="assessment.started",
            subject=subject_of(each),
            summary=f"下达“{each.project.shown_name}”的绩效自评",
            after={"task": task.title, "material": each.material},
        )
        for each in started
    }
    record_across(user, changes)
