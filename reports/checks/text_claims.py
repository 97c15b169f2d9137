"""Checks of what the text claims or should not hold: leftovers, privacy, dead rules."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from indicators.scoring_rules import percent, plain
from reports.checks.case import Case, in_row, row_name
from reports.checks.findings import InField, Where, shortened
from reports.checks.form_words import LEFTOVER
from reports.checks.registry import Found, check
from reports.checks.text_mentions import PLAIN, Passage
from reports.document import Indicator
from reports.reading.residue import LEFTOVER as RESIDUE

PRACTICE = "审核惯例"
NO_PROBLEMS = re.compile(
    "(?:暂无|没有|无|不存在|未发现|未出现)(?:任何|明显|突出|重大|较大|需要说明)?的?(?:存在的?)?问题"
    "|(?:问题|不足)[：:]?\\s?(?:暂?无|没有)(?![法需])"
)
LONGEST_NO_PROBLEMS = 80
# A sentence like these beside a real problem says that there is one.
REAL_PROBLEM = re.compile(
    "但|不过|同时|一是|1[.、]|有待|仍|还需|不够|偏低|滞后|薄弱|未能|未完成"
)
ALL_DONE = re.compile(
    "(?:各项|全部|所有|年初设定的|设定的)(?:绩效|年度|产出|效益|任务|工作)?(?:指标|目标|目标任务|任务)"
    "(?:值)?(?:均|全部|都|全面|已)(?:已|全部|按期|如期|圆满|超额)?(?:完成|达到|实现|达成|达标)"
    "|(?:全面|全部|圆满|均已?)(?:完成|实现|达成)了?(?:了)?(?:年初|年度|各项|全部|既定|预定|预期|设定|本年)"
    "[^，。；\n]{0,12}?(?:指标|目标)"
    "|(?:各项|全部|绩效|年度|总体)(?:指标|目标)(?:值)?(?:完成率|达成率|实现率)(?:为|达到?)?100%"
)
NOT_ALL = re.compile("基本|大多数?|大部分|主要|多数|除|外|未|但")
DEAD = (
    (
        re.compile(
            "财预[〔\\[（(【]?\\s?2011\\s?[〕\\]）)】]?\\s?(?:年第?)?285\\s?号|财政支出绩效评价管理暂行办法"
        ),
        "财预〔2011〕285号《财政支出绩效评价管理暂行办法》已由财预〔2020〕10号"
        "《项目支出绩效评价管理办法》替代",
        2019,
    ),
    (
        re.compile("财预[〔\\[（(【]?\\s?2009\\s?[〕\\]）)】]?\\s?76\\s?号"),
        "财预〔2009〕76号早已废止，现行的是财预〔2020〕10号",
        2010,
    ),
)
KNOWS_IT_IS_DEAD = re.compile("废止|替代|取代|原《|原来|旧")

MOBILE = re.compile(
    r"(?<![0-9A-Za-z.\-])1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9A-Za-z])"
)
LANDLINE = re.compile(
    r"(?:电话|手机|联系方式)[^。；;\n0-9]{0,10}"
    r"(?P<it>0[0-9]{2,3}[-—－ ]?[0-9]{7,8})(?![0-9])"
)
IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
CARD = re.compile(
    r"(?<![0-9A-Za-z])[3-6][0-9]{3}(?: ?[0-9]{4}){2,3} ?[0-9]{1,7}(?![0-9A-Za-z])"
)
CARD_WORDS = re.compile("卡号|账号|帐号|账户|帐户|开户")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


@check(
    "no-problems-despite-shortfall",
    group="text",
    severity="warning",
    source=PRACTICE,
    help="存在问题部分写“无”，而有指标未达到或执行率偏低",
)
def no_problems_despite_shortfall(case: Case) -> Found:
    shortfall = _shortfall(case)
    if not shortfall:
        return
    for passage in case.passages:
        if passage.key != "problems" or REAL_PROBLEM.search(passage.text):
            continue
        text = passage.text.strip()
        found = NO_PROBLEMS.search(passage.text)
        nothing = re.fullmatch("(?:暂?无|没有)[。.]?", text)
        if nothing or (found and len(text) <= LONGEST_NO_PROBLEMS):
            yield (
                passage.place(0, len(passage.text)),
                f"存在问题部分写“{shortened(text, 24)}”，但{shortfall}；"
                "请写明问题和改进措施",
            )


def _shortfall(case: Case) -> str:
    """Return in words what fell short, "" where nothing is known to have."""
    for index, row in case.applicable():
        if row.points is None or row.max_points is None:
            continue
        if row.points < row.max_points:
            return (
                f"{row_name(index, row)}得分 {plain(row.points)} 分，"
                f"低于分值 {plain(row.max_points)} 分"
            )
    execution, below = case.execution, case.scheme.execution.reason_below
    if execution is None or execution.ratio is None or below is None:
        return ""
    return f"执行率只有 {percent(execution.ratio)}" if execution.ratio < below else ""


@check(
    "all-done-despite-shortfall",
    group="text",
    severity="warning",
    source=PRACTICE,
    help="文字写各项指标全部完成，而自评表有指标未达到",
)
def all_done_despite_shortfall(case: Case) -> Found:
    missed = _missed(case)
    if missed is None:
        return
    index, row = missed
    for passage in case.passages:
        for found in ALL_DONE.finditer(passage.text):
            start = max(0, found.start() - 8)
            clause = passage.text[start : found.end() + 6]
            if NOT_ALL.search(clause):
                continue
            yield (
                passage.place(found.start(), found.end(), lead=8),
                f"“{found[0]}”与自评表不符：{row_name(index, row)}指标值 {row.target}"
                f"{row.unit}，完成值 {row.actual}；请改文字",
            )
            return


def _missed(case: Case) -> tuple[int, Indicator] | None:
    """Return the first indicator that did not reach its target, by its own points."""
    for index, row in case.applicable():
        scored = case.score.rows[index].points
        if index == case.execution_index or row.comparator == "rubric":
            continue
        if scored is None or row.max_points is None or row.actual is None:
            continue
        if scored < row.max_points and row.comparator != "qualitative":
            return index, row
    return None


@check(
    "repealed-document",
    group="text",
    severity="warning",
    source="财预〔2020〕10号",
    help="引用了已废止的文件",
)
def repealed_document(case: Case) -> Found:
    year = case.document.year
    for passage in case.passages:
        for pattern, message, until in DEAD:
            found = pattern.search(passage.text)
            if not found or (year is not None and year < until):
                continue
            near = passage.text[max(0, found.start() - 20) : found.end() + 30]
            if not KNOWS_IT_IS_DEAD.search(near):
                yield (
                    passage.place(found.start(), found.end()),
                    f"引用“{found[0]}”：{message}；请改引现行文件",
                )


@check(
    "text-leftover",
    group="text",
    severity="warning",
    source=PRACTICE,
    help="正文里留着模板提示语、占位符或 Word 的书签、域代码",
)
def text_leftover(case: Case) -> Found:
    for index, note in enumerate(case.document.reading_notes):
        # Characters that can't be seen are taken out silently.
        if note.code == "text-leftover" and not note.original.startswith("U+"):
            yield (
                InField(field=f"reading_notes[{index}]"),
                f"{note.where}有 Word 残留“{shortened(note.original, 40)}”；"
                "请在原文件中删去",
            )
    for passage in case.passages:
        for pattern in (RESIDUE, LEFTOVER):
            for found in pattern.finditer(passage.text):
                yield (
                    passage.place(found.start(), found.end(), lead=8),
                    f"正文留着“{shortened(found[0], 40)}”；请删去或填上内容",
                )


@check(
    "personal-data",
    group="text",
    severity="error",
    source="政府信息公开条例第十五条",
    help="手机号、身份证号（校验位正确）或银行卡号，公开前必须删去",
)
def personal_data(case: Case) -> Found:
    for where_of, text in _all_texts(case):
        for label, start, end in _numbers_of_people(text):
            yield (
                where_of(start, end),
                f"有{label}“{_masked(text[start:end])}”，公开后会泄露个人信息；请删去",
            )


def _masked(number: str) -> str:
    return f"{number[:3]}…{number[-2:]}"


def _all_texts(case: Case) -> Iterator[tuple["_Place", str]]:
    document = case.document
    for passage in case.passages:
        yield _in_passage(passage), passage.text
    fields = {
        "goal.expected": document.goal.expected,
        "goal.actual": document.goal.actual,
        "remarks": document.remarks,
        "conclusion": document.conclusion,
    }
    for field, text in fields.items():
        yield _fixed(InField(field=field)), text.translate(PLAIN)
    for index, row in enumerate(document.indicators):
        note = row.deviation_note
        yield _fixed(in_row(index, "deviation_note")), note.translate(PLAIN)


_Place = Callable[[int, int], Where]


def _in_passage(passage: Passage) -> _Place:
    return lambda start, end: passage.place(start, end, lead=8)


def _fixed(where: Where) -> _Place:
    return lambda start, end: where


def _numbers_of_people(text: str) -> Iterator[tuple[str, int, int]]:
    for found in MOBILE.finditer(text):
        yield "手机号", found.start(), found.end()
    for found in LANDLINE.finditer(text):
        yield "电话号码", found.start("it"), found.end("it")
    for found in IDENTITY.finditer(text):
        if is_identity_number(found[0]):
            yield "身份证号", found.start(), found.end()
    for found in CARD.finditer(text):
        digits = found[0].replace(" ", "")
        before = text[max(0, found.start() - 16) : found.start()]
        named = CARD_WORDS.search(before) or digits.startswith("62")
        is_card = 15 <= len(digits) <= 19 and passes_luhn(digits)
        if named and is_card and not is_identity_number(digits):
            yield "银行卡号", found.start(), found.end()


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are an ID number: a day that exists, the check digit."""
    if len(number) != 18:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * w for digit, w in zip(number[:17], WEIGHTS, strict=True))
    return born.year >= 1900 and CHECK_DIGITS[total % 11] == number[17].upper()


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of bank cards."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
