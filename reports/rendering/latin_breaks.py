"""Lines that end inside a long address, where it leaves a gap otherwise.

Layout takes https://… for one word: it begins a line of its own, and the line before it
is spread out. Here a line is filled up with as much of the address as ends with one of
its separators. No character is added, so that a copied address stays whole. install()
is called once, by pdf.py, after line_shortcuts.py.
"""

import re
from collections.abc import Callable
from math import inf
from typing import Any

from weasyprint.layout import inline

LONG_RUN = re.compile("[!-~]{16}")
RUN = re.compile("[!-~]+")
SEPARATORS = re.compile(r"[/.\-_?&=]+(?=[^/.\-_?&=])")
LETTER = re.compile("[A-Za-z]")


def install() -> None:
    """Let lines of text end inside addresses."""
    inline.split_first_line = filling(inline.split_first_line)


def filling(split: Callable[..., Any]) -> Callable[..., Any]:
    """Return a way to split off a line that goes on into an address."""

    def split_first_line(
        text: str,
        style: Any,
        context: Any,
        max_width: float | None,
        *args: Any,
        **kw: Any,
    ) -> Any:
        """Split off a line; where an address follows, with the part that fits."""
        found = split(text, style, context, max_width, *args, **kw)
        size = style["font_size"]
        if not found[2] or max_width in (None, inf) or max_width <= 2 * size:
            return found
        # A line of digits alone holds two a character.
        if not LONG_RUN.search(text[: int(2 * max_width / size) + 16]):
            return found
        for place in _places(text, len(text.encode()[: found[2]].decode())):
            longer = split(text[:place], style, context, None, *args, **kw)
            if longer[3] > max_width:
                break
            found = (*longer[:2], len(text[:place].encode()), *longer[3:])
        return found

    return split_first_line


def _places(text: str, end: int) -> list[int]:
    """Return where in the address that goes on at end a line may end instead."""
    start = end
    while start and RUN.match(text[start - 1]):
        start -= 1
    run = RUN.match(text, start)
    if not run or not LONG_RUN.match(run[0]) or not LETTER.search(run[0]):
        return []
    breaks = (found.end() for found in SEPARATORS.finditer(text, start, run.end()))
    return [place for place in breaks if place > end]
