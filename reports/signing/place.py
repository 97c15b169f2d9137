"""Where on a print the seal goes (盖章处): said by the print itself, read here."""

import io

from reports.reading.pdf import SEAL_KEY, opened

SIDE = 113.0  # pt: a seal of 40 mm


def seal_place(pdf: bytes) -> tuple[int, tuple[int, int, int, int]] | None:
    """Return page (from 0) and rectangle (pt, from below) of the seal, None without."""
    with opened(io.BytesIO(pdf)) as file:
        told = file.Root.get(SEAL_KEY)
        if told is None:
            return None
        page, x, y = (float(each) for each in told)
        box = file.pages[int(page)].mediabox
        left = min(max(x - SIDE / 2, 0), float(box[2]) - SIDE)
        foot = min(max(y - SIDE / 2, 0), float(box[3]) - SIDE)
    rectangle = (int(left), int(foot), int(left + SIDE), int(foot + SIDE))
    return int(page), rectangle
