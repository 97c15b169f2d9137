"""The columns of a form's indicator table, found by the words of its heading rows."""

import re
from dataclasses import dataclass

from perfeval.workbooks.grid import Block, Sheet
from reports.reading.form_labels import label_key

# In this order: 未完成原因 before 完成值, 复核得分 before 得分.
HEADINGS: tuple[tuple[str, str], ...] = (
    ("project", "^项目(?:名称|代码|编码|编号)$"),
    ("level1", "一级指标|^评价维度$"),
    ("level2", "二级指标"),
    ("level4", "四级指标"),
    ("level3", "三级指标"),
    ("name", "^(?:绩效|具体|考核)?指标(?:名称|内容)?$"),
    (
        "review_note",
        "(?:复核|审核|核查|专家|评审|复评).*(?:意见|说明|备注|原因|理由)"
        "|扣分(?:原因|理由|说明)",
    ),
    (
        "review_points",
        "(?=.*(?:复核|审核|核查|专家|评审|复评|抽评|财政|核定|主管)).*"
        "(?:得分|评分|分数|打分)",
    ),
    ("review_actual", "(?:复核|审核|核查|核实).*(?:值|情况)"),
    (
        "deviation_note",
        "(?:偏差|偏离|未完成|未达标|未实现|差异).*(?:原因|分析|说明|情况)|原因分析"
        "|^改进措施|^原因$",
    ),
    ("deduction", "扣分|扣减"),
    ("formula", "(?:计算|计分|评分)(?:方法|公式|办法)"),
    ("basis", "(?:得分|评分|自评|打分)(?:的)?(?:依据|情况|说明|理由)"),
    ("standard", "(?:评分|评价|评判|计分|赋分)(?:标准|细则|规则)"),
    ("explanation", "指标(?:解释|说明)"),
    ("data_source", "(?:数据|资料|取数)来源|佐证"),
    ("share", "完成(?:率|比例|程度)|执行率|偏差|是否"),
    ("comparator", "指标性质|性质|符号|运算符|比较|指标方向"),
    ("unit", "(?:度量|计量)单位|^单位$"),
    ("target_before", "(?:原|调整前|变更前).*(?:指标|目标)值?"),
    (
        "actual",
        "实际(?!得分)|(?:指标值|目标值?)完成(?:值|情况)|^(?:全年|年度|自评|指标)*完成"
        "(?:值|情况|指标|结果|数)$|^完成$",
    ),
    (
        "target",
        "指标值|目标值|预期值|标准值|目标$|(?:计划|预期|预计|年初).*(?:值|指标|数|目标)"
        "|^年度指标$",
    ),
    ("max_points", "分值|权重|满分|标准分|^分数$"),
    ("points", "得分|自评分|评分|打分|自评"),
    ("remark", "备注|说明"),
)
HEADING = [(kind, re.compile(pattern)) for kind, pattern in HEADINGS]
# What a column is taken for where none says it better.
INSTEAD = {
    "name": "level3",
    "explanation": "standard",
    "remark": "deviation_note",
}
# A row is a heading row when it names the indicators and one of these.
VALUES = frozenset(
    ("target", "actual", "max_points", "points", "standard", "review_points")
)
LEVELS = ("level1", "level2", "level3")
# Rows that a heading may take.
DEEPEST = 3


@dataclass(frozen=True)
class Columns:
    """The heading rows top to bottom; spans: first and last column of each kind.

    doubled: two columns of indicators' names, so two tables side by side.
    """

    top: int
    bottom: int
    spans: dict[str, tuple[int, int]]
    doubled: bool = False

    @property
    def is_list(self) -> bool:
        """Whether each row names its project: a list of many projects, no form."""
        return "project" in self.spans

    @property
    def first(self) -> int:
        """The first column of the table."""
        return min(self.spans[each][0] for each in LEVELS if each in self.spans)

    @property
    def names_end(self) -> int:
        """The last column of the indicators' names."""
        return self.spans["level3"][1]


def heading_kind(text: str) -> str | None:
    """Return the kind of column a heading names, None for others."""
    if not text or len(text) > 60:
        return None
    key = label_key(text)
    return next((kind for kind, words in HEADING if words.search(key)), None)


def find_tables(sheet: Sheet) -> list[Columns]:
    """Return the indicator tables of a sheet from top to bottom."""
    tables: list[Columns] = []
    row = 0
    while row < sheet.height:
        table = _table_at(sheet, row)
        if table:
            tables.append(table)
            row = table.bottom
        row += 1
    return tables


def _table_at(sheet: Sheet, row: int) -> Columns | None:
    kinds = [(heading_kind(each.text), each) for each in sheet.filled(row)]
    third = [block for kind, block in kinds if kind == "level3"]
    names = third or [block for kind, block in kinds if kind == "name"]
    if not names or names[-1].area[0] != row:
        return None
    bottom = _last_heading_row(sheet, row, names[-1])
    spans = _spans(sheet, row, bottom)
    named = sum(each in spans for each in LEVELS)
    if not VALUES.intersection(spans) or named + len(VALUES.intersection(spans)) < 3:
        return None
    return Columns(row, bottom, spans, doubled=len(third) > 1)


def _last_heading_row(sheet: Sheet, row: int, names: Block) -> int:
    """A heading takes as many rows as its 三级指标 is merged over, or as more headings
    stand below with no name of an indicator."""
    bottom = min(names.area[2], row + DEEPEST - 1)
    if bottom > row or row + 1 >= sheet.height:
        return bottom
    below = [each for each in sheet.filled(row + 1) if each.area[0] == row + 1]
    beneath_names = sheet.block(row + 1, names.first)
    headings = [each for each in below if heading_kind(each.text)]
    is_heading = len(headings) >= 2 and len(headings) == len(below)
    return row + 1 if is_heading and not beneath_names.text else bottom


def _spans(sheet: Sheet, top: int, bottom: int) -> dict[str, tuple[int, int]]:
    """Return the columns of each kind; of two of one kind the first counts."""
    found: list[tuple[str, str, int, int]] = []
    for block in sheet.blocks(bottom):
        text = _heading_text(sheet, top, bottom, block.first)
        kind = heading_kind(block.text) if block.text else None
        # What says nothing alone (调整后) is read with what stands above (指标值).
        kind = kind if kind not in (None, "remark") else heading_kind(text)
        if kind:
            found.append((kind, text, block.first, block.last))
    return _first_of_each(found)


def _first_of_each(
    found: list[tuple[str, str, int, int]],
) -> dict[str, tuple[int, int]]:
    adjusted = any(kind == "target" and "调整后" in text for kind, text, *_ in found)
    reviewed = any(kind == "review_points" for kind, *_ in found)
    spans: dict[str, tuple[int, int]] = {}
    for kind, text, first, last in found:
        if kind == "target" and adjusted and "调整后" not in text:
            kind = "target_before"
        elif kind == "review_note" and not reviewed:
            # 扣分原因 is the unit's own word where nobody else scores.
            kind = "deviation_note"
        if kind == "name":
            # The one at the left (绩效指标) is a label of the whole table.
            spans[kind] = (first, last)
        spans.setdefault(kind, (first, last))
    for kind, better in INSTEAD.items():
        if kind in spans:
            spans.setdefault(better, spans[kind])
    return spans


def _heading_text(sheet: Sheet, top: int, bottom: int, column: int) -> str:
    texts = [sheet.block(row, column).text for row in range(top, bottom + 1)]
    return "".join(dict.fromkeys(texts))
