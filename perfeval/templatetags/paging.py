"""The page numbers that a list offers at its foot."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def elided_pages(page: Page[Any]) -> Iterable[int | str]:
    """Return the numbers around a page and at both ends, with "…" for a gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
