"""Characters that cannot be printed, each with the place it stands in."""

import re
import unicodedata
from collections.abc import Collection, Iterator

from perfeval.numbers import chinese_numeral
from reports.document import Indicator, ReportDocument

# Controls, separators of other systems, and marks that turn the direction of text: they
# have no shape of their own and would change what is read.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2061-\u206f"
    "\ufdd0-\ufdef\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f]"
)
INDICATOR_FIELDS = {
    "level1": "一级指标",
    "level2": "二级指标",
    "level3": "三级指标",
    "target": "年度指标值",
    "target_before": "原指标值",
    "adjustment": "指标调整说明",
    "unit": "度量单位",
    "actual": "实际完成值",
    "standard": "评分标准",
    "formula": "得分计算方法",
    "basis": "得分依据",
    "deviation_note": "偏差原因分析及改进措施",
}


def unprintable_problems(document: ReportDocument) -> list[str]:
    """Return a line for each control character and each place it stands in."""
    return [
        f"{place}：字符 U+{ord(char):04X} 不是可打印的字符，请删去"
        for place, text in _texts(document)
        for char in dict.fromkeys(UNPRINTABLE.findall(text))
    ]


def missing_problems(document: ReportDocument, missing: Collection[str]) -> list[str]:
    """Return a line for each place of each character that no font has."""
    problems = [
        f"{place}：字符“{char}”（U+{ord(char):04X}{_name(char)}）没有字体可用"
        for place, text in _texts(document)
        for char in sorted(missing)
        if char in text
    ]
    return problems or [
        f"字符“{char}”（U+{ord(char):04X}{_name(char)}）没有字体可用"
        for char in sorted(missing)
    ]


def _name(char: str) -> str:
    name = unicodedata.name(char, "")
    # The names of Han characters only repeat the number.
    return f" {name}" if name and not name.startswith("CJK ") else ""


def _texts(document: ReportDocument) -> Iterator[tuple[str, str]]:
    """Yield every printed text with the name of its place."""
    project = document.project
    yield "标题", document.title
    yield "项目名称", project.name
    yield "主管部门", project.supervising_department
    yield "实施单位", project.unit
    yield from _section_texts(document)
    for number, attachment in enumerate(document.attachments, start=1):
        yield f"附件说明第 {number} 项", f"{attachment.label}{attachment.title}"
    yield "落款单位", document.issuer
    yield "成文日期", document.date or ""
    for number, row in enumerate(document.funds.rows, start=1):
        yield f"自评表资金部分第 {number} 行", f"{row.label}{row.note}"
    for goal in (document.goal, *document.goals):
        yield "自评表「预期目标」", goal.expected
        yield "自评表「实际完成情况」", goal.actual
    for number, indicator in enumerate(document.indicators, start=1):
        yield from _indicator_texts(number, indicator)
    for number, file in enumerate(document.evidence, start=1):
        yield f"佐证材料清单第 {number} 行", f"{file.name}{file.sha256}{file.section}"
    for number, opinion in enumerate(document.opinions, start=1):
        yield (
            f"审核意见第 {number} 行",
            "".join(
                (
                    opinion.level,
                    opinion.body,
                    opinion.person,
                    opinion.date,
                    opinion.decision,
                    opinion.text,
                )
            ),
        )
    yield "评价结论", document.conclusion
    yield "其他需要说明事项", document.remarks
    people = document.people
    yield (
        "自评表表末人员",
        "".join(
            (
                people.unit_leader,
                people.project_leader,
                people.finance_leader,
                people.filler,
                people.contact,
                people.phone,
            )
        ),
    )


def _section_texts(document: ReportDocument) -> Iterator[tuple[str, str]]:
    for index, section in enumerate(document.sections, start=1):
        part = f"第{chinese_numeral(index)}部分"
        yield f"{part}标题", f"{section.number}{section.title}"
        for number, paragraph in enumerate(section.paragraphs, start=1):
            yield f"{part}第 {number} 段", paragraph


def _indicator_texts(number: int, indicator: Indicator) -> Iterator[tuple[str, str]]:
    for name, label in INDICATOR_FIELDS.items():
        yield f"自评表第 {number} 行「{label}」", getattr(indicator, name) or ""
