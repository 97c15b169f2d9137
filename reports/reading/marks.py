"""The hidden column by which a workbook of our own says which row is whose.

It is for the program alone: a form is read, and drawn, as if it were not there.
"""

import re

from perfeval.workbooks.grid import Sheet

COLUMN = 19  # T
MARK = re.compile(r"(?:result|funds|text):\w+")


def without_marks(sheet: Sheet) -> Sheet:
    """Return a sheet with every mark of ours taken out."""
    marked = [
        (row, COLUMN)
        for row in range(sheet.height)
        if MARK.fullmatch(sheet.block(row, COLUMN).text)
    ]
    return sheet.without(marked) if marked else sheet
