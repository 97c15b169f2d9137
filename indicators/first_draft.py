"""A first draft (初稿) of a text, from the data and the scheme's phrases.

Nothing is invented: figures are named, not written, so that they follow the data, and
what is not known stays a gap 【待填：…】 that keeps the report from being sent up.
"""

from collections.abc import Iterator

from indicators.figure_list import figures_of
from indicators.form_order import in_form_order
from indicators.linked_figures import Figures, as_plain_text
from indicators.models import IndicatorResult, NarrativeKey, SelfAssessment
from indicators.phrases import PHRASES
from indicators.scheme_store import scheme_of
from indicators.schemes import Scheme
from indicators.score_sheet import execution_result, score_of
from perfeval.numbers import chinese_numeral

DRAFTED = (
    NarrativeKey.BASICS,
    NarrativeKey.IMPLEMENTATION,
    NarrativeKey.RESULTS,
    NarrativeKey.SCORE,
)


def first_draft(assessment: SelfAssessment, key: str) -> str:
    """Return the draft of one of the texts in DRAFTED.

    assessment: loaded with_content().
    """
    make = {
        NarrativeKey.BASICS: _basics,
        NarrativeKey.IMPLEMENTATION: _implementation,
        NarrativeKey.RESULTS: _results,
        NarrativeKey.SCORE: _score,
    }[NarrativeKey(key)]
    return "\n".join(make(assessment, scheme_of(assessment.task.scheme)))


def _phrase(scheme: Scheme, name: str, **known: str) -> str:
    """Return a phrase; known: what stands for <…>, as plain text."""
    text = scheme.phrases.get(name, PHRASES[name])
    for place, value in known.items():
        text = text.replace(f"<{place}>", as_plain_text(value))
    return text


def _basics(assessment: SelfAssessment, scheme: Scheme) -> Iterator[str]:
    goal = assessment.project.goal.strip() or "【待填：年度总体目标】"
    yield _phrase(scheme, "basics", 目标=goal)


def _implementation(assessment: SelfAssessment, scheme: Scheme) -> Iterator[str]:
    project = assessment.project
    yield _phrase(scheme, "implementation")
    initial, adjusted = (project.funding_total(x) for x in ("initial", "adjusted"))
    if None not in (initial, adjusted) and initial != adjusted:
        yield _phrase(scheme, "adjusted")
    if score_of(assessment).execution.needs_reason:
        notes = {each.key: each.text for each in assessment.narratives.all()}
        note = notes.get(NarrativeKey.FUNDS, "").strip()
        # A note is a text of the editor itself: its names stay names.
        phrase = _phrase(scheme, "low_execution")
        yield phrase.replace("<执行说明>", note or "【待填：执行率偏低的原因】")
    yield _phrase(scheme, "management")


def _results(assessment: SelfAssessment, scheme: Scheme) -> Iterator[str]:
    figures = figures_of(assessment)
    rows = {each.indicator: each for each in assessment.results.all()}
    by_money = execution_result(assessment)
    part, number, level1 = 0, 0, ""
    for indicator in in_form_order([*rows], scheme.layout):
        if rows[indicator] == by_money:
            continue
        if indicator.level1 != level1:
            part, number, level1 = part + 1, 0, indicator.level1
            yield f"（{chinese_numeral(part)}）{as_plain_text(level1)}"
        number += 1
        yield f"{number}.{_result(rows[indicator], figures, scheme)}"
    yield f"（{chinese_numeral(part + 1)}）{_phrase(scheme, 'practice')}"


def _result(result: IndicatorResult, figures: Figures, scheme: Scheme) -> str:
    indicator = result.indicator
    levels = (indicator.level1, indicator.level2, indicator.level3)
    path = "/".join(each for each in levels if each)
    names = {
        place: figures.shortest(f"{word}:{path}")
        for place, word in (("指标值", "指标值"), ("完成值", "指标"), ("得分", "得分"))
    }
    text = scheme.phrases.get("result", PHRASES["result"])
    for place, name in names.items():
        text = text.replace(f"{{{place}}}", f"{{{name}}}")
    note = result.deviation_note.strip().replace("\n", "")
    reason = f"偏差原因及改进措施：{as_plain_text(note)}" if note else ""
    return f"{as_plain_text(indicator.level3)}：{text}{reason}"


def _score(assessment: SelfAssessment, scheme: Scheme) -> Iterator[str]:
    yield _phrase(scheme, "score", 评分方案=scheme.name, 附表=scheme.layout.annex_title)
