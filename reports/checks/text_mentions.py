"""Figures in a text as people write them: money, ratios, scores and counts in place.

Positions are those of the section's own text: full-width characters are made plain one
for one. Every repetition is bounded, so that no text makes reading slow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from perfeval.numbers import FORMAL_NUMERALS, read_chinese_numeral, unit_factor
from reports.checks.findings import InText

Kind = Literal["money", "ratio", "score", "count"]

_WIDE = "０１２３４５６７８９％．－～ＡＢＣＤＥＦＸ，"
_NARROW = "0123456789%.-~ABCDEFX，"
PLAIN = str.maketrans(_WIDE, _NARROW)

NUMBER = r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,6})?|[0-9]{1,15}(?:\.[0-9]{1,6})?"
HAN = "[零〇一二两三四五六七八九十百千万亿点]{1,20}"
MEASURES = """
个工作日 平方公里 平方千米 平方米 立方米 千瓦时 人天 人次 户次 场次 批次 台次 车次
船次 航次 趟次 趟 笔 单
班次 件次 家次 公里 千米 公顷 公斤 课时 学时 小时 分钟 亩次 台套 座次 个 名 人 户 家
次 场 期 件 宗 起 份 条 项 米 亩 吨 套 台 辆 座 处 所 间 册 本 篇 张 幅 批 天 部 栋 盏
株 棵 头 只 门 支 块 片 口 根 村 镇 班 对 组 例 剂 针 页 卷 箱 位 架 艘 眼 段 孔 级 类
款 种 队 车 盆 副 扇 桶 罐 枚 枝 台班 户头
"""
_COUNTED = "|".join(
    [
        *sorted(MEASURES.split(), key=len, reverse=True),
        "(?:km²|km2|km|hm²|hm2|hm|㎡|m²|m2|m³|m3|kg)(?![A-Za-z0-9])",
    ]
)
# 万 alone is money only before what isn't counted: not 20万人.
_MONEY = (
    "(?:[百千]?万|亿|千|百)?(?:元|圆)"
    r"|[万亿](?=[，,。；;、（(）)\n]|$|财政|资金|用于|补助|经费|补贴|专项|的?项目)"
)
_SPAN = r"(?:万元|元|%|万)?\s?(?:-|–|—{1,2}|~|至|到)\s?"
QUANTITY = re.compile(
    rf"(?<![0-9.,A-Za-z〔\[第])(?P<low>{NUMBER})"
    rf"(?:{_SPAN}(?P<high>{NUMBER}))?"
    r"(?P<more>\s?[余多]?\s?)"
    rf"(?P<unit>%|‰|{_MONEY}|分(?![钟之制公别类析值项部布散数歧级])"
    rf"|[万亿]?(?P<extra>[余多]?)(?:{_COUNTED}))"
)
HAN_QUANTITY = re.compile(
    rf"(?P<low>{HAN})(?P<unit>元|圆|分(?![钟之制公别类析值项部布散数歧级]))"
)
# Written so that nobody alters it: 陆拾捌万伍仟元整, 叁佰元伍角.
CAPITAL_MONEY = re.compile(
    "(?P<low>[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,24})[元圆]"
    "(?:整|正|(?:(?P<jiao>[零壹贰叁肆伍陆柒捌玖])角)?(?:(?P<fen>[壹贰叁肆伍陆柒捌玖])分)?)"
)
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
HAN_RATIO = re.compile(f"百分之(?P<low>{HAN})")
FIRST_DIGIT = re.compile("[0-9]")

# A bullet begins a clause as a new line does.
CLAUSE_END = re.compile("[，,。；;！？!?（）()、\n\t●•■□◆◇★▪➢►]")
SENTENCE_END = re.compile("[。；;！？!?\n]")
CLAUSE, SENTENCE, AFTER = 48, 240, 24
APPROXIMATE = re.compile(
    "(?:大?约|大概|左右|上下|接?近|将近|超过?|逾|不足|不到|突破|高于)$"
)
APPROXIMATE_AFTER = re.compile("左右|上下|以上|以下|以内|之内|多|余")


# The same few units are compared thousands of times in a long report.
factor_between = lru_cache(maxsize=2048)(unit_factor)


@dataclass(frozen=True)
class Passage:
    """One section's text as it is looked at; index: among the document's sections."""

    index: int
    key: str
    title: str
    text: str

    def place(self, start: int, end: int, lead: int = 0) -> InText:
        """Return characters start to end as a place; lead: shown before them."""
        end = min(end, len(self.text))
        shown = self.text[max(0, start - lead) : end]
        return InText(
            section=self.key, index=self.index, start=start, end=end, excerpt=shown
        )


@dataclass(frozen=True)
class Mention:
    """One figure in the text; low equals high unless a span is written.

    unit: 元 with its power (万元), %, 分, or the measure word; step: the worth of the
    last digit written, in unit; approximate: 约, 近, 左右, 余 and the like.
    """

    passage: Passage
    kind: Kind
    start: int
    end: int
    low: Decimal
    high: Decimal
    unit: str
    step: Decimal
    approximate: bool

    @cached_property
    def clause(self) -> str:
        """The words before it in its clause."""
        text = self.passage.text
        return CLAUSE_END.split(text[max(0, self.start - CLAUSE) : self.start])[-1]

    @cached_property
    def after(self) -> str:
        """The words behind it in its clause."""
        text = self.passage.text
        return CLAUSE_END.split(text[self.end : self.end + AFTER], maxsplit=1)[0]

    @cached_property
    def sentence_start(self) -> int:
        first = max(0, self.start - SENTENCE)
        before = self.passage.text[first : self.start]
        ends = [found.end() for found in SENTENCE_END.finditer(before)]
        return first + ends[-1] if ends else first

    @cached_property
    def sentence_before(self) -> str:
        """The words before it in its sentence."""
        return self.passage.text[self.sentence_start : self.start]

    @cached_property
    def sentence(self) -> str:
        text = self.passage.text
        rest = SENTENCE_END.split(text[self.end : self.end + SENTENCE], maxsplit=1)[0]
        return f"{self.sentence_before}{text[self.start : self.end]}{rest}"

    @property
    def written(self) -> str:
        return self.passage.text[self.start : self.end].strip()

    @property
    def quoted(self) -> str:
        """The figure with the words before it: “实际支出13.32万元”."""
        return f"“{self.clause.strip()[-20:]}{self.written}”"

    @property
    def place(self) -> InText:
        return self.passage.place(self.start, self.end, lead=len(self.clause))

    def says(self, value: Decimal, unit: str) -> bool:
        """Whether this is how one could write a value, at the precision written."""
        factor = factor_between(unit, self.unit)
        if factor is None:
            return False
        exact = value * factor
        if self.low != self.high:
            return self.low - self.step / 2 <= exact <= self.high + self.step / 2
        if self.approximate:
            rough = min(_rough(self.low), self.low / 10)
            return abs(exact - self.low) <= max(rough, self.low * Decimal("0.03"))
        return abs(exact - self.low) <= self.step / 2

    def in_unit(self, unit: str) -> Decimal | None:
        """Return the figure in another unit, None where the units differ."""
        factor = factor_between(self.unit, unit)
        return None if factor is None else self.low * factor


def _rough(value: Decimal) -> Decimal:
    """Return the worth of the last digit that is not 0: 20 → 10, 13 → 1."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(1).scaleb(exponent)


