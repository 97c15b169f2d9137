"""Quicker ways through WeasyPrint 70.0 for what a print of ours never uses.

report.css has no backgrounds, rounded corners, border images or percentages in margins,
and every line of its tables is solid and black. Replacing the functions that prepare
for all of that takes a third off a render. install() is called once, by pdf.py; a test
compares the replaced functions with those this was written for, and another holds the
style sheet to what is said here.
"""

import zlib
from types import SimpleNamespace
from typing import Any

import pydyf
from weasyprint import draw, layout
from weasyprint.formatting_structure import boxes
from weasyprint.layout import absolute, block, flex, grid, inline, page, percent, table
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

# Level 9, which pydyf asks for, takes four times as long and saves 2 % of the bytes.
LEVEL = 4
LENGTHS = (
    "margin_left",
    "margin_right",
    "margin_top",
    "margin_bottom",
    "padding_left",
    "padding_right",
    "padding_top",
    "padding_bottom",
    "width",
    "min_width",
    "max_width",
    "height",
    "min_height",
    "max_height",
)
WIDTHS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))


def install() -> None:
    """Put the functions of this module in the place of WeasyPrint's."""
    draw.draw_table = draw_table
    layout.layout_backgrounds = layout_backgrounds
    boxes.Box.background = None
    boxes.Box.canvas_background = None
    for module in (absolute, block, flex, grid, inline, page, table):
        if hasattr(module, "resolve_percentages"):
            module.resolve_percentages = resolve_percentages
    line_break.Layout.setup = setup
    pydyf.Dictionary.data = property(dictionary_data)
    pydyf.zlib = SimpleNamespace(
        compress=zlib.compress, compressobj=lambda level: zlib.compressobj(LEVEL)
    )


def dictionary_data(self: Any) -> bytes:
    """Return a PDF dictionary as bytes; tags make thousands of small ones."""
    parts = []
    for key, value in self.items():
        kind = type(value)
        if kind is bytes:
            shown = value
        elif kind is str:
            shown = value.encode("ascii")
        else:
            shown = pydyf._to_bytes(value)
        parts.append(b"/%b %b" % (key.encode("ascii"), shown))
    return b"<<%b>>" % b"".join(parts)


def draw_table(stream: Any, table: Any) -> None:
    """Draw the lines of a table as one set of black rectangles."""
    with stream.artifact(), stream.stacked():
        stream.set_color(table.style["color"])
        _draw_edges(stream, table)
        for group in table.children:
            for row in group.children:
                for cell in row.children:
                    _draw_edges(stream, cell)
        stream.fill()


def _draw_edges(stream: Any, box: Any) -> None:
    x, y = box.border_box_x(), box.border_box_y()
    width, height = box.border_width(), box.border_height()
    if box.border_top_width:
        stream.rectangle(x, y, width, box.border_top_width)
    if box.border_bottom_width:
        bottom = box.border_bottom_width
        stream.rectangle(x, y + height - bottom, width, bottom)
    if box.border_left_width:
        stream.rectangle(x, y, box.border_left_width, height)
    if box.border_right_width:
        right = box.border_right_width
        stream.rectangle(x + width - right, y, right, height)


def layout_backgrounds(page: Any, get_image_from_uri: Any) -> None:
    """Do nothing: no box of a print has a background."""


_resolve_percentages = percent.resolve_percentages


def resolve_percentages(box: Any, containing_block: Any) -> None:
    """Set used lengths of a box, from its style alone where that has no percentage."""
    style = box.style
    try:
        fixed = style.fixed_lengths
    except AttributeError:
        fixed = style.fixed_lengths = _fixed_lengths(style)
    if fixed is None or isinstance(box, boxes.PageBox):
        _resolve_percentages(box, containing_block)
    else:
        box.__dict__.update(fixed)


def _fixed_lengths(style: Any) -> dict[str, Any] | None:
    """Return the used lengths of a style, None where they depend on another box."""
    if style["box_sizing"] != "content-box" or style["border_collapse"] == "collapse":
        return None
    lengths = {}
    for name in LENGTHS:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name in ("min_width", "min_height") else "auto"
        elif getattr(value, "unit", None) == "px":
            lengths[name] = value.value
        else:
            return None
    return lengths | {name: style[name] for name in WIDTHS}


_setup = line_break.Layout.setup


def setup(self: Any, style: Any) -> None:
    """Give a text layout the Pango context and font of its style, made only once."""
    try:
        parts = style.pango_parts
    except AttributeError:
        parts = style.pango_parts = _pango_parts(style)
    if parts is None:
        _setup(self, style)
        return
    context, self.language, description = parts
    self.style = style
    self.first_line_direction = 0
    self.ascent = self.underline_position = self.strikethrough_position = None
    self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(self.layout, False)
    pango.pango_layout_set_font_description(self.layout, description)


def _pango_parts(style: Any) -> tuple[Any, Any, Any] | None:
    """Return context, language and font, None for a style with decoration or features.

    All text of a print is zh-CN and runs from left to right.
    """
    features = font_features(
        style["font_kerning"],
        style["font_variant_ligatures"],
        style["font_variant_position"],
        style["font_variant_caps"],
        style["font_variant_numeric"],
        style["font_variant_alternates"],
        style["font_variant_east_asian"],
        style["font_feature_settings"],
    )
    if features or style["text_decoration_line"] != "none" or not style["lang"]:
        return None
    context = ffi.gc(
        pango.pango_font_map_create_context(style.font_config.font_map),
        gobject.g_object_unref,
    )
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
    name, _ = unicode_to_char_p(style["lang"])
    language = pango.pango_language_from_string(name)
    pango.pango_context_set_language(context, language)
    return context, language, get_font_description(style)
