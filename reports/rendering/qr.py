"""The QR of an address, as a picture that is drawn with lines alone."""

from dataclasses import dataclass
from itertools import groupby

import segno


@dataclass(frozen=True)
class QrCode:
    """size: modules of a side; path: the dark ones, row by row, as an SVG path."""

    size: int
    path: str


def qr_code(address: str) -> QrCode | None:
    """Return the QR of an address, None for none; the same for the same address."""
    if not address:
        return None
    matrix = segno.make_qr(address, error="m", boost_error=False).matrix
    runs = []
    for line, row in enumerate(matrix):
        place = 0
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                runs.append(f"M{place} {line}h{length}v1h-{length}z")
            place += length
    return QrCode(len(matrix), "".join(runs))
