"""The demo's self-assessments: filled in, commented on and moved through the flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from indicators.models import (
    EvaluationTask,
    ItemComment,
    Material,
    Narrative,
    NarrativeKey,
    ReviewRecord,
    SelfAssessment,
)
from indicators.services import (
    record_results,
    start_assessment,
    touch,
    write_narrative,
)
from perfeval.models import User
from projects.models import BudgetProject
from reports.answers import save_answers, sending_check
from reports.demo.data import DemoProject, moment
from reports.demo.publishing import publish_report
from reports.submission import take_step

AT_WORK = time(10, 20)
WRITTEN_BEFORE = timedelta(hours=1)
RESULT_FIELDS = {
    "actual": "actual",
    "achievement": "achievement",
    "self_points": "self",
    "basis": "basis",
    "deviation_note": "note",
}


@dataclass(frozen=True)
class Stage:
    """Who acts, and the day from which the demo's days are counted."""

    people: Mapping[str, User]
    today: date


def create_assessment(
    demo: DemoProject, project: BudgetProject, task: EvaluationTask, stage: Stage
) -> SelfAssessment:
    """Start a self-assessment, fill it in and take its steps; return it."""
    assessment = start_assessment(
        stage.people["finance"], project, task, material=Material(demo.material)
    )
    filler = stage.people[demo.steps[0]["by"]] if demo.steps else None
    _fill_results(demo, assessment, filler)
    _write_texts(demo, assessment, filler)
    _answer(demo, assessment, filler)
    _set_report_date(demo, assessment, stage.today)
    for step in demo.steps:
        person = stage.people[step["by"]]
        if step["action"] == "publish":
            assert filler is not None
            assessment = publish_report(
                assessment, filler, person, step.get("hide", ())
            )
        else:
            assessment = _take(step, assessment, person)
    _comment(demo, assessment, stage)
    _tell_dates(demo, assessment, stage.today)
    return assessment


def _fill_results(
    demo: DemoProject, assessment: SelfAssessment, filler: User | None
) -> None:
    results = assessment.results.select_related("indicator", "assessment__task__scheme")
    by_position = {each.indicator.position: each for each in results}
    entries = [
        (by_position[position], _entered(row))
        for position, row in enumerate(demo.rows, start=1)
        if _entered(row)
    ]
    record_results(filler, assessment, entries)


def _entered(row: Mapping[str, str]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: row[key] for name, key in RESULT_FIELDS.items() if key in row
    }
    if "self_points" in changes:
        changes["self_points"] = Decimal(changes["self_points"])
    return changes


def _write_texts(
    demo: DemoProject, assessment: SelfAssessment, filler: User | None
) -> None:
    for narrative in Narrative.objects.filter(assessment=assessment):
        text = demo.texts.get(narrative.key, "").strip()
        if text:
            write_narrative(filler, narrative, text, version=narrative.version)


def _answer(demo: DemoProject, assessment: SelfAssessment, filler: User | None) -> None:
    if not demo.answers or filler is None:
        return
    check = sending_check(SelfAssessment.objects.with_content().get(pk=assessment.pk))
    texts = {each.key: demo.answers[each.finding.code] for each in check.asked}
    save_answers(filler, check, texts, version=check.answers.version)


def _set_report_date(
    demo: DemoProject, assessment: SelfAssessment, today: date
) -> None:
    if demo.report_days_ago is not None:
        assessment.report_date = today - timedelta(days=demo.report_days_ago)
    elif demo.report_date:
        assessment.report_date = date.fromisoformat(demo.report_date)
    touch(assessment, "report_date")


def _take(
    step: Mapping[str, Any], assessment: SelfAssessment, person: User
) -> SelfAssessment:
    """Take a step; its frozen files are made when somebody first asks for them."""
    return take_step(
        person,
        assessment,
        step["action"],
        version=assessment.version,
        note=step.get("note", ""),
        makes_files=False,
    )


def _comment(demo: DemoProject, assessment: SelfAssessment, stage: Stage) -> None:
    indicators = {each.level3: each for each in assessment.project.indicators.all()}
    for each in demo.comments:
        indicator = indicators.get(each["about"])
        comment = ItemComment(
            assessment=assessment,
            indicator=indicator,
            narrative_key="" if indicator else NarrativeKey(each["about"]),
            author=stage.people[each["by"]],
            text=each["text"],
            at=moment(each, stage.today, AT_WORK),
        )
        comment.full_clean()
        comment.save()


def _tell_dates(demo: DemoProject, assessment: SelfAssessment, today: date) -> None:
    """Give the steps the days on which the demo's story has them.

    Only what screens tell is moved: audit events keep the time of loading.
    """
    if not demo.steps:
        return
    days = [moment(step, today, AT_WORK) for step in demo.steps]
    records = list(ReviewRecord.objects.filter(assessment=assessment).order_by("pk"))
    for record, day in zip(records, days, strict=True):
        record.at = day
    ReviewRecord.objects.bulk_update(records, ["at"])
    assessment.publications.update(
        made_at=days[-1], sent_at=days[-1], decided_at=days[-1]
    )
    _move_writing(assessment, days)


def _move_writing(assessment: SelfAssessment, days: Sequence[datetime]) -> None:
    written = assessment.narratives.filter(saved_at__isnull=False)
    written.update(saved_at=days[0] - WRITTEN_BEFORE)
    SelfAssessment.objects.filter(pk=assessment.pk).update(changed_at=days[-1])
