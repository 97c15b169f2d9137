"""What stands in a target: its sign, its number, its unit; or the words as written."""

import re
from dataclasses import dataclass

from perfeval.numbers import (
    SIGNS,
    Deadline,
    Quantity,
    Span,
    is_blank,
    normal_text,
    normal_unit,
    read_value,
)
from perfeval.workbooks.grid import Cell
from reports.document import Comparator
from reports.reading.form_cells import UNCERTAIN, UNIT_DIFFERS, CellReader

LONGEST_SIGN = max(map(len, SIGNS))
DIRECTIONS: dict[str, Comparator | None] = {
    **dict.fromkeys(("定性", "定性指标"), "qualitative"),
    **dict.fromkeys(("正向", "正向指标", "正指标"), ">="),
    **dict.fromkeys(("反向", "反向指标", "负向", "逆向", "逆向指标"), "<="),
    # They say what kind of target it is, not how it is compared.
    **dict.fromkeys(("定量", "定量指标", "约束性", "预期性", "数量"), None),
}


@dataclass(frozen=True)
class Target:
    """target: a number without sign and unit, or words; None where nothing is said."""

    comparator: Comparator | None = None
    target: str | None = None
    unit: str = ""


def read_comparator(cell: Cell, reader: CellReader) -> Comparator | None:
    """Return what the column 指标性质 says, None where it says nothing."""
    text = normal_text(reader.text(cell))
    if not text or text in DIRECTIONS:
        return DIRECTIONS.get(text)
    if text in SIGNS:
        return SIGNS[text]
    reader.note(UNCERTAIN, cell, "没有读出指标性质，应为 ≥、≤、=、＞、＜ 或定性")
    return None


def read_target(
    cell: Cell,
    text: str,
    column_sign: Comparator | None,
    column_unit: str,
    reader: CellReader,
) -> Target:
    """Return what a target says; column_sign, column_unit: from columns of their own.

    text: of the cell, or of all cells under the heading. Where text and column don't
    agree the text stays as written, and the cell is noted.
    """
    if is_blank(text):
        return Target(column_sign, None, column_unit)
    if normal_text(text) in SIGNS:
        return Target(column_sign or SIGNS[normal_text(text)], None, column_unit)
    value = read_value(text)
    if not isinstance(value, Quantity | Span | Deadline):
        # ≥ and 约50 is a number badly written; ═ and 效果明显 is no number at all.
        is_number = column_sign and re.search("[0-9]", normal_text(text))
        return Target(column_sign if is_number else "qualitative", text, column_unit)
    if value.sign and column_sign not in (None, value.sign):
        reader.note(UNCERTAIN, cell, "指标值中的符号与指标性质不同，按原样保留")
        return Target(column_sign, text, column_unit)
    sign = column_sign or value.sign
    if not isinstance(value, Quantity):
        return Target(sign, _without_sign(text), column_unit)
    if not _units_agree(value.unit, column_unit):
        reader.note(UNIT_DIFFERS, cell, f"指标值中的单位与度量单位“{column_unit}”不同")
        return Target(sign, _without_sign(text), column_unit)
    return Target(sign, format(value.value, "f"), column_unit or value.unit)


def _units_agree(written: str, column: str) -> bool:
    return not written or not column or written == normal_unit(column)


def _without_sign(text: str) -> str:
    signs = (end for end in range(LONGEST_SIGN, 0, -1) if _is_sign(text[:end]))
    return text[next(signs, 0) :].strip()


def _is_sign(text: str) -> bool:
    return normal_text(text) in SIGNS
