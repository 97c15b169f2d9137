"""Who signed a PDF, and whether the signature holds.

python -m reports.signing.validation TRUST does so for files of strangers, see words.py.
"""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from reports.reading.limited import limit_process, run_limited
from reports.signing import in_a_thread

State = Literal["valid", "foreign", "expired", "broken"]
WORDS = {
    "valid": "签章有效",
    "foreign": "签章完好，但签章证书不在本单位信任的名单中",
    "expired": "签章完好，但签章时证书不在有效期内",
    "broken": "签章无效：签章后文件被改动，或签章损坏",
}


@dataclass(frozen=True)
class Signature:
    """signer: whose certificate it is; at: when, as the signer's clock said."""

    signer: str
    at: str
    state: State

    @property
    def words(self) -> str:
        return WORDS[self.state]


def signatures_of(pdf: bytes, trust: str = "") -> list[Signature]:
    """Return the signatures of a PDF, in order; trust: certificates trusted, a file."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    if b"/ByteRange" not in pdf:
        return []
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        found = list(reader.embedded_regular_signatures)
    except (PdfError, ValueError, KeyError, TypeError):
        return [Signature("", "", "broken")]
    roots = list(_certificates(trust))
    return [_judged(each, roots) for each in found]


def _certificates(trust: str) -> Iterator[Any]:
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner

    if trust and Path(trust).is_file():
        data = Path(trust).read_bytes()
        if trust.endswith((".p12", ".pfx")):  # the demo's own
            own = SimpleSigner.load_pkcs12_data(data, [], passphrase=b"demo")
            yield own.signing_cert
        else:
            yield from load_certs_from_pemder_data(data)


def _judged(embedded: Any, roots: list[Any]) -> Signature:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    certificate = embedded.signer_cert
    signer = str(certificate.subject.native.get("common_name", "")) or "未写名称"
    at = embedded.self_reported_timestamp
    told = f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""
    context = ValidationContext(
        trust_roots=roots, allow_fetching=False, moment=at or datetime.now(UTC)
    )
    try:
        status = in_a_thread(lambda: validate_pdf_signature(embedded, context))
        holds = status.intact and status.valid
        coverage = status.coverage
        is_whole = coverage and coverage >= SignatureCoverageLevel.ENTIRE_REVISION
        unaltered = status.modification_level is None or status.docmdp_ok
    except Exception:  # whatever a crafted signature makes it stumble over
        return Signature(signer, told, "broken")
    if not (holds and is_whole and unaltered):
        return Signature(signer, told, "broken")
    validity = certificate["tbs_certificate"]["validity"]
    begin, end = (validity[name].native for name in ("not_before", "not_after"))
    if not begin <= (at or datetime.now(UTC)) <= end:
        return Signature(signer, told, "expired")
    return Signature(signer, told, "valid" if status.trusted else "foreign")


def signatures_of_stranger(pdf: bytes, trust: str = "") -> list[Signature]:
    """Return what signatures_of() does, judged in a process that cannot do harm."""
    found = run_limited(__name__, pdf, trust)
    return [Signature(**each) for each in found["signatures"]]


if __name__ == "__main__":
    limit_process()
    judged = signatures_of(sys.stdin.buffer.read(), sys.argv[1])
    json.dump({"signatures": [asdict(each) for each in judged]}, sys.stdout)
