"""How often one address may ask for what needs no log-in."""

from django.core.cache import cache
from django.http import HttpRequest

from perfeval.middleware import client_address

PERIOD = 60  # seconds


def is_too_often(request: HttpRequest, subject: str, most: int) -> bool:
    """Count a request of its address; return whether it is one too many in a minute.

    Counted in each server process by itself, in memory: nothing about anybody is kept.
    """
    key = f"throttle:{subject}:{client_address(request) or ''}"
    if cache.add(key, 1, PERIOD):
        return False
    try:
        return bool(cache.incr(key) > most)
    except ValueError:  # it ran out between the two
        return False
