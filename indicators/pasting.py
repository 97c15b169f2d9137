"""A block of cells copied from Excel or WPS becomes rows of indicators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indicators.models import Comparator
from indicators.target_entry import read_nature, understand_columns
from perfeval.numbers import normal_text

COLUMNS = (
    "level1",
    "level2",
    "level3",
    "comparator",
    "target",
    "unit",
    "max_points",
    "standard",
)
# Without headings: as the paper form has them, where there are five.
OF_FORM = ("level1", "level2", "level3", "target", "max_points")
MOST_ROWS = 100
LONGEST = 200_000

# In this order: 实际完成值 before 指标值, 得分 before 分. "" is left aside.
HEADINGS = tuple(
    (name, re.compile(words))
    for name, words in (
        ("level1", "一级指标"),
        ("level2", "二级指标"),
        ("level3", "三级指标|^(?:绩效|考核|具体)?指标(?:名称|内容)$"),
        ("standard", "(?:评分|评价|计分|赋分)(?:标准|细则|规则|办法|方法)"),
        ("", "实际|完成|得分|自评|复核|偏差|原因|依据|备注|说明|佐证|来源|序号"),
        ("comparator", "指标性质|^性质$|符号|运算符|比较|方向"),
        ("unit", "(?:度量|计量)单位|^单位$"),
        ("target", "指标值|目标值|预期值|标准值|^年度指标$|目标$|计划"),
        ("max_points", "分值|权重|满分|标准分|^分数$"),
    )
)
# A heading row has so many words of headings at least.
FEWEST_HEADINGS = 2
BRACKETS = re.compile(r"\([^()]*\)")
# 产出指标（50分）, 产出指标 50分
WEIGHT = re.compile(r"\s*(?:[(（]\s*)?[0-9０-９.．]+\s*分\s*[)）]?\s*$")
CELL = re.compile(r'"((?:[^"]|"")*)"(?=\t|\r?\n|\r|\Z)|([^\t\r\n]*)')
SUMS = re.compile("^(?:总分|总计|合计|小计)$")


class PasteError(ValueError):
    """A text holds no rows to take; the message says why, in Chinese."""


@dataclass
class Pasted:
    """rows: {column: text}, only the columns that the block has; notes: for people."""

    rows: list[dict[str, str]] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def cells_of(text: str) -> list[list[str]]:
    """Return a copied block as rows of cells.

    Excel puts a cell with line ends, tabs or quotes into quotes, its quotes doubled; a
    quote that merely stands in a cell is left as it is.
    """
    rows: list[list[str]] = [[]]
    place = 0
    while True:
        found = CELL.match(text, place)
        assert found is not None
        quoted = found[1]
        if quoted is not None and not re.search(r'[\t\r\n]|""', quoted):
            quoted = f'"{quoted}"'
        cell = found[2] if quoted is None else quoted.replace('""', '"')
        rows[-1].append(cell.strip())
        place = found.end()
        if place >= len(text):
            break
        if text[place] == "\t":
            place += 1
            continue
        place += 2 if text.startswith("\r\n", place) else 1
        rows.append([])
    return [row for row in rows if any(row)]


def read_block(text: str, start: str = "level1") -> Pasted:
    """Return the rows of a copied block; raise PasteError.

    start: the column of the table it was pasted at, for a block without headings.
    Levels left blank, as merged cells are copied, are those of the row above.
    """
    if len(text) > LONGEST:
        raise PasteError("粘贴的内容过长，请分几次粘贴")
    cells = cells_of(text)
    if not cells:
        raise PasteError("没有粘贴内容：请先在 Excel 或 WPS 表格中复制单元格")
    heading = _heading_row(cells)
    pasted = Pasted()
    if heading is None:
        pasted.columns = _usual_columns(cells, start)
        named = "、".join(LABELS[name] for name in pasted.columns if name)
        pasted.notes.append(
            f"没有识别到表头，各列依次作为：{named}。不对时请连同表头一起复制"
        )
    else:
        pasted.columns = _kinds(cells[heading])
        cells = cells[heading + 1 :]
        aside = _left_aside(pasted.columns)
        pasted.notes += [aside] if aside else []
    pasted.rows = _rows(cells, pasted.columns)
    if not pasted.rows:
        raise PasteError("粘贴的内容里没有指标行")
    if len(pasted.rows) > MOST_ROWS:
        raise PasteError(
            f"一次最多粘贴 {MOST_ROWS} 行，现有 {len(pasted.rows)} 行，请分几次粘贴"
        )
    return pasted


LABELS = {
    "level1": "一级指标",
    "level2": "二级指标",
    "level3": "三级指标",
    "comparator": "指标性质",
    "target": "年度指标值",
    "unit": "度量单位",
    "max_points": "分值",
    "standard": "评分标准",
}


def _heading_row(cells: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the heading row; titles may stand above it."""
    for place, row in enumerate(cells[:5]):
        named = [name for name in _kinds(row) if name]
        names_rows = {"level3", "target", "max_points"} & set(named)
        if len(named) >= FEWEST_HEADINGS and names_rows:
            return place
    return None


def _kinds(row: Sequence[str]) -> tuple[str, ...]:
    """Return the column each cell of a heading row names, each once, "" for others."""
    kinds: list[str] = []
    for cell in row:
        key = BRACKETS.sub("", normal_text(cell[:60]))
        found = next((name for name, words in HEADINGS if words.search(key)), "")
        kinds.append("" if found in kinds else found)
    return tuple(kinds)


def _usual_columns(cells: Sequence[Sequence[str]], start: str) -> tuple[str, ...]:
    width = max(map(len, cells))
    first = COLUMNS.index(start) if start in COLUMNS else 0
    if first == 0 and width == len(OF_FORM):
        return OF_FORM
    named = COLUMNS[first : first + width]
    return named + ("",) * (width - len(named))


def _left_aside(columns: Sequence[str]) -> str:
    count = columns.count("")
    return f"有 {count} 列不是绩效目标的内容，没有读取" if count else ""


def _rows(
    cells: Sequence[Sequence[str]], columns: Sequence[str]
) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    above = {"level1": "", "level2": ""}
    for line in cells:
        row = {
            name: line[place] if place < len(line) else ""
            for place, name in enumerate(columns)
            if name
        }
        if SUMS.match(normal_text(next((each for each in line if each), ""))):
            continue
        _carry_down(row, above)
        # A row that only opens a level, or an unused level 2 of a form.
        if any(row.get(name) for name in columns if name not in ("", *above)):
            rows.append(_with_target(row))
    return rows


def _carry_down(row: dict[str, str], above: dict[str, str]) -> None:
    """Fill in the levels that merged cells leave blank; take weights off them."""
    for name in ("level1", "level2"):
        if name not in row:
            continue
        text = WEIGHT.sub("", "".join(row[name].split()))
        if text and name == "level1" and text != above["level1"]:
            above["level2"] = ""
        row[name] = above[name] = text or above[name]


def _with_target(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row with its target split into sign, target and unit."""
    if "target" not in row and "comparator" not in row:
        return dict(row)
    nature = read_nature(row.get("comparator", ""))
    if nature is None:
        # Kept as written: the form refuses it, naming the cell.
        return dict(row)
    if "target" not in row:
        return {**row, "comparator": nature or Comparator.AT_LEAST}
    read = understand_columns(row["target"], nature, row.get("unit", ""))
    standard = row.get("standard") and not row["target"] and not nature
    return {
        **row,
        "comparator": read.comparator
        or (Comparator.RUBRIC if standard else Comparator.AT_LEAST),
        "target": read.target,
        "unit": read.unit,
    }
