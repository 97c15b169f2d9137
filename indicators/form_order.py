"""The order in which a form has its indicators; the one rule for pages and papers.

No Django here.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from indicators.schemes import Layout


class Levelled(Protocol):
    """What stands below a level 1 and a level 2: stored, or of a document."""

    @property
    def level1(self) -> str: ...

    @property
    def level2(self) -> str: ...


Row = TypeVar("Row", bound=Levelled)


def in_form_order(rows: Sequence[Row], layout: Layout) -> list[Row]:
    """Return the rows with those of one level 1 and level 2 together.

    Levels stand in the order of the scheme's form, others after them as they appear.
    """
    first: dict[tuple[str, ...], int] = {}
    for place, each in enumerate(rows):
        first.setdefault((each.level1,), place)
        first.setdefault((each.level1, each.level2), place)

    def key(each: Row) -> tuple[int, ...]:
        return (
            _place(each.level1, list(layout.level2)),
            first[each.level1,],
            _place(each.level2, layout.level2.get(each.level1, ())),
            first[each.level1, each.level2],
        )

    return sorted(rows, key=key)


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
