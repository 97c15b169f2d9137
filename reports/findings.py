"""The findings of a self-assessment, each with the place on its page that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from indicators.models import (
    IndicatorResult,
    NarrativeKey,
    ReviewRecord,
    SelfAssessment,
)
from indicators.querysets import SelfAssessmentQuerySet
from indicators.scheme_store import scheme_of
from reports.assembly import document_of
from reports.checks.check import check_document
from reports.checks.findings import (
    SEVERITY_LABELS,
    Finding,
    InField,
    InFunds,
    InRow,
    InText,
    Severity,
)
from reports.document import ReportDocument, document_from_json

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
# Fields of the document itself, and where on the page they stand.
ANCHORS = {
    "goal.actual": "text-goal",
    "goal.expected": "text-goal",
    "remarks": "text-remarks",
    "indicators": "results",
    "total": "totals",
    "grade": "totals",
}
# Fields of the document that are texts of their own in the editor.
TEXTS = {"goal.actual": NarrativeKey.GOAL, "remarks": NarrativeKey.REMARKS}
# The fields of a row that are filled in with its result; others are of its target.
RESULT_FIELDS = ("actual", "achievement", "deviation_note", "basis")


@dataclass(frozen=True)
class Shown:
    """A finding as a page shows it; anchor: "" where no place on the page mends it.

    mend: the address of the field that mends it, "" as for anchor. answer: what the
    unit says to it.
    """

    finding: Finding
    anchor: str = ""
    mend: str = ""
    answer: str = ""

    @property
    def label(self) -> str:
        return SEVERITY_LABELS[self.finding.severity]

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
    return [
        Shown(each, _anchor(each, rows), _mend(assessment, results, each))
        for each in found
    ]


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


def _mend(
    assessment: SelfAssessment, results: Sequence[IndicatorResult], finding: Finding
) -> str:
    """Return the address of the field that a finding is mended in, "" without one."""
    where = finding.where
    project = assessment.project_id
    if isinstance(where, InFunds) and where.column != "note":
        return reverse("projects:funding", args=[project])
    if isinstance(where, InRow) and where.index < len(results):
        return _mend_row(assessment, results[where.index], where.field)
    key = text_of(finding)
    if any(each.key == key for each in assessment.narratives.all()):
        texts = reverse("indicators:narratives", args=[assessment.pk])
        return f"{texts}#id_{key}_text"
    if isinstance(where, InField) and where.field == "indicators":
        return reverse("indicators:targets", args=[project])
    anchor = _anchor(finding, [])
    page = reverse("indicators:detail", args=[assessment.pk])
    return f"{page}#{anchor}" if anchor else ""


def _mend_row(assessment: SelfAssessment, result: IndicatorResult, field: str) -> str:
    name = "self_points" if field == "points" else field
    if name not in (*RESULT_FIELDS, "self_points"):
        return reverse("indicators:targets", args=[assessment.project_id])
    address = reverse("indicators:result", args=[assessment.pk, result.pk])
    return f"{address}?field={name}#id_result{result.pk}_{name}"


def text_of(finding: Finding) -> str:
    """Return the key of the text that a finding is about, "" where it is about none."""
    where = finding.where
    if isinstance(where, InText):
        return where.section
    if isinstance(where, InFunds) and where.column == "note":
        return NarrativeKey.FUNDS
    if isinstance(where, InField):
        return TEXTS.get(where.field, "")
    return ""
