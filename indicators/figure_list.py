"""The figures of a self-assessment that its texts may refer to by name."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from indicators.linked_figures import (
    Figure,
    Figures,
    TextProblem,
    has_marks,
    plain_name,
    problems_in,
)
from indicators.models import IndicatorResult, NarrativeKey, SelfAssessment
from indicators.scheme_store import scheme_of
from indicators.schemes import MoneyUnit
from indicators.score_sheet import score_of, shown_grade
from indicators.scoring import RowScore, Score
from indicators.scoring_rules import percent, plain, round_ratio
from perfeval.amounts import from_yuan
from perfeval.numbers import with_unit
from projects.models import BudgetProject, Department

AMOUNTS = {
    "initial": "年初预算数",
    "adjusted": "全年预算数",
    "received": "资金到位数",
    "executed": "全年执行数",
}
FACTS, MONEY, SCORE, RESULTS = "项目", "资金", "得分", "指标"


def figures_of(assessment: SelfAssessment, score: Score | None = None) -> Figures:
    """Return the figures of a self-assessment loaded with_content().

    Names of unit and department ask for more where it was not loaded with_content().
    """
    score = score or score_of(assessment)
    unit = scheme_of(assessment.task.scheme).money_unit
    return Figures(
        [
            *_of_project(assessment.project),
            *_of_money(assessment, unit),
            *_of_score(assessment, score),
            *_of_results(assessment, score),
        ]
    )


def text_problems(
    assessment: SelfAssessment, score: Score | None = None
) -> list[tuple[NarrativeKey, TextProblem]]:
    """Return what must be mended in the texts before they are sent up, by text.

    assessment: loaded with_content(). Unknown and ambiguous names, figures that are not
    known yet, gaps of a first draft: each of them keeps a report from being sent up.
    """
    marked = [each for each in assessment.narratives.all() if has_marks(each.text)]
    if not marked:
        return []
    figures = figures_of(assessment, score)
    return [
        (NarrativeKey(each.key), problem)
        for each in marked
        for problem in problems_in(each.text, figures)
    ]


def _of_project(project: BudgetProject) -> Iterator[Figure]:
    def on_last_day(department: Department) -> Callable[[], str]:
        return lambda: department.name_on(date(project.year, 12, 31))

    yield Figure("年度", FACTS, lambda: str(project.year))
    yield Figure("项目名称", FACTS, lambda: project.shown_name)
    yield Figure("实施单位", FACTS, on_last_day(project.unit))
    yield Figure("主管部门", FACTS, on_last_day(project.supervising_department))


def _of_money(assessment: SelfAssessment, unit: MoneyUnit) -> Iterator[Figure]:
    project = assessment.project
    labels = scheme_of(assessment.task.scheme).layout.funds_labels
    for field, name in AMOUNTS.items():
        yield Figure(name, MONEY, _amount(project.funding_total(field), unit))
    for line in project.funding_by_source():
        label = labels.get(line.source, line.get_source_display()).split("：")[-1]
        for field, name in AMOUNTS.items():
            make = _amount(getattr(line, field), unit)
            yield Figure(f"{name}:{label}", MONEY, make)


def _amount(yuan: Decimal | None, unit: MoneyUnit) -> Callable[[], str]:
    return lambda: "" if yuan is None else f"{from_yuan(yuan, unit):f}{unit}"


def _of_score(assessment: SelfAssessment, score: Score) -> Iterator[Figure]:
    ratio = score.execution.ratio
    known = "" if ratio is None else percent(round_ratio(ratio))
    yield Figure("预算执行率", MONEY, lambda: known)
    yield Figure("预算执行得分", SCORE, _points(score.execution.points))
    yield Figure("自评得分", SCORE, _points(score.total))
    yield Figure("等级", SCORE, lambda: shown_grade(assessment, score))


def _points(points: Decimal | None) -> Callable[[], str]:
    return lambda: "" if points is None else f"{plain(points)}分"


def _of_results(assessment: SelfAssessment, score: Score) -> Iterator[Figure]:
    results = list(assessment.results.all())
    for result, row in zip(results, score.rows, strict=True):
        yield from _of_result(result, row)


def _of_result(result: IndicatorResult, row: RowScore) -> Iterator[Figure]:
    """Yield 完成值, 指标值 and 得分 of one row, by its name and by levels and name."""
    indicator = result.indicator
    actual = with_unit(result.actual, indicator.unit)
    if not actual and result.achievement:
        actual = result.get_achievement_display()
    made: dict[str, Callable[[], str]] = {
        "指标": lambda: actual,
        "指标值": lambda: indicator.shown_target,
        "得分": _points(row.points),
    }
    full = "/".join(
        each for each in (indicator.level1, indicator.level2, indicator.level3) if each
    )
    for word, make in made.items():
        short = plain_name(f"{word}:{indicator.level3}")
        yield Figure(plain_name(f"{word}:{full}"), RESULTS, make, short)
