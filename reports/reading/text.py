"""A plain text file becomes lines: UTF-8, GB18030 or UTF-16, with or without a mark."""

import codecs
import re

from reports.reading.files import ReadingError
from reports.reading.lines import Line
from reports.reading.residue import normal_lines

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
UNMARKED = ("gb18030", "utf-16-le", "utf-16-be")
# What a Chinese text consists of; other letters are rare in it.
USUAL = re.compile(
    "[\t\n\r\x0b\x0c\x20-\x7e\xa0\xb7\xd7\u2010-\u2027\u2030-\u203b\u2160-\u217f"
    "\u2200-\u22ff\u2460-\u24ff\u2500-\u25ff\u3000-\u303f\u3200-\u33ff"
    "\u4e00-\u9fff\uff00-\uffef]"
)
SAMPLE = 50_000
ENOUGH = 0.9


def read_text(data: bytes) -> list[Line]:
    """Return the lines of a text file; raise ReadingError where it is not text."""
    return [
        Line(text=line, place=f"第 {number} 行")
        for number, line in enumerate(normal_lines(decode(data)), start=1)
    ]


def decode(data: bytes) -> str:
    """Return the characters of a text file, without its mark.

    Pairs of surrogates become the character they stand for. Raises ReadingError:
    binary, or in no known encoding.
    """
    text = _decode_marked(data)
    if text is None:
        text = _decode_utf8(data)
    if text is None:
        text = _decode_unmarked(data)
    if "\0" in text:
        raise ReadingError(
            "这不是文本文件（里面有空字符），请给出 .docx 或 .txt 格式的报告"
        )
    return text


def _decode_marked(data: bytes) -> str | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:
                return _decoded(data[len(mark) :], encoding)
            except UnicodeDecodeError as error:
                raise _bad_bytes(data, error.start + len(mark), encoding) from None
    return None


def _decode_utf8(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return _decoded(data, "utf-8")
    except UnicodeDecodeError as error:
        # One broken place in a text: another encoding would only make nonsense of it.
        if _is_mostly_utf8(data):
            raise _bad_bytes(data, error.start, "utf-8") from None
        return None


def _is_mostly_utf8(data: bytes) -> bool:
    text = data[:SAMPLE].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(re.findall("[\u3000-\u9fff\uff00-\uffef]", text)) > 5 * broken


def _decode_unmarked(data: bytes) -> str:
    best, share = "", 0.0
    for encoding in UNMARKED:
        # Cut at an even place; a character cut in half at the end is left out.
        try:
            sample = codecs.getincrementaldecoder(encoding)().decode(data[:SAMPLE])
        except UnicodeDecodeError:
            continue
        if (found := _usual_share(sample)) > share:
            best, share = encoding, found
    if share < ENOUGH:
        raise ReadingError(
            "这不是文本文件，或文字的编码认不出；"
            "请给出 .docx，或以 UTF-8 或 GB18030 编码保存的 .txt"
        )
    try:
        return _decoded(data, best)
    except UnicodeDecodeError as error:
        raise _bad_bytes(data, error.start, best) from None


def _decoded(data: bytes, encoding: str) -> str:
    if encoding == "gb18030":
        return data.decode(encoding)
    text = data.decode(encoding, "surrogatepass")
    if re.search("[\ud800-\udfff]", text):
        text = text.encode("utf-16-le", "surrogatepass").decode(
            "utf-16-le", "surrogatepass"
        )
    return text


def _usual_share(text: str) -> float:
    """Return how much of the text is usual in Chinese, from 0 to 1."""
    text = text[:SAMPLE]
    return len(USUAL.findall(text)) / len(text) if text else 0.0


def _bad_bytes(data: bytes, place: int, encoding: str) -> ReadingError:
    line = data.count(b"\n", 0, place) + 1
    return ReadingError(
        f"第 {line} 行有按 {encoding.upper()} 编码读不出的字节，"
        "请用 WPS 或记事本打开检查，再以 UTF-8 编码保存"
    )
