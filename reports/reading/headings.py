"""A line as a heading: its numeral, its title, the section its words speak of."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from perfeval.numbers import read_chinese_numeral
from reports.document import SectionKey

# chinese 一、 · part 第一部分 · arabic 1、 1. · bracket （一） （1） 1） ①
Style = Literal["part", "chinese", "arabic", "bracket", "none"]

CHINESE = "[一二三四五六七八九十]{1,3}"
DIGITS = "[0-9０-９]{1,2}"
OPEN, CLOSE = r"[（(〔\[【﹝]", r"[）)〕\]】﹞]"
NUMERALS: tuple[tuple[Style, re.Pattern[str]], ...] = (
    ("part", re.compile(rf"第({CHINESE}|{DIGITS})(?:部分|章|篇)[、，,.．:：]?")),
    ("bracket", re.compile(rf"{OPEN}\s?({CHINESE}|{DIGITS})\s?[、.]?{CLOSE}[、.．]?")),
    ("bracket", re.compile(rf"({CHINESE}|{DIGITS}){CLOSE}[、.．]?")),
    ("bracket", re.compile("([①-⑳⑴-⒇㈠-㈩])[、.．]?")),
    ("chinese", re.compile(rf"({CHINESE})\s?[、。，,.．:：]")),
    # No digit may follow: 23.5万元 and 1.1 are no numerals of a section.
    ("arabic", re.compile(rf"({DIGITS})\s?[、。，,.．:：](?![0-9０-９])")),
    ("arabic", re.compile("([⒈-⒛Ⅰ-Ⅻ])[、，,.．:：]?")),
    # A numeral set off by a blank alone.
    ("chinese", re.compile(rf"({CHINESE})(?=[ \t\u3000])")),
    ("arabic", re.compile(rf"({DIGITS})(?=[ \t\u3000])")),
)
FIRST = re.compile("[第一二三四五六七八九十0-9０-９（(〔\\[【﹝①-⑳⑴-⒇㈠-㈩⒈-⒛Ⅰ-Ⅻ]")
SIGNS_FROM = {"①": 20, "⑴": 20, "㈠": 10, "⒈": 20, "Ⅰ": 12}

# Words of titles (design: section kinds); the earliest in a title decides.
_BOTH = "[及和与、]?"
KEY_WORDS: tuple[tuple[SectionKey, str], ...] = (
    ("basics", "概况|基本情况|目标分解下达"),
    (
        "implementation",
        f"组织{_BOTH}实施|使用{_BOTH}管理|工作{_BOTH}开展|实施情况|资金使用",
    ),
    ("results", "绩效情况|主要绩效|(?<!未)完成情况|指标分析|做法"),
    ("problems", "问题|偏离|改进|建议"),
    ("score", "结论|得分|结果拟?应用"),
)
KEYS = re.compile("|".join(f"(?P<{key}>{words})" for key, words in KEY_WORDS))

LONGEST_TITLE = 40
# Where a heading ends that runs into its paragraph.
RUN_IN = re.compile(r"[。：:]|[\t\u3000]|  ")
RUN_IN_BLANK = re.compile(r"(?:情况|概况|做法|问题|建议|措施|结论|得分|应用|分析) ")
SENTENCE = re.compile("[，。；！？,;!?]")
# 一、项目基本情况……3: a line of a contents list.
CONTENTS = re.compile(r"(?:[.．…·\t_-]|\s{2})\s*[0-9]{1,3}$")
# 四、存在问题 4: the same after a single blank, where no figure is asked for.
NUMBERED_CONTENTS = re.compile(r"(?![分数计率量额])[\u4e00-\u9fff]\s[0-9]{1,2}$")
TAIL = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """A line read as a heading.

    number: the numeral as written, "" where none; value: its number; title: without
    the numeral; end: the mark after a title that runs into its paragraph; text: that
    paragraph; key: the section its title speaks of, None where no word says.
    """

    style: Style
    number: str
    value: int
    title: str
    end: str = ""
    text: str = ""
    key: SectionKey | None = None

    @property
    def is_short(self) -> bool:
        """Whether the title could stand as a line of its own."""
        return 0 < len(self.title) <= LONGEST_TITLE and not SENTENCE.search(self.title)


def read_heading(line: str) -> Heading:
    """Return a line as a heading; style none where it has no numeral."""
    style, number, value = _numeral(line)
    title, end, text = _split_run_in(line[len(number) :].lstrip())
    return Heading(style, number, value, title, end, text, key_of(title))


def is_contents_line(line: str) -> bool:
    """Whether a line ends as those of a contents list do."""
    tail = line[-TAIL:]
    if CONTENTS.search(tail):
        return True
    return may_have_numeral(line) and bool(NUMBERED_CONTENTS.search(tail))


def key_of(title: str) -> SectionKey | None:
    """Return the section a title speaks of, None where its words say nothing."""
    if len(title) > LONGEST_TITLE or SENTENCE.search(title.rstrip("。")):
        return None
    found = KEYS.search("".join(title.split()))
    return next((key for key, _ in KEY_WORDS if found and found[key]), None)


def may_have_numeral(line: str) -> bool:
    """Whether the line's first character could begin a numeral: most don't."""
    return bool(FIRST.match(line))


def _numeral(line: str) -> tuple[Style, str, int]:
    if not may_have_numeral(line):
        return "none", "", 0
    for style, pattern in NUMERALS:
        if found := pattern.match(line):
            return style, found[0], _value(found[1])
    return "none", "", 0


@lru_cache(maxsize=256)
def _value(numeral: str) -> int:
    """一 → 1, 12 → 12, ③ → 3; 0 where the numeral counts nothing (一一)."""
    for first, count in SIGNS_FROM.items():
        if 0 <= (place := ord(numeral[0]) - ord(first)) < count:
            return place + 1
    if numeral.isdecimal():
        return int(numeral)
    return int(read_chinese_numeral(numeral) or 0)


def _split_run_in(rest: str) -> tuple[str, str, str]:
    """Return title, the mark between, and the paragraph run into it ("" where none)."""
    head = rest[: LONGEST_TITLE + 1]
    found = RUN_IN.search(head)
    blank = RUN_IN_BLANK.search(head, 0, found.start() if found else LONGEST_TITLE + 1)
    if blank:
        return rest[: blank.end() - 1], "", rest[blank.end() :].strip()
    if not found:
        return rest, "", ""
    text = rest[found.end() :].strip()
    if not text:
        return rest, "", ""
    return rest[: found.start()].strip(), found[0].strip(), text
