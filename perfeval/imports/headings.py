"""Where a table stands on a sheet: headings, units of its money, what is not it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perfeval.amounts import MoneyUnit
from perfeval.imports.heading_words import (
    UNIT_IN_HEADING,
    plain,
    unit_of,
    without_unit,
)
from perfeval.imports.parts import SUMS, amount_above, bare, joined_names
from perfeval.imports.tables import PART, Problem, Table
from perfeval.workbooks.grid import Block, Sheet, column_letters

# Titles and notes may stand above the headings.
HEADING_ROWS = 20
UNIT_ABOVE = re.compile(r"单位:?(?:人民币)?(万元|元)|[(](?:人民币)?(万元|元)[)]")


@dataclass(frozen=True)
class Heading:
    """Headings of a table on a sheet. Rows, columns count from 0.

    places: {column key: its columns, more than one is a mistake}; first_row: of the
    content below; units: {column key: unit of its money}; unused: other headings.
    """

    row: int = 0
    places: Mapping[str, list[int]] = field(default_factory=dict)
    first_row: int = 1
    units: Mapping[str, MoneyUnit] = field(default_factory=dict)
    unused: Sequence[str] = ()
    above: str = ""


def heading_keys(table: Table) -> dict[str, str]:
    """Return {plain heading: column key} of all names that columns go by."""
    names = {
        plain(name): column.key
        for column in table.columns
        for name in (column.heading, *column.also)
    }
    return {**dict(joined_names(table, names)), **names}


def find_heading(table: Table, sheet: Sheet) -> Heading:
    """Return the headings in the row that has most of them; none: no places."""
    keys = heading_keys(table)
    best = Heading()
    for row in range(min(sheet.height, HEADING_ROWS)):
        found = heading_at(table, sheet, row, keys)
        if len(found.places) > len(best.places):
            best = found
    return best


def heading_at(
    table: Table, sheet: Sheet, row: int, keys: Mapping[str, str]
) -> Heading:
    """Return what of the table's headings stands in a row, and parts in the next."""
    found = _heading_in(table, sheet, row, keys)
    if not table.parts or not found.places or row + 1 >= sheet.height:
        return found
    below = _heading_in(table, sheet, row + 1, keys)
    if not any(PART in key for key in below.places):
        return found
    taken = {place for places in below.places.values() for place in places}
    kept = {
        key: places for key, places in found.places.items() if not taken & {*places}
    }
    return Heading(
        row,
        {**kept, **below.places},
        max(found.first_row, below.first_row),
        {**found.units, **below.units},
        [each for each in found.unused if each not in below.unused] + [*below.unused],
        found.above,
    )


def _heading_in(
    table: Table, sheet: Sheet, row: int, keys: Mapping[str, str]
) -> Heading:
    places: dict[str, list[int]] = {}
    units: dict[str, MoneyUnit] = {}
    unused: list[str] = []
    last = row
    found = list(_keyed(table, sheet, row, keys))
    is_parted = sum(bool(key.partition(PART)[2]) for _, key, _ in found) > 1
    for block, key, unit in found:
        if not key or (PART in key and not is_parted):
            unused.append(" ".join(block.text.split()))
            continue
        key = key.removesuffix(PART)
        places.setdefault(key, []).append(block.first)
        # A heading merged downwards: the content begins below it.
        last = max(last, block.area[2])
        unit = unit or _unit_above(sheet, row, block)
        if unit:
            units.setdefault(key, unit)
    above = "\n".join(block.text for each in range(row) for block in sheet.filled(each))
    return Heading(row, places, last + 1, units, unused, f"{sheet.name}\n{above}")


def _keyed(
    table: Table, sheet: Sheet, row: int, keys: Mapping[str, str]
) -> Iterator[tuple[Block, str, MoneyUnit | None]]:
    """Yield the headings of a row, each with its key ("": unknown) and its unit.

    A sum that stands beside parts ends in PART: alone it may be the sum of anything.
    """
    amount = ""
    for block in sheet.filled(row):
        key, unit = _key_of(block, keys, table)
        if not key and table.parts:
            word, unit = without_unit(plain(block.text))
            word = bare(word)
            over = amount_above(table, sheet, row, block, keys)
            if word in table.parts:
                key = f"{over or amount or table.parted}{PART}{word}"
            elif word in SUMS and (over or not amount):
                key = over or f"{table.parted}{PART}"
        elif key and PART not in key and table.column(key).kind == "amount":
            amount = key
        yield block, key, unit


def _key_of(
    block: Block, keys: Mapping[str, str], table: Table
) -> tuple[str, MoneyUnit | None]:
    """Return the key of a heading, "" for an unknown one, and the unit it names."""
    text = plain(block.text)
    if text in keys:
        return keys[text], None
    name, unit = without_unit(text)
    key = keys.get(name, "") or (keys.get(bare(name), "") if table.parts else "")
    is_amount = bool(key) and table.column(key).kind == "amount"
    return (key, unit) if is_amount else ("", None)


def _unit_above(sheet: Sheet, row: int, block: Block) -> MoneyUnit | None:
    """Return the unit that a heading over this one, or a title line, names."""
    for each in range(row - 1, -1, -1):
        over = sheet.block(each, block.first).text
        found = UNIT_IN_HEADING.search(plain(over)) if over else None
        if found:
            return unit_of(found[1])
    for each in range(row - 1, -1, -1):
        for other in sheet.filled(each):
            found = UNIT_ABOVE.search(plain(other.text))
            if found:
                return unit_of(found[1] or found[2])
    return None


def heading_problems(table: Table, sheet: Sheet, heading: Heading) -> Iterator[Problem]:
    """Yield what is wrong with the headings: missing, twice, without a unit."""
    places = heading.places
    missing = [
        each.heading
        for each in table.columns
        if each.required and each.key not in places
    ]
    if missing:
        others = (
            f"；表头中没有用到的列：{'、'.join(heading.unused)}"
            if heading.unused and places
            else ""
        )
        yield Problem(
            sheet.name,
            "",
            "",
            f"缺少列“{'”“'.join(missing)}”{others}",
            "补上这些列，或把列名改得与模板一致",
        )
    for key, found in places.items():
        column = table.column(key)
        if len(found) > 1:
            letters = "、".join(column_letters(each) for each in found)
            reason = f"有两列都叫“{column.heading}”（{letters} 列）"
            yield Problem(sheet.name, "", "", reason, "只保留一列")
        if column.kind == "amount" and key not in heading.units:
            cell = sheet.block(heading.row, found[0]).cell
            yield Problem(
                sheet.name,
                f"{column_letters(cell.column)}{cell.row + 1}",
                cell.text,
                "没有写明金额单位，不能判断是元还是万元",
                f"把表头改为“{column.heading}（万元）”或“{column.heading}（元）”，"
                "或在表的上方写“单位：万元”",
            )
