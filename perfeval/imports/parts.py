"""Money in several columns, one for each source: which amount a column is a part of.

Lists print it in two rows of headings (年初预算数 over 财政拨款 and 其他资金), in one
(财政拨款年初预算数), or after the sum (全年预算数, 其中：财政拨款, 其他资金).
"""

import re
from collections.abc import Iterator, Mapping

from perfeval.imports.heading_words import plain, without_unit
from perfeval.imports.tables import PART, Table
from perfeval.workbooks.grid import Block, Cell, Sheet

SUMS = frozenset(("合计", "小计", "总计", "总额", "资金总额"))
OF_WHICH = re.compile(r"^其中")
BETWEEN = re.compile(r"[-_/·—()\[\]“”\"]")
# Rows of headings above one another.
HEADING_DEPTH = 3


def joined_names(table: Table, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield heading and key of amount and source written in one: 年初预算数财政拨款."""
    amounts = {each.key for each in table.columns if each.kind == "amount"}
    for name, key in names.items():
        if key in amounts:
            for word in table.parts:
                yield f"{name}{word}", f"{key}{PART}{word}"
                yield f"{word}{name}", f"{key}{PART}{word}"


def bare(text: str) -> str:
    """Return a plain heading without 其中 and what stands between its two halves."""
    return BETWEEN.sub("", OF_WHICH.sub("", text))


def amount_above(
    table: Table, sheet: Sheet, row: int, block: Block, keys: Mapping[str, str]
) -> str:
    """Return the key of the amount whose heading stands over this one, or "".

    Not all merge it over its columns: then it stands over the first of them.
    """
    for each in range(row - 1, max(-1, row - 1 - HEADING_DEPTH), -1):
        over = _over(sheet, each, block.first)
        key = keys.get(without_unit(plain(over.text))[0], "")
        if key and table.column(key).kind == "amount" and PART not in key:
            return key
    return ""


def _over(sheet: Sheet, row: int, column: int) -> Cell:
    """Return the cell at a place, or the next to its left that names something."""
    while column and not bare(plain(sheet.block(row, column).text)):
        column -= 1
    return sheet.block(row, column).cell
