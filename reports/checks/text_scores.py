"""Checks of score, grade and year in the text, against the form and the title."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from indicators.schemes import FULL_POINTS
from indicators.scoring_rules import plain
from reports.checks.case import Case
from reports.checks.findings import InField
from reports.checks.form_points import totals_of
from reports.checks.registry import Found, check
from reports.checks.text_mentions import Mention, Passage
from reports.checks.text_words import YEARS, without_names
from reports.reading.figures import GRADE, GRADES, OTHER_SCORE

PRACTICE = "报告文字与自评表应一致"
SCORE_WORDS = re.compile("得分|评分|总分|自评|综合得?分|分数|得$|评价得")
# All that may stand beside those words where the whole score is meant.
KNOWN = re.compile(
    "该项目|本项目|此项目|项目|自我评价|自评|评价|绩效|综合|最终|最后|总体|整体|支出|总|得分|评分|分数"
    "|分|为|是|得|达到?|共计?|合计|结果|经|我局|我单位|我院|我校|我中心|单位|专项|资金|年度|全年|本年"
    "|20[0-9]{2}|年|确定|认定|计算|打分|评定|按照?|根据|评分标准|标准|百分制|100|满分|自查|实际|的"
    "|[：:“”\\s]|在|对照|情况|结论|经费|预算|了|最|终"
)
# （满分20分，自评20分）: of a part of the sheet, which has less than 60 points.
OF_A_PART = re.compile("(?:满分|分值|权重)(?!100)[0-9.]{1,5}分")
LOWEST_WHOLE = 60
# 自评得分101.12分 is a slip, 总分150分 another sheet's.
MOST_SAID = 110
OTHER_YEAR = re.compile(
    "较|比|同比|上年|上一|去年|增长|下降|结转|跨年|以来|起|至今|往年|历年|—|-|至|下年|来年|计划|明年|规划"
    "|“|《|印发|提前下达|延续|续建|拟|将|力争|继续"
)
DATA_WORDS = (
    "预算安排|年初预算|全年预算|部门预算|安排预算|实际支出|全年支出|绩效自评|自评得分|绩效目标|预算执行"
    "|执行率|项目自评"
)
YEAR_OF_DATA = re.compile(
    rf"(?<![0-9])(20[0-9]{{2}})年度?(?![0-9]{{1,2}}月)(?=[^，,。；;！\n]{{0,16}}?"
    rf"(?:{DATA_WORDS}))"
)
YEAR_END = re.compile(
    "截[至止](?:到)?(20[0-9]{2})年(?:12月|年?底|年?末)"
    "(?=[^。；;\n]{0,24}?(?:执行[数率]|实际支出|项目支出|项目资金))"
)
# 本项目2024年预算58万元; not where this year's follows: 今年预算60万元.
YEAR_OF_BUDGET = re.compile(
    "[本该此]项目(20[0-9]{2})年度?预算(?:数|金额|总额)?[为是共：:]{0,2}(?=[0-9])"
    "(?![^。\n]{0,60}(?:本年|今年|当年))"
)
TITLE_YEAR = re.compile("(?<![0-9])(20[0-9]{2})(?![0-9])")


@check(
    "score-differs",
    group="text",
    severity="error",
    source=PRACTICE,
    help="文字中的自评得分与自评表总分不一致，或前后两处不一致（96分即96.00）",
)
def score_differs(case: Case) -> Found:
    total = settled_total(case)
    allowed = {total, case.document.review_total} - {None}
    first: Mention | None = None
    for mention in own_scores(case):
        if total is None:
            first = first or mention
            if mention.low != first.low:
                yield (
                    mention.place,
                    f"{mention.quoted}与前文{first.quoted}不一致；请核对后统一",
                )
        elif mention.low not in allowed:
            yield (
                replace(mention.place, meant="total"),
                f"{mention.quoted}与自评表总分 {plain(total)} 分不一致；"
                "请核对后改文字或自评表",
            )


def settled_total(case: Case) -> Decimal | None:
    """Return the form's total, None too where it is but the sum of the points so far.

    While something that counts has no points yet, such a sum is no total; any other
    figure is one the form states.
    """
    total = case.document.total
    rows = [(index, row.points) for index, row in case.applicable()]
    unscored = [
        index
        for index, points in rows
        if points is None and case.score.rows[index].points is None
    ]
    if not unscored and not _lacks_execution(case):
        return total
    so_far = sum((points for _, points in rows if points is not None), Decimal(0))
    return None if total in totals_of(so_far, case) else total


def _lacks_execution(case: Case) -> bool:
    """Whether execution counts beside the rows and has no points yet."""
    if case.execution_index is not None or case.score.execution.points is not None:
        return False
    most = [row.max_points or Decimal(0) for row in case.document.indicators]
    written = case.total_row[1].points if case.total_row else None
    return bool(most) and written is None and sum(most) < FULL_POINTS


def own_scores(case: Case) -> Iterator[Mention]:
    """Yield the scores of the text that are the project's whole self-evaluation."""
    for mention in case.mentions("score"):
        clause = without_names(mention.clause, case.names)
        if not SCORE_WORDS.search(clause) or mention.approximate:
            continue
        highest = MOST_SAID if mention.passage.key == "score" else 100
        if OTHER_SCORE.search(clause.replace("满分100", "")) or mention.low > highest:
            continue
        if KNOWN.sub("", clause) or mention.low != mention.high:
            continue
        sentence = mention.sentence_before
        years = {int(each) for each in YEARS.findall(sentence)}
        if years and case.document.year not in years:
            continue
        if OF_A_PART.search(sentence[-30:]) and mention.low < LOWEST_WHOLE:
            continue
        # 效益指标30分，得25.5分: a bare 得 goes on with what was spoken of.
        bare = clause.strip() in ("得", "自评得")
        spoken = mention.passage.text[max(0, mention.start - 60) : mention.start]
        if bare and OTHER_SCORE.search(spoken):
            continue
        if not re.match("以上|以下|以内|的|[（(]?满分?的", mention.after):
            yield mention


