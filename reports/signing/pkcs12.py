"""Signing with a certificate in a PKCS#12 file (.p12, .pfx), by pyHanko."""

import io
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.general import SigningError as PyHankoError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle

from reports.signing import SigningError, in_a_thread
from reports.signing.demo import demo_file, demo_password, demo_seal
from reports.signing.place import seal_place
from reports.signing.tagging import tag_field

FIELD = "Seal"
# Digits kept for a signature with its chain; without it all is signed once for a try.
RESERVED = 32 * 1024


class Pkcs12Signer:
    """Signs with the file of PERFEVAL_SIGN_PKCS12; in the demo with the demo's own."""

    def __init__(self) -> None:
        if settings.SIGN_PKCS12:
            self._file = Path(settings.SIGN_PKCS12)
            self._password = settings.SIGN_PASSWORD
            self._seal = Path(settings.SIGN_SEAL) if settings.SIGN_SEAL else None
        else:
            self._file, self._password = demo_file(), demo_password()
            self._seal = demo_seal()

    def sign(self, pdf: bytes, reason: str) -> bytes:
        """Return the PDF signed; raise SigningError."""
        signer = self._signer()
        place = seal_place(pdf) if self._seal else None
        page, box = place or (0, None)
        signing = PdfSigner(
            PdfSignatureMetadata(field_name=FIELD, reason=reason),
            signer,
            stamp_style=self._style() if place else None,
        )
        field = SigFieldSpec(
            FIELD, on_page=page, box=box, readable_field_name="电子签章"
        )
        out = io.BytesIO()
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            append_signature_field(writer, field)
            tag_field(writer, page)
            in_a_thread(
                lambda: signing.sign_pdf(writer, output=out, bytes_reserved=RESERVED)
            )
        except (PyHankoError, PdfError) as error:
            raise SigningError(f"电子签章失败：{error}") from None
        return out.getvalue()

    def _signer(self) -> SimpleSigner:
        try:
            data = self._file.read_bytes()
        except OSError:
            raise SigningError(f"读不到签章证书文件 {self._file.name}") from None
        signer = _opened(data, self._password)
        if signer is None or signer.signing_cert is None:
            raise SigningError("签章证书文件损坏，或密码不对，请联系系统管理员")
        validity = signer.signing_cert["tbs_certificate"]["validity"]
        begin, end = (validity[name].native for name in ("not_before", "not_after"))
        if not begin <= datetime.now(UTC) <= end:
            raise SigningError(
                f"签章证书的有效期是 {begin:%Y-%m-%d} 至 {end:%Y-%m-%d}，现在不能使用"
            )
        return signer

    def _style(self) -> StaticStampStyle:
        try:
            with Image.open(self._seal or "") as picture:
                image = picture.convert("RGBA")
        except OSError:
            raise SigningError("读不到印章图片，请联系系统管理员") from None
        return StaticStampStyle(
            border_width=0, background=PdfImage(image), background_opacity=1.0
        )


@lru_cache(maxsize=1)
def _opened(data: bytes, password: str) -> SimpleSigner | None:
    """Return what signs with a PKCS#12 file; None: broken, or another's password.

    Kept for the next file: to unlock it takes a third of what a signature takes.
    """
    try:
        signer: SimpleSigner | None = SimpleSigner.load_pkcs12_data(
            data, other_certs=[], passphrase=password.encode()
        )
    except Exception:  # asn1 and cryptography raise what they like
        return None
    return signer
