"""The request as views see it, and where a write comes from."""

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
