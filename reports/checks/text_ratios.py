"""Check of the ratios in the text against the money of the form, or of the text."""

import re
from dataclasses import replace
from decimal import Decimal

from indicators.scoring_rules import percent, plain
from reports.checks.case import Case
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Mention
from reports.checks.text_money import PRACTICE, agrees, digits_of, wrong_claims
from reports.checks.text_words import (
    RATIO,
    RECEIVED_RATIO,
    SHARE_OF_BUDGET,
    SOURCES,
    is_bare,
    is_of_an_item,
    is_of_another_time,
)

OTHERS = re.compile(
    "部门整体|整体支出|部门预算|低于|不足|不低于|要求|目标|应|须|达不到|以上|标准|平均|提高|增长|下降"
)
APPENDED = re.compile("以上|以下|以内|的?(?:要求|目标|标准)")


@check(
    "ratio-differs",
    group="text",
    severity="error",
    source=PRACTICE,
    help="文字中的执行率、到位率与金额算出的不一致（按所写精度比较）",
)
def ratio_differs(case: Case) -> Found:
    money = case.money
    wrong = {id(claim) for claim in wrong_claims(case)}
    for mention in case.mentions("ratio"):
        clause = mention.clause
        allowed = _ratios(clause, case)
        if not allowed or not _is_whole(mention, case):
            continue
        if any(_says(mention, ratio) for ratio, _ in allowed):
            continue
        if _follows_other_amounts(mention, case, wrong):
            continue
        if _is_narrowed(mention, case) and not _is_slip_ratio(mention, allowed):
            continue
        ratio, working = allowed[0]
        source = "自评表" if case.total_row else "报告文字"
        assert money is not None
        execution = case.execution.ratio if case.execution else None
        is_execution = case.total_row is not None and ratio == execution
        yield (
            replace(mention.place, meant="ratio" if is_execution else ""),
            f"{mention.quoted}与{source}金额不符：{working} = {percent(ratio)}；"
            "请改执行率或核对金额",
        )


def _is_whole(mention: Mention, case: Case) -> bool:
    clause = re.sub("[0-9.]+[万亿]?元", "", mention.clause)
    if OTHERS.search(clause) or SOURCES.search(clause):
        return False
    if "其中" in mention.sentence_before:
        return False
    if APPENDED.match(mention.after) or is_of_an_item(mention):
        return False
    return is_bare(clause, case.names) and not is_of_another_time(
        mention, case.document.year
    )


def _is_narrowed(mention: Mention, case: Case) -> bool:
    """Whether its sentence speaks of a part, perhaps of that part's ratio too.

    Not once it has come back to what was spent on the whole.
    """
    passage, start = mention.passage.index, mention.sentence_start
    turns = case.said.narrowed.get((passage, start), [])
    money = case.money
    if money is None or not turns:
        return bool(turns)
    last = max((each for each in turns if each < mention.start), default=start)
    return not any(
        each.role == "executed"
        and (not each.weak or agrees(each.mention, money.executed, money.unit))
        for each in case.said.between(passage, last, mention.start)
    )


def _is_slip_ratio(mention: Mention, allowed: list[tuple[Decimal, str]]) -> bool:
    """Whether a ratio has the digits of a right one in another order."""
    places = -int(mention.step.as_tuple().exponent)
    return any(
        sorted(digits_of(mention.low)) == sorted(digits_of(round(ratio * 100, places)))
        for ratio, _ in allowed
    )


def _follows_other_amounts(mention: Mention, case: Case, wrong: set[int]) -> bool:
    """Whether a ratio follows from amounts before it in its sentence, not the form's.

    Some are another thing's, as its ratio is then. Others are the project's and wrong,
    which is told of them; a ratio that agrees with them is no second mistake.
    """
    money = case.money
    if money is None:
        return True
    before = case.said.between(
        mention.passage.index, mention.sentence_start, mention.start
    )
    row = case.total_row[1] if case.total_row else None
    known = [money.budget, money.executed]
    if row:
        known += [each for each in (row.initial, row.received) if each is not None]
    known += [each - money.executed for each in known]
    others = [
        claim
        for claim in before
        if not any(agrees(claim.mention, value, money.unit) for value in known)
    ]
    if any(id(claim) not in wrong for claim in others):
        return True
    written = [claim.mention.in_unit(money.unit) or Decimal(0) for claim in others]
    return any(
        one and other and (_says(mention, one / other) or _says(mention, other / one))
        for place, one in enumerate(written)
        for other in (*known, *written[:place])
    )


def _says(mention: Mention, ratio: Decimal) -> bool:
    return mention.says(ratio * 100, "%")


def _ratios(clause: str, case: Case) -> list[tuple[Decimal, str]]:
    """Return what a ratio may be by the money, each with its working."""
    money = case.money
    if money is None:
        return []
    row = case.total_row[1] if case.total_row else None
    received = row.received if row else None
    initial = row.initial if row else None
    bases: list[tuple[Decimal | None, str]] = []
    top = money.executed
    name = "执行数"
    if RECEIVED_RATIO.search(clause):
        if received is None:
            return []
        top, name = received, "到位数"
        bases = [(money.budget, "全年预算数"), (initial, "年初预算数")]
    elif SHARE_OF_BUDGET.search(clause):
        bases = [(money.budget, "全年预算数"), (initial, "年初预算数")]
    elif RATIO.search(clause):
        bases = [(money.budget, "全年预算数" if row else "预算"), (received, "到位数")]
    return [
        (top / base, f"{name} {plain(top)} ÷ {label} {plain(base)}")
        for base, label in bases
        if base
    ]
