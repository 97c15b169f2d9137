"""Quicker ways to break and draw lines of text in WeasyPrint 70.0, to the same result.

They take a quarter off a page of text and change no byte of a print. install() is
called once, by pdf.py; a test compares the replaced functions with those this was
written for.
"""

import re
import struct
from collections.abc import Iterator
from math import inf
from typing import Any

import pydyf
from weasyprint import draw
from weasyprint.draw import text as drawing
from weasyprint.formatting_structure import boxes
from weasyprint.layout import block, inline, preferred
from weasyprint.layout import float as floating
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, ffi, pango

SHORT_LINE = 12  # characters of a line that is not worth the trouble
HAN_PAIR = re.compile("[\u4e00-\u9fff]{2}")
# PangoGlyphInfo: glyph, width, x offset, y offset, flags.
GLYPH = struct.Struct("=Iiiii")
OLD_PANGO = pango.pango_version() < 14802  # it tells font sizes wrongly


def install() -> None:
    """Put the functions of this module in the place of WeasyPrint's."""
    assert ffi.sizeof("PangoGlyphInfo") == GLYPH.size
    for module in (inline, preferred):
        module.split_first_line = split_first_line
    for module in (inline, line_break):
        module.strut = strut
    for module in (block, inline):
        module.avoid_collisions = avoid_collisions
    boxes.Box.is_in_normal_flow = is_in_normal_flow
    draw.draw_outline = draw_outline
    drawing.draw_first_line = draw_first_line
    pydyf.PDF.page_references = property(page_references)
    pydyf.Stream.data = property(stream_data)
    pydyf._to_bytes = to_bytes


_split_first_line = line_break.split_first_line


