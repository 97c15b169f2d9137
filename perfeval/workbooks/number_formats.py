"""What a cell's number format makes of its number: percent, date, decimals, units."""

import re
from dataclasses import dataclass
from functools import cache

# Those of ECMA-376 §18.8.30 that matter here; the Chinese ones (27–58) are not in every
# file that uses them.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
}
LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
DIGITS = re.compile(r"[0#?][0#?,]*(\.([0#?]+))?")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """decimals: how many are shown, None where that depends on the number.

    before, after: words that stand around the number: ≥ and 个 of "≥"0"个".
    """

    percent: bool = False
    date: bool = False
    year: bool = False
    day: bool = False
    decimals: int | None = None
    before: str = ""
    after: str = ""


GENERAL = NumberFormat()


@cache
def parse_format(code: str) -> NumberFormat:
    """Return what a format code says in its first section, that of positive numbers."""
    section = code.split(";", 1)[0]
    bare = LITERAL.sub("", section).lower()
    if "general" in bare or "@" in bare:
        return GENERAL
    digits = DIGITS.search(section)
    if re.search("[ymdhse]", bare) and not digits:
        return NumberFormat(
            date=True, year=bool(re.search("[ye]", bare)), day="d" in bare
        )
    if not digits:
        return GENERAL
    shown = digits[2] or ""
    return NumberFormat(
        percent="%" in bare,
        decimals=None if "#" in shown or "?" in shown else len(shown),
        before=_words(section[: digits.start()]),
        after=_words(section[digits.end() :]),
    )


def _words(part: str) -> str:
    return "".join(word or char for word, char in LITERAL.findall(part)).strip()
