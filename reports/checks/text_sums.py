"""Check of parts against their total: behind it (其中, 分别为) or before (…共计)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile

from indicators.scoring_rules import plain
from reports.checks.case import Case
from reports.checks.findings import Where
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Kind, Mention, factor_between
from reports.checks.text_words import Role, is_bare, meaning_of

# What may stand between a total and its first part.
# 比上年增加936人 and the like may stand between a total and its parts.
MIDDLE = r"(?:[，,][^，,。；;\n]{2,20})?"
FAR_OPENING = re.compile(
    rf"{MIDDLE}[。，,（(]其中[：:，,]?"
    r"|[，,](?!.{0,16}?(?:季度|月|年))[^，,。；;\n0-9]{2,30}?(?:分别为|分别是)"
)
# Of money nothing may stand between: other amounts are what is spoken of then.
NEXT_SENTENCE = re.compile("。其中[：:，,]?")
OPENING = re.compile(
    r"[^，,。；;\n0-9]{0,12}?[，,：:（(、]\s?(?:其中|包括|分别为|分别是|分为|具体为|含|即)[：:，,]?"
    r"|[^，,。；;\n0-9]{0,12}?[：:]\s?|[^，,。；;\n0-9（(]{0,6}?[（(](?:其中|包括|含)?[：:，,]?"
)
# 30万元（甲村：20万元；乙村：10万元）: all of it stands in the brackets.
ALL_IN_BRACKETS = re.compile("[（(](?!其中|包括|含)[^（）()]*$")
IN_BRACKETS = re.compile("[（(][^（）()]*$")
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
KINDS: tuple[Kind, ...] = ("count", "money")
LABEL = 24
MOST_PARTS = 40
# From this many parts on who names the small ones leaves out no larger one.
MANY_PARTS = 4
# 甲村3万元，乙村2万元，共计5万元: the words of a total behind its parts.
SUMMED_UP = re.compile(
    "(?:以上|[两三四五六]项)?(?:总计|共计|合计)"
    "(?:下达|安排|投入|支出|支付|拨付|发放|补助|使用|资金|经费|金额){0,2}[为：:]?"
)
# What a figure is that adds up to no total: a price, a plan, what is left.
NO_PART = re.compile("每|均|单价|标准|[×*]|预算|到位|结[余转]|计划|上年|去年|按")
# Figures of the whole, each in its own right: none is a part of another one.
OF_THE_WHOLE: frozenset[Role] = frozenset(("adjusted", "received", "executed", "rest"))


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
    help="文字中“其中”“包括”“分别为”后（或“共计”前）所列各项相加不等于总数",
)
def parts_do_not_sum(case: Case) -> Found:
    yield from _wrong_behind(case)
    for found in _lists_before(case):
        sums = list(
            enumerate(_running_sums(replace(found, parts=found.parts[::-1])), 2)
        )
        if any(_same(found.total, whole) for _, whole in sums):
            continue
        count, whole = min(sums, key=lambda each: abs(each[1] - found.total.low))
        parts = found.parts[-count:]
        if _is_near(found, parts, whole):
            yield _told(found.total, parts, whole, parts[0].start, found.total.end)


def _wrong_behind(case: Case) -> Found:
    for found in _lists(case):
        total, sums = found.total, list(_running_sums(found))
        # Behind the parts other things in the unit may follow; not in one list.
        counted = sums[-1:] if _alike(found.labels) else sums
        if len(sums) > 1 and _same(total, _value(found.parts[-1], total)):
            # 中央3万元，县级2万元，下达资金5万元: the total once more.
            counted = sums[-2:]
        if not sums or any(_same(total, each) for each in counted):
            continue
        whole = sums[-1]
        if not _is_complete(found, whole):
            continue
        end = found.parts[-1].end
        yield _told(total, found.parts, whole, total.start, end)


def _told(
    total: Mention, parts: list[Mention], whole: Decimal, start: int, end: int
) -> tuple[Where, str]:
    written = " + ".join(plain(part.low) for part in parts)
    lead = len(total.clause) if start == total.start else LABEL
    return (
        total.passage.place(start, end, lead=lead),
        f"“{total.passage.text[start:end].strip()[:60]}”：各项相加 {written} = "
        f"{plain(whole)}，与总数 {plain(total.low)} {total.unit}不一致；请核对",
    )


def _lists_before(case: Case) -> Iterator[List]:
    """Yield the totals behind 共计 with the parts in the same unit that lead to it."""
    for kind in KINDS:
        mentions = case.mentions(kind)
        for place, total in enumerate(mentions):
            if total.low != total.high or total.approximate:
                continue
            if SUMMED_UP.fullmatch(total.clause.strip()):
                found = _read_back(total, mentions[max(0, place - MOST_PARTS) : place])
                if len(found.parts) >= 2:
                    yield found


def _read_back(total: Mention, before: list[Mention]) -> List:
    text, start = total.passage.text, total.start
    parts: list[Mention] = []
    for part in reversed(before):
        if part.passage is not total.passage or part.unit != total.unit:
            break
        between = text[part.end : start]
        if len(between) > LABEL or re.search("[。；;\n]", between):
            break
        if part.low != part.high or part.approximate or NO_PART.search(part.clause):
            break
        parts.insert(0, part)
        start = part.start
        if "其中" in part.clause:
            break
    return List(total, parts, [part.clause.strip() for part in parts], "")


def _is_near(found: List, parts: list[Mention], whole: Decimal) -> bool:
    """Whether parts are meant to be all of a total, and one figure is a slip."""
    words = "，".join(part.clause for part in parts)
    if NOT_ALL.search(words) or OVERLAP.search(words):
        return False
    total = found.total.low
    if any(part.low > total for part in parts):
        return False
    return abs(whole - total) * 2 < total


def _lists(case: Case) -> Iterator[List]:
    for kind in KINDS:
        mentions = case.mentions(kind)
        for place, total in enumerate(mentions):
            if total.low != total.high or total.approximate:
                continue
            opening = OPENING.match(total.passage.text, total.end)
            if opening is None:
                far = FAR_OPENING if kind == "count" else NEXT_SENTENCE
                opening = far.match(total.passage.text, total.end)
            if opening and not _counts_again(total, opening, mentions[place + 1 :]):
                found = _read_list(
                    total, opening, mentions[place + 1 : place + 1 + MOST_PARTS]
                )
                found = _of_one_role(found, case.names)
                if len(found.parts) >= 2:
                    yield found


def _of_one_role(found: List, names: tuple[str, ...]) -> List:
    """Return a list up to where it comes to speak of the whole in another role.

    预算58万元，其中财政拨款58万元，全年执行55.1万元: what was spent is no part. All of
    it where that makes the total: 其中财政拨款50万元，年初结余8万元.
    """
    if found.total.kind != "money":
        return found
    whole, *roles = (
        meaning_of(each, names).role for each in (found.total, *found.parts)
    )
    for place, part in enumerate(found.parts[1:], 1):
        before = roles[:place]
        # What was spent and what is left of it are a whole together.
        left = roles[place] == "rest" and set(before) == {"executed"}
        if left or roles[place] not in OF_THE_WHOLE - {whole, *before}:
            continue
        if is_bare(part.clause, names):
            later = list(_running_sums(found))[place - 1 :]
            if any(_same(found.total, each) for each in later):
                return found
            return replace(
                found, parts=found.parts[:place], labels=found.labels[:place]
            )
    return found


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
    bracketed = bool(IN_BRACKETS.search(opening[0]))
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
        ends = re.search("[；;]", between) and not bracketed
        if parts and ends and not _goes_on(labels, label):
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
        whole += _value(part, found.total)
        if place:
            yield whole


def _value(part: Mention, total: Mention) -> Decimal:
    value = part.in_unit(total.unit)
    assert value is not None
    return value


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
    if ALL_IN_BRACKETS.search(found.opening) and text[end : end + 1] in ("）", ")"):
        return True
    if _alike(found.labels):
        return True
    if found.total.kind == "money" and _leaves_out_more(found, whole):
        return True
    # More than all of it, of what can't be counted twice; people can.
    more = whole > found.total.low and found.total.unit[-1] not in "人户家名"
    return more or _is_one_slip(found, whole)


def _leaves_out_more(found: List, whole: Decimal) -> bool:
    """Whether what a long list leaves out is more than the least that it names."""
    least = min(_value(part, found.total) for part in found.parts)
    rest = found.total.low - whole
    return len(found.parts) >= MANY_PARTS and least <= rest < found.total.low / 20


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
