"""自评结果汇总表: one row for each project, sums for each department and over all."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Prefetch

from indicators.models import Narrative, NarrativeKey, SelfAssessment
from indicators.querysets import SelfAssessmentQuerySet
from indicators.scoring_rules import round_ratio
from perfeval.amounts import from_yuan

LONGEST_PROBLEM = 120
NUMERAL = r"(?:[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、|\d+[.．、])"
# “（一）存在的主要问题。”, and the line at which 改进措施 begin.
HEADING = re.compile(rf"^{NUMERAL}[^。：:，]{{0,8}}问题[^。：:，]{{0,6}}[。：: ]+")
MEASURES = re.compile(
    rf"^\s*{NUMERAL}[^。：:\n]{{0,10}}(?:措施|建议|打算)", re.MULTILINE
)
COLUMNS = (
    ("项目编码", 24),
    ("项目名称", 34),
    ("单位", 26),
    ("预算数（万元）", 15),
    ("执行数（万元）", 15),
    ("执行率", 10),
    ("自评得分", 10),
    ("复核得分", 10),
    ("等级", 8),
    ("主要问题", 50),
    ("备注", 30),
)


@dataclass(frozen=True)
class Line:
    """One row. adjusted (全年预算数), executed: in 万元; ratio: a fraction of 1."""

    code: str
    name: str
    unit: str
    adjusted: Decimal | None
    executed: Decimal | None
    total: Decimal | None = None
    review_total: Decimal | None = None
    grade: str = ""
    problems: str = ""
    note: str = ""

    @property
    def ratio(self) -> Decimal | None:
        if self.executed is None or not self.adjusted:
            return None
        return round_ratio(self.executed / self.adjusted)


@dataclass(frozen=True)
class Group:
    """The rows of one supervising department and their sum."""

    name: str
    lines: tuple[Line, ...]
    subtotal: Line


@dataclass(frozen=True)
class Summary:
    year: int | None
    groups: tuple[Group, ...]
    total: Line


def summary_of(rows: SelfAssessmentQuerySet) -> Summary:
    """Return the table of these self-assessments, in a fixed number of queries."""
    problems = Narrative.objects.filter(key=NarrativeKey.PROBLEMS)
    found = list(
        rows.with_facts()
        .prefetch_related(
            "project__funding_lines",
            "project__supervising_department",
            Prefetch("narratives", problems, to_attr="problem_texts"),
        )
        .order_by("project__supervising_department__path", "project__code", "pk")
    )
    groups = []
    for department, several in groupby(
        found, lambda each: each.project.supervising_department
    ):
        lines = tuple(_line(each) for each in several)
        groups.append(Group(str(department), lines, _sum("小计", lines)))
    lines = tuple(line for group in groups for line in group.lines)
    years = {each.project.year for each in found}
    return Summary(
        year=years.pop() if len(years) == 1 else None,
        groups=tuple(groups),
        total=_sum("合计", lines),
    )


def _line(assessment: SelfAssessment) -> Line:
    project = assessment.project
    return Line(
        code=project.code,
        name=project.shown_name,
        unit=str(project.unit),
        adjusted=_wan(project.funding_total("adjusted")),
        executed=_wan(project.funding_total("executed")),
        total=_own_total(assessment),
        review_total=assessment.review_total,
        grade=assessment.grade,
        problems=_problems(assessment),
        note=_note(assessment),
    )


def _own_total(assessment: SelfAssessment) -> Decimal | None:
    """Return the unit's points, None while they are those of a part of the rows."""
    is_whole = assessment.grade or not assessment.is_editable
    return assessment.total if is_whole else None


def _problems(assessment: SelfAssessment) -> str:
    texts: list[Narrative] = getattr(assessment, "problem_texts", [])
    return main_problems("\n".join(each.text for each in texts))


def main_problems(text: str) -> str:
    """Return what a section says of problems, without what is to be done about them.

    Its heading is left out, and of a long text the end.
    """
    told = " ".join(MEASURES.split(text, maxsplit=1)[0].split())
    told = HEADING.sub("", told)
    if len(told) <= LONGEST_PROBLEM:
        return told
    return f"{told[: LONGEST_PROBLEM - 1]}…"


def _note(assessment: SelfAssessment) -> str:
    if assessment.is_exempt:
        reason = assessment.exempt_reason or assessment.project.get_status_display()
        return f"免评：{reason}"
    return assessment.state_words


def _wan(yuan: Decimal | None) -> Decimal | None:
    return None if yuan is None else from_yuan(yuan, "万元")


def _sum(name: str, lines: Sequence[Line]) -> Line:
    return Line(
        code="",
        name=name,
        unit=f"{len(lines)} 个项目",
        adjusted=_added(line.adjusted for line in lines),
        executed=_added(line.executed for line in lines),
    )


def _added(amounts: Iterator[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return sum(known, Decimal(0)) if known else None
