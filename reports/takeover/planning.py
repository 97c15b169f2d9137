"""A document read from a file, compared with what stands in a self-assessment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from indicators.linked_figures import as_plain_text
from indicators.models import NarrativeKey, SelfAssessment
from perfeval.amounts import MoneyUnit
from projects.models import FundSource
from reports.document import FundsRow, Goal, ReportDocument
from reports.takeover.matching import match_rows, name_key
from reports.takeover.money import column_label, funds_proposals
from reports.takeover.proposals import Plan, Proposal, RowMatch
from reports.takeover.rows import new_row, row_proposals
from reports.takeover.standing import Standing

FIGURES = (("budget", "adjusted"), ("executed", "executed"))


def plan_takeover(
    document: ReportDocument,
    assessment: SelfAssessment,
    *,
    places: Mapping[str, str] | None = None,
    matches: Mapping[int, int] | None = None,
) -> Plan:
    """Return what taking a document over would change; writes nothing.

    places: where each part stands in the file (FormReading.places). matches: {index of
    a row: key of a result, 0 for none}, as a person corrected them.
    """
    standing = Standing.of(assessment.pk)
    addresses = places or {}
    rows = match_rows(document.indicators, list(standing.results.values()), matches)
    found = [
        *_of_rows(document, rows, standing, addresses),
        *funds_proposals(document.funds, standing, addresses),
        *_of_texts(document, standing, addresses),
        *_of_figures(document, standing),
    ]
    doubts = {note.where: note.reason for note in document.reading_notes if note.reason}
    proposals = [_judged(each, standing, doubts) for each in found]
    same = {each.key for each in proposals if _says_the_same(each, standing)}
    other = _differences(document, standing)
    return Plan(
        proposals=tuple(x for x in proposals if x.key not in same),
        rows=tuple(rows),
        results=tuple(standing.results.values()),
        same=len(same),
        warnings=(*other, *_left_out(document, rows, standing)),
        is_other=bool(other),
    )


def _judged(cell: Proposal, standing: Standing, doubts: Mapping[str, str]) -> Proposal:
    """Fill in what stands there now, and what speaks against taking a cell."""
    old = standing.text(cell)
    doubt = doubts.get(cell.place, "")
    why = "；".join(each for each in (cell.why, doubt) if each)
    if old and not why:
        why = "与系统中已有的内容不同"
    return replace(
        cell,
        old=old,
        certain=cell.certain and not (cell.why or doubt),
        why=why,
        closed=standing.closed(cell),
    )


def _says_the_same(cell: Proposal, standing: Standing) -> bool:
    """Whether a cell differs in blanks alone from what stands there or is printed."""
    if cell.kind == "create":
        return False
    there = (cell.old, standing.shown_text(cell))
    return "".join(cell.new.split()) in ["".join(text.split()) for text in there]


def _of_rows(
    document: ReportDocument,
    rows: list[RowMatch],
    standing: Standing,
    places: Mapping[str, str],
) -> Iterator[Proposal]:
    for match in rows:
        row = document.indicators[match.index]
        at = f"indicators[{match.index}]."
        own = {k.removeprefix(at): v for k, v in places.items() if k.startswith(at)}
        if match.result is None:
            yield new_row(match.index, row, standing, own)
            continue
        for each in row_proposals(row, match.result, standing, own):
            yield (
                each
                if match.certain
                else replace(each, why="；".join(filter(None, (match.why, each.why))))
            )


def _of_texts(
    document: ReportDocument, standing: Standing, places: Mapping[str, str]
) -> Iterator[Proposal]:
    goal = _whole_goal(document)
    if goal.expected:
        yield Proposal(
            kind="goal",
            row="",
            column="expected",
            label="年度总体目标·预期目标",
            new=goal.expected,
            place=places.get("goal.expected", ""),
            is_long=True,
        )
    notes = [row.note for row in document.funds.rows if row.note]
    texts = {
        NarrativeKey.GOAL: (goal.actual, "goal.actual"),
        NarrativeKey.FUNDS: ("\n".join(notes), "funds.rows[0].note"),
        NarrativeKey.REMARKS: (
            "\n".join(filter(None, (document.conclusion, document.remarks))),
            "remarks",
        ),
        **{
            NarrativeKey(each.key): (each.text, "")
            for each in document.sections
            if each.key in NarrativeKey.values
        },
    }
    for key, (text, path) in texts.items():
        if text and key in standing.narratives:
            yield Proposal(
                kind="text",
                row=key,
                column="text",
                label=standing.narratives[key].get_key_display(),
                # Braces of a file are braces, not names of figures.
                new=as_plain_text(text),
                place=places.get(path, ""),
                is_long=True,
            )


def _whole_goal(document: ReportDocument) -> Goal:
    """Return the goal; of several all, each after its number."""
    if len(document.goals) < 2:
        return document.goal
    numbered = list(enumerate(document.goals, start=1))
    return Goal(
        expected="\n".join(f"目标{n}：{g.expected}" for n, g in numbered if g.expected),
        actual="\n".join(f"目标{n}：{g.actual}" for n, g in numbered if g.actual),
    )


def _of_figures(document: ReportDocument, standing: Standing) -> Iterator[Proposal]:
    """Offer the money a report names in its text; it is never sure whose it is."""
    figures = document.figures
    if document.funds.rows or (figures.budget is None and figures.executed is None):
        return
    source = next(iter(standing.lines), FundSource.APPROPRIATION.value)
    unit: MoneyUnit = "元" if figures.unit == "元" else "万元"
    row = FundsRow(
        source=source,  # type: ignore[arg-type]
        **{field: getattr(figures, name) for name, field in FIGURES},
    )
    year = figures.year or document.year
    said = f"报告写的是 {year} 年度；" if year and year != standing.project.year else ""
    funds = replace(document.funds, unit=unit, rows=(row,))
    for each in funds_proposals(funds, standing, {}):
        why = f"{said}取自报告的文字，请核对口径后再采用"
        yield replace(each, certain=False, why=why)


def _differences(document: ReportDocument, standing: Standing) -> tuple[str, ...]:
    """Return what shows that a form is of another project or year."""
    project, found = standing.project, []
    is_form = bool(document.indicators or document.funds.rows)
    if document.year and document.year != project.year and is_form:
        found.append(f"表中年度是 {document.year}，本项目是 {project.year} 年度")
    code = document.project.code
    if code and name_key(code) != name_key(project.code):
        found.append(f"表中项目代码是“{code}”，本项目是“{project.code}”")
    name = document.project.name
    if name and is_form and name_key(name) != name_key(project.shown_name):
        found.append(f"表中项目名称是“{name}”，本项目是“{project.shown_name}”")
    return tuple(found)


def _left_out(
    document: ReportDocument, rows: list[RowMatch], standing: Standing
) -> Iterator[str]:
    """Say what the file has and nothing of it is taken, and what it lacks."""
    year = document.figures.year or document.year
    if document.sections and year and year != standing.project.year:
        yield f"报告是 {year} 年度的，采用后请把文字中的年份和数字改为本年度"
    taken = {each.result.pk for each in rows if each.result}
    missing = [
        each.indicator.level3
        for each in standing.results.values()
        if each.pk not in taken
    ]
    if document.indicators and missing:
        yield f"表中没有这些指标：{'、'.join(missing)}"
    for section in document.sections:
        if section.key not in standing.narratives and section.text.strip():
            yield f"“{section.title or '其他文字'}”没有对应的部分，不会写入"
    yield from _sums(document)


def _sums(document: ReportDocument) -> Iterator[str]:
    total = document.funds.total
    sources = [each for each in document.funds.rows if each.source != "total"]
    for name in ("initial", "adjusted", "executed"):
        parts = [x for each in sources if (x := getattr(each, name)) is not None]
        whole = getattr(total, name) if total else None
        if parts and whole is not None and sum(parts) != whole:
            label = column_label(name)
            yield f"表中{label}的总额 {whole} 不等于各来源之和 {sum(parts)}，请核对"
