"""What the checks find over all reports of a task: which mistakes, in which units."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from indicators.models import EDITABLE, EvaluationTask, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from perfeval.sheets import Value
from projects.models import Department
from reports.checks.check import CHECKS
from reports.checks.findings import SEVERITY_LABELS
from reports.findings import findings_of, with_document_before
from reports.models import SentCheck

# What was never sent up is looked at anew for each request; so many take some seconds.
MOST = 100
LISTED = 300
# Whose names a report bears as they were at the end of its year.
BODIES = ("unit", "supervising_department")
BODY_NAMES = [f"project__{body}__former_names" for body in BODIES]
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
    ("单位说明", 40),
)


@dataclass(frozen=True)
class Line:
    """A finding as it is counted; excerpt, answer: "" where there are none."""

    code: str
    severity: str
    message: str
    excerpt: str = ""
    answer: str = ""

    @property
    def help(self) -> str:
        return CHECKS[self.code].help if self.code in CHECKS else self.code


@dataclass(frozen=True)
class Report:
    """One report and what is found in it: as it was sent up, or now."""

    assessment: SelfAssessment
    findings: Sequence[Line]


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
    """reports: those whose findings are known; total: how many there are."""

    reports: list[Report]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.reports)

    @property
    def count(self) -> int:
        return sum(len(each.findings) for each in self.reports)

    @property
    def faulty(self) -> list[Report]:
        """The reports in which something is found, so many as a page holds."""
        return [each for each in self.reports if each.findings][:LISTED]

    @property
    def mistakes(self) -> list[Mistake]:
        """The codes that were found, in the most reports first."""
        times = Counter(x.code for each in self.reports for x in each.findings)
        bearers = Counter(
            code
            for each in self.reports
            for code in dict.fromkeys(x.code for x in each.findings)
        )
        lines = {x.code: x for each in self.reports for x in each.findings}
        return [
            Mistake(
                code,
                SEVERITY_LABELS[lines[code].severity],
                lines[code].help,
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
            for line in report.findings:
                yield (
                    str(project.supervising_department),
                    str(project.unit),
                    project.code,
                    project.shown_name,
                    report.assessment.get_status_display(),
                    SEVERITY_LABELS[line.severity],
                    line.help,
                    line.message,
                    line.excerpt,
                    line.answer,
                )


def reports_of(
    task: EvaluationTask, seen: SelfAssessmentQuerySet, *, drafts: bool
) -> SelfAssessmentQuerySet:
    """Return the reports of a task among those seen; drafts: also not yet sent up."""
    rows = seen.filter(task=task, exempt_since=None)
    return rows if drafts else rows.exclude(status__in=EDITABLE)


def findings_over(rows: SelfAssessmentQuerySet, most: int = MOST) -> TaskFindings:
    """Return what is found in these reports, in a fixed number of queries.

    Of what was sent up, what was found then, for any number. Others, drafts above all,
    are looked at as stored now: of more than most only the first, by department, unit
    and code.
    """
    kept = SentCheck.objects.filter(record__assessment=OuterRef("pk"))
    last = kept.order_by("-record").values("findings")[:1]
    marked = rows.annotate(is_kept=Exists(kept))
    as_sent = ~Q(status__in=EDITABLE) & Q(is_kept=True)
    sent = marked.filter(as_sent).annotate(sent_findings=Subquery(last))
    unsent = marked.exclude(as_sent).with_content().prefetch_related(*BODY_NAMES)
    others = _ordered(unsent)
    named = sent.with_facts().prefetch_related(*BODY_NAMES)
    looked_at = [
        Report(each, _found_in(each)) for each in with_document_before(others)[:most]
    ]
    reports = [
        *(Report(each, _kept_in(each)) for each in _ordered(named)),
        *looked_at,
    ]
    left = 0 if len(looked_at) < most else others.count() - len(looked_at)
    return TaskFindings(sorted(reports, key=_place), len(reports) + left)


def _ordered(rows: SelfAssessmentQuerySet) -> SelfAssessmentQuerySet:
    return rows.order_by(
        "project__supervising_department__path",
        "project__unit__path",
        "project__code",
        "pk",
    )


def _place(report: Report) -> tuple[str, str, str, int]:
    project = report.assessment.project
    department, unit = project.supervising_department, project.unit
    return department.path, unit.path, project.code, report.assessment.pk


def _kept_in(assessment: SelfAssessment) -> list[Line]:
    findings: list[dict[str, Any]] = getattr(assessment, "sent_findings", [])
    return [
        Line(
            code=each["code"],
            severity=each["severity"],
            message=each["message"],
            excerpt=each["where"].get("excerpt", ""),
            answer=each["answer"],
        )
        for each in findings
    ]


def _found_in(assessment: SelfAssessment) -> list[Line]:
    return [
        Line(
            code=each.finding.code,
            severity=each.finding.severity,
            message=each.finding.message,
            excerpt=each.excerpt,
        )
        for each in findings_of(assessment)
    ]


def _of_unit(unit: Department, reports: Sequence[Report]) -> UnitFindings:
    findings = [x for each in reports for x in each.findings]
    severities = Counter(x.severity for x in findings)
    commonest = Counter(x.help for x in findings).most_common(1)
    return UnitFindings(
        unit=unit,
        reports=len(reports),
        sound=sum(
            all(x.severity != "error" for x in each.findings) for each in reports
        ),
        errors=severities["error"],
        warnings=severities["warning"],
        infos=severities["info"],
        commonest=commonest[0][0] if commonest else "",
    )
