"""The rows that a benchmark gives, as a table to read and as data to compare."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEAD = ("项目", "结果", "目标", "", "说明")
REACHED = {True: "达到", False: "未达到", None: ""}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure; unit: "" for a ratio or a count; goal: its most, None without one.

    key is stable from commit to commit; detail names the figures that value is made of.
    """

    subject: str
    key: str
    name: str
    value: float
    unit: str = ""
    goal: float | None = None
    detail: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is kept by the value as measured; None without a goal."""
        return None if self.goal is None else self.value <= self.goal


def as_data(row: Row) -> dict[str, Any]:
    """Return a row as --json writes it."""
    return {**asdict(row), "reached": row.reached}


def as_text(rows: Sequence[Row]) -> str:
    """Return the table, its columns aligned for wide Chinese characters."""
    cells = [HEAD, *map(_cells, rows)]
    widths = [max(map(text_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(_padded, line, widths)).rstrip() for line in cells)


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in text)


def _cells(row: Row) -> tuple[str, ...]:
    goal = "" if row.goal is None else f"≤ {_figure(row.goal, row.unit)}"
    value = _figure(row.value, row.unit)
    return row.name, value, goal, REACHED[row.reached], row.detail


def _figure(value: float, unit: str) -> str:
    """Return a figure with as many digits as it deserves: 0.0352, 0.74, 12, 231 ms."""
    if value >= 100 or float(value).is_integer():
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"
    return f"{text} {unit}".rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * (width - text_width(text))
