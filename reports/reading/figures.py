"""Figures found in the text: year, budget, executed, score, grade. Nothing is guessed.

A figure is taken by the words before it in its clause. Where two different figures
have equally good words, none is taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfeval.numbers import (
    Quantity,
    read_chinese_numeral,
    read_value,
    unit_factor,
)
from reports.document import Figures

# No report is longer; of a text that is, beginning and end are looked through.
LONGEST = 400_000
# How far back from a figure its clause and its sentence are looked at.
CLAUSE, SENTENCE = 40, 160
CLAUSE_END = re.compile("[，,。；;！？（）()、\n]")
SENTENCE_END = re.compile("[。；;！？\n]")

DIGITS = r"[0-9０-９]{1,15}(?:[,，][0-9０-９]{3}){0,5}(?:[.．][0-9０-９]{1,6})?"
HAN = "[零〇一二两三四五六七八九十百千万亿点壹贰叁肆伍陆柒捌玖拾佰仟]{1,20}"
# 万 alone is money only before what isn't counted: not 20万人.
MONEY = re.compile(
    rf"(?<![0-9０-９.．])({DIGITS}|{HAN})\s?([百千]?万元|亿元|元|圆"
    r"|[万亿](?=[，,。；;、）)\n]|$|财政|资金|用于))"
)
SCORE = re.compile(
    r"(?<![0-9０-９.．])"
    r"([0-9０-９]{1,3}(?:[.．][0-9０-９]{1,4})?|[一二三四五六七八九十百点零]{2,8})"
    r"\s?分(?![钟之制公别类析值项部布散数])"
)
BARE_SCORE = re.compile(
    r"((?:自评|综合|最终)?(?:总?得分|总分))[：:]\s?"
    r"([0-9０-９]{1,3}(?:[.．][0-9０-９]{1,4})?)(?![0-9０-９.．%％万元个项分])"
)

# Words that say a figure is another one than the year's budget or spending.
OTHER_AMOUNT = re.compile(
    "调[减增]|追加|结[余转]|剩余|节约|压减|缺口|未支出|未使用|每|上年|去年|申请|人均|单价|补助标准"
)
SPENT = (
    re.compile(
        "(?:全年|年度|项目|资金|合计|总|累计|共)[^0-9]{0,6}(?:实际)?"
        "(?:支出|执行|使用|(?<!转移)支付)|实际(?:支出|使用|支付|执行|发生|完成支出)|执行数"
    ),
    re.compile("支出|使用|(?<!转移)支付"),
)
BUDGET = (
    re.compile("全年预算|调整后(?:的)?预算|预算调整为"),
    re.compile("预算(?:数|总额|金额|资金|安排|批复)?|安排|批复|下达"),
    re.compile("财政资金|资金总额|项目资金|总投资|专项资金"),
)
SPENDING_BUDGET = re.compile(
    "支出预算|预算支出|安排[^0-9]{0,12}支出|预算[^0-9]{0,12}支出"
)

OWN_SCORE = (
    re.compile(
        "自评[^，。]{0,8}(?:得?分|评分|总分)|自评[为得是]?[：:]?$|综合得分|总得分|最终得分"
    ),
    re.compile("得分|评分|总分|(?:项目|综合|评价|评定|最终|共|总)[^，。]{0,4}得$"),
)
OTHER_SCORE = re.compile(
    "满分|分值|扣|指标得分|指标自评|投入|过程|产出|效益|满意度|执行率|权重|上年|去年|复核"
)

GRADE_WORD = "(优秀|良好|中等|较差|优|良|中|差)"
# Not where the grades are listed: 优、良、中、差 or 优（90分以上）.
GRADE_END = (
    r"(?=[”\"」』’）)，,。；;！\s]|$|等|级|档)(?!\s?[”\"]?[、/（(][“\"]?[优良中差0-9≥])"
)
GRADE = re.compile(
    r"(?:(?:等级|等次|评级|档次|级别|评定结果|自评结果|评价结果|结论)(?:评定|确定)?[为是：:]{0,2}"
    rf"|评[为定]{{1,2}}|分[，,、（(])\s?[“\"「‘]?{GRADE_WORD}{GRADE_END}"
)
GRADES = {"优秀": "优", "良好": "良", "中等": "中", "较差": "差"}

YEAR_NUMBER = "(20[0-9]{2}|二[〇零○O][〇零○O一二三四五六七八九]{2})"
FISCAL_YEAR = re.compile(rf"(?<![0-9－—~至\-]){YEAR_NUMBER}\s?年度")
ANY_YEAR = re.compile(rf"(?<![0-9〔\[－—~\-])(?<!(?<!截)至){YEAR_NUMBER}\s?年")
NAMED_YEAR = re.compile(
    rf"{ANY_YEAR.pattern}(?!\s?[0-9一二三四五六七八九十]{{1,3}}\s?月)"
)
# The day a report is signed is mostly in the year after the one it reports on.
SIGNED = re.compile(
    rf"^[（(]?{YEAR_NUMBER}\s?年.{{1,4}}月(?:.{{1,4}}日)?[）)]?$", re.MULTILINE
)
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
YEAR_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")}
WORK_NAME = re.compile("《[^《》\n]{0,200}》")
HEAD_LINE = re.compile("(?:是|为|如下|包括)[：:]")
UNTIL = re.compile("截[至止][^。；\n]{0,12}?([0-9]{1,2})月")


@dataclass(frozen=True)
class _Found:
    """One figure with how good its words are (0 best) and where its parts begin."""

    rank: tuple[int, ...]
    value: Decimal
    unit: str = ""


def find_figures(title: str, heads: Iterable[str], text: str) -> Figures:
    """Return the figures of a report; heads: the lines before its first section.

    Money in 万元, in 元 where all of it is written in 元 alone; None: not found or not
    one.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    year = find_year(title, heads, text)
    amounts = list(_amounts(text, year))
    budget = _best(found for kind, found in amounts if kind == "budget")
    executed = _best(found for kind, found in amounts if kind == "executed")
    money = [each for each in (budget, executed) if each]
    unit = "元" if money and all(each.unit == "元" for each in money) else "万元"
    score = _best(_scores(text))
    return Figures(
        year=year,
        budget=_in_unit(budget, unit),
        executed=_in_unit(executed, unit),
        unit=unit if money else "",
        score=score.value if score else None,
        grade=_grade(text),
        given=frozenset(("year", "budget", "executed", "score", "grade")),
    )


