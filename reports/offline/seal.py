"""What a workbook carries hidden: whose it is, which version, what stood in its cells.

Signed with the site's key, so that a changed id or value is noticed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import signing

SHEET = "_perfeval"
SALT = "reports.offline"
# Excel holds 32,767 characters in a cell.
CHUNK = 30_000
BROKEN = (
    "填报表中隐藏的校验信息缺失或被改动，不能采用；"
    "请重新下载填报表，把填写的内容粘贴过去再上传"
)


class SealError(ValueError):
    """The hidden mark of a workbook is not one that this site made."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """assessment, version: keys of the self-assessment; project: its code and name.

    cells: {key of a proposal: (mark of its row, column from 1, what stood there)}.
    locked: {mark of a row: {column: text of a cell that nobody may change}}.
    closed: as cells, of those filled in elsewhere; what is typed there is only told.
    """

    assessment: int
    version: int
    project: str
    made_at: str
    cells: Mapping[str, tuple[str, int, str]]
    locked: Mapping[str, Mapping[str, str]]
    # A workbook given out before this was kept has none.
    closed: Mapping[str, tuple[str, int, str]] = field(default_factory=dict)


def sealed(seal: Seal) -> list[str]:
    """Return the mark to be written, in pieces that each fit into a cell."""
    text = signing.dumps(asdict(seal), salt=SALT, compress=True)
    return [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]


def opened(pieces: list[str]) -> Seal:
    """Return what a mark says; raise SealError: changed, or of another site."""
    try:
        found: dict[str, Any] = signing.loads("".join(pieces), salt=SALT)
        cells, closed = (
            {key: tuple(cell) for key, cell in found.pop(name, {}).items()}
            for name in ("cells", "closed")
        )
        return Seal(**found, cells=cells, closed=closed)
    except (signing.BadSignature, TypeError, KeyError, ValueError):
        raise SealError(BROKEN) from None
