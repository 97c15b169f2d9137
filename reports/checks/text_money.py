"""Checks of the money and the ratios in the text, against the form or each other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import cast

from indicators.scoring_rules import plain
from perfeval.numbers import unit_factor
from reports.checks.case import Case
from reports.checks.findings import Meant
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Mention
from reports.checks.text_words import (
    ROLE_LABELS,
    YEARS,
    Claim,
    Role,
    is_of_an_item,
)

PRACTICE = "报告文字与自评表应一致"
FOREIGN = re.compile(
    "累计|历年|总投资|社会资[本金]|自筹|整合|撬动|带动|吸引|引导|捐|贷款|债券|其他资金|上级|中央|省"
    "|产值|收入|增收|税|挽回|节约|营业|销售|估算|概算|评审|核减|审减|合同|中标|目标|计划|预计|拟|规模"
    "|企业|争取|另|赔偿|罚|每年|十四五|三年|五年|资产|价值|经济损失|效益|总额达"
)
SPENDING = re.compile("支出|支付|拨付|发放|投入|补助|补贴|安排|使用|购置|采购|奖补")
NOT_NOUN = re.compile(
    "[^\u4e00-\u9fff]|资金|补助|给予|予以|安排|补贴|奖补|按照?|约|支付|发放|标准|平均|可|的"
)
EACH = re.compile("每(?:个|名|人|户|家|座|所|处|条|间|台|村|镇|场|期|亩|辆|套)?")


@check(
    "amount-differs",
    group="text",
    severity="error",
    source=PRACTICE,
    help="文字中的预算、到位、支出金额与自评表不一致，或前后两处不一致（按所写精度比较）",
)
def amount_differs(case: Case) -> Found:
    if case.total_row is None:
        for claim, first in _differ_among_themselves(case):
            yield (
                claim.mention.place,
                f"{claim.mention.quoted}与前文{first.quoted}不一致；请核对后统一",
            )
        return
    unit = case.document.funds.unit
    for claim, expected in _differ_from_form(case):
        label = ROLE_LABELS[claim.role]
        values = "、".join(plain(value) for value in dict.fromkeys(expected))
        yield (
            replace(claim.mention.place, meant=_meant(claim.role, expected)),
            f"{claim.mention.quoted}与自评表{label} {values} {unit}不一致；"
            "请核对后改文字或自评表",
        )


def _differ_from_form(case: Case) -> Iterator[tuple[Claim, list[Decimal]]]:
    """Yield the amounts that are not the form's, with what the form has instead."""
    unit = case.document.funds.unit
    for claim in case.said.claims:
        expected = _expected(claim.role, case)
        mention = claim.mention
        if not expected or any(agrees(mention, value, unit) for value in expected):
            continue
        if _may_be_of_a_part(mention, expected, unit):
            continue
        if claim.weak and not _is_slip_of(mention, expected, unit):
            continue
        yield claim, expected


def wrong_claims(case: Case) -> Iterator[Claim]:
    """Yield the amounts of the project that are told as wrong."""
    pairs = _differ_from_form if case.total_row else _differ_among_themselves
    for claim, _ in pairs(case):
        yield claim


def _meant(role: Role, expected: list[Decimal]) -> Meant:
    """Return the one figure of the form that a role stands for, "" where in doubt."""
    if role in ("initial", "adjusted", "received", "executed"):
        return cast(Meant, role)
    alone = role == "budget" and len(set(expected)) == 1
    return "adjusted" if alone else ""


def _expected(role: Role, case: Case) -> list[Decimal]:
    """Return the form's figures that a role may stand for, [] where it has none."""
    assert case.total_row is not None
    row = case.total_row[1]
    budgets = [each for each in (row.adjusted, row.initial) if each is not None]
    if role == "initial":
        return [] if row.initial is None else [row.initial]
    if role == "adjusted":
        return [] if row.adjusted is None else [row.adjusted]
    if role == "budget":
        return budgets
    if role == "executed":
        return [] if row.executed is None else [row.executed]
    if role == "received":
        return [] if row.received is None else [row.received]
    if role == "funds":
        return [*budgets, *(x for x in (row.received, row.executed) if x is not None)]
    if role == "rest" and row.executed is not None:
        known = [*budgets, *([] if row.received is None else [row.received])]
        return [each - row.executed for each in known]
    return []


def agrees(mention: Mention, value: Decimal, unit: str) -> bool:
    """Whether text and form say the same, each at the precision it is written in."""
    if mention.says(value, unit):
        return True
    own = mention.in_unit(unit)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    # 13.32 万元 in a form may stand for 133199.56元; 23 万元 doesn't stand for 23.4.
    if own is None or unit != "万元" or exponent > -2:
        return False
    return abs(own - value) <= Decimal(1).scaleb(exponent) / 2


