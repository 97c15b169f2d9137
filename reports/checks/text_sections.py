"""Checks of the report's shape: its sections, their numerals, the annex referred to."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reports.checks.case import Case
from reports.checks.findings import InField, InText, Where, shortened
from reports.checks.registry import Found, check
from reports.document import SECTION_KEYS, SectionKey
from reports.reading.headings import KEY_WORDS, Heading, Style, read_heading

FRAME = "财预〔2020〕10号 附件3（报告参考提纲）"
NUMERALS = "GB/T 9704-2012"
TITLE_WORDS: dict[str, re.Pattern[str]] = {
    key: re.compile(words) for key, words in KEY_WORDS
}
NOTHING = re.compile(
    r"[\s　]*(?:暂?无|没有|略|见上|同上|不适用|[—\-/]{1,3}|待补充|待填写?)?[。.\s　]*"
)
ENOUGH_KNOWN = 3
# Every outline in use asks for these; some, that of 转移支付 among them, not for the
# others, which are missed only where all else is there.
IN_EVERY_OUTLINE = ("basics", "results", "problems")
OTHER_OUTLINE = re.compile("分解下达")
# 三、主要绩效（附自评表）: what stands in the annex is not missing here.
ATTACHED = re.compile("附[^，。；]{0,20}[表件]")
ANNEX = re.compile(
    "(?:详?见|参见|附于?后?的?|具体[^，。；\n]{0,8}见|如)[^，。；《》\n]{0,14}附[件表录]"
    "|附[件表][1-9一二三]?[：:]|(?:自评表|评分表|指标表)(?:见|附|)附?后|后附[^，。；\n]{0,10}表"
)


@check(
    "section-missing",
    group="text",
    severity="error",
    source=FRAME,
    help="报告缺少方案规定的部分（按标题用词认定，别的标题下可能写到时不报）",
)
def section_missing(case: Case) -> Found:
    if not case.wants_report:
        return
    sections = case.document.sections
    present = {each.key for each in sections}
    known = present & set(SECTION_KEYS)
    if not case.document.parts:
        # Titles that say nothing may hold what seems missing.
        titled = [each for each in sections if each.key == "other" and each.title]
        if len(known) < ENOUGH_KNOWN or len(titled) > 0:
            return
    headings = "\n".join(_heading_lines(case))
    for each in case.scheme.sections:
        if each.key in present or TITLE_WORDS[each.key].search(headings):
            continue
        if not _is_asked_for(each.key, case, known):
            continue
        yield (
            InField(field="sections"),
            f"报告没有“{each.title}”部分；请补写",
        )


def _is_asked_for(key: str, case: Case, known: set[SectionKey]) -> bool:
    """Whether a part belongs to the outline that a report follows."""
    if case.document.parts or case.scheme_given or key in IN_EVERY_OUTLINE:
        return True
    titles = (each.title for each in case.document.sections)
    is_other = any(OTHER_OUTLINE.search(title) for title in titles)
    return len(known) == len(case.scheme.sections) - 1 and not is_other


def _heading_lines(case: Case) -> Iterator[str]:
    for section in case.document.sections:
        yield section.title
        for line in section.paragraphs:
            heading = read_heading(line[:60])
            if heading.style != "none":
                yield heading.title


@check(
    "section-empty",
    group="text",
    severity="error",
    source=FRAME,
    help="某一部分只有标题，或只写了“无”“略”",
)
def section_empty(case: Case) -> Found:
    for index, section in enumerate(case.document.sections):
        if section.key == "other" or not NOTHING.fullmatch(section.text[:40]):
            continue
        if len(section.text.strip()) > 40 or ATTACHED.search(section.title):
            continue
        yield (
            _whole(index, section.key, section.text),
            f"“{section.number}{section.title}”部分没有内容"
            f"{_quoted(section.text)}；请补写",
        )


def _quoted(text: str) -> str:
    return f"（“{text.strip()}”）" if text.strip() else ""


def _whole(index: int, key: str, text: str) -> InText:
    return InText(section=key, index=index, start=0, end=len(text), excerpt=text)


@dataclass(frozen=True)
class _Numeral:
    where: Where
    heading: Heading
    shown: str


@check(
    "numbering-broken",
    group="text",
    severity="warning",
    source=NUMERALS,
    help="标题序号缺号、重号或混用（1、2、三、）",
)
def numbering_broken(case: Case) -> Found:
    yield from _broken_sections(case)
    for passage in case.passages:
        yield from _broken_inside(passage.index, passage.key, passage.text)


def _broken_sections(case: Case) -> Found:
    numerals = list(_section_numerals(case))
    styles = Counter(each.heading.style for each in numerals if each.heading.value)
    if len(numerals) < 2 or not styles:
        return
    usual: Style = max(styles, key=lambda style: (styles[style], style == "chinese"))
    for place, each in enumerate(numerals, start=1):
        if each.heading.style != usual or each.heading.value != place:
            yield (
                each.where,
                f"第 {place} 个标题“{shortened(each.shown, 30)}”的序号与其他标题不连续"
                "或格式不同；请按“一、二、三、”顺序改正",
            )


def _section_numerals(case: Case) -> Iterator[_Numeral]:
    """Yield the headings of sections in order, also those joined into another."""
    expected = 0
    for index, section in enumerate(case.document.sections):
        if section.key == "other" and not section.number:
            continue
        shown = f"{section.number}{section.title}"
        heading = read_heading(shown[:60])
        expected += 1
        yield _Numeral(InField(field=f"sections[{index}].number"), heading, shown)
        for line in section.paragraphs:
            joined = read_heading(line[:60])
            same = joined.style == heading.style and joined.value == expected + 1
            if same and joined.style in ("chinese", "part") and joined.key:
                expected += 1
                place = _whole(index, section.key, line)
                yield _Numeral(place, joined, line[:40])


def _broken_inside(index: int, key: str, text: str) -> Found:
    """Report a gap in（一）（二）（三）at the beginning of lines."""
    last = 0
    start = 0
    for line in text.split("\n"):
        heading = read_heading(line[:40].lstrip())
        han = heading.style == "bracket" and re.search(
            "[一二三四五六七八九十]", heading.number
        )
        if han and heading.value:
            if heading.value not in (1, last + 1) and last:
                yield (
                    InText(
                        section=key,
                        index=index,
                        start=start,
                        end=start + len(line[:30]),
                        excerpt=line[:30],
                    ),
                    f"“{shortened(line, 24)}”的序号接在第 {last} 个之后，缺号或重号；"
                    "请改正序号",
                )
            last = heading.value
        start += len(line) + 1


@check(
    "annex-missing",
    group="text",
    severity="warning",
    source="审核惯例",
    help="文字写“见附表”“见附件”，却没有自评表（没有指标）",
)
def annex_missing(case: Case) -> Found:
    if case.document.indicators:
        return
    for passage in case.passages:
        found = ANNEX.search(passage.text)
        if found:
            yield (
                passage.place(found.start(), found.end(), lead=12),
                f"文字写明“{found[0].strip()}”，但没有自评表；请附上自评表或改文字",
            )
            return
