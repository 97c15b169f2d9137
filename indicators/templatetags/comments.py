"""Remarks on a page as threads."""

from collections.abc import Iterable

from django import template

from indicators.models import ItemComment
from indicators.threads import Thread, threads_of

register = template.Library()


@register.filter
def threads(comments: Iterable[ItemComment]) -> list[Thread]:
    """The threads that these comments make, the oldest first."""
    return threads_of(comments)
