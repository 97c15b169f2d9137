"""One cell of a file beside what stands in the self-assessment: what may be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from indicators.models import IndicatorResult

Kind = Literal["result", "indicator", "create", "funds", "goal", "text"]


class TakeoverError(ValueError):
    """Something chosen cannot be written; problems: one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What one cell would change.

    kind, row, column: what it writes: a result, an indicator, money of a source, a text
    by its key. place: the cell's address (自评表!F12), "" where none is known.
    old: what stands there, new: what the file says, both as people write it.
    why: the reason of a doubt, in Chinese. closed: why it may not be written. base:
    what stood there when the file was made, None where the file does not know.
    values: the fields of an indicator to be created.
    """

    kind: Kind
    row: str
    column: str
    label: str
    new: str
    old: str = ""
    place: str = ""
    certain: bool = True
    why: str = ""
    closed: str = ""
    base: str | None = None
    is_long: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.row}:{self.column}"

    @property
    def address(self) -> str:
        """The place in its sheet: F12."""
        return self.place.rpartition("!")[2]

    @property
    def is_conflict(self) -> bool:
        """Whether it was changed in the file and, since that was made, here too."""
        return self.base is not None and self.base not in (self.old, self.new)

    @property
    def is_ready(self) -> bool:
        """Whether nobody needs to be asked: nothing of anybody's is overwritten."""
        return self.certain and not self.closed and self.old in ("", self.base)


@dataclass(frozen=True, kw_only=True)
class RowMatch:
    """A row of the file and the row of ours it was taken for, None for no such row.

    index: its place in the document's indicators, from 0.
    """

    index: int
    name: str
    result: IndicatorResult | None
    certain: bool = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything a file would change; nothing is written yet.

    same: how many cells say what stands there already. warnings: what is to be looked
    at before, of the file as a whole. results: all rows of ours. is_other: the file
    seems to be of another project or year; then nothing is ready.
    """

    proposals: tuple[Proposal, ...] = ()
    rows: tuple[RowMatch, ...] = ()
    results: tuple[IndicatorResult, ...] = ()
    same: int = 0
    warnings: tuple[str, ...] = ()
    is_other: bool = False

    @property
    def ready(self) -> list[Proposal]:
        """Those that may be taken without a question."""
        return (
            [] if self.is_other else [each for each in self.proposals if each.is_ready]
        )

    @property
    def asked(self) -> list[Proposal]:
        """Those a person has to decide."""
        return [
            each
            for each in self.proposals
            if not each.closed and (self.is_other or not each.is_ready)
        ]

    @property
    def closed(self) -> list[Proposal]:
        return [each for each in self.proposals if each.closed]
