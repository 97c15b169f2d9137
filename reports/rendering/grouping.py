"""Indicators by level 1 and level 2, in the order in which a form prints them."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.form_order import in_form_order
from indicators.schemes import Layout
from reports.document import Indicator


@dataclass(frozen=True)
class Group:
    """One level-1 name with its level-2 parts; a part may be without indicators."""

    level1: str
    parts: tuple[tuple[str, tuple[Indicator, ...]], ...]

    @property
    def size(self) -> int:
        """How many rows the group takes; an empty part takes one."""
        return sum(max(len(indicators), 1) for _, indicators in self.parts)


def group_rows(indicators: Sequence[Indicator], layout: Layout) -> tuple[Group, ...]:
    """Return all indicators, those of one level 1 and one level 2 together.

    Names of the layout come in its order, others after them as they appear. Level-2
    names without an indicator are kept where the layout shows them.
    """
    found: dict[str, dict[str, list[Indicator]]] = {}
    if layout.show_empty_level2:
        for level1, names in layout.level2.items():
            found[level1] = {level2: [] for level2 in names}
    for indicator in in_form_order(indicators, layout):
        parts = found.setdefault(indicator.level1, {})
        parts.setdefault(indicator.level2, []).append(indicator)
    return tuple(
        Group(level1, tuple((level2, tuple(rows)) for level2, rows in parts.items()))
        for level1, parts in found.items()
    )
