"""Every text of a document: where it stands, what that place is called, another one put
in its place.

What is walked follows from the classes of document.py, so that a field which is added
there is walked too.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from perfeval.numbers import chinese_numeral
from reports.document import Part, Release, ReportDocument
from reports.rendering.characters import INDICATOR_FIELDS

# Written by the program in a form of its own, not by people.
NO_TEXTS = frozenset(
    {
        ("ReportDocument", "scheme"),
        ("ReportDocument", "date"),
        ("EvidenceFile", "sha256"),
        ("Opinion", "date"),
    }
)
PEOPLE = {
    "unit_leader": "单位负责人",
    "project_leader": "项目负责人",
    "finance_leader": "财务负责人",
    "filler": "填报人",
    "contact": "联系人",
    "phone": "联系电话",
}
STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
PLACES = {
    "title": "标题",
    "issuer": "落款单位",
    "conclusion": "评价结论",
    "remarks": "其他需要说明事项",
    "watermark": "水印",
    "project.code": "项目编码",
    "project.name": "项目名称",
    "project.supervising_department": "主管部门",
    "project.unit": "实施单位",
    "funds.rows[].label": "项目资金第 {n} 行的名称",
    "funds.rows[].note": "预算执行情况说明",
    "goal.expected": "年度总体目标的预期目标",
    "goal.actual": "年度总体目标的实际完成情况",
    "goals[].expected": "年度总体目标第 {n} 项的预期目标",
    "goals[].actual": "年度总体目标第 {n} 项的实际完成情况",
    "sections[].title": "第{han}部分的标题",
    "sections[].number": "第{han}部分的序号",
    "attachments[].label": "附件说明第 {n} 项",
    "attachments[].title": "附件说明第 {n} 项",
    "evidence[].name": "佐证材料清单第 {n} 行的名称",
    "evidence[].section": "佐证材料清单第 {n} 行的证明事项",
    "opinions[].level": "审核意见第 {n} 行的级次",
    "opinions[].body": "审核意见第 {n} 行的单位",
    "opinions[].person": "审核意见第 {n} 行的审核人",
    "opinions[].decision": "审核意见第 {n} 行的结论",
    "opinions[].text": "审核意见第 {n} 行",
    **{f"people.{name}": f"表末的{label}" for name, label in PEOPLE.items()},
}
INDICATOR_PLACES = {
    **INDICATOR_FIELDS,
    "review_note": "复核意见",
    "data_source": "数据来源",
}

P = TypeVar("P", bound=Part)
Change = Callable[[str, str], str]


def texts_of(document: ReportDocument) -> dict[str, str]:
    """Return {path: text} of every text that is not empty: sections[0].text."""
    return dict(_walk(document, ""))


def with_texts(document: ReportDocument, change: Change) -> ReportDocument:
    """Return the document with change(path, text) in place of each text.

    Fields that this version does not know (extra) are left out: nobody can say what
    stands in them.
    """
    return _changed(document, "", change)


def place_name(document: ReportDocument, path: str) -> str:
    """Return what people call the place of a text: 第三部分“项目绩效情况”."""
    index = next((int(x[2]) for x in STEP.finditer(path) if x[2]), 0)
    head, field = path.partition("[")[0], path.rpartition(".")[2]
    if head == "indicators" and field in INDICATOR_PLACES:
        row = document.indicators[index]
        return f"指标“{row.level3}”的{INDICATOR_PLACES[field]}"
    if head == "sections" and field == "text":
        title = document.sections[index].title
        return f"第{chinese_numeral(index + 1)}部分“{title}”"
    words = PLACES.get(re.sub(r"\[\d+\]", "[]", path), "数据项 " + path)
    return words.format(n=index + 1, han=chinese_numeral(index + 1))


def _walk(part: Part, path: str) -> Iterator[tuple[str, str]]:
    for name, is_text in _fields(_class(part)):
        value, inner = getattr(part, name), f"{path}.{name}" if path else name
        if is_text and value:
            yield inner, value
        for place, item in _parts_in(value, inner):
            yield from _walk(item, place)


def _changed(part: P, path: str, change: Change) -> P:
    changes: dict[str, Any] = {"extra": {}}
    for name, is_text in _fields(_class(part)):
        value, inner = getattr(part, name), f"{path}.{name}" if path else name
        if is_text and value:
            changes[name] = change(inner, value)
        elif found := [
            _changed(x, place, change) for place, x in _parts_in(value, inner)
        ]:
            changes[name] = tuple(found) if isinstance(value, tuple) else found[0]
    return replace(part, **changes)


def _parts_in(value: Any, path: str) -> Iterator[tuple[str, Part]]:
    if isinstance(value, Part) and not isinstance(value, Release):
        yield path, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, Part):
                yield f"{path}[{index}]", item


def _class(part: Part) -> Any:
    # Any: mypy takes the hash of Part's instances for that of the class.
    return type(part)


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """Return (name, whether people write words there) of each field of a class."""
    hints = get_type_hints(kind)
    return tuple(
        (
            each.name,
            _is_text(hints[each.name]) and (kind.__name__, each.name) not in NO_TEXTS,
        )
        for each in fields(kind)
        if each.name not in ("given", "extra")
    )


def _is_text(hint: Any) -> bool:
    inner = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return str in inner
