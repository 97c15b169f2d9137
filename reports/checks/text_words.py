"""Words of a clause that say what its figure is: role, scope, time.

A clause is decided only where nothing is left of it once all known words are taken out:
“培训费支出” speaks of one part, “全年实际支出” of the whole project.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from reports.checks.text_mentions import Mention

Role = Literal[
    "initial", "adjusted", "budget", "received", "executed", "rest", "funds", "other"
]
Scope = Literal["project", "part", "unknown"]

ROLE_LABELS: dict[Role, str] = {
    "initial": "年初预算数",
    "adjusted": "全年预算数",
    "budget": "预算数",
    "received": "到位数",
    "executed": "全年执行数",
    "rest": "结余",
    "funds": "全年预算数",
    "other": "",
}

OTHER = re.compile(
    "调[减增剂]|追加|压减|核减|收回|结转|缺口|未支|未使用|未执行|每|人均|单价|标准|上年|去年|往年"
    "|申请|申报|合同|中标|采购|招标|罚|收入|分别|第[一二三四五1-9]批|首批|增[加长]|减少|下降"
    "|节[约省]|拟|计划|目标|力争|超过|低于|不低于|不超过|高于|应|借款|贷款|保证金|税"
)
REST = re.compile("结余|剩余|节余|余额")
SPENT = re.compile("支出|(?<!转移)支付|执行|使用|列支|实支|付款|发放|拨付|兑付")
# Said of a part as often as of the whole: believed where the figure looks like a slip.
PAID_OUT = re.compile("付款|发放|拨付|兑付")
# A clause with these words speaks of the whole again, whatever its sentence spoke of.
WHOLE = re.compile("全年|当年|本年|年度")
WHOLE_AGAIN = re.compile("实际支出|共计|合计|总计|实支")
REALLY_SPENT = re.compile("实际(?:完成)?(?:支出|支付|执行|使用)|执行数|支出数|实支")
UNCLEAR_SPENT = re.compile("支出预算|预算[^0-9]{0,12}支出|安排[^0-9]{0,12}支出|执行率")
INITIAL = re.compile("年初")
ADJUSTED = re.compile("全年预算|调整后|调整为|调整预算数|变更为|追加后|压减后")
# 项目资金230万元: mostly what was given, perhaps what was spent.
FUNDS = re.compile("(?:项目|专项)(?:总)?(?:资金|经费)(?:总额|总量)?[共计为达]{0,2}$")
BUDGET = re.compile(
    "预算|(?:安排|批复)[^，。]{0,6}(?:资金|经费)|(?:资金|经费)[^，。]{0,4}安排"
)
RECEIVED = re.compile("到位")
RATIO = re.compile("执行率|支出率|支付率|支出进度|执行进度|支付进度|使用率")
SHARE_OF_BUDGET = re.compile("(?:占|完成)[^，。；]{0,12}预算[^，。；]{0,16}的$")
RECEIVED_RATIO = re.compile("到位率")

KNOWN_WORDS = """
实支 付款 发放 拨付 兑付 当年
截至 截止 到 年底 年末 12月底 12月末 12月31日 12月 全年度 全年 本年度 本年 当年 年度
年初 年中 年终 该项目 本项目 此项目 项目 专项 财政 拨款 资金 经费 预算 部门预算 部门
总额 总量 总数 总计 金额 额度 数额 数 总 共计 合计 累计 共 实际 实有 实 已 均 全部
完成 安排 批复 下达 核定 到位 支出 支付 使用 执行 列支 结余 剩余 节余 余额 为 了 是
达到 达 大约 约 近 将近 即 的 计 由 经 按 其 在 中 内 于 占 指标 调整后 调整 后 变更
追加后 人民币 ： : “ ” 根据 情况 该 本 率 进度 支付率 执行率 支出率 使用率 到位率 最终
可用 有 也 则 并 且 而 , 至 整体 总体 从 看 方面 上 额 款 投入 资金来源 来源 单位 我局
我单位 我院 我校 我中心 我委 我办 我站 我馆 同级 一般公共 全额 按期 及时 一次性
"""
KNOWN = re.compile(
    "|".join(sorted(map(re.escape, KNOWN_WORDS.split()), key=len, reverse=True))
    + r"|[省市县区州镇]?财政(?:局|厅|部门|所)|(?:20)?[0-9]{2}年度?|\s"
    r"|[（(【“\"]|[一二三四五六七八九十0-9]{1,2}[.、）)]"
)
# Bodies and sources of which a figure is only a part of the project's.
SOURCES = re.compile(
    "[省市县区镇]级|[省市]财政(?![局厅部])|上级|中央|本级|自筹|配套|社会|其他资金|债券|转移支付"
)
YEARS = re.compile("(?<![0-9])(20[0-9]{2})(?![0-9])年?")
UNTIL = re.compile(
    "(?<![0-9])(?:[1-9]|1[01])月(?:底|末|份|中旬|上旬|下旬|[0-9]{1,2}日)?"
    "|上半年|下半年|[一二三四前][一二三]?季度|半年|去年|上年|往年|历年|近[年两三]|以来|[三五]年来"
)
UNIT_PRICE = re.compile("每|人均|户均|标准|单价")
UNTIL_MONTH = re.compile("截[至止][^，。；]{0,8}?(?<![0-9])(?:[1-9]|1[01])月")
PERIOD = re.compile("上半年|前三季度|去年|上年|往年|历年|近[年两三]|[三五]年来")
# Before a comma these open a sentence about one part.
NARROWING = re.compile(
    "(?<!资金)(?<!经费)(?<!效益)(?<!执行)(?<!管理)方面[，,]|子项|部分|一项|分项"
    "|合同|中标|标段|结算价|审定[价金]|第[一二三四五六]批"
)
PARTS = re.compile("其中|包括|分别|具体(?:为|是|如下)|含|用于|明细")
ITEM_LINE = re.compile(
    r"\s{0,4}(?:[0-9]{1,2}[.、．]|[（(][0-9]{1,2}[）)]|[①-⑳]|[一二三四五六七八九]是)"
)
# 2.资金执行情况分析。: a heading of the outline, no item of a list.
OUTLINE_LINE = re.compile(
    r"[^。，；\n]{2,16}(?:情况|分析|管理|使用|执行|到位)(?:分析)?[。：]"
)
HEADING = re.compile(r"^[（(][一二三四五六七八九十]{1,2}[）)][^。]{0,30}。")


@dataclass(frozen=True)
class Meaning:
    """What a figure of money stands for, and of what it is the figure."""

    role: Role
    scope: Scope


def meaning_of(mention: Mention, names: tuple[str, ...]) -> Meaning:
    """Return role and scope of an amount; names: what the project itself is called."""
    clause = mention.clause
    # 预算执行情况：年初预算118万元: what the figure is stands behind the colon.
    tail = re.split("[：:]", clause)[-1]
    role = _role(tail if tail.strip() else clause)
    if role == "other":
        return Meaning("other", "unknown")
    return Meaning(role, _scope(mention, without_names(clause, names), names))


def without_names(clause: str, names: tuple[str, ...]) -> str:
    for name in names:
        clause = clause.replace(name, "")
    return clause


def _role(clause: str) -> Role:
    if OTHER.search(clause):
        return "other"
    if REST.search(clause):
        return "rest"
    if REALLY_SPENT.search(clause):
        return "executed"
    if UNCLEAR_SPENT.search(clause):
        return "other"
    if SPENT.search(clause):
        return "executed"
    if RECEIVED.search(clause):
        return "received"
    if ADJUSTED.search(clause):
        return "adjusted"
    if INITIAL.search(clause):
        return "initial"
    if BUDGET.search(clause):
        return "budget"
    return "funds" if FUNDS.search(clause) else "other"


def _scope(mention: Mention, clause: str, names: tuple[str, ...]) -> Scope:
    if PARTS.search(mention.sentence_before) or SOURCES.search(clause):
        return "part"
    return "unknown" if _unknown(clause, names) else "project"


@dataclass(frozen=True)
class Claim:
    """An amount of the text that is said of the whole project."""

    role: Role
    mention: Mention
    # Perhaps of a part: told only where it looks like a slip of the form's figure.
    weak: bool = False


@dataclass(frozen=True)
class Said:
    """What the text says of the project's money.

    narrowed: where a sentence, by (passage, start), comes to speak of a part.
    """

    claims: tuple[Claim, ...]
    narrowed: Mapping[tuple[int, int], list[int]]

    def between(self, passage: int, start: int, end: int) -> tuple[Claim, ...]:
        """Return the claims from start to before end of a passage."""
        low = bisect_left(self._places, (passage, start))
        return self.claims[low : bisect_left(self._places, (passage, end))]

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return [
            (each.mention.passage.index, each.mention.start) for each in self.claims
        ]


def said_of_the_project(
    amounts: Iterable[Mention], names: tuple[str, ...], year: int | None
) -> Said:
    """Return the amounts whose role is clear and whose scope is the whole project.

    amounts: in the order of the text.
    """
    claims: list[Claim] = []
    narrowed: dict[tuple[int, int], list[int]] = {}
    for mention in amounts:
        sentence = (mention.passage.index, mention.sentence_start)
        meaning = meaning_of(mention, names)
        again = sentence in narrowed and _is_whole_again(mention, meaning, names)
        if again and WHOLE.search(mention.clause):
            narrowed.pop(sentence, None)
        # What follows in a sentence that names a part speaks of the same part.
        if again:
            weak = sentence in narrowed or bool(PAID_OUT.search(mention.clause))
            claims.append(Claim(meaning.role, mention, weak))
        elif _narrows(mention, names) or meaning.scope == "part":
            narrowed.setdefault(sentence, []).append(mention.start)
        elif meaning.role != "other" and sentence not in narrowed:
            weak = meaning.role == "funds" or bool(PAID_OUT.search(mention.clause))
            claims.append(Claim(meaning.role, mention, weak))
    own = tuple(each for each in claims if not is_of_another_time(each.mention, year))
    return Said(own, narrowed)


def _is_whole_again(mention: Mention, meaning: Meaning, names: tuple[str, ...]) -> bool:
    """Whether a clause says by itself that it speaks of the whole: 全年共支付."""
    clause = mention.clause
    if meaning.role == "other" or SOURCES.search(clause) or not is_bare(clause, names):
        return False
    if "其中" in mention.sentence_before or clause.rstrip().endswith(("由", "从")):
        return False
    return bool(WHOLE.search(clause) or WHOLE_AGAIN.search(clause))


def _narrows(mention: Mention, names: tuple[str, ...]) -> bool:
    if NARROWING.search(mention.sentence_before):
        return True
    clause = OTHER.sub("", without_names(mention.clause, names))
    # 按每户1500元的标准: what one of them gets doesn't narrow what is said next.
    return not UNIT_PRICE.search(mention.clause) and bool(_unknown(clause, names))


def _unknown(clause: str, names: tuple[str, ...]) -> str:
    """Return what is left of a clause without all known words and parts of names."""
    left = KNOWN.sub("|", without_names(clause, names)).split("|")
    return "".join(
        run for run in left if len(run) < 2 or not any(run in name for name in names)
    )


def is_bare(clause: str, names: tuple[str, ...]) -> bool:
    """Whether a clause speaks of nothing but the project as a whole."""
    return not _unknown(clause, names)


def is_of_another_time(mention: Mention, year: int | None) -> bool:
    """Whether a figure belongs to another year, or to a part of the year."""
    sentence = mention.sentence_before[-80:]
    years = {int(each) for each in YEARS.findall(sentence)}
    return bool(years and year and years != {year}) or is_until(mention)


def is_until(mention: Mention) -> bool:
    """Whether a figure is of a part of the year: 截至6月底, 上半年."""
    if UNTIL.search(mention.clause):
        return True
    sentence = mention.sentence_before[-80:]
    # 上半年预拨一半，全年支出55万元: what is said of the whole year is of all of it.
    sentence = re.split("全年|年底|年末", sentence)[-1]
    return bool(UNTIL_MONTH.search(sentence) or PERIOD.search(sentence))


def is_of_an_item(mention: Mention) -> bool:
    """Whether it stands in a paragraph of a list, which speaks of one item each."""
    text = mention.passage.text
    line = text.rfind("\n", 0, mention.start) + 1
    item = ITEM_LINE.match(text[line : line + 12])
    if item is None:
        return False
    title = line + item.end()
    return not OUTLINE_LINE.match(text[title : title + 24])
