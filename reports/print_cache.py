"""A PDF for a page: made once however often it is clicked for, a few at a time.

Files and locks in var/, so that all server processes of a machine share them.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings

from indicators.schemes import Scheme
from reports.document import ReportDocument, dump_document
from reports.rendering.errors import RenderError
from reports.rendering.formats import RenderOptions

MOST_FILES = 200
PATIENCE = 60.0  # seconds that a click waits for its turn
STEP = 0.05


class BusyError(Exception):
    """Too many prints are being made; nothing was made."""


def print_key(document: ReportDocument, scheme: Scheme, options: RenderOptions) -> str:
    """Return the name of what a print is made of: the same for the same print."""
    parts = (dump_document(document), repr(scheme), repr(options), _code_state())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def printed(html: str) -> bytes:
    """Return a print's HTML as PDF, made once and in its turn.

    Raises BusyError, and RenderError for characters that no font has.
    """
    # WeasyPrint is loaded where a PDF is made.
    from reports.rendering.pdf import MissingGlyphs, write_pdf

    key = hashlib.sha256("\0".join((html, _code_state())).encode()).hexdigest()
    try:
        return made_once(key, lambda: write_pdf(html))
    except MissingGlyphs as error:
        unknown = "、".join(sorted(error.characters))
        raise RenderError([f"字库里没有这些字，不能打印：{unknown}"]) from None


def made_once(key: str, make: Callable[[], bytes]) -> bytes:
    """Return the file of this key, made now where nobody has made it.

    Who asks for it meanwhile waits. Raises BusyError, and what make raises.
    """
    folder = Path(settings.VAR_DIR) / "cache" / "prints"
    folder.mkdir(parents=True, exist_ok=True)
    path, until = folder / f"{key}.pdf", time.monotonic() + PATIENCE
    # One of 64 locks: two prints may share one, and their files are no more.
    with _locked([folder / f"{key[:1]}{int(key[1], 16) % 4}.lock"], until):
        if path.exists():
            os.utime(path)
            return path.read_bytes()
        slots = [folder / f"slot-{number}.lock" for number in range(settings.PRINTS)]
        with _locked(slots, until):
            data = make()
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(path)
    _drop_oldest(folder)
    return data


@contextmanager
def _locked(files: list[Path], until: float) -> Iterator[None]:
    """Hold one of these locks; the system lets go of it whatever becomes of us."""
    opened = [each.open("a") for each in files]
    try:
        while not any(map(_is_taken, opened)):
            if time.monotonic() > until:
                raise BusyError
            time.sleep(STEP)
        yield
    finally:
        for each in opened:
            each.close()


def _is_taken(file: object) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True


def _drop_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("*.pdf"), key=lambda each: each.stat().st_mtime)
    for each in kept[:-MOST_FILES]:
        each.unlink(missing_ok=True)


@cache
def _code_state() -> str:
    """Return what changes with the program and its fonts."""
    root = Path(settings.BASE_DIR)
    parts = ("reports", "indicators", "templates", "static/css")
    files = [each for part in parts for each in (root / part).rglob("*.*")]
    for folder in filter(None, (settings.OFFICE_FONT_DIR, settings.FONT_DIR)):
        files += Path(str(folder)).rglob("*.*")
    return str(max((each.stat().st_mtime_ns for each in files), default=0))
