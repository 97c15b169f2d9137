"""The findings of a self-assessment, each with the place on its page that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from indicators.models import ReviewRecord, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from indicators.scheme_store import scheme_of
from reports.assembly import document_of
from reports.checks.check import check_document
from reports.checks.findings import (
    SEVERITY_LABELS,
    Finding,
    InFunds,
    InRow,
    InText,
    Severity,
)
from reports.document import ReportDocument, document_from_json

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
# Fields of the document itself, and where their texts are written.
ANCHORS = {"goal.actual": "text-goal", "goal.expected": "text-goal"}


@dataclass(frozen=True)
class Shown:
    """A finding as a page shows it; anchor: "" where no place on the page mends it."""

    finding: Finding
    anchor: str = ""

    @property
    def excerpt(self) -> str:
        """The words it is about, "" for what stands in the form."""
        where = self.finding.where
        return where.excerpt if isinstance(where, InText) else ""


@dataclass(frozen=True)
class Group:
    """The findings of one severity."""

    severity: Severity
    label: str
    findings: list[Shown]


def findings_of(
    assessment: SelfAssessment, document: ReportDocument | None = None
) -> list[Shown]:
    """Return what the checks find in a self-assessment loaded with_content().

    Last year's sentences are looked for where it is loaded with_document_before().
    document: what is looked at, None: the content as it is stored now.
    """
    looked_at = document_of(assessment) if document is None else document
    results = list(assessment.results.all())
    found = check_document(
        looked_at, scheme_of(assessment.task.scheme), document_before(assessment)
    )
    rows = [f"result-{result.pk}" for result in results]
    return [Shown(each, _anchor(each, rows)) for each in found]


def with_document_before(seen: SelfAssessmentQuerySet) -> SelfAssessmentQuerySet:
    """Load with each self-assessment what document_before() reads."""
    records = ReviewRecord.objects.filter(
        assessment__project__code=OuterRef("project__code"),
        assessment__project__year=OuterRef("project__year") - 1,
    )
    return seen.annotate(
        snapshot_before=Subquery(records.order_by("-pk").values("snapshot")[:1])
    )


def document_before(assessment: SelfAssessment) -> ReportDocument | None:
    """Return the same project's document of the year before, as it was last decided.

    assessment: loaded with_document_before(), else None.
    """
    last = getattr(assessment, "snapshot_before", None)
    return document_from_json(last) if last else None


def grouped(findings: Sequence[Shown]) -> list[Group]:
    """Return the findings by severity, the grave ones first; no empty groups."""
    groups = [
        Group(
            severity,
            SEVERITY_LABELS[severity],
            [each for each in findings if each.finding.severity == severity],
        )
        for severity in SEVERITIES
    ]
    return [each for each in groups if each.findings]


def _anchor(finding: Finding, rows: list[str]) -> str:
    where = finding.where
    if isinstance(where, InText):
        return f"text-{where.section}"
    if isinstance(where, InFunds):
        return "funds"
    if isinstance(where, InRow):
        return rows[where.index] if where.index < len(rows) else "results"
    return ANCHORS.get(where.field, "")
