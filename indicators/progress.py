"""What a self-assessment still lacks, and what is odd about it: in words.

One function for workbench and page, so that both name the same.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.urls import reverse

from indicators.figure_list import text_problems
from indicators.models import (
    EVIDENCE,
    MONEY,
    ROWS,
    Comparator,
    Indicator,
    IndicatorResult,
    NarrativeKey,
    SelfAssessment,
)
from indicators.proofs import proofs_of
from indicators.scheme_store import scheme_of
from indicators.score_sheet import execution_result, score_of
from indicators.scoring import RowScore, Score
from indicators.scoring_rules import percent
from indicators.shares import wholes_of
from indicators.threads import part_of, unanswered
from indicators.weights import weigh
from perfeval.numbers import is_blank
from perfeval.templatetags.units import max_points

ORDINALS = "一二三四五六七八九十"
# From this gap between share of points and execution ratio on, a score is odd.
ODD_GAP = Decimal("0.30")


# The column of a row in which each lack is mended.
MENDED_IN = {
    "未填实际完成值": "actual",
    "未选达成程度": "achievement",
    "未填自评得分": "self_points",
    "未确认得分": "self_points",
    "未写得分依据": "basis",
    "不能计分": "actual",
}


@dataclass(frozen=True)
class Gap:
    """One thing that is missing; part: of which part; url: the very field.

    blocks: whether nothing is sent up without; else the checks judge it.
    """

    text: str
    part: str
    url: str
    blocks: bool = True


def gaps(assessment: SelfAssessment) -> list[Gap]:
    """Return what is missing in a self-assessment loaded with_content(), in short.

    Empty sections are one entry (第一、二、四部分为空), which leads to the first.
    """
    found = gaps_by_part(assessment)
    sections = [each.key for each in scheme_of(assessment.task.scheme).sections]
    empty = [
        each for each in found if each.part in sections and each.text.endswith("为空")
    ]
    if len(empty) < 2:
        return found
    names = "、".join(ORDINALS[sections.index(each.part)] for each in empty)
    first = replace(empty[0], text=f"第{names}部分为空")
    return [
        first if each == empty[0] else each for each in found if each not in empty[1:]
    ]


def blocking_gaps(assessment: SelfAssessment) -> list[Gap]:
    """Return what must be filled in before a self-assessment is sent up."""
    return [each for each in gaps(assessment) if each.blocks]


def gaps_by_part(assessment: SelfAssessment) -> list[Gap]:
    """Return each thing that is missing in a self-assessment loaded with_content().

    Only what the task's material asks for counts as missing.
    """
    score = score_of(assessment)
    return [
        *_in_money(assessment),
        *_in_weights(assessment),
        *_in_results(assessment, score),
        *_in_texts(assessment, score),
        *_in_figures(assessment, score),
        *_in_evidence(assessment),
        *_in_comments(assessment),
    ]


def _in_comments(assessment: SelfAssessment) -> Iterator[Gap]:
    """Yield the reviewers' remarks that the unit has not answered."""
    if not assessment.is_editable:
        return
    page = reverse("indicators:detail", args=[assessment.pk])
    for thread in unanswered(assessment.comments.all()):
        remark = thread.remark
        name = (
            f"“{remark.indicator.level3}”"
            if remark.indicator
            else text_name(assessment, remark.narrative_key)
        )
        yield Gap(f"{name}的评语未答复", part_of(remark), f"{page}#{thread.anchor}")


def _in_money(assessment: SelfAssessment) -> Iterator[Gap]:
    names = {"adjusted": "全年预算数", "executed": "全年执行数"}
    project = assessment.project
    missing = [name for name in names if project.funding_total(name) is None]
    if missing:
        words = "、".join(names[name] for name in missing)
        address = reverse("projects:funding", args=[project.pk])
        # The page has a first row, filled in or not.
        yield Gap(f"未填{words}", MONEY, f"{address}#id_lines-0-{missing[0]}")


