"""A self-assessment in the database becomes a ReportDocument.

The number of queries is fixed (with_content), whatever its size. Money leaves the
database in 元 and enters the document in the scheme's unit; points, total and grade are
those of the scoring engine.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from django.db.models import prefetch_related_objects

from indicators.figure_list import figures_of
from indicators.linked_figures import resolve
from indicators.models import (
    FINAL,
    Material,
    NarrativeKey,
    SelfAssessment,
    Status,
)
from indicators.proofs import proofs_of
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from indicators.score_sheet import score_of
from indicators.scoring import Score
from indicators.scoring_rules import round_ratio
from perfeval.amounts import from_yuan
from perfeval.demo import DEMO_MARK, is_demo
from projects.models import BudgetProject, FundingLine
from reports import document as d
from reports.rendering.annexes import annex_attachments

AMOUNTS = ("initial", "adjusted", "received", "executed")
PARTS: dict[str, tuple[d.PartName, ...]] = {
    Material.FORM: ("form",),
    Material.FORM_REPORT: ("form", "report"),
    Material.FORM_REPORT_SCORE: ("form", "report", "score"),
}


def assemble(pk: int) -> d.ReportDocument:
    """Return the document of one self-assessment, read with_content()."""
    return document_of(SelfAssessment.objects.with_content().get(pk=pk))


def document_of(assessment: SelfAssessment) -> d.ReportDocument:
    """Return the document of a self-assessment loaded with_content()."""
    scheme = scheme_of(assessment.task.scheme)
    score = score_of(assessment)
    texts = _texts(assessment, score)
    project = assessment.project
    names = _Names(project)
    document = d.ReportDocument(
        scheme=scheme.ref,
        year=project.year,
        title=f"{project.year}年度{project.shown_name}绩效自评报告",
        project=d.Project(
            code=project.code,
            name=project.shown_name,
            supervising_department=names.supervising_department,
            unit=names.unit,
        ),
        issuer=names.unit,
        date=assessment.report_date.isoformat() if assessment.report_date else None,
        funds=_funds(assessment, scheme, score, texts.get(NarrativeKey.FUNDS, "")),
        goal=d.Goal(expected=project.goal, actual=texts.get(NarrativeKey.GOAL, "")),
        sections=tuple(_sections(scheme, texts)),
        indicators=tuple(_indicators(assessment, score)),
        total=score.total,
        max_total=Decimal(100),
        review_total=assessment.review_total,
        grade=cast(d.Grade | None, score.grade),
        remarks=texts.get(NarrativeKey.REMARKS, ""),
        watermark=DEMO_MARK if is_demo() else "",
        people=_people(project),
        evidence=tuple(_evidence(assessment)),
        parts=PARTS[assessment.material],
        release=_release(assessment),
    )
    return replace(document, attachments=annex_attachments(document, scheme))


class _Names:
    """The names that unit and department bore at the end of the project's year."""

    def __init__(self, project: BudgetProject) -> None:
        day = date(project.year, 12, 31)
        bodies = [project.unit, project.supervising_department]
        prefetch_related_objects(bodies, "former_names")
        self.unit = project.unit.name_on(day)
        self.supervising_department = project.supervising_department.name_on(day)


def _funds(
    assessment: SelfAssessment, scheme: Scheme, score: Score, note: str
) -> d.Funds:
    project, unit = assessment.project, scheme.money_unit
    lines = project.funding_by_source()
    if not lines:
        return d.Funds(unit=unit, given=frozenset({"unit"}))
    total = d.FundsRow(
        source="total",
        note=note,
        **_amounts({name: project.funding_total(name) for name in AMOUNTS}, unit),
    )
    if score.execution.ratio is not None:
        total = replace(total, ratio=round_ratio(score.execution.ratio))
    if scheme.execution.place == "funds":
        total = replace(
            total,
            points=score.execution.points,
            max_points=score.execution.max_points,
        )
    rows = (total, *(_funds_row(line, unit) for line in lines))
    return d.Funds(unit=unit, rows=rows, given=frozenset({"unit"}))


def _funds_row(line: FundingLine, unit: d.MoneyUnit) -> d.FundsRow:
    amounts = _amounts({name: getattr(line, name) for name in AMOUNTS}, unit)
    return d.FundsRow(source=cast(d.FundSource, line.source), **amounts)


def _amounts(yuan: dict[str, Decimal | None], unit: d.MoneyUnit) -> dict[str, Any]:
    return {
        name: from_yuan(value, unit)
        for name, value in yuan.items()
        if value is not None
    }


def _texts(assessment: SelfAssessment, score: Score) -> dict[str, str]:
    """Return {key: text} with figures in place of their names."""
    figures = figures_of(assessment, score)
    return {
        each.key: resolve(each.text, figures) for each in assessment.narratives.all()
    }


def _sections(scheme: Scheme, texts: dict[str, str]) -> Iterator[d.Section]:
    for title in scheme.sections:
        if title.key in texts:
            yield d.Section(
                key=cast(d.SectionKey, title.key),
                title=title.title,
                text=texts[title.key],
            )


def _indicators(assessment: SelfAssessment, score: Score) -> Iterator[d.Indicator]:
    for result, row in zip(assessment.results.all(), score.rows, strict=True):
        indicator = result.indicator
        yield d.Indicator(
            level1=indicator.level1,
            level2=indicator.level2,
            level3=indicator.level3,
            comparator=cast(d.Comparator, indicator.comparator),
            target=indicator.target or None,
            target_before=indicator.target_before or None,
            adjustment=indicator.adjustment_words,
            unit=indicator.unit,
            actual=result.actual or None,
            achievement=cast(d.Achievement, result.achievement) or None,
            max_points=indicator.max_points,
            points=row.points,
            review_points=result.review_points,
            deviation_note=result.deviation_note,
            review_note=result.review_note,
            standard=indicator.standard,
            basis=result.basis,
        )


def _evidence(assessment: SelfAssessment) -> Iterator[d.EvidenceFile]:
    """Yield the current files; one that proves several texts, once for each."""
    places = {
        each.indicator_id: place for place, each in enumerate(assessment.results.all())
    }
    for each in proofs_of(assessment).current:
        links = list(each.links.all())
        first, *others = [x.narrative_key for x in links if x.narrative_key] or [""]
        file = d.EvidenceFile(
            name=each.file.name,
            sha256=each.file.sha256,
            size=each.file.size,
            indicators=tuple(
                sorted(places[x.indicator_id] for x in links if x.indicator_id)
            ),
            section=first,
        )
        yield file
        for key in others:
            yield replace(file, indicators=(), section=key)


def _people(project: BudgetProject) -> d.People:
    return d.People(
        unit_leader=project.unit_leader,
        project_leader=project.project_leader,
        finance_leader=project.finance_leader,
        contact=project.contact,
        phone=project.phone,
    )


def _release(assessment: SelfAssessment) -> d.Release:
    state: Literal["draft", "submitted", "approved"] = "draft"
    if assessment.status in FINAL:
        state = "approved"
    elif assessment.status == Status.IN_REVIEW:
        state = "submitted"
    return d.Release(
        state=state, version=assessment.edition, submission=assessment.submission
    )