@check(
    "grade-differs",
    group="text",
    severity="error",
    source=PRACTICE,
    help="文字中的等级与自评表的等级（或总分对应的等级）不一致",
)
def grade_differs(case: Case) -> Found:
    expected, because = _grade(case)
    if not expected:
        return
    for passage in case.passages:
        for found in GRADE.finditer(passage.text):
            written = GRADES.get(found[1], found[1])
            if written == expected or _is_of_another(passage, found.start()):
                continue
            yield (
                passage.place(found.start(), found.end(), lead=16),
                f"“{found[0].strip('，,。')}”与{because}不一致；请核对后改文字或自评表",
            )


def _grade(case: Case) -> tuple[str, str]:
    """Return the grade that the text should say and where it comes from."""
    grade, total = case.document.grade, settled_total(case)
    if grade is not None and (total is not None or case.document.total is None):
        return grade, f"自评表等级“{grade}”"
    scores = {each.low for each in own_scores(case)}
    if total is None and len(scores) == 1:
        total = scores.pop()
    if total is None or not 0 <= total <= Decimal(100):
        return "", ""
    grade = case.scheme.grade(total).name
    return grade, f"得分 {plain(total)} 分对应的“{grade}”"


def _is_of_another(passage: Passage, start: int) -> bool:
    """Whether a grade is another thing's: a water's, a contractor's, last year's."""
    clause = re.split("[。；;\n]", passage.text[max(0, start - 60) : start])[-1]
    own = passage.key == "score" or re.search(
        "自评|项目|绩效|得分|评分|综合|总分", clause[-40:]
    )
    others = "上年|去年|水质|验收|考核|复核"
    if passage.key != "score":
        others = f"{others}|指标"
    return not own or bool(re.search(others, clause[-40:]))


@check(
    "year-differs",
    group="text",
    severity="error",
    source=PRACTICE,
    help="标题或文字中的年度与报告年度不一致（多为上年留下的）",
)
def year_differs(case: Case) -> Found:
    year = case.document.year
    if year is None:
        return
    titled = {int(each) for each in TITLE_YEAR.findall(case.document.title)}
    if len(titled) == 1 and year not in titled:
        yield (
            InField(field="title"),
            f"标题“{case.document.title}”是 {titled.pop()} 年，"
            f"自评表是 {year} 年；请核对年度",
        )
    for passage in case.passages:
        if passage.key != "problems":
            yield from _other_years(passage, year)


def _other_years(passage: Passage, year: int) -> Found:
    for pattern in (YEAR_OF_DATA, YEAR_OF_BUDGET, YEAR_END):
        for found in pattern.finditer(passage.text):
            # A later year is mostly a plan.
            if int(found[1]) >= year or _is_right(passage, found, year):
                continue
            yield (
                passage.place(found.start(), found.end() + 12),
                f"“{passage.text[found.start() : found.end() + 12].strip()}”"
                f"与报告年度 {year} 年不一致；请改为本年的情况",
            )


def _is_right(passage: Passage, found: re.Match[str], year: int) -> bool:
    """Whether another year may be meant: compared with, or this year stands beside."""
    text = passage.text
    first = text.rfind("\n", 0, found.start()) + 1
    last = text.find("\n", found.end())
    line = text[max(first, found.start() - 200) : last if last >= 0 else len(text)]
    behind = re.split("[，,。；;、]", text[found.end() : found.end() + 20])[0]
    near = text[max(first, found.start() - 12) : found.start()] + behind
    if str(year) in line[:600]:
        return True
    return bool(OTHER_YEAR.search(near)) or abs(int(found[1]) - year) > 3
