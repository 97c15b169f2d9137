"""A Word file (.docx) becomes lines: paragraphs, tables, notes, text boxes in order.

What is seen on the page is kept, automatic numerals included; deleted text (修订) is
left out. What isn't plain text is noted: tables, pictures, heads and feet of pages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from docx.oxml import ns

from reports.reading.files import ReadingError
from reports.reading.lines import Line, Notes, excerpt
from reports.reading.numbering import LONGEST_CHAIN, Numbering
from reports.reading.package import NO_BODY, Package

qn = cache(ns.qn)  # asked for at every element

ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
DRAWN_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"

BREAKS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n"}
SIGNS = {"w:noBreakHyphen": "-", "w:softHyphen": "\u00ad"}
INLINE_TEXT = {qn(tag): text for tag, text in (BREAKS | SIGNS).items()}
# Boxes of Wingdings and Wingdings 2 as characters.
SYMBOLS = {
    ("Wingdings", 0xFE): "☑",
    ("Wingdings", 0xA8): "□",
    ("Wingdings", 0x6F): "□",
    ("Wingdings", 0xFC): "√",
    ("Wingdings 2", 0x52): "☑",
    ("Wingdings 2", 0xA3): "□",
    ("Wingdings 2", 0x50): "√",
}
REMOVED = {qn("w:del"), qn("w:moveFrom")}
ADDED = {qn("w:ins"), qn("w:moveTo")}
# Never text: properties, field codes, deleted text.
SKIPPED = {qn(tag) for tag in ("w:pPr", "w:rPr", "w:sdtPr", "w:instrText", "w:delText")}
WRAPPERS = {qn(tag) for tag in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins")}
UNREAD = {
    qn("w:pict"): "图片",
    qn("w:drawing"): "图片",
    qn("w:object"): "嵌入的对象",
    qn("w:altChunk"): "嵌入的文件",
}
STRICT_ANSWER = (
    "文件以“Strict Open XML 文档”格式保存，不能读取；"
    "请用 Word 另存为，保存类型选“Word 文档（*.docx）”"
)
LEFTOVER = "text-leftover"
# Styles of the program's own Word files for what is not text of a section: annex note,
# signature, annex (rendering/docx_styles.py names its styles so).
APART = "自评报告 "
PAGE_NUMBER = re.compile(r"[-—–－\s]*[0-9]+[-—–－\s]*")


def read_docx(data: bytes, notes: Notes) -> list[Line]:
    """Return the lines of a .docx; note what isn't plain text. Raises ReadingError."""
    package = Package(data)
    reader = _Reader(package, notes)
    root = package.xml(package.main)
    if root.tag.startswith(f"{{{STRICT}}}"):
        raise ReadingError(STRICT_ANSWER)
    if root.tag != qn("w:document"):
        raise ReadingError(NO_BODY)
    lines = [*reader.blocks(root), *reader.rest()]
    for kind, name in (("header", "页眉"), ("footer", "页脚"), ("comments", "批注")):
        for part in package.related(package.main, kind):
            text = reader.flat_text(package.xml(part))
            if text and not PAGE_NUMBER.fullmatch(text):
                notes.add(LEFTOVER, name, f"{excerpt(text)}（未读入）")
    return lines


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says of its paragraphs."""

    level: int | None
    number: str
    depth: int
    is_contents: bool
    is_apart: bool


class _Reader:
    """Walks through the body once, in the order of the text."""

    def __init__(self, package: Package, notes: Notes) -> None:
        self._notes = notes
        self._count = 0
        self._footnote_count = 0
        self._styles = _Styles(_related_root(package, "styles"))
        self._numbering = Numbering(_related_root(package, "numbering"))
        self._footnotes = _notes_by_id(package, "footnotes") | _notes_by_id(
            package, "endnotes"
        )
        # Filled while a paragraph is read, emptied after it.
        self._boxes: list[Any] = []
        self._references: list[Any] = []
        self._pending = ""

    @property
    def _place(self) -> str:
        return f"第 {self._count} 段"

    def blocks(self, parent: Any) -> Iterator[Line]:
        """Yield the lines of all paragraphs and tables under an element."""
        for element in parent.iterchildren():
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self.rest()
                if self._styles.is_apart(element):
                    continue
                self._notes.add(LEFTOVER, f"{self._place}之后", "表格，已按行转为文字")
                for row in _inner(element, qn("w:tr")):
                    yield from self._row(row)
            elif element.tag in UNREAD:
                self._note_unread(element)
            elif element.tag in REMOVED:
                self._note_removed(element)
            elif isinstance(element.tag, str) and element.tag not in SKIPPED:
                # body, sdt, sdtContent, ins, customXml, AlternateContent …
                yield from self.blocks(_best_alternative(element))

    def rest(self) -> Iterator[Line]:
        """Yield a paragraph whose end was deleted and that nothing followed."""
        if self._pending:
            yield Line(self._pending, self._place)
            self._pending = ""

    def _paragraph(self, paragraph: Any) -> Iterator[Line]:
        self._count += 1
        style = self._styles.of(paragraph)
        if style.is_apart:
            return
        text = self._pending + "".join(self._inline(paragraph))
        # Counted on an empty paragraph too, as Word does.
        numeral = self._numbering.numeral(style.number, style.depth)
        if text.strip() and not self._pending:
            text = numeral + text.lstrip()
        self._pending = ""
        if style.is_contents:
            if text.strip():
                self._notes.add(LEFTOVER, self._place, f"目录：{excerpt(text.strip())}")
            return
        if paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None:
            # The end of this paragraph was deleted: the next one goes on with it.
            self._pending = text
            return
        level, parts = style.level, text.split("\n")
        if level == 0:  # a title is broken to look well: it is one line all the same
            parts = ["".join(map(str.strip, parts))]
        for part in parts:
            yield Line(part, self._place, level)
            level = None
        yield from self._attached()

    def _attached(self) -> Iterator[Line]:
        """Yield the text boxes and footnotes of the paragraph just read."""
        boxes, self._boxes = self._boxes, []
        references, self._references = self._references, []
        for box in boxes:
            self._notes.add(LEFTOVER, self._place, "文本框，已移到所在段落之后")
            yield from self.blocks(box)
        for number, footnote in references:
            text = self.flat_text(footnote)
            self._notes.add(LEFTOVER, self._place, f"脚注或尾注：{excerpt(text)}")
            yield Line(f"注{number}：{text}", self._place)

    def _row(self, row: Any) -> Iterator[Line]:
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            self._note_removed(row)
            return
        cells = [self.flat_text(cell) for cell in _inner(row, qn("w:tc"))]
        yield Line("\t".join(cells), self._place, row=True)

    def flat_text(self, parent: Any) -> str:
        """Return the text of all paragraphs under an element on one line."""
        lines = (*self.blocks(parent), *self.rest())
        return " ".join(" ".join(line.text.split()) for line in lines).strip()

    def _inline(self, parent: Any) -> Iterator[str]:
        for element in parent.iterchildren():
            tag = element.tag
            if tag in (qn("w:t"), MATH_TEXT, DRAWN_TEXT):
                yield element.text or ""
            elif tag in INLINE_TEXT:
                yield INLINE_TEXT[tag]
            elif tag == qn("w:sym"):
                yield _symbol(element)
            elif tag in REMOVED:
                self._note_removed(element)
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                yield from self._reference(element)
            elif tag == qn("w:txbxContent"):
                self._boxes.append(element)
            elif tag == qn("w:rt"):
                shown = "".join(self._inline(element))
                self._notes.add(LEFTOVER, self._place, f"注音“{shown}”，未读入")
            elif isinstance(tag, str) and tag not in SKIPPED:
                yield from self._inside(element)

    def _inside(self, element: Any) -> Iterator[str]:
        """Yield the text within runs, links, fields, insertions, drawings."""
        if element.tag in ADDED:
            self._notes.add(LEFTOVER, self._place, "修订插入的文字，已保留")
        if element.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is not None:
            self._notes.add(LEFTOVER, self._place, "隐藏文字，已保留")
        if element.tag in UNREAD and element.find(f".//{qn('w:txbxContent')}") is None:
            self._note_unread(element)
        yield from self._inline(_best_alternative(element))

    def _reference(self, element: Any) -> Iterator[str]:
        kind = element.tag.rpartition("}")[2].removesuffix("Reference")
        footnote = self._footnotes.get((kind, element.get(qn("w:id"))))
        if footnote is not None:
            self._footnote_count += 1
            self._references.append((self._footnote_count, footnote))
            yield f"[注{self._footnote_count}]"

    def _note_removed(self, element: Any) -> None:
        deleted = "".join(each.text or "" for each in element.iter(qn("w:delText")))
        if deleted := deleted.strip():
            self._notes.add(
                LEFTOVER, self._place, f"修订删除的文字，未读入：{excerpt(deleted)}"
            )

    def _note_unread(self, element: Any) -> None:
        self._notes.add(LEFTOVER, self._place, f"{UNREAD[element.tag]}，未读入")


class _Styles:
    """Heading level and numbering of paragraphs, by themselves or by their style."""

    def __init__(self, root: Any) -> None:
        styles = root.iterchildren(qn("w:style")) if root is not None else ()
        self._by_id = {each.get(qn("w:styleId")): each for each in styles}
        self._default = next(
            (
                name
                for name, each in self._by_id.items()
                if each.get(qn("w:type")) == "paragraph"
                and each.get(qn("w:default")) in ("1", "true")
            ),
            "",
        )

    def of(self, paragraph: Any) -> _Style:
        """Return level and list of a paragraph; number "" where it is in none."""
        own = paragraph.find(qn("w:pPr"))
        style = self._named(_child_val(own, "w:pStyle") or self._default)
        if own is None:
            return style
        level = _level_of_outline(_at(own, "w:outlineLvl"))
        number, depth = _at(own, "w:numPr/w:numId"), _at(own, "w:numPr/w:ilvl")
        return replace(
            style,
            level=level if style.level is None else style.level,
            number=style.number if number is None else number,
            depth=style.depth if depth is None else _small(depth),
        )

    def is_apart(self, table: Any) -> bool:
        """Whether a table has a style of the program's own annex."""
        style = _at(table, "w:tblPr/w:tblStyle")
        return bool(style) and self._named(style).is_apart

    @cache  # noqa: B019 - lives as long as the reading of one file
    def _named(self, name: str) -> _Style:
        chain = list(self._chain(name))
        names = [_child_val(style, "w:name").lower() for style in chain]
        return _Style(
            level=_level_of_style(names, _inherited(chain, "w:outlineLvl")),
            number=_inherited(chain, "w:numPr/w:numId") or "",
            depth=_small(_inherited(chain, "w:numPr/w:ilvl") or ""),
            is_contents=any(name.startswith("toc ") for name in names),
            is_apart=any(name.startswith(APART) for name in names),
        )

    def _chain(self, name: str) -> Iterator[Any]:
        for _ in range(LONGEST_CHAIN):
            style = self._by_id.get(name)
            if style is None:
                return
            yield style
            name = _child_val(style, "w:basedOn")


