"""What the checks find over all reports of a task: which mistakes, in which units."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from indicators.models import EDITABLE, EvaluationTask, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.sheets import Value
from projects.models import Department
from reports.assembly import document_of
from reports.checks.check import CHECKS
from reports.checks.findings import SEVERITY_LABELS, Finding
from reports.findings import Shown, findings_of, with_document_before

# Everything is looked at anew for each request; so many take some seconds.
MOST = 100
# Whose names a report bears as they were at the end of its year.
BODIES = ("unit", "supervising_department")
COLUMNS = (
    ("主管部门", 26),
    ("单位", 26),
    ("项目编码", 24),
    ("项目名称", 34),
    ("状态", 10),
    ("分类", 12),
    ("检查项目", 30),
    ("问题", 70),
    ("原文", 40),
)


@dataclass(frozen=True)
class Report:
    """One report and what is found in it."""

    assessment: SelfAssessment
    found: Sequence[Shown]

    @property
    def findings(self) -> list[Finding]:
        return [each.finding for each in self.found]


@dataclass(frozen=True)
class Mistake:
    """One finding code: how often, in how many reports; help: what it means."""

    code: str
    label: str
    help: str
    count: int
    reports: int


@dataclass(frozen=True)
class UnitFindings:
    """One unit: its reports, those without 必改问题, findings by severity."""

    unit: Department
    reports: int
    sound: int
    errors: int
    warnings: int
    infos: int
    commonest: str


@dataclass(frozen=True)
class TaskFindings:
    """reports: those that were looked at; total: how many there are."""

    reports: list[Report]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.reports)

    @property
    def count(self) -> int:
        return sum(len(each.found) for each in self.reports)

    @property
    def mistakes(self) -> list[Mistake]:
        """The codes that were found, in the most reports first."""
        times = Counter(x.code for each in self.reports for x in each.findings)
        bearers = Counter(
            code
            for each in self.reports
            for code in dict.fromkeys(x.code for x in each.findings)
        )
        severities = {x.code: x.severity for r in self.reports for x in r.findings}
        return [
            Mistake(
                code,
                SEVERITY_LABELS[severities[code]],
                CHECKS[code].help,
                times[code],
                reports,
            )
            for code, reports in bearers.most_common()
        ]

    @property
    def units(self) -> list[UnitFindings]:
        """The units in the order of their reports, also those without a finding."""
        by_unit: dict[Department, list[Report]] = defaultdict(list)
        for each in self.reports:
            by_unit[each.assessment.project.unit].append(each)
        return [_of_unit(unit, reports) for unit, reports in by_unit.items()]

    def lines(self) -> Iterator[Sequence[Value]]:
        """Yield one line for each finding, by COLUMNS."""
        for report in self.reports:
            project = report.assessment.project
            for shown in report.found:
                yield (
                    str(project.supervising_department),
                    str(project.unit),
                    project.code,
                    project.shown_name,
                    report.assessment.get_status_display(),
                    SEVERITY_LABELS[shown.finding.severity],
                    CHECKS[shown.finding.code].help,
                    shown.finding.message,
                    shown.excerpt,
                )


def reports_of(
    task: EvaluationTask, seen: SelfAssessmentQuerySet, *, drafts: bool
) -> SelfAssessmentQuerySet:
    """Return the reports of a task among those seen; drafts: also not yet sent up."""
    rows = seen.filter(task=task, exempt_since=None)
    return rows if drafts else rows.exclude(status__in=EDITABLE)


def findings_over(rows: SelfAssessmentQuerySet, most: int = MOST) -> TaskFindings:
    """Return what is found in these reports as stored now, in a fixed number of
    queries; of more than most only the first, by department, unit and code."""
    names = [f"project__{body}__former_names" for body in BODIES]
    content = rows.with_content().prefetch_related(*names)
    loaded = with_document_before(content).order_by(
        "project__supervising_department__path",
        "project__unit__path",
        "project__code",
        "pk",
    )
    reports = [Report(each, _found_in(each)) for each in loaded[:most]]
    total = len(reports) if len(reports) < most else rows.count()
    return TaskFindings(reports, total)


def _found_in(assessment: SelfAssessment) -> list[Shown]:
    document = document_of(assessment)
    if assessment.is_editable and not assessment.grade:
        # As shown_document() has it: the grade of rows that are not all scored yet.
        document = replace(document, grade=None)
    return findings_of(assessment, document)


def _of_unit(unit: Department, reports: Sequence[Report]) -> UnitFindings:
    findings = [x for each in reports for x in each.findings]
    severities = Counter(x.severity for x in findings)
    commonest = Counter(x.code for x in findings).most_common(1)
    return UnitFindings(
        unit=unit,
        reports=len(reports),
        sound=sum(
            all(x.severity != "error" for x in each.findings) for each in reports
        ),
        errors=severities["error"],
        warnings=severities["warning"],
        infos=severities["info"],
        commonest=CHECKS[commonest[0][0]].help if commonest else "",
    )
