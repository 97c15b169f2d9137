"""The demo's certificate and seal: made when the demo is loaded, worth nothing else."""

from datetime import UTC, datetime, timedelta
from math import cos, pi, sin
from pathlib import Path

from perfeval.demo import logins_file

NAME = "云水市财政局（演示）"
DAYS = 3650
SIDE = 472  # pixels: 40 mm at 300 dpi
RED = (208, 24, 24, 255)


def demo_file() -> Path:
    return logins_file().with_name("seal.p12")


def demo_seal() -> Path:
    return logins_file().with_name("seal.png")


def demo_password() -> str:
    return "demo"


def make_demo_certificate() -> None:
    """Make certificate and seal where they are not there yet."""
    if not demo_file().exists():
        demo_file().write_bytes(self_made(NAME, demo_password(), DAYS))
        demo_file().chmod(0o600)
    if not demo_seal().exists():
        draw_seal(demo_seal())


def self_made(name: str, password: str, days: int) -> bytes:
    """Return a PKCS#12 file with a key and its own certificate; days: from now on.

    Negative days: one that ran out so long ago.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=max(abs(days), 1) + 365))
        .not_valid_after(end)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"seal",
        key,
        certificate,
        None,
        serialization.BestAvailableEncryption(password.encode()),
    )


def draw_seal(path: Path) -> None:
    """Draw a ring with a star: no words, so that nobody takes it for a real one."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((8, 8, SIDE - 8, SIDE - 8), outline=RED, width=14)
    middle, far, near = SIDE / 2, SIDE * 0.17, SIDE * 0.065
    points = []
    for corner in range(10):
        reach, turn = (near if corner % 2 else far), pi * corner / 5
        points.append((middle + reach * sin(turn), middle - reach * cos(turn)))
    draw.polygon(points, fill=RED)
    image.save(path)