def _level_of_style(names: list[str], outline: str | None) -> int | None:
    for name in names:
        if name in ("title", "标题"):
            return 0
        if name.startswith(("heading ", "标题 ")):
            return _small(name.rpartition(" ")[2]) or None
    return _level_of_outline(outline)


def _level_of_outline(outline: str | None) -> int | None:
    """Return the level of w:outlineLvl; 9 there means body text."""
    if outline is None or not outline.isdecimal():
        return None
    return _small(outline) + 1 if _small(outline) < 9 else None


def _best_alternative(element: Any) -> Any:
    """Return one of the alternatives Word writes for old readers, else the element."""
    if element.tag != f"{ALTERNATIVES}AlternateContent":
        return element
    for name in ("Choice", "Fallback"):
        if (found := element.find(f"{ALTERNATIVES}{name}")) is not None:
            return found
    return element


def _inner(parent: Any, tag: str) -> Iterator[Any]:
    """Yield rows or cells, those in content controls too, not those of inner tables."""
    for element in parent.iterchildren():
        if element.tag == tag:
            yield element
        elif element.tag in WRAPPERS:
            yield from _inner(element, tag)


def _symbol(element: Any) -> str:
    font, code = element.get(qn("w:font")) or "", element.get(qn("w:char")) or ""
    value = int(code, 16) if all(c in "0123456789abcdefABCDEF" for c in code) else 0
    low = value & 0xFF if 0xF000 <= value <= 0xF0FF else value
    return SYMBOLS.get((font, low)) or (chr(value) if 0x20 <= value < 0xD800 else "")


def _related_root(package: Package, kind: str) -> Any:
    parts = package.related(package.main, kind)
    return package.xml(parts[0]) if parts else None


def _notes_by_id(package: Package, kind: str) -> dict[tuple[str, str], Any]:
    root = _related_root(package, kind)
    single = kind.removesuffix("s")
    return {
        (single, each.get(qn("w:id"))): each
        for each in (root if root is not None else ())
        if each.get(qn("w:type")) in (None, "normal")
    }


def _inherited(chain: list[Any], path: str) -> str | None:
    """Return w:val at the path in the first style of the chain that has it."""
    for style in chain:
        properties = style.find(qn("w:pPr"))
        if properties is not None and (value := _at(properties, path)) is not None:
            return value
    return None


def _at(properties: Any, path: str) -> str | None:
    """Return w:val of what stands at the path, None where nothing does."""
    found = properties.find("/".join(qn(step) for step in path.split("/")))
    return None if found is None else found.get(qn("w:val")) or ""


def _child_val(element: Any, tag: str) -> str:
    child = element.find(qn(tag)) if element is not None else None
    return "" if child is None else child.get(qn("w:val")) or ""


def _small(text: str) -> int:
    return int(text) if len(text) <= 2 and text.isdecimal() else 0
