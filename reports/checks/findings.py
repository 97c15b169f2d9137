"""A finding: what is wrong, how grave it is, where it stands, in words and as JSON."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
FundsColumn = Literal[
    "initial", "adjusted", "received", "executed", "ratio", "points", "note"
]

# What of the form the words of a text stand for.
Meant = Literal["", "initial", "adjusted", "received", "executed", "ratio", "total"]

SEVERITY_LABELS: dict[str, str] = {
    "error": "必改问题",
    "warning": "需说明事项",
    "info": "提示",
}
EXCERPT = 60


@dataclass(frozen=True, kw_only=True)
class InText:
    """Characters start to end (excluded) of one section's text.

    section: its key; index: its place among all sections of the document, from 0;
    meant: the form's figure that belongs there instead, "" where there is none.
    """

    section: str
    index: int
    start: int
    end: int
    excerpt: str
    meant: Meant = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "section_index": self.index,
            "start": self.start,
            "end": self.end,
            "excerpt": shortened(self.excerpt),
        }


@dataclass(frozen=True, kw_only=True)
class InRow:
    """One field of one indicator; index from 0, field named as in the document."""

    index: int
    field: str

    def to_json(self) -> dict[str, Any]:
        return {"indicator": self.index, "field": self.field}


@dataclass(frozen=True, kw_only=True)
class InFunds:
    """One cell of the funds block; row from 0."""

    row: int
    column: FundsColumn

    def to_json(self) -> dict[str, Any]:
        return {"funds": self.row, "column": self.column}


@dataclass(frozen=True, kw_only=True)
class InField:
    """A field of the document itself: total, grade, goal.actual, sections."""

    field: str

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field}


Where = InText | InRow | InFunds | InField


@dataclass(frozen=True, kw_only=True)
class Finding:
    """code: stable; message: both figures, both places, and how to mend it."""

    code: str
    severity: Severity
    where: Where
    message: str

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where.to_json(),
            "message": self.message,
        }


def shortened(text: str, longest: int = EXCERPT) -> str:
    """Return a text in one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
