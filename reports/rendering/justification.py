"""Lines as Chinese printing wants them; replaces functions of WeasyPrint 70.0.

WeasyPrint widens only spaces, so a Chinese line that a punctuation rule or half-width
digits leave short stays ragged, and it lets a line's height follow the fonts that
happen to stand in it, which breaks the grid of 22 lines. Here what is left over in a
line is spread between its Han characters, and every line of a style is as high as its
first font asks. install() is called once, by pdf.py; the exact version is pinned, and a
test fails when one of the replaced functions changes upstream.
"""

import re
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango

# Spaces and whatever is set full-width: Han, its punctuation, full-width forms, dashes,
# ellipsis, quotes.
WIDE = re.compile(
    "[ \u00a0\u00b7\u00d7\u00f7\u2014-\u2026\u2030-\u205e\u2100-\u218f\u2190-\u2bff"
    "\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
WIDE_RUN = re.compile(f"{WIDE.pattern}+")


def install() -> None:
    """Put the functions of this module in the place of WeasyPrint's."""
    inline.justify_line = justify_line
    line_break.first_line_metrics = first_line_metrics
    line_break.Layout.reactivate = reactivate


def justify_line(context: Any, line: Any, extra_width: float) -> None:
    """Spread extra_width (px) over the line's wide characters.

    Pango gives half of a character's spacing to each of its sides, and none at the ends
    of a line: so two Han characters part by the whole, Han and digit by half of it.
    """
    texts = list(_text_boxes(line))
    if not texts:
        return
    # The width of each box counts one letter-spacing after its last character.
    last_spacing = texts[-1].style["letter_spacing"]
    extra_width += 0 if last_spacing == "normal" else last_spacing
    wide = sum(len(WIDE.findall(box.text)) for box in texts)
    shares = wide - (_starts_wide(texts[0]) + _ends_wide(texts[-1])) / 2
    if shares > 0:
        _spread(line, extra_width / shares, 0.0, texts[0], texts[-1])


def _text_boxes(box: Any) -> Any:
    if isinstance(box, boxes.TextBox):
        if box.text:
            yield box
    elif isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        for child in box.children:
            yield from _text_boxes(child)


def _starts_wide(box: Any) -> int:
    return 1 if WIDE.match(box.text[0]) else 0


def _ends_wide(box: Any) -> int:
    return 1 if WIDE.match(box.text[-1]) else 0


def _spread(box: Any, spacing: float, advance: float, first: Any, last: Any) -> float:
    """Widen box by spacing (px) at each wide character; return the new advance."""
    if isinstance(box, boxes.TextBox):
        if not box.text:
            return advance
        before = spacing / 2 if box is not first and _starts_wide(box) else 0
        after = spacing / 2 if box is not last and _ends_wide(box) else 0
        ends = (_starts_wide(box) + _ends_wide(box)) / 2
        inner = spacing * (len(WIDE.findall(box.text)) - ends)
        box.justification_spacing = spacing
        box.pango_layout.justification_spacing = spacing
        box.position_x += advance + before
        box.width += inner
        return advance + before + inner + after
    if isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.position_x += advance
        reached = advance
        for child in box.children:
            if child.is_in_normal_flow():
                reached = _spread(child, spacing, reached, first, last)
        box.width += reached - advance
        return reached
    box.translate(advance, 0)
    return advance


def reactivate(self: Any, style: Any) -> None:
    """Make a text layout ready for drawing, with the spacing of a justified line.

    It was kept since the line was laid out, where upstream makes it anew; but a line
    that is drawn twice (a repeated head) has lost it after the first time.
    """
    if not hasattr(self, "layout"):
        self.setup(style)
        self.set_text(self.text)
    if self.justification_spacing and self.text:
        _space_wide_runs(self, style)


def _space_wide_runs(layout: Any, style: Any) -> None:
    base = style["letter_spacing"]
    base = 0 if base == "normal" else base
    spacing = round((base + layout.justification_spacing) * TO_UNITS)
    attributes = pango.pango_layout_get_attributes(layout.layout)
    if attributes == ffi.NULL:
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
    offset = position = 0
    for run in WIDE_RUN.finditer(layout.text):
        offset += len(layout.text[position : run.start()].encode())
        end = offset + len(run[0].encode())
        attribute = pango.pango_attr_letter_spacing_new(spacing)
        attribute.start_index, attribute.end_index = offset, end
        pango.pango_attr_list_change(attributes, attribute)
        offset, position = end, run.end()
    pango.pango_layout_set_attributes(layout.layout, attributes)


def first_line_metrics(
    first_line: Any,
    text: str,
    layout: Any,
    resume_at: Any,
    space_collapse: bool,
    style: Any,
    hyphenated: bool = False,
    hyphenation_character: str = "",
) -> tuple[Any, int, Any, float, float, float]:
    """Return layout, length, resume_at, width, height and baseline of a first line.

    Height and baseline are those of the style's strut. Upstream takes them from the
    fonts in this very line, so that a line with digits would stand lower than one
    without, and the line box grows by the difference.
    """
    length = first_line.length
    if hyphenated:
        length -= len(hyphenation_character.encode())
    elif resume_at:
        line_text = text.encode()[:length].decode()
        kept = line_text.rstrip(" ") if space_collapse else line_text
        size = line_break.line_size(first_line, style)
        # The line is split already: without a width it can't break again.
        pango.pango_layout_set_width(layout.layout, -1)
        layout.set_text(kept)
        if kept == line_text:
            # Its size is known: it is shaped anew only when it is drawn.
            return layout, length, resume_at, size[0], *line_break.strut(style)
        first_line, _ = layout.get_first_line()
        length = first_line.length if first_line is not None else 0
    width, height = line_break.line_size(first_line, style)
    if text:
        height, baseline = line_break.strut(style)
    else:  # the call that measures the strut itself
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
    return layout, length, resume_at, width, height, baseline
