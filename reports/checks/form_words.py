"""Checks of the form's words: copied goals, forgotten templates, last year's text."""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfeval.numbers import normal_text
from reports.checks.case import Case, in_row, row_name
from reports.checks.findings import InField, InFunds, InText, Where, shortened
from reports.checks.registry import Found, check
from reports.document import Goal, Indicator, ReportDocument

PRACTICE = "审核惯例"
YEAR = re.compile(
    "(?:20|二[〇零○])[0-9〇零○一二三四五六七八九]{2}年?度?|[上去今本]年度?|当年"
)
SENTENCE = re.compile("[^。；;！!？?\n]{1,2000}[。；;！!？?]?")
# The shortest sentence that two years don't share by chance, with and without a figure.
SHORTEST, SHORTEST_WORDS = 12, 40
LEFTOVER = re.compile(
    r"(?<![0-9])20(?:[XxＸｘ]{2}|[0-9][XxＸｘ])年|(?<![A-Za-z0-9])[XxＸｘ]{2,}(?![A-Za-z0-9]|-[0-9])|[×✕]{2,}|＊{2,}|(?<![0-9*])\*{3,}(?![0-9*])"
    r"|[_＿]{3,}|[（(](?:不超过|控制在|限)?\s?[0-9]{2,4}\s?字(?:以内|左右|内)?[）)]"
    r"|对照年度目标[，,]?说明|[（(【\[](?:请|此处|在此)[^）)】\]\n]{0,30}[）)】\]]"
    r"|[［\[](?:此处|单位|项目|部门|姓名|日期|金额)[^］\]\n]{0,16}[］\]]|请根据实际(?:情况)?(?:填|补)"
    r"|□是\s?□否|[（(](?:略|可)[，,]?(?:可)?(?:自行|另)(?:增减|附页?|行附[页件])[）)]"
    r"|(?:此段|本段|此处|此部分)待(?:补|定|完善)|不少于\s?[0-9]{2,4}\s?字[）)]"
    r"|[（(]填写说明|请(?:在此|在这里|在此处)?填[写入]|此处(?:填写|插入|说明)|填写(?:说明|示例)[:：]"
    r"|[（(【\[]待(?:补充|填写?|完善|定)[）)】\]]|(?<![^。；;\n])待(?:补充|填写?|完善|定)(?=[。；;\n]|$)|(?:单位|项目|部门)名称[）)】]"
    r"|年[ 　]{2,}月[ 　]{0,8}日"
    r"|^指标[0-9一二三四五六七八九十]{1,2}[:：]?$|^[.…。]{2,}$"
)


@check(
    "goal-copied",
    group="form",
    severity="warning",
    source=PRACTICE,
    help="实际完成情况照抄预期目标，只差标点",
)
def goal_copied(case: Case) -> Found:
    document = case.document
    named: list[tuple[str, Goal]] = [("goal.actual", document.goal)]
    named += [
        (f"goals[{index}].actual", goal)
        for index, goal in enumerate(document.goals)
        if goal != document.goal
    ]
    for field, goal in named:
        actual = bare_words(goal.actual)
        if actual and actual == bare_words(goal.expected):
            yield (
                InField(field=field),
                f"“实际完成情况”与“预期目标”相同（“{shortened(goal.actual, 30)}”）；"
                "请写实际完成了多少",
            )


def bare_words(text: str) -> str:
    """Return a text without punctuation and blanks, for comparing."""
    return re.sub(r"[\W_]", "", normal_text(text))


@check(
    "template-leftover",
    group="form",
    severity="error",
    source=PRACTICE,
    help="自评表里留着模板的提示语或占位符（XX、（100字以内）、请填写）",
)
def template_leftover(case: Case) -> Found:
    for where, name, text in _form_texts(case.document):
        if found := LEFTOVER.search(text.strip()):
            yield (
                where,
                f"{name}里留着模板文字“{shortened(found[0], 30)}”；请删去或填上内容",
            )


def _form_texts(document: ReportDocument) -> Iterator[tuple[Where, str, str]]:
    yield InField(field="project.name"), "项目名称", document.project.name
    yield InField(field="project.unit"), "实施单位", document.project.unit
    goals = document.goals or (document.goal,)
    for goal in goals:
        yield InField(field="goal.expected"), "预期目标", goal.expected
        yield InField(field="goal.actual"), "实际完成情况", goal.actual
    yield InField(field="conclusion"), "评价结论", document.conclusion
    yield InField(field="remarks"), "其他说明", document.remarks
    for place, row in enumerate(document.funds.rows):
        yield InFunds(row=place, column="note"), "资金备注", row.note
    for index, indicator in enumerate(document.indicators):
        for field, label in ROW_TEXTS:
            text = getattr(indicator, field) or ""
            yield in_row(index, field), f"{row_name(index, indicator)}{label}", text


ROW_TEXTS = (
    ("level3", "名称"),
    ("target", "指标值"),
    ("actual", "实际完成值"),
    ("deviation_note", "偏差原因分析及改进措施"),
    ("basis", "得分依据"),
)


@check(
    "unchanged-since-last-year",
    group="form",
    severity="warning",
    source=PRACTICE,
    help="与上年报告一字不差的完成情况、做法或问题（有上年报告时）",
)
def unchanged_since_last_year(case: Case) -> Found:
    if case.last_year is None:
        return
    before, document = case.last_year, case.document
    if _same(document.goal.actual, before.goal.actual):
        yield (
            InField(field="goal.actual"),
            "“实际完成情况”与上年相同；请写本年完成了多少",
        )
    if _same_results(document, before):
        yield (
            InField(field="indicators"),
            f"{len(document.indicators)} 个指标的实际完成值与上年完全相同；请逐项核对",
        )
    for index, section in enumerate(document.sections):
        if section.key not in ("implementation", "results", "problems"):
            continue
        old = _old_sentences(before)
        for found in SENTENCE.finditer(section.text):
            if _is_telling(found[0], section.key) and _yearless(found[0]) in old:
                yield (
                    InText(
                        section=section.key,
                        index=index,
                        start=found.start(),
                        end=found.end(),
                        excerpt=found[0],
                    ),
                    f"“{shortened(found[0], 40)}”与上年报告相同；请改为本年的情况",
                )


def _same(text: str, before: str) -> bool:
    plain = _yearless(text)
    return len(plain) >= SHORTEST and plain == _yearless(before)


def _yearless(text: str) -> str:
    return YEAR.sub("", bare_words(text))


def _same_results(document: ReportDocument, before: ReportDocument) -> bool:
    def results(rows: tuple[Indicator, ...]) -> list[tuple[str, str]]:
        return [(bare_words(row.level3), row.actual or "") for row in rows]

    rows = results(document.indicators)
    counted = [actual for _, actual in rows if re.search("[0-9]", actual)]
    plain = [actual for actual in counted if _is_open(actual)]
    return len(plain) >= 3 and rows == results(before.indicators)


def _is_open(actual: str) -> bool:
    """Whether a result could easily have been another: not 100 %, not 0."""
    digits = re.sub("[^0-9.]", "", actual)
    return bool(digits) and digits not in ("100", "0", "1") and Decimal(1) < len(digits)


def _old_sentences(before: ReportDocument) -> set[str]:
    return {
        _yearless(sentence)
        for section in before.sections
        for sentence in SENTENCE.findall(section.text)
    }


def _is_telling(sentence: str, key: str) -> bool:
    """Whether a sentence should differ from year to year."""
    plain = _yearless(sentence)
    if re.search("[0-9]", plain):
        return len(plain) >= SHORTEST
    return key != "implementation" and len(plain) >= SHORTEST_WORDS
