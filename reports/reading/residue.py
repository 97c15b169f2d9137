"""What Word leaves in a text without being part of it: marks, field codes, controls."""

import re
from collections.abc import Iterator

# Each alternative begins with a fixed word and has one bounded repetition at a time,
# so that no text makes it slow.
_SPACE = r"[ \t]{0,8}"
_SWITCH_VALUE = (
    r"\"[^\"\n]{0,80}\"|MERGEFORMAT|CHARFORMAT|ARABIC|CHINESENUM[123]|[0-9]-[0-9]"
)
_SWITCHES = rf"(?:{_SPACE}\\[*#@a-zA-Z!](?:{_SPACE}(?:{_SWITCH_VALUE}))?){{0,8}}"
_TARGET = r"(?:\"[^\"\n]{0,500}\"|“[^”\n]{0,500}”|_[A-Za-z]{1,20}[0-9]{0,20})"
LEFTOVER = re.compile(
    "|".join(
        (
            rf"\[{_SPACE}bookmark:{_SPACE}[\w.]{{1,60}}{_SPACE}\]",
            rf"\{{{_SPACE}(?:HYPERLINK|PAGEREF|REF|TOC|PAGE|NUMPAGES|SEQ)\b"
            rf"[^{{}}\n]{{0,600}}\}}",
            rf"HYPERLINK(?:{_SPACE}\\[a-z])?{_SPACE}{_TARGET}{_SWITCHES}",
            rf"(?:PAGE|NOTE)?REF{_SPACE}_[A-Za-z]{{1,20}}[0-9]{{0,20}}{_SWITCHES}",
            rf"TOC{_SPACE}\\[a-z]{_SPACE}\"[^\"\n]{{0,80}}\"{_SWITCHES}",
            rf"(?:NUMPAGES|PAGE){_SPACE}\\\*{_SPACE}MERGEFORMAT",
            rf"SEQ{_SPACE}\w{{1,10}}{_SPACE}\\\*{_SPACE}[A-Z]{{1,20}}",
            rf"\\\*{_SPACE}MERGEFORMAT",
            r"EMBED [A-Z]\w{1,30}\.\w{1,30}(?:\.[0-9]{1,3})?",
            r"_GoBack\b|_Toc[0-9]{3,20}|_Ref[0-9]{3,20}|_Hlk[0-9]{3,20}"
            r"|OLE_LINK[0-9]{1,4}",
            r"错误[!！](?:未找到引用源|未定义书签|超链接引用无效)[。.]?",
            r"Error! (?:Bookmark not defined|Reference source not found"
            r"|Hyperlink reference not valid)\.",
            r"Normal[ \t]+0[ \t0-9a-zA-Z.磅-]{0,120}MicrosoftInternetExplorer4",
        )
    )
)
# Not seen, not printed: controls, soft hyphen, zero width, direction marks, lone
# surrogates, object places, and the symbol fonts' own range (bullets of Wingdings).
UNSEEN = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\uf020-\uf0ff]"
)
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def normal_lines(text: str) -> list[str]:
    """Return the lines of a text, whichever way they end; Word's soft break is one."""
    return LINE_ENDS.sub("\n", text).split("\n")


def without_residue(line: str) -> tuple[str, list[str]]:
    """Return the line without residue and what was taken out, unseen ones by code."""
    removed: list[str] = []

    def note(found: re.Match[str]) -> str:
        removed.append(found[0])
        return ""

    line = UNSEEN.sub(note, line)
    removed = list(_by_code(removed))
    return LEFTOVER.sub(note, line), removed


def _by_code(characters: list[str]) -> Iterator[str]:
    """→ U+F0A7: what can't be seen is named, each once."""
    for character in dict.fromkeys(characters):
        yield f"U+{ord(character):04X}"
