"""What a document says that an earlier one said otherwise: by field and character."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfeval.conflicts import LONGEST_WHOLE
from perfeval.differences import Comparison, Piece, compare
from projects.models import FundSource
from reports.document import FundsRow, Indicator, ReportDocument

# Fields of a row that the unit writes, as the page calls them.
ROW_FIELDS = {
    "target": "年度指标值",
    "actual": "实际完成值",
    "achievement": "达成程度",
    "basis": "得分依据",
    "max_points": "分值",
    "points": "得分",
    "deviation_note": "偏差原因分析及改进措施",
}
MONEY_FIELDS = {
    "initial": "年初预算数",
    "adjusted": "全年预算数",
    "received": "到位数",
    "executed": "全年执行数",
}
ACHIEVEMENTS = {"met": "达成", "partly": "部分达成", "unmet": "未达成"}
SOURCES = {"total": "年度资金总额", **dict(FundSource.choices)}


@dataclass(frozen=True, kw_only=True)
class TextChange:
    """One field or text that differs; where: row key, key of a text, or funds."""

    where: str
    label: str
    before: str
    after: str

    @property
    def sides(self) -> Comparison:
        """Both in pieces, what the other has not marked."""
        if max(len(self.before), len(self.after)) <= LONGEST_WHOLE:
            return Comparison(
                before=[Piece(self.before or "（空）", True)],
                after=[Piece(self.after or "（空）", True)],
            )
        return compare(self.before, self.after)


def changes_between(before: ReportDocument, after: ReportDocument) -> list[TextChange]:
    """Return all that differs and that the unit writes: money, rows, texts."""
    return [*_money(before, after), *_rows(before, after), *_texts(before, after)]


def key_of(row: Indicator) -> str:
    return f"{row.level1}/{row.level2}/{row.level3}"


def _money(before: ReportDocument, after: ReportDocument) -> Iterator[TextChange]:
    old = {each.source: each for each in before.funds.rows}
    new = {each.source: each for each in after.funds.rows}
    for source in {**old, **new}:
        name = SOURCES.get(source, "") or _label(new.get(source) or old.get(source))
        for field, label in MONEY_FIELDS.items():
            sides = [
                _words(getattr(rows[source], field)) if source in rows else ""
                for rows in (old, new)
            ]
            if sides[0] != sides[1]:
                yield TextChange(
                    where="funds",
                    label=f"{name} · {label}",
                    before=sides[0],
                    after=sides[1],
                )


def _label(row: FundsRow | None) -> str:
    return (row.label or str(row.source)) if row else ""


def _rows(before: ReportDocument, after: ReportDocument) -> Iterator[TextChange]:
    old = {key_of(each): each for each in before.indicators}
    new = {key_of(each): each for each in after.indicators}
    for key in {**old, **new}:
        name = key.rsplit("/", 1)[-1]
        for field, label in ROW_FIELDS.items():
            sides = [
                _words(getattr(rows[key], field)) if key in rows else ""
                for rows in (old, new)
            ]
            if sides[0] != sides[1]:
                yield TextChange(
                    where=key,
                    label=f"{name} · {label}",
                    before=sides[0],
                    after=sides[1],
                )


def _texts(before: ReportDocument, after: ReportDocument) -> Iterator[TextChange]:
    old, new = texts_of(before), texts_of(after)
    for key in {**old, **new}:
        title = (new.get(key) or old[key])[0]
        sides = [texts[key][1] if key in texts else "" for texts in (old, new)]
        if sides[0] != sides[1]:
            yield TextChange(where=key, label=title, before=sides[0], after=sides[1])


def texts_of(document: ReportDocument) -> dict[str, tuple[str, str]]:
    """Return {key: (title, text)} of all that is written in words."""
    total = document.funds.total
    return {
        **{str(each.key): (each.title, each.text) for each in document.sections},
        "goal": ("年度总体目标实际完成情况", document.goal.actual),
        "funds": ("预算执行情况说明", total.note if total else ""),
        "remarks": ("其他需要说明事项", document.remarks),
    }


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return ACHIEVEMENTS.get(str(value), str(value))
