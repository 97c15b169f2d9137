"""Check of parts that are written behind their total: 其中, 包括, 分别为."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from indicators.scoring_rules import plain
from reports.checks.case import Case
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Mention, factor_between

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
