"""Checks of counted things: against the indicators, and parts against their total."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

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
from reports.checks.text_mentions import Kind, Mention, factor_between
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


# ---- parts and their total -------------------------------------------------------

# What may stand between a total and its first part.
# 比上年增加936人 and the like may stand between a total and its parts.
MIDDLE = r"(?:[，,][^，,。；;\n]{2,20})?"
FAR_OPENING = re.compile(
    rf"{MIDDLE}[。，,（(]其中[：:，,]?"
    r"|[，,](?!.{0,16}?(?:季度|月|年))[^，,。；;\n0-9]{2,30}?(?:分别为|分别是)"
)
OPENING = re.compile(
    r"[^，,。；;\n0-9]{0,12}?[，,：:（(、]\s?(?:其中|包括|分别为|分别是|分为|具体为|含|即)[：:，,]?"
    r"|[^，,。；;\n0-9]{0,12}?[：:]\s?|[^，,。；;\n0-9（(]{0,6}?[（(](?:其中|包括|含)?[：:，,]?"
)
NOT_ALL = re.compile(
    "等(?!级|次)|主要|重点|仅|还有|另|部分|占|约|近|超|以上|新增|比|较|平均|每|同时|累计|如"
    "|优秀|获|表彰|骨干|困难|参加|完成|验收|通过|已|未|涉及|达到"
)
# 一等 and 二等 are labels; A、B等 says that more are left out.
ORDINAL = re.compile("[一二三四五特]等")
AGE = re.compile("[0-9]{1,3}(?:周?岁|年|级)(?:及?以[上下])?")
FIRM = re.compile("分别为|分别是|分为|具体为")
OVERLAP = re.compile(
    "女|党员|少数民族|贫困|低保|脱贫|残疾|高级|中级|大学|本科|硕士|博士|青年|老年|儿童"
)
PAIRS = """
男女 城乡 老新 旧新 东西 南北 大小 上下 左右 内外 前后 高初 公私 甲乙 正副 干支 新续
主次 冬夏
"""
SEPARATOR = re.compile(r"[，,、；;和及与\s]{1,3}(?:以及|和)?")
LABEL = 24
MOST_PARTS = 40


@dataclass(frozen=True)
class List:
    """A total and the parts written behind it, in one unit."""

    total: Mention
    parts: list[Mention]
    labels: list[str]
    opening: str


@check(
    "parts-do-not-sum",
    group="text",
    severity="error",
    source="审核惯例",
    help="文字中“其中”“包括”“分别为”后所列各项相加不等于总数",
)
def parts_do_not_sum(case: Case) -> Found:
    for found in _lists(case):
        total, sums = found.total, list(_running_sums(found))
        # Behind the parts other things in the unit may follow; not in one list.
        counted = sums[-1:] if _alike(found.labels) else sums
        if not sums or any(_same(total, each) for each in counted):
            continue
        whole = sums[-1]
        if not _is_complete(found, whole):
            continue
        text = total.passage.text
        end = found.parts[-1].end
        written = " + ".join(plain(part.low) for part in found.parts)
        yield (
            total.passage.place(total.start, end, lead=len(total.clause)),
            f"“{text[total.start : end].strip()[:60]}”：各项相加 {written} = "
            f"{plain(whole)}，与总数 {plain(total.low)} {total.unit}不一致；请核对",
        )


def _lists(case: Case) -> Iterator[List]:
    for kind in ("count", "money"):
        mentions = case.mentions("count" if kind == "count" else "money")
        for place, total in enumerate(mentions):
            if total.low != total.high or total.approximate:
                continue
            opening = OPENING.match(total.passage.text, total.end)
            if opening is None and kind == "count":
                opening = FAR_OPENING.match(total.passage.text, total.end)
            if opening and not _counts_again(total, opening, mentions[place + 1 :]):
                found = _read_list(
                    total, opening, mentions[place + 1 : place + 1 + MOST_PARTS]
                )
                if len(found.parts) >= 2:
                    yield found


def _counts_again(
    total: Mention, opening: re.Match[str], following: list[Mention]
) -> bool:
    """Whether a figure in the same unit stands between, whose parts they may be."""
    between = takewhile(lambda each: each.start < opening.end(), following[:4])
    return any(
        not re.search("比|较|增|减", each.clause)
        and factor_between(each.unit, total.unit) is not None
        and each.passage is total.passage
        for each in between
    )


def _read_list(
    total: Mention, opening: re.Match[str], following: list[Mention]
) -> List:
    text, end = total.passage.text, opening.end()
    parts: list[Mention] = []
    labels: list[str] = []
    bracketed = opening[0].rstrip("其中包括含：:，, ").endswith(("（", "("))
    for mention in following:
        if mention.passage is not total.passage or mention.start < end:
            if mention.passage is not total.passage:
                break
            continue
        between = text[end : mention.start]
        label = between
        if parts:
            separator = SEPARATOR.match(between)
            if not separator:
                break
            label = between[separator.end() :]
        if len(label) > LABEL or re.search("[。\n]", between):
            break
        if factor_between(mention.unit, total.unit) is None:
            break
        if mention.low != mention.high or mention.approximate:
            return List(total, [], [], "")
        if parts and re.search("[；;]", between) and not _goes_on(labels, label):
            break
        parts.append(mention)
        labels.append(label.strip("：: "))
        end = mention.end
        if mention.after and not text.startswith(("、", "，"), end):
            end += _noun_behind(text, end)
        if bracketed and text[end : end + 1] in ("）", ")"):
            break
        end = _past_brackets(text, end)
    return List(total, parts, labels, opening[0])


def _noun_behind(text: str, end: int) -> int:
    """Return how long the noun behind a figure is: 3条(支渠)，5条(干渠)。"""
    found = re.match(
        "[\u4e00-\u9fff]{1,10}(?=[，,、；;。）)和及])", text[end : end + 12]
    )
    return len(found[0]) if found else 0


def _past_brackets(text: str, end: int) -> int:
    found = re.match("[（(][^（）()\n]{0,80}[）)]", text[end : end + 82])
    return end + len(found[0]) if found else end


def _goes_on(labels: list[str], label: str) -> bool:
    """Whether a list goes on behind a semicolon: its labels are of one kind."""
    return bool(labels) and _alike([*labels, label])


def _running_sums(found: List) -> Iterator[Decimal]:
    """Yield the sums of the first two, three … parts, in the total's unit."""
    whole = Decimal(0)
    for place, part in enumerate(found.parts):
        value = part.in_unit(found.total.unit)
        assert value is not None
        whole += value
        if place:
            yield whole


