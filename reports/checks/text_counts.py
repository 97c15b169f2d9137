"""Check of counted things in the text against the results of the indicators."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from indicators.scoring_rules import plain
from perfeval.numbers import (
    Quantity,
    normal_text,
    normal_unit,
    read_value,
    unit_factor,
)
from reports.checks.case import Case, row_name
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Kind, Mention
from reports.checks.text_words import YEARS, is_until
from reports.document import Indicator

PLANNED = re.compile(
    "计划|目标|拟|将|应|预计|预期|力争|下一步|要求|标准|不低于|不少于|不超过|低于|高于|下年|明年|达到.{0,4}以上"
    "|其中|每|平均|上年|去年|较|比|同比|增[加长]|提高|下降|减少|累计|新增|首|第[一二三四]|指标值|约束"
)
PLAIN_WORDS = re.compile(
    "数量|个数|次数|人次数?|人数|场次|户数|家数|件数|面积|长度|里程|情况|指标|总数|总量|数$|的|完成|年度|全年|"
    "开展|组织|实施|率$|[（(].{0,20}?[)）]|\\W|[a-z0-9]"
)
BEFORE, BEHIND = 24, 14
SATISFIED = "满意度"
CLAUSE_MARKS = re.compile("[：:为达到\\s]")


@dataclass(frozen=True)
class Wanted:
    """An indicator with its result as a figure that the text may repeat.

    core: the pairs of characters of its name that must stand beside the figure; tail:
    its last word, where no other row's name ends so: it will do alone.
    """

    index: int
    row: Indicator
    value: Decimal
    unit: str
    target: Decimal | None
    core: frozenset[str]
    tail: str


@check(
    "indicator-value-differs",
    group="text",
    severity="error",
    source="报告文字与自评表应一致",
    help="文字中的完成数与自评表同一指标的实际完成值不一致（按名称和单位对应）",
)
def indicator_value_differs(case: Case) -> Found:
    wanted = list(_wanted(case))
    for each in wanted:
        rivals = [other for other in wanted if other is not each]
        said = [
            mention
            for mention in _figures_in_unit(case, each.unit)
            if _speaks_of(mention, each, rivals, case)
        ]
        if any(mention.says(each.value, each.unit) for mention in said):
            said = [mention for mention in said if _is_slip(mention, each)]
        wrong = [m for m in said if not m.says(each.value, each.unit)]
        if len({(m.low, m.unit) for m in wrong}) != 1:
            continue
        mention = wrong[0]
        yield (
            mention.place,
            f"“{_around(mention)}”与自评表{row_name(each.index, each.row)}实际完成值 "
            f"{plain(each.value)}{each.unit} 不一致；请核对后改文字或自评表",
        )


def _wanted(case: Case) -> Iterator[Wanted]:
    for index, row in case.applicable():
        actual, target = read_value(row.actual or ""), read_value(row.target or "")
        if not isinstance(actual, Quantity) or actual.sign not in (None, "="):
            continue
        unit = actual.unit or normal_unit(row.unit)
        core = _core(row.level3)
        if not unit and isinstance(target, Quantity):
            unit = target.unit
        if not unit or len(core) < 1 or unit_factor(unit, "元") is not None:
            continue
        goal = target.value if isinstance(target, Quantity) else None
        yield Wanted(index, row, actual.value, unit, goal, core, _tail(row, case))


def _tail(row: Indicator, case: Case) -> str:
    """Return 满意度 of 受益村民满意度 where one row alone is of satisfaction."""
    alike = [each for _, each in case.applicable() if SATISFIED in each.level3]
    return SATISFIED if len(alike) == 1 and row.level3.endswith(SATISFIED) else ""


def _core(name: str) -> frozenset[str]:
    words = PLAIN_WORDS.sub("", normal_text(name).lower())
    return frozenset(words[place : place + 2] for place in range(len(words) - 1))


def _figures_in_unit(case: Case, unit: str) -> Iterator[Mention]:
    kind: Kind = "ratio" if unit in ("%", "‰") else "count"
    for mention in case.mentions_in(kind, unit):
        if mention.passage.key != "problems" and mention.low == mention.high:
            yield mention


def _speaks_of(
    mention: Mention, wanted: Wanted, rivals: list[Wanted], case: Case
) -> bool:
    """Whether all of an indicator's name stands beside a figure, and no other's does
    better, and it is neither a plan nor a part nor another time's."""
    # 修复档案26380页：一等9120页: the words behind another figure are its own.
    before = re.split("[0-9]", mention.clause[-BEFORE:])[-1]
    words = PLAIN_WORDS.sub("", f"{before}{mention.after[:BEHIND]}")
    pairs = {words[place : place + 2] for place in range(len(words) - 1)}
    alone = bool(wanted.tail) and CLAUSE_MARKS.sub("", mention.clause) == wanted.tail
    if not wanted.core <= pairs and not alone:
        return False
    if any(r.core <= pairs and r.core > wanted.core for r in rivals):
        return False
    same = [r for r in rivals if r.core <= pairs and r.unit == wanted.unit]
    if same or mention.approximate:
        return False
    sentence = mention.sentence_before[-60:]
    own_words = wanted.row.level3
    planned = any(word not in own_words for word in PLANNED.findall(before))
    if planned or _is_in_list(mention) or is_until(mention):
        return False
    if PLANNED.search(mention.after[:6]):
        return False
    years = {int(each) for each in YEARS.findall(sentence)}
    return not years or years == {case.document.year}


def _is_in_list(mention: Mention) -> bool:
    """Whether a figure is one of the parts behind 其中.

    A list ends where a figure in another unit follows.
    """
    _, found, between = mention.sentence_before.rpartition("其中")
    figures = re.findall(r"[0-9.]+\s?([^0-9\s]{0,2})", between)
    return bool(found) and (not figures or figures[-1][:1] == mention.unit[:1])


def _is_slip(mention: Mention, wanted: Wanted) -> bool:
    """Whether a figure differs from one that agrees elsewhere as a slip would."""
    own = mention.in_unit(wanted.unit)
    if own is None or mention.says(wanted.value, wanted.unit):
        return False
    left, right = (
        format(each.normalize(), "f").replace(".", "") for each in (own, wanted.value)
    )
    return len(left) > 2 and sorted(left) == sorted(right)


def _around(mention: Mention) -> str:
    return f"{mention.clause.strip()[-16:]}{mention.written}{mention.after[:6]}"
