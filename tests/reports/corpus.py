"""Reports written for measuring the checks: 55 styles, mistakes planted in each.

tests/data/reports/NN-name.txt: a head of `key: value` lines, ---, and the text as it
would be typed. «code|right|wrong» marks what a planted mistake puts in place of what
is right. A row's points left out are what its rule gives; {总分} and {等级} are the
form's.
Every third of the first 42 is kept aside: nothing is tuned on it. Those from 43 on were
written later, in styles the checks had not seen; docs/benchmarks.md tells how their
first run went, before anything was mended.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from django.conf import settings

from reports.checks.check import check_document
from reports.checks.findings import Finding, InRow, InText
from reports.document import (
    Figures,
    Funds,
    FundsRow,
    Goal,
    Indicator,
    Project,
    ReportDocument,
)
from reports.reading.pairs import join_documents
from reports.reading.report import read_report
from reports.scorecard import document_scheme, score_document

FOLDER = Path(settings.BASE_DIR) / "tests" / "data" / "reports"
FIRST_WRITTEN = 42
MARK = re.compile("«([a-z-]+)\\|([^|»]*)\\|([^»]*)»")
PLACE = re.compile(r"\{(总分|等级)([+-][0-9.]+)?\}")
MET = {"达成": "met", "部分达成": "partly", "未达成": "unmet"}


@dataclass(frozen=True)
class Planted:
    """One mistake: its code, the report with it, the words or the row it stands in."""

    report: str
    code: str
    document: ReportDocument
    words: str = ""
    row: int | None = None
    last_year: ReportDocument | None = None

    def is_found(self) -> bool:
        findings = check_document(self.document, last_year=self.last_year)
        return any(each.code == self.code and self._is_here(each) for each in findings)

    def _is_here(self, finding: Finding) -> bool:
        where = finding.where
        if isinstance(where, InRow) and self.row is not None:
            return where.index == self.row
        if isinstance(where, InText) and self.words:
            text = self.document.sections[where.index].text
            at = text.find(self.words)
            while at >= 0:
                if where.start < at + len(self.words) + 2 and where.end > at - 2:
                    return True
                at = text.find(self.words, at + 1)
            return False
        return True


@dataclass
class Report:
    """One file of the corpus, read."""

    name: str
    head: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""

    @property
    def aside(self) -> bool:
        """Whether it is kept aside while tuning."""
        number = int(self.name.split("-")[0])
        return number % 3 == 0 and number <= FIRST_WRITTEN

    def first(self, key: str) -> str:
        return self.head.get(key, [""])[0]

    def form(self) -> ReportDocument:
        """Return the form alone, its points by rule."""
        money = [_parts(line, 6) for line in self.head.get("funds", [])]
        funds = tuple(
            FundsRow(
                source=source,  # type: ignore[arg-type]
                initial=_decimal(initial),
                adjusted=_decimal(adjusted),
                received=_decimal(received),
                executed=_decimal(executed),
                note=note,
            )
            for source, initial, adjusted, received, executed, note in money
        )
        most = self.first("execution_points")
        document = ReportDocument(
            scheme=self.first("scheme"),
            year=int(self.first("year")),
            project=Project(name=self.first("project"), unit=self.first("unit")),
            funds=Funds(unit=self.first("money") or "万元", rows=funds),  # type: ignore[arg-type]
            goal=Goal(expected=self.first("goal"), actual=self.first("done")),
            sections=(),
            indicators=tuple(_indicator(line) for line in self.head.get("row", [])),
        )
        return _scored(document, Decimal(most or 10))

    @cached_property
    def clean(self) -> ReportDocument:
        """The report without a mistake, text and form as one document."""
        return self._document(-1)

    def documents(self) -> Iterator[tuple[str, str, ReportDocument]]:
        """Yield code, words and document of each mistake planted in the text."""
        for place, found in enumerate(MARK.finditer(self.text)):
            yield found[1], found[3], self._document(place)

    def _document(self, planted: int) -> ReportDocument:
        form = self.form()
        count = iter(range(1000))

        def put(found: re.Match[str]) -> str:
            return found[3] if next(count) == planted else found[2]

        text = PLACE.sub(partial(_place, form=form), MARK.sub(put, self.text))
        if not text.strip():
            return form
        report = read_report(text.encode())
        if self.first("form") == "no":
            return report
        return join_documents([report, form])


def read_corpus() -> list[Report]:
    """Return all reports in the order of their numbers."""
    reports = []
    for path in sorted(FOLDER.glob("*.txt")):
        head, _, text = path.read_text("utf-8").partition("---\n")
        report = Report(path.stem, text=text)
        for line in head.splitlines():
            key, _, value = line.partition(":")
            report.head.setdefault(key, []).append(value.strip())
        reports.append(report)
    return reports


def planted_in(report: Report) -> Iterator[Planted]:
    """Yield every planted mistake of a report: those of its text, then of its form."""
    for code, words, document in report.documents():
        written = PLACE.sub(partial(_place, form=report.form()), words)
        yield Planted(report.name, code, document, words=written)
    clean = report.clean
    for code, plant in MUTATIONS:
        found = plant(clean)
        if found is not None:
            document, row = found
            before = replace(clean, year=(clean.year or 0) - 1)
            last_year = before if code == "unchanged-since-last-year" else None
            yield Planted(report.name, code, document, row=row, last_year=last_year)


def _parts(line: str, count: int) -> list[str]:
    parts = [each.strip() for each in line.split("|")]
    return [*parts, *[""] * (count - len(parts))]


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _indicator(line: str) -> Indicator:
    parts = _parts(line, 10)
    level1, level2, name, sign, target, unit, actual, most, *rest = parts
    points, note = (rest[0], rest[1]) if _is_number(rest[0]) else ("", rest[0])
    return Indicator(
        level1=f"{level1}指标"
        if level1 in ("产出", "效益", "满意度", "成本")
        else level1,
        level2=f"{level2}指标",
        level3=name,
        comparator=sign,  # type: ignore[arg-type]
        target=target or None,
        unit=unit,
        actual=actual or None,
        achievement=MET.get(actual),  # type: ignore[arg-type]
        max_points=Decimal(most),
        points=_decimal(points),
        deviation_note=note,
    )


def _is_number(text: str) -> bool:
    return bool(re.fullmatch("[0-9.]+", text))


def _scored(document: ReportDocument, most: Decimal) -> ReportDocument:
    """Return the form with the points, ratio, total and grade that its facts give."""
    if not document.funds.rows:
        return document
    scheme = document_scheme(document)
    score = score_document(document, scheme)
    rows = tuple(
        replace(row, points=scored.points if row.comparator != "rubric" else row.points)
        for row, scored in zip(document.indicators, score.rows, strict=True)
    )
    total_row = document.funds.rows[0]
    assert score.execution.ratio is not None
    total = sum((row.points or Decimal(0) for row in rows), Decimal(0))
    if scheme.execution.place == "funds":
        assert score.execution.points is not None
        own = score.execution.points * most / 10
        total = total + own
        total_row = replace(
            total_row,
            max_points=None if most != 10 else most,
            ratio=score.execution.ratio.quantize(Decimal("0.0001")),
            points=own,
        )
    funds = replace(document.funds, rows=(total_row, *document.funds.rows[1:]))
    grade = scheme.grade(total).name
    return replace(document, indicators=rows, funds=funds, total=total, grade=grade)


def _place(found: re.Match[str], form: ReportDocument) -> str:
    if found[1] == "等级":
        return form.grade or ""
    total = (form.total or Decimal(0)) + Decimal(found[2] or 0)
    return format(total.normalize(), "f")


# ---- mistakes that any form can have ---------------------------------------------

Mutated = tuple[ReportDocument, int | None] | None
Mutation = Callable[[ReportDocument], Mutated]


def _row(document: ReportDocument, index: int, **changes: Any) -> Mutated:
    rows = list(document.indicators)
    rows[index] = replace(rows[index], **changes)
    return replace(document, indicators=tuple(rows)), index


def _money(document: ReportDocument, index: int, **changes: Any) -> Mutated:
    rows = list(document.funds.rows)
    if index >= len(rows):
        return None
    rows[index] = replace(rows[index], **changes)
    return replace(document, funds=replace(document.funds, rows=tuple(rows))), None


def _where(document: ReportDocument, test: Callable[[Indicator], bool]) -> int | None:
    """Return the last row for which the test holds, None where there is none."""
    rows = [i for i, row in enumerate(document.indicators) if test(row)]
    return rows[-1] if rows else None


def _counted(row: Indicator) -> bool:
    return row.comparator == ">=" and row.unit != "%" and _is_number(row.actual or "")


def _at(
    test: Callable[[Indicator], bool], changes: Callable[[Indicator], dict[str, Any]]
) -> Mutation:
    def mutate(document: ReportDocument) -> Mutated:
        index = _where(document, test)
        if index is None:
            return None
        return _row(document, index, **changes(document.indicators[index]))

    return mutate


def _full(row: Indicator) -> bool:
    return row.points == row.max_points and row.comparator in (">=", "<=", "=")


def _of_document(**changes: Callable[[ReportDocument], Any]) -> Mutation:
    def mutate(document: ReportDocument) -> Mutated:
        if document.total is None:
            return None
        made = {name: change(document) for name, change in changes.items()}
        return replace(document, **made), None

    return mutate


def _slow(document: ReportDocument) -> ReportDocument | None:
    """Return the form alone with a third of the money spent and nothing said of it."""
    if not document.funds.rows:
        return None
    rows = tuple(
        replace(row, executed=(row.adjusted or Decimal(0)) * Decimal("0.4"), note="")
        for row in document.funds.rows
    )
    funds = replace(document.funds, rows=rows)
    return replace(document, funds=funds, sections=(), figures=Figures())


def _low_execution(document: ReportDocument) -> Mutated:
    slow = _slow(document)
    if slow is None or document.scheme == "guangdong-four":
        return None
    return slow, None


def _gap(document: ReportDocument) -> Mutated:
    slow = _slow(document)
    if slow is None:
        return None
    rows = tuple(replace(row, points=row.max_points) for row in slow.indicators)
    return replace(slow, indicators=rows), None


def _moved_weight(document: ReportDocument) -> Mutated:
    levels = [row.level1 for row in document.indicators]
    if len(set(levels)) < 2 or document.scheme != "mof-2020":
        return None
    first, last = 0, len(levels) - 1
    made = _row(
        document, first, max_points=(document.indicators[first].max_points or 0) - 2
    )
    assert made is not None
    made = _row(
        made[0], last, max_points=(document.indicators[last].max_points or 0) + 2
    )
    assert made is not None
    return made[0], None


def _duplicated(document: ReportDocument) -> Mutated:
    if len(document.indicators) < 2 or document.indicators[0].comparator == "rubric":
        return None
    first = document.indicators[0]
    return _row(document, 1, level3=first.level3, unit=first.unit)


def _changed_budget(document: ReportDocument) -> Mutated:
    total = document.funds.total
    if total is None or total.adjusted is None or total.initial != total.adjusted:
        return None
    if not document.sections or total.note:
        return None
    return _money(document, 0, initial=total.adjusted * Decimal("1.1"))


def _over_budget(document: ReportDocument) -> Mutated:
    total = document.funds.total
    if total is None or total.adjusted is None:
        return None
    return _money(document, 0, executed=total.adjusted * Decimal("1.05"))


def _without(key: str) -> Mutation:
    def mutate(document: ReportDocument) -> Mutated:
        keys = {each.key for each in document.sections}
        if len(keys) < 5 or "other" in keys:
            return None
        kept = tuple(each for each in document.sections if each.key != key)
        return replace(document, sections=kept), None

    return mutate


def _emptied(document: ReportDocument) -> Mutated:
    if not document.section("problems"):
        return None
    sections = tuple(
        replace(each, text="暂无。") if each.key == "problems" else each
        for each in document.sections
    )
    return replace(document, sections=sections), None


def _misnumbered(document: ReportDocument) -> Mutated:
    if len(document.sections) < 5:
        return None
    sections = list(document.sections)
    sections[2] = replace(sections[2], number=sections[3].number)
    return replace(document, sections=tuple(sections)), None


def _without_form(document: ReportDocument) -> Mutated:
    text = "".join(each.text for each in document.sections)
    if not re.search("见附|附后|附件：", text):
        return None
    empty = ReportDocument(sections=())
    return (
        replace(document, indicators=(), funds=empty.funds, total=None, grade=None),
        None,
    )


def _unchanged(document: ReportDocument) -> Mutated:
    return (document, None) if document.section("results") else None


def _execution_points(document: ReportDocument) -> Mutated:
    total = document.funds.total
    if total is None or total.points is None:
        return None
    return _money(document, 0, points=total.points - Decimal("0.5"))


def _source(document: ReportDocument) -> Mutated:
    if len(document.funds.rows) < 2:
        return None
    row = document.funds.rows[1]
    return _money(document, 1, adjusted=(row.adjusted or Decimal(0)) + 3)


def _copied(document: ReportDocument) -> Mutated:
    if not document.goal.expected:
        return None
    copied = document.goal.expected.replace("，", "、") + "。"
    return replace(document, goal=replace(document.goal, actual=copied)), None


def _above_ceiling(document: ReportDocument) -> Mutated:
    ceiling = score_document(document, document_scheme(document)).ceiling
    # Without a scheme the form's own weight of execution counts.
    known = document.total is not None and document.scheme
    if not known or ceiling is None or ceiling > Decimal("99.8"):
        return None
    return replace(document, total=ceiling + Decimal("0.1")), None


MUTATIONS: tuple[tuple[str, Mutation], ...] = (
    ("funds-total-mismatch", _source),
    ("execution-points-mismatch", _execution_points),
    (
        "weights-not-100",
        _at(_full, lambda row: {"max_points": (row.max_points or 0) + 2}),
    ),
    ("level-weights-mismatch", _moved_weight),
    (
        "points-exceed-weight",
        _at(_full, lambda row: {"points": (row.max_points or 0) + 1}),
    ),
    (
        "points-differ-from-rule",
        _at(_full, lambda row: {"points": (row.points or 0) - Decimal("0.5")}),
    ),
    (
        "band-violated",
        _at(
            lambda row: row.achievement == "partly",
            lambda row: {"points": (row.max_points or 0) * Decimal("0.9")},
        ),
    ),
    (
        "deviation-reason-missing",
        _at(lambda row: bool(row.deviation_note), lambda row: {"deviation_note": ""}),
    ),
    (
        "result-missing",
        _at(lambda row: row.comparator == ">=", lambda row: {"actual": ""}),
    ),
    ("total-mismatch", _of_document(total=lambda d: (d.total or 0) + Decimal("0.5"))),
    ("grade-mismatch", _of_document(grade=lambda d: "中" if d.grade != "中" else "良")),
    ("total-above-ceiling", _above_ceiling),
    ("executed-exceeds-budget", _over_budget),
    ("low-execution-unexplained", _low_execution),
    ("score-execution-gap", _gap),
    (
        "overshoot-unexplained",
        _at(
            lambda row: _counted(row) and _full(row),
            lambda row: {"actual": str(Decimal(row.target or 0) * Decimal("1.5"))},
        ),
    ),
    ("goal-copied", _copied),
    (
        "unit-mismatch",
        _at(
            lambda row: row.unit == "%" and row.comparator == ">=",
            lambda row: {"actual": str(Decimal(row.actual or 0) / 100)},
        ),
    ),
    (
        "unit-mismatch",
        _at(
            lambda row: _counted(row) and row.unit != "户",
            lambda row: {"actual": f"{row.actual}户"},
        ),
    ),
    (
        "indicator-misfit",
        _at(
            lambda row: row.level2 == "数量指标",
            lambda row: {"level3": "群众满意度"},
        ),
    ),
    ("indicator-duplicated", _duplicated),
    (
        "target-unmeasurable",
        _at(_counted, lambda row: {"target": "若干"}),
    ),
    ("budget-change-unexplained", _changed_budget),
    (
        "template-leftover",
        _at(lambda row: True, lambda row: {"deviation_note": "（请填写，100字以内）"}),
    ),
    ("unchanged-since-last-year", _unchanged),
    ("section-missing", _without("problems")),
    ("section-missing", _without("results")),
    ("section-empty", _emptied),
    ("numbering-broken", _misnumbered),
    ("annex-missing", _without_form),
)