def _may_be_of_a_part(mention: Mention, expected: list[Decimal], unit: str) -> bool:
    """Whether a smaller or far larger amount may be another thing's.

    Smaller in a list of items or among the results: one item's. Far larger after 部门
    or 单位: the body's.
    """
    own = mention.in_unit(unit)
    if own is None:
        return True
    whole = re.search("全年|项目|合计|总|累计|年度", mention.clause)
    among_items = is_of_an_item(mention) or (
        mention.passage.key in ("results", "other") and not whole
    )
    if among_items and own < max(expected):
        return not any(resembles(own, value) for value in expected)
    body = re.search("部门|单位|我[局院校委办站馆]|我中心", mention.sentence_before)
    return bool(body) and own > 3 * max(expected)


def _is_slip_of(mention: Mention, expected: list[Decimal], unit: str) -> bool:
    own = mention.in_unit(unit)
    return own is not None and any(resembles(own, each) for each in expected)


def resembles(one: Decimal, other: Decimal) -> bool:
    """Whether one figure could be a slip of the other: same digits, or one changed."""
    left, right = digits_of(one), digits_of(other)
    if sorted(left) == sorted(right):
        return True
    if len(left) != len(right):
        return False
    return sum(a != b for a, b in zip(left, right, strict=True)) == 1


def digits_of(value: Decimal) -> str:
    return format(value.normalize(), "f").replace(".", "").strip("0")


def _differ_among_themselves(case: Case) -> Iterator[tuple[Claim, Mention]]:
    """Yield the amounts that are not the first of their role, with that first one.

    Where no form says which is right.
    """
    first: dict[Role, Mention] = {}
    for claim in case.said.claims:
        if claim.weak or claim.role not in ("initial", "adjusted", "executed"):
            continue
        mention = claim.mention
        before = first.setdefault(claim.role, mention)
        if before is mention or is_of_an_item(mention) or is_of_an_item(before):
            continue
        if mention.says(before.low, before.unit) or before.says(
            mention.low, mention.unit
        ):
            continue
        yield claim, before


@check(
    "amount-exceeds-budget",
    group="text",
    severity="warning",
    source="审核惯例",
    help="文字中的支出（或数量 × 单项金额）超过项目预算：请说明其他资金来源",
)
def amount_exceeds_budget(case: Case) -> Found:
    money = case.money
    if money is None or money.budget <= 0:
        return
    limit = max(money.budget, money.executed)
    if case.total_row and case.total_row[1].initial:
        limit = max(limit, case.total_row[1].initial)
    whole = {id(claim.mention) for claim in case.said.claims}
    for mention in case.mentions("money"):
        own = mention.in_unit(money.unit)
        if own is None or id(mention) in whole:
            continue
        if _is_of_another_year(mention, case.document.year) or FOREIGN.search(
            mention.sentence
        ):
            continue
        each = EACH.search(mention.clause)
        if each:
            yield from _times(mention, each, limit, case)
        elif own > limit and _is_spent(mention):
            yield (
                mention.place,
                f"{mention.quoted}超过项目预算 {plain(money.budget)} {money.unit}；"
                "请核对金额，或说明其他资金来源",
            )


def _is_of_another_year(mention: Mention, year: int | None) -> bool:
    years = {int(each) for each in YEARS.findall(mention.sentence_before)}
    return bool(years and year and not years & {year})


def _is_spent(mention: Mention) -> bool:
    body = re.search(
        "部门|全局|单位|[我该本][局院校委办站馆厅]|全[省市县区]|一般公共预算|决算",
        mention.sentence,
    )
    return bool(SPENDING.search(mention.clause)) and not body


def _times(mention: Mention, each: re.Match[str], limit: Decimal, case: Case) -> Found:
    """Multiply an amount per thing with their count: 16个镇（街）, 每个镇街20万."""
    money = case.money
    own = mention.in_unit(money.unit) if money else None
    words = NOT_NOUN.sub("", mention.clause[each.end() :])
    noun = words or each[0].removeprefix("每")
    if money is None or own is None or not noun:
        return
    for count in case.counts_near(mention):
        if count.low != count.high or not _counts(count, noun):
            continue
        product = own * count.low
        if product > limit:
            factor = unit_factor(money.unit, "万元") or Decimal(1)
            text = mention.passage.text[count.start : count.end + 6].strip()
            yield (
                mention.place,
                f"“{text}”× {mention.quoted} = {plain(product * factor)} 万元，超过项目"
                f"预算 {plain(money.budget * factor)} 万元；请核对，或说明其他资金来源",
            )
        return


def _counts(count: Mention, noun: str) -> bool:
    """Whether a count is of this thing: 16个镇（街） of 镇街, 800人 of 人."""
    behind = count.passage.text[count.end : count.end + 10]
    named = NOT_NOUN.sub("", behind)
    if len(noun) >= 2:
        return noun[:2] in named
    return noun == count.unit[-1] or noun in named[:4]
