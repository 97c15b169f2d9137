"""A text about problems and suggestions becomes single problems. No Django here.

Texts number them as 一是…二是…, （一）, 1. or 第一，; what stands under a heading of
measures (改进措施, 建议) belongs to the problem of the same number.
"""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

NUMERALS = "一二三四五六七八九十"
# The first kind that occurs in a part splits it; after a sentence or a line's begin.
START = r"(?:(?<=[\n。；;：:，,、”）)])|^)[ 　]*"
MARKERS = tuple(
    re.compile(START + marker, re.MULTILINE)
    for marker in (
        rf"(?:[{NUMERALS}]+是[，,：:]?|[{NUMERALS}]+要)",
        rf"第[{NUMERALS}]+[，,、]",
        r"\d{1,2}[.．、](?!\d)",
        r"[（(]\d{1,2}[）)]",
    )
)
# Headings without a number, within a line too: 存在问题：…。下一步打算：…
BARE = (
    r"(?:存在的?(?:主要)?问题|主要问题|改进措施|整改措施|下一步[^。；：:\n]{0,6}"
    r"|(?:意见|对策)?建议)[：:]"
)
HEADING = re.compile(
    rf"^[ 　]*(?:[（(][{NUMERALS}]+[）)]|[{NUMERALS}]+、)[ 　]*"
    rf"|(?:(?<=[\n。；])|^)[ 　]*(?={BARE})",
    re.MULTILINE,
)
TITLE = re.compile(r"[^。；：:\n]{0,24}")
OF_MEASURES = re.compile(r"措施|建议|打算|下一步|对策|整改|意见$")
OF_PROBLEMS = re.compile(r"问题|不足|困难|偏差|原因|薄弱")
NOTHING = re.compile(r"^(?:无|暂无|没有|不存在|未发现)[^，,]{0,12}$")
# What leads to an enumeration is no problem: 项目存在以下问题：
LEADS_IN = re.compile(r"(?:如下|以下|主要)[^。；]{0,12}[：:]?$|[：:]$")
SHORTEST = 5
# An opinion that says yes and names nothing to be mended: 同意。审核通过，情况属实。
ASSENTS = re.compile(r"同意|通过|属实|齐全|完整|无误|已阅|符合|报送|上报|^无$")
NO_OBJECTION = re.compile(
    r"(?:没有|未发现|无|不存在)(?:其他|不同)?(?:意见|异议|问题|修改意见)"
)
ASKS_FOR_MORE = re.compile(
    r"[请应需但未不没缺偏低慢差补]|问题|加强|加快|尽快|建议|注意|完善|落实|进一步|整改"
)


@dataclass(frozen=True)
class FoundProblem:
    """One problem as the text has it, and the measure that answers it, "" if none."""

    text: str
    measure: str = ""


def problems_in(text: str) -> list[FoundProblem]:
    """Return the problems that a text names, in its order.

    Measures are given to problems only where there is one for each.
    """
    problems: list[str] = []
    measures: list[str] = []
    for title, body in _parts(text):
        is_measures = bool(OF_MEASURES.search(title)) and not OF_PROBLEMS.search(title)
        (measures if is_measures else problems).extend(_items(body))
    found = [FoundProblem(each) for each in problems]
    if len(measures) != len(found):
        return found
    return [replace(x, measure=y) for x, y in zip(found, measures, strict=True)]


def is_mere_assent(opinion: str) -> bool:
    """Whether an opinion only says yes, in each of its parts."""
    parts = re.split(r"[，,。；;！!、：:\s]+", NO_OBJECTION.sub("同意", opinion))
    return all(
        ASSENTS.search(each) and not ASKS_FOR_MORE.search(each)
        for each in parts
        if each
    )


def _parts(text: str) -> list[tuple[str, str]]:
    """Return (title, body) of each part under a heading; without one: ("", text).

    A heading that says what follows (存在问题) is a title, one that is itself a
    problem (（一）预算测算不够精细。…) stays in the body.
    """
    starts = [each.start() for each in HEADING.finditer(text)]
    bounds = sorted({0, *starts, len(text)})
    parts: list[tuple[str, str]] = []
    under = ""
    for first, last in pairwise(bounds):
        piece = HEADING.sub("", text[first:last], count=1)
        head = TITLE.match(piece)
        title = head.group().strip() if head else ""
        if _is_title(title):
            under = title
            piece = piece[len(head.group()) :].lstrip("。：:；\n 　") if head else piece
        parts.append((under, piece))
    return parts


def _is_title(title: str) -> bool:
    is_short = len(title) <= 16
    says_what = OF_MEASURES.search(title) or re.search(
        r"问题$|问题[及和与、]|^存在(?:的)?(?:主要)?(?:问题|不足)|不足$|原因(?:分析)?$",
        title,
    )
    return is_short and bool(says_what)


def _items(body: str) -> list[str]:
    for marker in MARKERS:
        starts = list(marker.finditer(body))
        if starts:
            bounds = [each.start() for each in starts] + [len(body)]
            lead, pieces = body[: bounds[0]], []
            for each, last in zip(starts, bounds[1:], strict=True):
                pieces.append(body[each.end() : last])
            return _kept([*_sentences(lead), *pieces])
    return _kept(body.split("\n"))


def _sentences(lead: str) -> list[str]:
    """Return what stands before the first number, where it says more than that."""
    said = lead.strip()
    return [] if not said or LEADS_IN.search(said) else [said]


def _kept(pieces: list[str]) -> list[str]:
    cleaned = (_clean(each) for each in pieces)
    return [x for x in cleaned if len(x) >= SHORTEST and not NOTHING.match(x[:-1])]


def _clean(piece: str) -> str:
    words = "".join(line.strip(" 　") for line in piece.strip().splitlines())
    words = words.rstrip("；;，,、。 　")
    return f"{words}。" if words and words[-1] not in "！？!?”" else words
