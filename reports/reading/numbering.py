"""Word's automatic numbering as the numerals a reader of the page sees."""

import re
from collections import defaultdict
from typing import Any

from docx.oxml.ns import qn

DEEPEST = 9
# A chain of styles longer than this is a circle.
LONGEST_CHAIN = 20

HAN = "〇一二三四五六七八九"
FORMAL = "零壹贰叁肆伍陆柒捌玖"
HAN_FORMATS = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "koreanCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "ideographTraditional",
}
DIGIT_FORMATS = {"ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"}
FORMAL_FORMATS = {
    "chineseLegalSimplified",
    "ideographLegalTraditional",
    "japaneseLegal",
}
# First character and how many there are.
SIGN_FORMATS = {
    "decimalEnclosedCircle": ("①", 20),
    "decimalEnclosedCircleChinese": ("①", 20),
    "decimalEnclosedParen": ("⑴", 20),
    "decimalEnclosedFullstop": ("⒈", 20),
    "ideographEnclosedCircle": ("㊀", 10),
}
ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


class Numbering:
    """Counts numbered paragraphs in the order of the text."""

    def __init__(self, root: Any) -> None:
        """root: of numbering.xml; None where the file has none."""
        self._abstracts: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        self._linked: dict[str, str] = {}
        for element in root if root is not None else ():
            if element.tag == qn("w:abstractNum"):
                name = _val(element, "w:abstractNumId", own=True)
                self._abstracts[name] = element
                if link := _val(element, "w:styleLink"):
                    self._linked[link] = name
            elif element.tag == qn("w:num"):
                self._numbers[_val(element, "w:numId", own=True)] = element
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[tuple[str, int]] = set()

    def numeral(self, number: str, level: int) -> str:
        """Return the numeral of the next paragraph of this list ("" for bullets)."""
        if number not in self._numbers or not 0 <= level < DEEPEST:
            return ""
        list_name = self._list_of(number)
        self._count(number, list_name, level)
        definition = self._level(number, level)
        if definition is None or _val(definition, "w:numFmt") == "bullet":
            return ""
        is_legal = definition.find(qn("w:isLgl")) is not None

        def shown(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            inner = self._level(number, place)
            kind = "decimal" if inner is None or is_legal else _val(inner, "w:numFmt")
            value = self._counts[list_name].get(place, self._start(number, place))
            return format_number(value, kind or "decimal")

        text = re.sub(r"%([1-9])", shown, _val(definition, "w:lvlText")).strip()
        return f"{text} " if text[-1:].isalnum() and text[-1:].isascii() else text

    def _count(self, number: str, list_name: str, level: int) -> None:
        counts = self._counts[list_name]
        override = self._override(number, level)
        if override is not None and (number, level) not in self._begun:
            counts.pop(level, None)
        self._begun.add((number, level))
        start = self._start(number, level)
        counts[level] = counts[level] + 1 if level in counts else start
        for deeper in range(level + 1, DEEPEST):
            counts.pop(deeper, None)

    def _list_of(self, number: str) -> str:
        """Return the abstract list a number belongs to, through links by style."""
        name = _val(self._numbers[number], "w:abstractNumId")
        abstract = self._abstracts.get(name)
        link = _val(abstract, "w:numStyleLink") if abstract is not None else ""
        return self._linked.get(link, name)

    def _override(self, number: str, level: int) -> str | None:
        for each in self._numbers[number].findall(qn("w:lvlOverride")):
            if _val(each, "w:ilvl", own=True) == str(level):
                return _val(each, "w:startOverride") or None
        return None

    def _level(self, number: str, level: int) -> Any:
        abstract = self._abstracts.get(self._list_of(number))
        overrides = [
            each.find(qn("w:lvl"))
            for each in self._numbers[number].findall(qn("w:lvlOverride"))
        ]
        inherited = abstract.findall(qn("w:lvl")) if abstract is not None else []
        return next(
            (
                each
                for each in (*overrides, *inherited)
                if each is not None and _val(each, "w:ilvl", own=True) == str(level)
            ),
            None,
        )

    def _start(self, number: str, level: int) -> int:
        definition = self._level(number, level)
        start = self._override(number, level) or (
            _val(definition, "w:start") if definition is not None else ""
        )
        return int(start) if start.isdecimal() else 1


def format_number(value: int, kind: str) -> str:
    """Return a number in one of Word's formats (w:numFmt); unknown ones as digits."""
    if kind in SIGN_FORMATS:
        first, count = SIGN_FORMATS[kind]
        return chr(ord(first) + value - 1) if 1 <= value <= count else str(value)
    if kind in HAN_FORMATS:
        return _han(value)
    if kind in DIGIT_FORMATS:
        return "".join(HAN[int(digit)] for digit in str(value))
    if kind in FORMAL_FORMATS:
        plain = f"一{_han(value)}" if 10 <= value < 20 else _han(value)
        return plain.translate(str.maketrans(HAN + "十百", FORMAL + "拾佰"))
    if kind in ("lowerRoman", "upperRoman"):
        roman = _roman(value)
        return roman if kind == "lowerRoman" else roman.upper()
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind == "decimalFullWidth":
        return str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if kind == "decimalZero":
        return f"{value:02}"
    return "" if kind == "none" else str(value)


def _han(value: int) -> str:
    """12 → 十二, 105 → 一百〇五; from 1000 as digits."""
    if not 0 < value < 1000:
        return str(value)
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = f"{HAN[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else HAN[tens]) + "十"
    elif hundreds and ones:
        text += "〇"
    return text + (HAN[ones] if ones else "")


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    text = ""
    for worth, letters in ROMAN:
        count, value = divmod(value, worth)
        text += letters * count
    return text


def _val(element: Any, tag: str, *, own: bool = False) -> str:
    """Return w:val of the child of this tag; own: the element's attribute itself."""
    if own:
        return element.get(qn(tag)) or ""
    child = element.find(qn(tag))
    return "" if child is None else child.get(qn("w:val")) or ""