def _in_weights(assessment: SelfAssessment) -> Iterator[Gap]:
    """Yield where the indicators' weights don't come to 100: 权重合计 95."""
    indicators = [each.indicator for each in assessment.results.all()]
    address = reverse("indicators:targets", args=[assessment.project_id])
    if not indicators:
        yield Gap("没有绩效指标", ROWS, address)
        return
    weights = weigh(indicators, scheme_of(assessment.task.scheme))
    if weights.words:
        text = f"权重合计 {max_points(weights.total)}"
        yield Gap(text, ROWS, address, blocks=False)


def _in_results(assessment: SelfAssessment, score: Score) -> Iterator[Gap]:
    """Yield one gap for each thing that rows lack, with the number of such rows."""
    by_money, wholes = execution_result(assessment), wholes_of(assessment)
    found: dict[str, list[IndicatorResult]] = {}
    for result, row in zip(assessment.results.all(), score.rows, strict=True):
        for lack in missing_in_row(result, row, by_money=result == by_money):
            found.setdefault(lack, []).append(result)
    for lack, rows in found.items():
        field = MENDED_IN.get(lack, "deviation_note")
        first = rows[0]
        address = reverse("indicators:result", args=[assessment.pk, first.pk])
        url = f"{address}?field={field}#id_result{first.pk}_{field}"
        if field == "actual" and first.pk in wholes:
            url = reverse("indicators:shares", args=[assessment.pk])
        yield Gap(f"{len(rows)} 项指标{lack}", ROWS, url)


def _in_evidence(assessment: SelfAssessment) -> Iterator[Gap]:
    """Yield the rows scored by a standard that nothing proves: they count for nothing
    without (R-14)."""
    proven = proofs_of(assessment).by_indicator
    by_money = execution_result(assessment)
    unproven = [
        each
        for each in assessment.results.all()
        if each.indicator.comparator == Comparator.RUBRIC
        and each.self_points
        and each != by_money
        and each.indicator_id not in proven
    ]
    if unproven:
        address = reverse("indicators:evidence", args=[assessment.pk])
        chosen = "&".join(f"indicator={each.indicator_id}" for each in unproven)
        text = f"{len(unproven)} 项评分指标没有佐证材料"
        yield Gap(text, EVIDENCE, f"{address}?{chosen}#id_files", blocks=False)


def missing_in_row(
    result: IndicatorResult, row: RowScore, *, by_money: bool = False
) -> list[str]:
    """Return what one result row lacks: 未填实际完成值, 未说明偏差原因 …

    by_money: its points follow from the execution ratio, so nothing but a reason is
    asked of the unit.
    """
    lacks = [] if by_money else _entries_missing(result, row)
    if result.deviation_note.strip():
        return lacks
    if row.needs_reason and "未确认得分" not in lacks:
        return [*lacks, "未说明偏差原因"]
    if _disagrees(result.indicator, result.self_points, row):
        return [*lacks, "未写不同意自动得分的理由"]
    return lacks


def reason_asked(
    result: IndicatorResult, row: RowScore, typed: Mapping[str, Any]
) -> str:
    """Return why 偏差原因分析及改进措施 is asked for while a row is typed, "" if not.

    typed: values of the row's fields that need not be stored yet; row: their score.
    """
    given = typed.get("self_points", result.self_points)
    if row.needs_reason:
        return row.reason_because
    if _disagrees(result.indicator, given, row):
        return f"自评得分 {given} 与按规则计算的 {row.points} 不同"
    return ""


def _disagrees(indicator: Indicator, given: Decimal | None, row: RowScore) -> bool:
    """Whether the unit gives a measured row other points than the rule does."""
    return not indicator.is_judged and given is not None and given != row.points


