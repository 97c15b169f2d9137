"""What differs between two texts, by character (Google's diff-match-patch)."""

from dataclasses import dataclass

from diff_match_patch import diff_match_patch

# Seconds after which a coarser answer is taken: still right, only less fine.
TIMEOUT = 1.0
DELETED, INSERTED = -1, 1


@dataclass(frozen=True)
class Piece:
    """A stretch of one text; changed: the other text has it not."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Comparison:
    """Two texts in pieces; joined, the pieces of a side are that text exactly."""

    before: list[Piece]
    after: list[Piece]

    @property
    def deleted(self) -> int:
        """Characters that only the first text has."""
        return sum(len(piece.text) for piece in self.before if piece.changed)

    @property
    def inserted(self) -> int:
        """Characters that only the second text has."""
        return sum(len(piece.text) for piece in self.after if piece.changed)


def compare(before: str, after: str) -> Comparison:
    """Return what two texts have in common and what each has alone."""
    engine = diff_match_patch()
    engine.Diff_Timeout = TIMEOUT
    found = engine.diff_main(before, after)
    # Not its semantic clean-up: for 48场→50场 that marks the whole phrase.
    engine.diff_cleanupEfficiency(found)
    return Comparison(
        before=[Piece(text, op == DELETED) for op, text in found if op != INSERTED],
        after=[Piece(text, op == INSERTED) for op, text in found if op != DELETED],
    )


def only_adds(before: str, after: str) -> bool:
    """Whether the second text is the first with one stretch put in: all of it stays."""
    start = 0
    while start < len(before) and before[start : start + 1] == after[start : start + 1]:
        start += 1
    return after.endswith(before[start:]) and len(after) >= len(before)
