"""The words by which a form's fields and headings are known, whatever the province."""

import re
from typing import Literal

from perfeval.numbers import normal_text

Field = Literal[
    "name",
    "code",
    "supervising_department",
    "unit",
    "year",
    "date",
    "total",
    "grade",
    "conclusion",
    "remarks",
    "problems",
    "measures",
    "causes",
    "unit_leader",
    "project_leader",
    "finance_leader",
    "filler",
    "contact",
    "phone",
]

BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
NUMERAL = re.compile(r"^(?:[一二三四五六七八九十]+、|[0-9]+[.、]|\*)")

FIELDS: tuple[tuple[Field, str], ...] = (
    ("name", "(?:专项|项目)(?:资金)?(?:名称|全称)"),
    ("code", "项目(?:代码|编码|编号)"),
    (
        "supervising_department",
        "(?:项目|预算|一级|省级|市级)*主管(?:预算)?(?:部门|单位)(?:名称)?(?:及代码)?",
    ),
    (
        "unit",
        "(?:项目|资金|具体)*(?:实施|承担|执行|使用|建设|填报|预算|自评)(?:部门|单位)"
        "(?:名称)?|项目单位(?:名称)?|单位名称",
    ),
    ("year", "(?:预算|评价|项目|自评|填报|所属)*(?:年度|年份)"),
    ("date", "(?:填报|填表|自评|报送)?(?:日期|时间)"),
    ("total", "(?:自评|评价|项目)*(?:总分|总得分)|自评得分|评价得分"),
    ("grade", "(?:自评|评价|绩效)*(?:等级|评级|等次|级别)"),
    ("conclusion", "(?:自评|评价|自我评价|总体|综合)*结论|总体评价"),
    (
        "remarks",
        "其[他它](?:需要|需|应)?(?:特别)?说明的?(?:事项|问题|情况|内容)?|备注",
    ),
    ("problems", "存在的?(?:主要)?问题(?:及原因|和原因)?(?:分析)?|主要问题"),
    (
        "measures",
        "(?:下一步)?(?:拟)?(?:改进|整改)(?:措施|建议|意见|工作)"
        "(?:及|和)?(?:结果应用)?(?:方案|建议)?",
    ),
    ("causes", "(?:偏差大或)?(?:绩效)?(?:目标)?(?:未完成|偏差)的?原因(?:分析|说明)?"),
    ("project_leader", "项目(?:负责人|主管)"),
    ("finance_leader", "财务(?:部门)?(?:负责人|主管)"),
    ("unit_leader", "(?:单位|部门|主要|分管)?(?:负责人|领导)"),
    ("filler", "(?:填报|填表|经办|制表)(?:人员?)"),
    ("contact", "(?:项目)?联系人"),
    ("phone", "(?:联系)?(?:电话|方式)(?:号码)?"),
)
FIELD = [(name, re.compile(pattern)) for name, pattern in FIELDS]
# 填报人：张三　联系电话：…  several fields in one cell.
GLUED = re.compile(r"([\u4e00-\u9fff]{2,18}(?:[(（][^()（）]*[)）])?)\s*[:：]")

TOTAL = re.compile("(?:自评|评价|综合|项目)?(?:总分|总得分|总计|合计)(?:得分)?")
SUBTOTAL = re.compile(".{0,8}小计")
GROUP = re.compile("年度(?:总体|绩效|总体绩效)?目标|(?:总体|绩效)目标")
EXPECTED = re.compile(
    "(?:年度)?(?:总体|绩效)*(?:预期|年初设定|年初|设定|计划|预定)(?:总体|绩效|年度)*目标"
)
ACTUAL = re.compile(
    "(?:年度|全年|总体|绩效|目标|年末)*(?:实际)?(?:完成|实现|达成)(?:目标)?情况"
)
NUMBERED_GOAL = re.compile("(?:年度)?(?:总体|绩效)*目标([0-9一二三四五六七八九])(?!级)")
TITLE = re.compile(r".*(?:自评|绩效|评价|评分).*表.*")
TITLE_WITHOUT_TABLE = re.compile(r".*(?:绩效|支出).*自评.*")


# 填表说明：… below a form.
NOTES = re.compile(r"(?:填表|填报)?(?:注|备注|说明)\s*[0-9]*\s*[:：.、]")


def label_key(text: str) -> str:
    """Return the words of a label: no blanks, brackets, numerals, colon."""
    plain = normal_text(text[:120])
    plain = BRACKETS.sub("", plain)
    return NUMERAL.sub("", plain).rstrip(":").removeprefix("其中:")


def field_of(text: str) -> Field | None:
    """Return the field that a cell is the label of, None for other cells."""
    if len(text) > 40:
        return None
    key = label_key(text)
    return next((name for name, words in FIELD if words.fullmatch(key)), None)


def glued_fields(text: str) -> list[tuple[Field, str]]:
    """Return fields and values of a cell that holds both: 填报人：张三 电话：…"""
    found = [
        (match, name)
        for match in GLUED.finditer(text)
        if (name := field_of(match[1])) is not None
    ]
    # In the middle of a sentence a colon is no field's.
    if not found or found[0][0].start():
        return []
    ends = [match.start() for match, _ in found[1:]] + [len(text)]
    return [
        (name, text[match.end() : end].strip())
        for (match, name), end in zip(found, ends, strict=True)
    ]


def is_label(text: str) -> bool:
    """Whether a cell names what stands beside or below it."""
    key = label_key(text) if len(text) <= 40 else ""
    words = (GROUP, EXPECTED, ACTUAL)
    return bool(key and (field_of(text) or any(each.fullmatch(key) for each in words)))


def is_title(text: str) -> bool:
    """Whether a row that says only this is the title of a form."""
    plain = normal_text(text[:120])
    return (
        len(plain) <= 60
        and not NOTES.match(plain)
        and bool(TITLE.fullmatch(plain) or TITLE_WITHOUT_TABLE.fullmatch(plain))
    )
