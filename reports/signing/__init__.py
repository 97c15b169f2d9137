"""Digital signatures on frozen PDFs: one interface, PKCS#12 files as the built-in way.

An office with a 电子签章 of its own names its class in PERFEVAL_SIGNER.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from perfeval.demo import is_demo

T = TypeVar("T")


class SigningError(Exception):
    """A file cannot be signed; the message says why, in Chinese."""


class Signer(Protocol):
    """What signs a PDF; made without arguments, reads its own settings."""

    def sign(self, pdf: bytes, reason: str) -> bytes:
        """Return the PDF signed, as an update appended to its bytes.

        The seal goes where the PDF says (place.py). Raises SigningError.
        """


def in_a_thread(work: Callable[[], T]) -> T:
    """Return what work() does, in a thread of its own.

    pyHanko runs an event loop for each call, which fails where the thread has one.
    """
    with ThreadPoolExecutor(1) as own:
        return own.submit(work).result()


def configured_signer() -> Signer | None:
    """Return what signs here, None where nothing is set up to."""
    if not settings.SIGNER and not settings.SIGN_PKCS12 and not _demo_certificate():
        return None
    name = settings.SIGNER or "reports.signing.pkcs12.Pkcs12Signer"
    made: Signer = import_string(name)()
    return made


def _demo_certificate() -> bool:
    from reports.signing.demo import demo_file

    return is_demo() and demo_file().exists()


def trusted_certificates() -> str:
    """Return the file of the certificates that verification trusts, "" without one."""
    from reports.signing.demo import demo_file

    if settings.SIGN_TRUST or not _demo_certificate():
        return str(settings.SIGN_TRUST)
    return str(demo_file())