def _same(total: Mention, value: Decimal) -> bool:
    return abs(total.low - value) <= (total.step / 2 if total.kind == "money" else 0)


def _is_complete(found: List, whole: Decimal) -> bool:
    """Whether the parts are meant to be all of it, and one figure is wrong.

    Told by words that say so, or by labels of one kind; else only where one figure with
    two digits swapped would make the sum right.
    """
    text = found.total.passage.text
    end = found.parts[-1].end
    labels = [AGE.sub("", ORDINAL.sub("", each)) for each in found.labels]
    words = "，".join([*labels, text[end : end + 4]])
    if NOT_ALL.search(words) or text[end : end + 1] in ("以", "多", "余"):
        return False
    if whole > 3 * found.total.low or 3 * whole < found.total.low:
        return False
    if FIRM.search(found.opening):
        return _names_all(found)
    if re.search("其[他它]", found.labels[-1]):
        return True
    if OVERLAP.search(words):
        return False
    if _alike(found.labels):
        return True
    # More than all of it, of what can't be counted twice; people can.
    more = whole > found.total.low and found.total.unit[-1] not in "人户家名"
    return more or _is_one_slip(found, whole)


def _names_all(found: List) -> bool:
    """Whether 甲、乙、丙分别为 names as many things as there are figures behind."""
    names = re.sub("^[，,]|(?:分别为|分别是).*", "", found.opening)
    count = len(re.findall("[、和及与]", names)) + 1
    return count == 1 or count == len(found.parts)


def _alike(labels: list[str]) -> bool:
    """Whether labels name things of one kind: 东片, 西片; 行政检查, 行政处罚; A, B."""
    plain_labels = [re.sub(r"[\W0-9]", "", each) for each in labels]
    if any(not each for each in plain_labels):
        return False
    if all(len(each) == 1 for each in plain_labels):
        return True
    for place in (slice(0, 1), slice(-1, None)):
        marks = {each[place] for each in plain_labels}
        if len(marks) == 1 and len(plain_labels) > 1:
            return True
    firsts = "".join(sorted({each[0] for each in plain_labels}))
    lasts = "".join(sorted({each[-1] for each in plain_labels}))
    pairs = {"".join(sorted(pair)) for pair in PAIRS.split()}
    return firsts in pairs or lasts in pairs


def _is_one_slip(found: List, whole: Decimal) -> bool:
    total = found.total
    difference = total.low - whole
    if _swaps(total.low, -difference):
        return True
    return any(
        _swaps(part.low, difference) for part in found.parts if part.unit == total.unit
    )


def _swaps(value: Decimal, difference: Decimal) -> bool:
    """Whether two neighbouring digits swapped change a figure by this difference."""
    digits = format(value, "f")
    for place in range(len(digits) - 1):
        one, two = digits[place], digits[place + 1]
        if "." not in (one, two) and one != two:
            other = f"{digits[:place]}{two}{one}{digits[place + 2 :]}"
            if Decimal(other) - value == difference:
                return True
    return False
