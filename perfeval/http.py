"""The request as views see it, and where a write comes from."""

from collections.abc import Sequence
from contextvars import ContextVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from perfeval.models import User

COMMAND_LINE = "命令行"

_origin: ContextVar[str] = ContextVar("origin", default=COMMAND_LINE)


class AuthenticatedRequest(HttpRequest):
    """A request whose user is logged in; htmx: whether and how htmx sent it."""

    user: User
    htmx: HtmxDetails


def current_origin() -> str:
    """Return where the work at hand comes from: an address, or the command line."""
    return _origin.get()


def set_origin(origin: str) -> None:
    _origin.set(origin[:100])


def chosen_numbers(values: Sequence[str]) -> list[int]:
    """Return the numbers among what a form sent, each once."""
    numbers = (int(each) for each in values if each.isascii() and each.isdigit())
    return list(dict.fromkeys(number for number in numbers if number < 2**63))