def find_mentions(passage: Passage) -> Iterator[Mention]:
    """Yield every figure of a passage that has a unit, in order of kind and place."""
    text = passage.text
    for found in QUANTITY.finditer(text):
        unit = found["unit"]
        kind = _kind(unit)
        after = text[found.end() : found.end() + 2]
        if kind == "ratio" and after.startswith("点"):
            continue
        low = Decimal(found["low"].replace(",", ""))
        high = Decimal((found["high"] or found["low"]).replace(",", ""))
        if high < low:
            continue
        vague = bool(found["more"].strip() or found["extra"])
        unit = unit.replace("余", "").replace("多", "") if kind == "count" else unit
        yield _mention(passage, kind, found, low, high, unit, vague)
    for found in CAPITAL_MONEY.finditer(text):
        if mention := _capital_mention(passage, found):
            yield mention
    for pattern, unit in ((HAN_QUANTITY, ""), (HAN_RATIO, "%")):
        for found in pattern.finditer(text):
            if mention := _han_mention(passage, found, unit):
                yield mention


def _kind(unit: str) -> Kind:
    if unit in ("%", "‰"):
        return "ratio"
    if unit == "分":
        return "score"
    return "money" if unit[-1] in "元圆万亿" else "count"


def _mention(
    passage: Passage,
    kind: Kind,
    found: re.Match[str],
    low: Decimal,
    high: Decimal,
    unit: str,
    vague: bool,
) -> Mention:
    if kind == "money":
        unit = unit.replace("圆", "元")
        unit = unit if unit.endswith("元") else f"{unit}元"
    exponent = min(each.as_tuple().exponent for each in (low, high))
    assert isinstance(exponent, int)
    before = passage.text[max(0, found.start() - 4) : found.start()]
    behind = passage.text[found.end() : found.end() + 2]
    return Mention(
        passage=passage,
        kind=kind,
        start=found.start(),
        end=found.end(),
        low=low,
        high=high,
        unit=unit,
        step=Decimal(1).scaleb(exponent),
        approximate=vague
        or bool(APPROXIMATE.search(before) or APPROXIMATE_AFTER.match(behind)),
    )


def _capital_mention(passage: Passage, found: re.Match[str]) -> Mention | None:
    """Read 陆拾捌万伍仟元整 as 685000 元; None where it is no number."""
    value = read_chinese_numeral(found["low"].translate(FORMAL_NUMERALS))
    if value is None:
        return None
    for name, worth in (("jiao", Decimal("0.1")), ("fen", Decimal("0.01"))):
        if found[name]:
            value += CAPITALS.index(found[name]) * worth
    return _mention(passage, "money", found, value, value, "元", False)


def _han_mention(passage: Passage, found: re.Match[str], unit: str) -> Mention | None:
    """Read 二十三万元 as 23 of 万元, 九十六分 as 96; None where it counts nothing."""
    numeral = found["low"]
    unit = unit or found["unit"]
    scale = ""
    if unit in ("元", "圆") and numeral[-1] in "万亿" and len(numeral) > 1:
        scale, numeral = numeral[-1], numeral[:-1]
    if scale and re.search("[万亿]", numeral):
        scale, numeral = "", found["low"]
    value = read_chinese_numeral(numeral)
    if value is None:
        return None
    return _mention(passage, _kind(unit), found, value, value, f"{scale}{unit}", False)