def find_year(title: str, heads: Iterable[str], text: str) -> int | None:
    """Return the year reported on: of the title, else what the text names most often.

    Years in the names and numbers of regulations don't count, nor does the date under
    the title or the text.
    """
    for line in (title, *heads):
        line = line.translate(FULL_WIDTH)
        named = {_year(each) for each in NAMED_YEAR.findall(line)}
        if len(named) == 1 and not SENTENCE_END.search(line):
            return named.pop()
    plain = SIGNED.sub("", WORK_NAME.sub("", text.translate(FULL_WIDTH)))
    for pattern in (FISCAL_YEAR, ANY_YEAR):
        counted = Counter(map(_year, pattern.findall(plain))).most_common(2)
        if counted and (len(counted) == 1 or counted[0][1] > counted[1][1]):
            return counted[0][0]
    return None


def _year(written: str) -> int:
    if written.isdecimal():
        return int(written)
    plain = re.sub("[零○O]", "〇", written)
    return int("".join(YEAR_DIGITS[char] for char in plain))


def _best(found: Iterable[_Found]) -> _Found | None:
    """Return the one figure of the best rank, None where they differ."""
    ranked = list(found)
    if not ranked:
        return None
    best = min(each.rank for each in ranked)
    first, *others = (each for each in ranked if each.rank == best)
    one = all(_same(first, other) for other in others)
    return first if one else None


