"""Indicators by level 1 and level 2, in the order in which a form prints them."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    for indicator in indicators:
        parts = found.setdefault(indicator.level1, {})
        parts.setdefault(indicator.level2, []).append(indicator)
    order = list(layout.level2)
    return tuple(
        Group(
            level1,
            tuple(
                (level2, tuple(rows))
                for level2, rows in sorted(
                    found[level1].items(),
                    key=lambda part: _place(part[0], layout.level2.get(level1, ())),
                )
            ),
        )
        for level1 in sorted(found, key=lambda name: _place(name, order))
    )


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
