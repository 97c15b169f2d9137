"""What checks look at: a document, its scheme and score, and last year's document."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import islice, takewhile
from typing import Literal

from indicators.row_scoring import RowFacts
from indicators.schemes import FULL_POINTS, Scheme
from indicators.scoring import (
    ExecutionScore,
    FundsFacts,
    Score,
    execution_row,
    score_execution,
)
from reports.checks.findings import InField, InFunds, InRow, Where
from reports.checks.text_mentions import (
    PLAIN,
    Kind,
    Mention,
    Passage,
    factor_between,
    find_mentions,
)
from reports.checks.text_words import Said, said_of_the_project
from reports.document import Figures, FundsRow, Indicator, ReportDocument
from reports.reading.figures import find_figures
from reports.scorecard import row_facts, score_document

# No section has more figures; of a text that does, the first are looked at.
MOST_FIGURES = 10_000
ONE_SOURCE = ["市级", "县级", "区级", "镇级", "本级", "市财政", "县财政", "区财政"]
# Characters within which a count belongs to an amount per thing.
NEAR = 160
# 分值 of execution on forms that differ from the national one.
OTHER_EXECUTION_POINTS = (Decimal(5), Decimal(15), Decimal(20))


@dataclass(frozen=True)
class Money:
    """全年预算数 and 全年执行数 in one unit; source: who says so."""

    budget: Decimal
    executed: Decimal
    unit: str
    source: Literal["form", "text"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One report to be checked.

    scheme_given: whether somebody named the scheme (the document or who asked); under
    the default one, what other schemes allow is no mistake. last_year: the document of
    the same project a year before.
    """

    document: ReportDocument
    scheme: Scheme
    scheme_given: bool = True
    last_year: ReportDocument | None = None

    @property
    def has_form(self) -> bool:
        return bool(self.document.indicators or self.document.funds.rows)

    @property
    def has_report(self) -> bool:
        return bool(self.document.sections)

    @property
    def wants_form(self) -> bool:
        """Whether a form belongs to the material: it is asked for, or there is one."""
        parts = self.document.parts
        return bool({"form", "score"} & set(parts)) if parts else self.has_form

    @property
    def wants_report(self) -> bool:
        parts = self.document.parts
        return "report" in parts if parts else self.has_report

    @cached_property
    def score(self) -> Score:
        return score_document(self.document, self.scheme)

    @cached_property
    def rows(self) -> tuple[RowFacts, ...]:
        return tuple(map(row_facts, self.document.indicators))

    @cached_property
    def execution_index(self) -> int | None:
        """The indicator in which the scheme scores execution, None: the funds block."""
        return execution_row(self.rows, self.scheme)

    @cached_property
    def total_row(self) -> tuple[int, FundsRow] | None:
        """The row 年度资金总额 with its place, None where the form has none."""
        return next(
            (
                (index, row)
                for index, row in enumerate(self.document.funds.rows)
                if row.source == "total"
            ),
            None,
        )

    @cached_property
    def figures(self) -> Figures:
        """What the text says of year, money, score and grade."""
        if self.document.figures != Figures():
            return self.document.figures
        text = "\n".join(each.text for each in self.document.sections)
        return find_figures(self.document.title, (), text)

    @cached_property
    def money(self) -> Money | None:
        """Budget and spending, of the form where it has them, else of the text."""
        if self.total_row:
            row = self.total_row[1]
            if row.adjusted is None or row.executed is None:
                return None
            return Money(row.adjusted, row.executed, self.document.funds.unit, "form")
        figures = self.figures
        if figures.budget is None or figures.executed is None:
            return None
        return Money(figures.budget, figures.executed, figures.unit, "text")

    @cached_property
    def execution_points(self) -> Decimal:
        """The points that execution counts beside the indicators (分值).

        As the form prints them; where it prints none and nobody named a scheme, what
        its indicators leave of 100, if some form has it so.
        """
        if self.execution_index is not None:
            return Decimal(0)
        written = self.total_row[1].max_points if self.total_row else None
        if written is not None:
            return written
        rows = [each.max_points for each in self.document.indicators]
        left = FULL_POINTS - sum((each or Decimal(0) for each in rows), Decimal(0))
        if (
            not self.scheme_given
            and left in OTHER_EXECUTION_POINTS
            and None not in rows
        ):
            return left
        return self.scheme.execution.max_points

    @cached_property
    def execution(self) -> ExecutionScore | None:
        """The execution ratio and its points, None where the money is unknown.

        points is None too where the scheme's steps are for another maximum.
        """
        if self.money is None:
            return None
        if self.execution_index is not None:
            return self.score.execution
        received = self.total_row[1].received if self.total_row else None
        facts = FundsFacts(
            adjusted=self.money.budget, received=received, executed=self.money.executed
        )
        scored = score_execution(facts, self.scheme, self.execution_points)
        own = self.execution_points == self.scheme.execution.max_points
        if own or self.scheme.execution.method == "proportional":
            return scored
        return replace(scored, points=None)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The sections as text checks look at them."""
        return tuple(
            Passage(index, each.key, each.title, each.text.translate(PLAIN))
            for index, each in enumerate(self.document.sections)
        )

    @cached_property
    def _mentions(self) -> dict[Kind, list[Mention]]:
        found: dict[Kind, list[Mention]] = {}
        for passage in self.passages:
            mentions = islice(find_mentions(passage), MOST_FIGURES)
            for mention in sorted(mentions, key=lambda each: each.start):
                found.setdefault(mention.kind, []).append(mention)
        return found

    @cached_property
    def _by_unit(self) -> dict[tuple[Kind, str], list[Mention]]:
        found: dict[tuple[Kind, str], list[Mention]] = {}
        for kind, mentions in self._mentions.items():
            for mention in mentions:
                found.setdefault((kind, mention.unit), []).append(mention)
        return found

    def mentions_in(self, kind: Kind, unit: str) -> list[Mention]:
        """Return the figures of a kind that can be told in a unit, in their order."""
        found = [
            mention
            for (own, written), mentions in self._by_unit.items()
            if own == kind and factor_between(written, unit) is not None
            for mention in mentions
        ]
        return sorted(found, key=_position)

    def mentions(self, kind: Kind) -> list[Mention]:
        """Return the figures of a kind in the text, in their order."""
        return self._mentions.get(kind, [])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the text may call the project and its body, the longest first."""
        project = self.document.project
        own = [project.name, project.name.removesuffix("项目").removesuffix("经费")]
        sources = [row for row in self.document.funds.rows if row.source != "total"]
        if len(sources) <= 1:
            # With one source, whose money it is says nothing of a part.
            own += ONE_SOURCE
        bodies = [project.unit, self.document.issuer, project.supervising_department]
        return tuple(
            sorted({each for each in (*own, *bodies) if len(each) > 1}, key=len)
        )[::-1]

    @cached_property
    def said(self) -> Said:
        """What the text says of the project's money as a whole."""
        return said_of_the_project(
            self.mentions("money"), self.names, self.document.year
        )

    def counts_near(self, mention: Mention) -> list[Mention]:
        """Return the counts around a figure in its paragraph, the nearest first."""
        text, counts = mention.passage.text, self.mentions("count")
        first = max(text.rfind("\n", 0, mention.start), mention.start - NEAR)
        last = mention.end + NEAR
        low = bisect_left(counts, (mention.passage.index, first), key=_position)
        near = takewhile(
            lambda each: _position(each) < (mention.passage.index, last), counts[low:]
        )
        return sorted(near, key=lambda each: abs(each.start - mention.start))

    @property
    def money_place(self) -> Where:
        """Where the spending stands: the form's cell, else the text as a whole."""
        if self.total_row:
            return InFunds(row=self.total_row[0], column="executed")
        return InField(field="figures.executed")

    def row_of(self, index: int) -> Indicator:
        return self.document.indicators[index]

    def applicable(self) -> list[tuple[int, Indicator]]:
        """Return the indicators that apply, with their places."""
        return [
            (index, row)
            for index, row in enumerate(self.document.indicators)
            if row.applicable
        ]


def _position(mention: Mention) -> tuple[int, int]:
    return mention.passage.index, mention.start


def row_name(index: int, row: Indicator) -> str:
    """Return how a message names an indicator: 第 3 行指标“培训人次”."""
    name = row.level3.strip() or row.level2.strip()
    return f"第 {index + 1} 行指标“{name}”" if name else f"第 {index + 1} 行指标"


def in_row(index: int, field: str) -> InRow:
    return InRow(index=index, field=field)