def _entries_missing(result: IndicatorResult, row: RowScore) -> list[str]:
    comparator = result.indicator.comparator
    if comparator == Comparator.RUBRIC:
        return [
            *(["未填自评得分"] if result.self_points is None else []),
            *([] if result.basis.strip() else ["未写得分依据"]),
        ]
    lacks = ["未填实际完成值"] if is_blank(result.actual) else []
    if comparator == Comparator.QUALITATIVE:
        if row.points is None:
            lacks.append("未选达成程度")
        elif result.self_points is None:
            lacks.append("未确认得分")
    elif row.points is None and not lacks:
        lacks.append("不能计分")
    return lacks


def _in_texts(assessment: SelfAssessment, score: Score) -> Iterator[Gap]:
    """Yield the texts that are empty or longer than the scheme allows."""
    limits = text_limits(assessment)
    texts = {each.key: each for each in assessment.narratives.all()}
    empty = [key for key, each in texts.items() if not each.text.strip()]
    for section in scheme_of(assessment.task.scheme).sections:
        if section.key in empty:
            yield _of_text(assessment, section.key, "为空")
    if NarrativeKey.GOAL in empty:
        yield _of_text(assessment, NarrativeKey.GOAL, "为空")
    if NarrativeKey.FUNDS in empty and score.execution.needs_reason:
        because = score.execution.reason_because
        words = f"未说明预算执行情况（{because}）"
        yield Gap(words, NarrativeKey.FUNDS, _text_url(assessment, NarrativeKey.FUNDS))
    for key, limit in limits.items():
        if key in texts and count_characters(texts[key].text) > limit:
            yield _of_text(assessment, key, f"超过 {limit} 字")


def _in_figures(assessment: SelfAssessment, score: Score) -> Iterator[Gap]:
    """Yield the texts that name a figure wrongly or keep a gap of a draft."""
    found = Counter(key for key, _ in text_problems(assessment, score))
    for key, count in found.items():
        yield _of_text(assessment, key, f"有 {count} 处数据引用或留空要改")


def _of_text(assessment: SelfAssessment, key: str, what: str) -> Gap:
    url = _text_url(assessment, key)
    return Gap(f"{text_name(assessment, key)}{what}", str(key), url)


def _text_url(assessment: SelfAssessment, key: str) -> str:
    address = reverse("indicators:narratives", args=[assessment.pk])
    return f"{address}#id_{key}_text"


def text_name(assessment: SelfAssessment, key: str) -> str:
    """Return how people call a text: 第四部分, 年度总体目标实际完成情况."""
    place = _section_place(assessment, key)
    return NarrativeKey(key).label if place is None else f"第{ORDINALS[place]}部分"


def text_title(assessment: SelfAssessment, key: str) -> str:
    """Return a text's heading as the report numbers it: 四、存在问题和建议."""
    place = _section_place(assessment, key)
    if place is None:
        return NarrativeKey(key).label
    section = scheme_of(assessment.task.scheme).sections[place]
    return f"{ORDINALS[place]}、{section.title}"


def _section_place(assessment: SelfAssessment, key: str) -> int | None:
    """Return a section's index in the report, None for the texts of the form."""
    keys = [section.key for section in scheme_of(assessment.task.scheme).sections]
    return keys.index(key) if key in keys else None


def text_limits(assessment: SelfAssessment) -> dict[str, int]:
    """Return {key: most characters} of the texts that the scheme limits."""
    sections = scheme_of(assessment.task.scheme).sections
    return {each.key: each.max_length for each in sections if each.max_length}


def count_characters(text: str) -> int:
    """Return the characters of a text, blanks and line ends not counted."""
    return len("".join(text.split()))


def oddity(assessment: SelfAssessment) -> str:
    """Return in one sentence what is odd about the score, "" where nothing is.

    Odd: the share of points stands ODD_GAP or more above the execution ratio.
    """
    ratio = assessment.project.execution_ratio
    if ratio is None or assessment.total is None:
        return ""
    gap = assessment.total / 100 - ratio
    if gap < ODD_GAP:
        return ""
    points = percent(gap).removesuffix("%")
    return (
        f"得分率 {percent(assessment.total / 100)}，预算执行率只有 {percent(ratio)}，"
        f"相差 {points} 个百分点"
    )
