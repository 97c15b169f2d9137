"""Long work that a request hands over.

The apps below know no batches (reports/batches): those say here that they take it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from perfeval.models import User


@dataclass(frozen=True)
class Errand:
    """One piece of long work. kind: of batch; key: which of its kind it is."""

    kind: str
    key: str
    title: str
    params: dict[str, Any]


class Background(Protocol):
    """Who takes errands; both return the address of the page that follows one."""

    def start(self, user: User, errand: Errand) -> str: ...

    def under_way(self, kind: str, key: str) -> str | None:
        """None where nobody is to do that now."""


_taken_by: Background | None = None


def taken_by(background: Background) -> None:
    """Say who takes errands; called when the program starts."""
    global _taken_by
    _taken_by = background


def background() -> Background:
    assert _taken_by, "nobody takes errands"
    return _taken_by
