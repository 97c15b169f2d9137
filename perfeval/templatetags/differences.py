"""Two texts side by side on a page: what only one of them has is marked."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from perfeval.differences import Piece

register = template.Library()


@register.filter
def marked(pieces: Sequence[Piece], tag: str) -> SafeString:
    """A side of a comparison; tag: del or ins, for what the other side has not."""
    marks = format_html("<{} class='compared'>{{}}</{}>", tag, tag)
    words = (format_html(marks, p.text) if p.changed else p.text for p in pieces)
    return format_html_join("", "{}", ((each,) for each in words))
