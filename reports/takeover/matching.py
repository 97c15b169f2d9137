"""Rows of a form beside the rows of a self-assessment, matched by name and level."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from indicators.models import IndicatorResult
from perfeval.numbers import normal_text
from reports.document import Indicator
from reports.takeover.proposals import RowMatch

PUNCTUATION = re.compile(r"[\W_]+")
# How alike two names must be to be offered as one, from 0 to 1.
ALIKE = 0.6


def match_rows(
    indicators: Sequence[Indicator],
    results: Sequence[IndicatorResult],
    chosen: Mapping[int, int] | None = None,
) -> list[RowMatch]:
    """Return a match for each row; each of ours is taken once.

    chosen: {index: key of a result, 0 for none}, as a person corrected it.
    """
    free = {each.pk: each for each in results}
    found: dict[int, RowMatch] = {}
    for index, pk in (chosen or {}).items():
        if index < len(indicators):
            found[index] = _matched(indicators, index, free.pop(pk, None))
    for rule in (_same, _same_name, _same_place, _alike):
        for index in range(len(indicators)):
            if index not in found:
                match = rule(indicators, index, list(free.values()))
                if match and match.result:
                    free.pop(match.result.pk)
                    found[index] = match
    return [
        found.get(index) or _matched(indicators, index, None)
        for index in range(len(indicators))
    ]


def name_key(text: str) -> str:
    """Return a name without blanks, punctuation and full-width forms."""
    return PUNCTUATION.sub("", normal_text(text)).lower()


def _matched(
    indicators: Sequence[Indicator],
    index: int,
    result: IndicatorResult | None,
    why: str = "",
) -> RowMatch:
    return RowMatch(
        index=index,
        name=indicators[index].level3,
        result=result,
        certain=not why,
        why=why,
    )


def _same(
    indicators: Sequence[Indicator], index: int, free: Sequence[IndicatorResult]
) -> RowMatch | None:
    row = indicators[index]
    key = [name_key(each) for each in (row.level1, row.level2, row.level3)]
    for result in free:
        ours = result.indicator
        if key == [name_key(x) for x in (ours.level1, ours.level2, ours.level3)]:
            return _matched(indicators, index, result)
    return None


def _same_name(
    indicators: Sequence[Indicator], index: int, free: Sequence[IndicatorResult]
) -> RowMatch | None:
    """One of ours bears this name, whatever the level above it is called."""
    key = name_key(indicators[index].level3)
    named = [each for each in free if name_key(each.indicator.level3) == key]
    if not key or len(named) != 1:
        return None
    row, ours = indicators[index], named[0].indicator
    differs = row.level2 and name_key(row.level2) != name_key(ours.level2)
    why = f"系统中在“{ours.level2 or ours.level1}”下" if differs else ""
    return _matched(indicators, index, named[0], why)


def _same_place(
    indicators: Sequence[Indicator], index: int, free: Sequence[IndicatorResult]
) -> RowMatch | None:
    """Another name, but level, target and weight are those of one row of ours."""
    row = indicators[index]
    fitting = [
        each
        for each in free
        if row.target
        and each.indicator.max_points == row.max_points
        and name_key(each.indicator.level2) == name_key(row.level2)
        and normal_text(each.indicator.target) == normal_text(row.target)
    ]
    if len(fitting) != 1:
        return None
    why = f"名称不同，指标值和分值与“{fitting[0].indicator.level3}”相同"
    return _matched(indicators, index, fitting[0], why)


def _alike(
    indicators: Sequence[Indicator], index: int, free: Sequence[IndicatorResult]
) -> RowMatch | None:
    row = indicators[index]
    ranked = sorted(
        ((_likeness(row, each), each) for each in free),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if not ranked or ranked[0][0] < ALIKE:
        return None
    best = ranked[0][1]
    return _matched(indicators, index, best, f"名称与“{best.indicator.level3}”相近")


def _likeness(row: Indicator, result: IndicatorResult) -> float:
    if row.level1 and name_key(row.level1) != name_key(result.indicator.level1):
        return 0
    ours, theirs = name_key(result.indicator.level3), name_key(row.level3)
    return SequenceMatcher(None, ours[:100], theirs[:100]).ratio()
