"""All words of a file with where they stand, to hold it against another one.

python -m reports.reading.words reads a file on standard input in a process whose memory
and time are limited, for files of strangers; words_of_stranger() runs it.
"""

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from docx.oxml.ns import qn

from perfeval.workbooks.archive import unpack
from reports.reading.files import ReadingError
from reports.reading.kinds import content_of
from reports.reading.limited import limit_process, run_limited
from reports.reading.package import ANSWERS, Package
from reports.reading.pdf import embedded_source, page_lines
from reports.reading.text import decode

NOT_READABLE = "这种文件不能查验，请选择 PDF、Word、Excel 或数据（JSON）文件"
CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}(?:-[2-9A-HJKMNP-TV-Z]{4}){3}", re.ASCII)


@dataclass(frozen=True)
class Words:
    """A line of words; place: 第 2 页, B7, sections[0].text …, where to find it."""

    place: str
    text: str


def words_of(data: bytes, name: str = "") -> tuple[str, list[Words]]:
    """Return the format of a file (pdf, docx, xlsx, json) and its words.

    Raises ReadingError: none of these, or broken.
    """
    content = content_of(data, name)
    if content == "pdf":
        return content, list(_of_pdf(data))
    if content == "docx":
        return content, list(_of_docx(data))
    if content == "xlsx":
        return content, list(_of_xlsx(data))
    if content == "json":
        return content, list(_of_json(data, ""))
    raise ReadingError(NOT_READABLE)


def _of_pdf(data: bytes) -> Iterator[Words]:
    for number, lines in enumerate(page_lines(data), start=1):
        yield from (Words(f"第 {number} 页", each) for each in lines if each.strip())
    try:
        source = embedded_source(data)
    except ReadingError:
        return  # that it is gone shows: all its words are missing
    yield from _of_json(source, "内嵌数据 ")


def _of_docx(data: bytes) -> Iterator[Words]:
    package = Package(data)
    parts = [("正文", package.main)]
    parts += [("页眉", each) for each in package.related(package.main, "header")]
    parts += [("页脚", each) for each in package.related(package.main, "footer")]
    for place, part in parts:
        for number, paragraph in enumerate(package.xml(part).iter(qn("w:p")), start=1):
            text = "".join(each.text or "" for each in paragraph.iter(qn("w:t")))
            if text.strip():
                yield Words(f"{place}第 {number} 段", text)


def _of_xlsx(data: bytes) -> Iterator[Words]:
    import openpyxl

    unpack(data, ANSWERS)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception:  # openpyxl says of a broken file whatever it stumbles over
        raise ReadingError(ANSWERS.broken) from None
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    place = f"{sheet.title}!{cell.coordinate}"
                    yield Words(place, str(cell.value))
        footer = sheet.oddFooter and sheet.oddFooter.center
        if footer and footer.text:
            yield Words(f"{sheet.title} 页脚", footer.text)


def _of_json(data: bytes, place: str) -> Iterator[Words]:
    try:
        value = json.loads(decode(data))
    except (ValueError, RecursionError):
        raise ReadingError("数据（JSON）已损坏，不能读取") from None
    yield from _leaves(value, "", place)


def _leaves(value: Any, path: str, place: str) -> Iterator[Words]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]", place)
    elif value not in (None, ""):
        yield from (
            Words(f"{place}{path}", line) for line in str(value).split("\n") if line
        )


def code_in(words: Sequence[Words]) -> str:
    """Return the 查验码 that a file bears, "" without one."""
    told = sorted(words, key=lambda each: "release.code" not in each.place)
    found = chain.from_iterable(CODE.findall(each.text) for each in told)
    return next(found, "")


def only_in(some: Sequence[Words], others: Sequence[Words]) -> list[Words]:
    """Return the words that others do not have (so often), in their order."""
    left = Counter(each.text for each in others)
    alone = []
    for each in some:
        if left[each.text]:
            left[each.text] -= 1
        else:
            alone.append(each)
    return alone


def words_of_stranger(data: bytes) -> tuple[str, list[Words]]:
    """Return what words_of() does, read in a process that cannot do harm."""
    answer = run_limited(__name__, data)
    return answer["format"], [Words(*each) for each in answer["words"]]


def _main() -> None:
    limit_process()
    try:
        kind, words = words_of(sys.stdin.buffer.read())
        answer: dict[str, Any] = {
            "format": kind,
            "words": [(each.place, each.text) for each in words],
        }
    except ReadingError as error:
        answer = {"problems": error.problems}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