def _same(one: _Found, other: _Found) -> bool:
    if not one.unit:
        return one.value == other.value
    return _in_unit(one, "元") == _in_unit(other, "元")


def _in_unit(found: _Found | None, unit: str) -> Decimal | None:
    """Return the amount in the unit; as written where that is its own."""
    if found is None or found.unit == unit:
        return found.value if found else None
    factor = unit_factor(found.unit, unit)
    assert factor is not None
    value = (found.value * factor).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral() else value


def _amounts(text: str, year: int | None) -> Iterator[tuple[str, _Found]]:
    for found in MONEY.finditer(text):
        clause = _clause_before(text, found.start())
        kind_rank = _kind_of_amount(_own_words(clause))
        if not kind_rank:
            continue
        sentence = _sentence_before(text, found.start())
        if _is_of_another_time(clause, sentence, year):
            continue
        if amount := _amount(found[1], found[2]):
            kind, rank = kind_rank
            part = int("其中" in sentence)
            yield kind, _Found((part, *rank), amount.value, amount.unit)


@lru_cache(maxsize=1024)
def _amount(number: str, unit: str) -> Quantity | None:
    """Return an amount of money; None where the numeral counts nothing (一二万元)."""
    value = read_value(number + (unit if unit.endswith(("元", "圆")) else f"{unit}元"))
    if isinstance(value, Quantity) and unit_factor(value.unit, "元") is not None:
        return value
    return None


def _clause_before(text: str, end: int) -> str:
    return CLAUSE_END.split(text[max(0, end - CLAUSE) : end])[-1]


def _own_words(clause: str) -> str:
    """Return what a clause says of its figure: not a document's name, nor a head line.

    《…经费使用办法》下达 says nothing of using; 资金安排是：培训 speaks of training.
    """
    return HEAD_LINE.split(clause.rpartition("》")[2])[-1]


def _sentence_before(text: str, end: int) -> str:
    return SENTENCE_END.split(text[max(0, end - SENTENCE) : end])[-1]


def _kind_of_amount(clause: str) -> tuple[str, tuple[int, ...]] | None:
    """Return budget or executed and how clearly the clause says so; None: neither."""
    if OTHER_AMOUNT.search(clause):
        return None
    unclear = SPENDING_BUDGET.search(clause)
    for rank, pattern in enumerate(SPENT):
        if pattern.search(clause) and not (unclear and rank):
            whole = int(not re.search("全年|合计|总|累计|共", clause))
            return "executed", (rank, whole)
    for rank, pattern in enumerate(BUDGET):
        if pattern.search(clause):
            return "budget", (rank,)
    return None


def _is_of_another_time(clause: str, sentence: str, year: int | None) -> bool:
    years = {_year(each) for each in ANY_YEAR.findall(clause)}
    until = UNTIL.findall(sentence)
    return bool(years and year and year not in years) or bool(
        until and until[-1] != "12"
    )


def _scores(text: str) -> Iterator[_Found]:
    for found in SCORE.finditer(text):
        clause = _clause_before(text, found.start())
        if OTHER_SCORE.search(clause) or len(clause) < 2:
            continue
        score = _number(found[1])
        for rank, pattern in enumerate(OWN_SCORE):
            if score is not None and pattern.search(clause):
                if not ("总分" in clause and "得分" not in clause and rank):
                    yield _Found((rank,), score)
                break
    for found in BARE_SCORE.finditer(text):
        clause = _clause_before(text, found.start())
        score = _number(found[2])
        if score is not None and not OTHER_SCORE.search(clause):
            yield _Found((int(not found[1].startswith("自评")),), score)


def _number(written: str) -> Decimal | None:
    """Return a score as written in digits or in words; None: 十百 counts nothing."""
    value = read_value(written)
    if isinstance(value, Quantity):
        return value.value
    return read_chinese_numeral(written)


def _grade(text: str) -> str | None:
    grades = {GRADES.get(each, each) for each in GRADE.findall(text)}
    return grades.pop() if len(grades) == 1 else None