def split_first_line(
    text: str, style: Any, context: Any, max_width: float | None, *args: Any, **kw: Any
) -> Any:
    """Split off a line, looking at little more of a long text than fits in it.

    Upstream shapes four times as much. Two Han characters side by side after the line
    say that what follows them decides nothing: a line can always end between them.
    """
    if max_width is not None and max_width != inf and style["font_size"]:
        characters = int(max_width / style["font_size"])
        glance = text[: characters + characters // 2]
        if characters >= SHORT_LINE and len(glance) < len(text):
            found = _split_first_line(glance, style, context, max_width, *args, **kw)
            end = found[2]
            if end and HAN_PAIR.search(glance.encode()[end:].decode(), 1):
                return found
    return _split_first_line(text, style, context, max_width, *args, **kw)


_strut = line_break.strut


def strut(style: Any) -> tuple[float, float]:
    """Return height and baseline of a style's lines, asked for only once."""
    try:
        known: tuple[float, float] = style.strut
    except AttributeError:
        known = style.strut = _strut(style)
    return known


def is_in_normal_flow(self: Any) -> bool:
    """Whether a box neither floats nor is placed: asked ten times for each line."""
    style = self.style
    return style["float"] == "none" and style["position"] in ("static", "relative")


def draw_outline(stream: Any, box: Any) -> None:
    """Do nothing: no box of a print has an outline."""


_avoid_collisions = floating.avoid_collisions


def avoid_collisions(
    context: Any, box: Any, containing_block: Any, outer: bool = True
) -> tuple[Any, Any, Any]:
    """Return the place of a line, which follows at once where nothing floats."""
    if (
        context.excluded_shapes
        or outer
        or not isinstance(box, boxes.LineBox)
        or containing_block.style["direction"] == "rtl"
    ):
        place: tuple[Any, Any, Any]
        place = _avoid_collisions(context, box, containing_block, outer)
        return place
    left = containing_block.content_box_x()
    width = containing_block.width - box.margin_left - box.margin_right
    return left, box.border_box_y() - box.margin_top, width


def page_references(self: Any) -> tuple[bytes, ...]:
    """Return the references of a PDF's pages, made anew only for a new page."""
    kids = self.pages["Kids"]
    count, known = getattr(self, "known_references", (0, ()))
    if count != len(kids):
        known = tuple(f"{number} 0 R".encode() for number in kids[::3])
        self.known_references = (len(kids), known)
    references: tuple[bytes, ...] = known
    return references


_stream_data = pydyf.Stream.data.fget


def stream_data(self: Any) -> bytes:
    """Return a stream as bytes; it is asked for to be written and to be hashed."""
    state = len(self.stream), len(self.extra)
    known_state, known = self.__dict__.get("known_data", (None, b""))
    if state != known_state:
        known = _stream_data(self)
        self.known_data = state, known
    data: bytes = known
    return data


_to_bytes = pydyf._to_bytes


def to_bytes(item: Any) -> bytes:
    """Return what stands in a PDF for an item, the most frequent kinds first."""
    kind = type(item)
    if kind is bytes:
        data: bytes = item
        return data
    if kind is str:
        text: str = item
        return text.encode("ascii")
    other: bytes = _to_bytes(item)
    return other


class _UnusualError(Exception):
    """A glyph that upstream draws in a way of its own."""


_draw_first_line = drawing.draw_first_line


def draw_first_line(
    stream: Any, textbox: Any, text_overflow: str, block_ellipsis: str, matrix: Any
) -> Any:
    """Draw a line, each glyph of a font at one size and width put into words once."""
    given = (stream, textbox, text_overflow, block_ellipsis, matrix)
    if text_overflow == "ellipsis" or block_ellipsis != "none":
        return _draw_first_line(*given)
    if not textbox.text.strip() or textbox.style["font_size"] < 1e-6:
        return []
    layout = textbox.pango_layout
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    line, _ = layout.get_first_line()
    try:
        runs = list(_runs(stream, layout, line))
    except _UnusualError:
        return _draw_first_line(*given)
    stream.set_text_matrix(*matrix.values)
    previous, string = None, ""
    for pango_font, font, size, words in runs:
        if pango_font != previous:
            if string:
                stream.show_text(string)
            previous, string = pango_font, ""
            stream.set_font_size(font.hash, size)
        string += words
    stream.show_text(string)
    return []


def _runs(stream: Any, layout: Any, line: Any) -> Iterator[tuple[Any, Any, float, str]]:
    """Yield the font in Pango and in the PDF, its size and its glyphs, for each run."""
    run = line.runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        pango_font = item.item.analysis.font
        font, size = _font(stream, layout, pango_font)
        if OLD_PANGO or font.bitmap or font.png or font.svg or font.colr:
            raise _UnusualError
        words = "<" + "".join(_words(stream, layout, item, font, size))
        yield pango_font, font, size, words[:-1] if words[-1] == "<" else f"{words}>"


def _font(stream: Any, layout: Any, pango_font: Any) -> tuple[Any, float]:
    """Return a font in the PDF and its size, looked up once for each page.

    The layout is kept beside it: as long as it lives no other font has this address.
    """
    known = stream.__dict__.setdefault("pango_fonts", {})
    if pango_font not in known:
        known[pango_font] = (*stream.add_font(pango_font), layout.layout)
    font, size, _ = known[pango_font]
    return font, size


def _words(
    stream: Any, layout: Any, item: Any, font: Any, size: float
) -> Iterator[str]:
    """Yield each glyph of a run as it stands in a PDF's text, with its kerning."""
    known = font.__dict__.setdefault("words", {}).setdefault(size, {})
    glyphs = item.glyphs
    data = ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * GLYPH.size)
    for index, info in enumerate(GLYPH.iter_unpack(data)):
        if info not in known:
            _tell_character(layout, item, font, index, info)
            known[info] = _word(stream, item.item.analysis.font, font, size, info)
        yield known[info]


def _tell_character(layout: Any, item: Any, font: Any, index: int, info: Any) -> None:
    """Note which characters a glyph stands for, so that text can be taken out again."""
    glyph, _, _, rise, _ = info
    if rise or glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG or item.item.analysis.level % 2:
        raise _UnusualError
    if glyph == pango.PANGO_GLYPH_EMPTY:
        raise _UnusualError
    if glyph in font.to_unicode:
        return
    clusters, last = item.glyphs.log_clusters, item.glyphs.num_glyphs - 1
    start = item.item.offset + clusters[index]
    length = item.item.length if index == last else clusters[index + 1]
    text = layout.text.encode()[start : item.item.offset + length]
    font.to_unicode[glyph] = text.decode()


def _word(stream: Any, pango_font: Any, font: Any, size: float, info: Any) -> str:
    glyph, width, shift, _, _ = info
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(
            pango_font, glyph, stream.ink_rect, stream.logical_rect
        )
        font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
    offset = shift / size
    kerning = font.widths[glyph] + offset - width * 1000 * FROM_UNITS / size
    before = f">{-offset}<" if offset else ""
    after = f">{int(kerning)}<" if kerning else ""
    return f"{before}{glyph:04x}{after}"
