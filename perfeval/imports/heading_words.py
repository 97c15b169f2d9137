"""What a heading says, without what people write about it."""

import re
import unicodedata

from perfeval.amounts import MoneyUnit

UNIT_IN_HEADING = re.compile(r"[(\[]?(?:金额)?(?:单位:?)?(?:人民币)?(万元|元)[)\]]?$")
MARKS = re.compile(r"\((必填|选填|可空)\)")
NOISE = re.compile(r"[\s*:]")


def plain(text: str) -> str:
    """Return a heading without what people write about it: blanks, *, （必填）, ：.

    代码 is another word for 编码, in whatever heading it stands.
    """
    text = unicodedata.normalize("NFKC", text)
    if "(" in text:
        text = MARKS.sub("", text)
    text = NOISE.sub("", text) if NOISE.search(text) else text
    return text.replace("代码", "编码")


def without_unit(text: str) -> tuple[str, MoneyUnit | None]:
    """Return a plain heading without the unit at its end, and the unit, if any."""
    found = UNIT_IN_HEADING.search(text)
    if found is None:
        return text, None
    return text[: found.start()].rstrip(",，、"), unit_of(found[1])


def unit_of(word: str) -> MoneyUnit:
    return "万元" if word == "万元" else "元"
