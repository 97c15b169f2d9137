"""Personal data in a document that is to be published, each piece with its place.

Wider than the check of the same name: there a false alarm costs trust, here a person
looks at each piece and says whether it may stand.
Source: 政府信息公开条例第十五条.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reports.checks.text_claims import passes_luhn
from reports.document import ReportDocument
from reports.document_texts import texts_of

Kind = Literal["phone", "identity", "bank", "email", "name", "marked"]

KINDS: dict[Kind, str] = {
    "phone": "电话号码",
    "identity": "身份证号",
    "bank": "银行账号",
    "email": "电子邮箱",
    "name": "姓名",
    "marked": "手工标记",
}
# All of ASCII as full-width characters, one for one.
PLAIN = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
NO_AMOUNT = r"(?![0-9A-Za-z]|\.[0-9]| ?(?:万|亿)?元)"
MOBILE = re.compile(
    rf"(?<![0-9A-Za-z])(?:\+?86[ \-]?)?1[3-9](?:[ \-—]?[0-9]){{9}}{NO_AMOUNT}"
)
AREA = re.compile(
    r"(?<![0-9A-Za-z])\(?0[1-9][0-9]{1,2}[)\-—－ ]{0,2}[2-9][0-9]{6,7}"
    r"(?:[\-转][0-9]{1,5})?(?![0-9])"
)
NAMED_PHONE = re.compile(
    r"(?:电话|手机|联系方式|传真)[^。;；\n0-9]{0,10}(?P<it>[0-9](?:[\- ]?[0-9]){6,11})"
    rf"{NO_AMOUNT}"
)
IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9](?: ?[0-9]){16} ?[0-9Xx](?![0-9A-Za-z])")
OLD_IDENTITY = re.compile(
    r"(?:身份证|证件)[^。;；\n0-9]{0,10}(?P<it>[1-9][0-9]{14})(?![0-9A-Za-z])"
)
LONG_NUMBER = re.compile(rf"(?<![0-9A-Za-z.])[0-9](?:[ \-]?[0-9]){{8,31}}{NO_AMOUNT}")
BANK_WORDS = re.compile("卡号|账号|帐号|账户|帐户|开户|银行卡")
NEAR = 16
EMAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,5}[A-Za-z]{2,24}"
)
PEOPLE = re.compile(r"^people\.(?!phone)")
APART = re.compile(r"[、，,;；/（）()：:\s]+")
NO_NAME = re.compile(r"[0-9@]")


@dataclass(frozen=True, order=True)
class Piece:
    """A piece of a text: path of document_texts, characters from 0."""

    path: str
    start: int
    end: int
    kind: Kind
    text: str


def personal_data(document: ReportDocument) -> list[Piece]:
    """Return what is personal, in the order of the document, no piece inside another.

    What is known for personal in one place is found in every other, also where nothing
    around it says so.
    """
    texts = texts_of(document)
    found = [
        Piece(path, start, end, kind, text[start:end])
        for path, text in texts.items()
        for kind, start, end in _in_text(path, text)
    ]
    known = dict.fromkeys((each.kind, each.text) for each in found)
    for kind, words in known:
        found += _everywhere(texts, words, kind)
    return _apart(found, list(texts))


def occurrences(
    document: ReportDocument, words: str, kind: Kind = "marked"
) -> list[Piece]:
    """Return where words stand, whatever blanks and line ends are between them."""
    texts = texts_of(document)
    return _apart(_everywhere(texts, words, kind), list(texts))


def context(text: str, start: int, end: int, around: int = 24) -> tuple[str, str]:
    """Return what stands before and behind a piece, cut to a line."""
    before, behind = text[max(0, start - around) : start], text[end : end + around]
    before = ("…" if start > around else "") + before.rpartition("\n")[2]
    cut = behind.partition("\n")[0]
    return before, cut + ("…" if end + around < len(text) else "")


def _in_text(path: str, text: str) -> Iterator[tuple[Kind, int, int]]:
    plain = text.translate(PLAIN)
    if path == "people.phone":
        yield "phone", 0, len(text)
    if PEOPLE.match(path):
        yield from _names(text)
    for pattern in (MOBILE, AREA, NAMED_PHONE):
        yield from (("phone", *_span(found)) for found in pattern.finditer(plain))
    for found in IDENTITY.finditer(plain):
        if _is_born(found[0].replace(" ", "")[6:14]):
            yield "identity", *_span(found)
    for found in OLD_IDENTITY.finditer(plain):
        yield "identity", *_span(found)
    for found in LONG_NUMBER.finditer(plain):
        if _is_account(plain, found):
            yield "bank", *_span(found)
    for found in EMAIL.finditer(plain):
        yield "email", *_span(found)


def _span(found: re.Match[str]) -> tuple[int, int]:
    return found.span("it") if "it" in found.re.groupindex else found.span()


def _names(text: str) -> Iterator[tuple[Kind, int, int]]:
    start = 0
    for each in APART.split(text):
        place = text.find(each, start)
        if len(each) > 1 and not NO_NAME.search(each.translate(PLAIN)):
            yield "name", place, place + len(each)
        start = place + len(each)


def _is_born(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return born.year >= 1900


def _is_account(plain: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"[ \-]", "", found[0])
    near = plain[max(0, found.start() - NEAR) : found.start()]
    is_card = 16 <= len(digits) <= 19 and digits.startswith("62")
    return bool(BANK_WORDS.search(near)) or (is_card and passes_luhn(digits))


def _everywhere(texts: dict[str, str], words: str, kind: Kind) -> list[Piece]:
    wanted = "".join(words.translate(PLAIN).split())
    if not wanted:
        return []
    return [
        Piece(path, start, end, kind, text[start:end])
        for path, text in texts.items()
        for start, end in _matches(text, wanted)
    ]


def _matches(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    shown = [
        (char, place)
        for place, char in enumerate(text.translate(PLAIN))
        if not char.isspace()
    ]
    joined = "".join(char for char, _ in shown)
    start = joined.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        yield shown[start][1], shown[end - 1][1] + 1
        start = joined.find(wanted, end)


def _apart(found: list[Piece], order: list[str]) -> list[Piece]:
    """Return pieces of which none lies in another; of two the longer is kept."""
    rank = {path: place for place, path in enumerate(order)}
    kept: list[Piece] = []
    for each in sorted(set(found), key=lambda x: (rank[x.path], x.start, -x.end)):
        last = kept[-1] if kept else None
        if last and last.path == each.path and each.end <= last.end:
            continue
        kept.append(each)
    return kept
