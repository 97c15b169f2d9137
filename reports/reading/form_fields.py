"""What stands around a form's tables: names, people, date, year, title, remarks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from perfeval.numbers import normal_text
from perfeval.workbooks.grid import Block, Cell, Sheet
from reports.reading.form_cells import UNCERTAIN, CellReader
from reports.reading.form_labels import (
    Field,
    field_of,
    glued_fields,
    is_label,
    is_title,
)

CHINESE_YEAR = re.compile(r"二[〇零○Oo0]([〇零○一二三四五六七八九]{2})年")
# （2022年度）
ALONE = re.compile(
    r"\(?(?:20[0-9]{2}|二[〇零○Oo0][〇零○一二三四五六七八九]{2})年度?\)?"
)
CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


@dataclass
class Fields:
    """The cell of each field as it stands; of two the first that says something."""

    cells: dict[Field, Cell] = field(default_factory=dict)

    def cell(self, name: Field) -> Cell | None:
        return self.cells.get(name)

    def add(self, name: Field, cell: Cell) -> None:
        known = self.cells.get(name)
        if known is None or not (known.text or known.doubt):
            self.cells[name] = cell


def read_fields(sheet: Sheet, rows: list[int]) -> Fields:
    """Return the fields that stand in these rows, those of no table."""
    fields = Fields()
    for row in rows:
        for name, cell in _fields_of_row(sheet, row):
            fields.add(name, cell)
    return fields


def _fields_of_row(sheet: Sheet, row: int) -> Iterator[tuple[Field, Cell]]:
    blocks = [each for each in sheet.blocks(row) if each.area[0] == row]
    for place, block in enumerate(blocks):
        glued = glued_fields(block.text)
        for name, text in glued:
            cell = block.cell
            # A single value may stand in the next cell: 填报人： | 张三
            if text or len(glued) > 1:
                yield name, Cell(cell.row, cell.column, text)
        name_of = field_of(block.text)
        if name_of:
            yield name_of, _value_of(sheet, block, blocks[place + 1 :])


def _value_of(sheet: Sheet, label: Block, after: list[Block]) -> Cell:
    """Return the cell that a label belongs to: beside it, or below a wide one."""
    for block in after:
        if field_of(block.text) or glued_fields(block.text) or is_label(block.text):
            break
        if block.text or block.cell.doubt:
            return block.cell
    below = sheet.block(label.area[2] + 1, label.first)
    is_wide = label.first == 0 and not after
    if is_wide and below.text and not field_of(below.text):
        return below.cell
    return Cell(label.area[0], label.last + 1)


def find_title(sheet: Sheet, rows: list[int]) -> str:
    """Return the title: the first row that says only this, on one line."""
    for row in rows:
        filled = sheet.filled(row)
        if len(filled) == 1 and is_title(filled[0].text):
            return "".join(filled[0].text.split("\n"))
    return ""


def find_year(
    sheet: Sheet, rows: list[int], fields: Fields, reader: CellReader
) -> int | None:
    """Return the year of a form: its field, its title, or a line below the title."""
    cell = fields.cell("year")
    if cell is not None and cell.text:
        found = _year_of(cell.text)
        if found:
            return found
        reader.note(UNCERTAIN, cell, "没有读出年度")
    for row in rows:
        filled = sheet.filled(row)
        if len(filled) == 1 and is_title(filled[0].text):
            found = _year_of(filled[0].text)
            if found:
                return found
    lines = (each for row in rows for each in sheet.filled(row))
    found_alone = (ALONE.fullmatch(normal_text(each.text[:40])) for each in lines)
    return next((_year_of(match[0]) for match in found_alone if match), None)


def _year_of(text: str) -> int | None:
    plain = normal_text(text[:200])
    chinese = CHINESE_YEAR.search(plain)
    if chinese:
        return int("20" + chinese[1].translate(CHINESE_DIGITS))
    found = re.search(r"(?<![0-9])(20[0-9]{2})(?:年|$|\)|-?年度)", plain)
    return int(found[1]) if found else None
