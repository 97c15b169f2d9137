"""Files that people attach: checked by content, stored once by sha256, sent back.

Who may have a file follows from the row that holds it: each app's own view fetches
that row and answers with as_download().
"""

import hashlib
import io
import math
import zipfile
from pathlib import Path
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from perfeval.models import StoredFile, User

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
LONGEST_NAME = 200
KINDS = "PDF、OFD、Word、Excel、WPS、PNG 或 JPG"

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    # .doc, .xls, .wps and .et are all of this kind.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
# What browsers show without running anything of it in this site's name.
SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg"})
OPEN_XML = "application/vnd.openxmlformats-officedocument"
# A part that only a packed file of this kind has.
PACKED = (
    ("word/document.xml", f"{OPEN_XML}.wordprocessingml.document"),
    ("xl/workbook.xml", f"{OPEN_XML}.spreadsheetml.sheet"),
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary"),
    ("OFD.xml", "application/ofd"),
)


class AttachmentField(forms.FileField):
    """One file to attach; cleaned it is a checked upload, or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "附件")
        options.setdefault("required", False)
        options.setdefault("help_text", f"{KINDS} 文件，不超过 20 MB")
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[Any] | None":
        upload: UploadedFile[Any] | None = super().clean(data, initial)
        if upload:
            kind_of(read_upload(upload))
        return upload or None


def ask_again(form: forms.BaseForm) -> None:
    """Ask for the files of a form that is shown again: a browser never keeps them."""
    for name in form.files:
        if name in form.fields and name not in form.errors:
            form.add_error(name, "更正其他问题后，请重新选择附件")


def read_upload(upload: "UploadedFile[Any]") -> bytes:
    """Return the content of an upload; raise ValidationError if too large or empty."""
    check_size(upload, LARGEST)
    upload.seek(0)
    content: bytes = upload.read()
    return content


def check_size(upload: "UploadedFile[Any]", largest: int) -> None:
    """Raise ValidationError for an upload that is empty or has more bytes than that."""
    size = upload.size or 0
    if size > largest:
        # Rounded up: 50.01 MB would else be said to be 50.0, more than 50.
        shown = math.ceil(size / MEGABYTE * 10) / 10
        most = largest // MEGABYTE
        raise ValidationError(
            f"“{upload.name}”有 {shown} MB，超过 {most} MB，请压缩后再上传"
        )
    if not size:
        raise ValidationError(f"“{upload.name}”是空文件，请重新选择")


def kind_of(content: bytes) -> str:
    """Return the media type that a content says it has; raise ValidationError.

    The name counts for nothing: a program named notice.pdf is refused.
    """
    return _kind_of_file(io.BytesIO(content))


def _kind_of_file(file: IO[bytes]) -> str:
    """Return the same of a file that may be too large to be held in memory."""
    file.seek(0)
    head = file.read(8)
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    parts = _parts_of(file) if head.startswith(b"PK") else frozenset()
    for part, kind in PACKED:
        if part in parts:
            return kind
    raise ValidationError(f"附件应是 {KINDS} 文件，请转换后再上传")


def _parts_of(file: IO[bytes]) -> frozenset[str]:
    try:
        with zipfile.ZipFile(file) as package:
            return frozenset(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def store_file(
    user: User | None, upload: "UploadedFile[Any]", *, largest: int = LARGEST
) -> StoredFile:
    """Keep an upload and return its row; raise ValidationError where it is refused.

    It is read in pieces, whatever its size.
    """
    check_size(upload, largest)
    try:
        kind = _kind_of_file(cast(IO[bytes], upload))
    except ValidationError as error:
        raise ValidationError(f"“{upload.name}”：{error.message}") from None
    upload.seek(0)
    return _keep(user, upload.name or "附件", upload, kind, digest_of(upload))


def store_content(
    user: User | None, name: str, content: bytes, kind: str
) -> StoredFile:
    """Keep a content under a name and return its row; kind: its media type.

    For what the program has made: nothing is checked.
    """
    digest = hashlib.sha256(content).hexdigest()
    return _keep(user, name, ContentFile(content), kind, digest)


def store_path(user: User | None, name: str, path: Path, kind: str) -> StoredFile:
    """Keep a file of the disk, however large, and return its row; kind: media type.

    For what the program has made: nothing is checked.
    """
    with path.open("rb") as source:
        file = File(source)
        return _keep(user, name, file, kind, digest_of(file))


def _keep(
    user: User | None, name: str, file: "File[bytes]", kind: str, digest: str
) -> StoredFile:
    """Store a content once, whoever brings it under whatever name; return its row."""
    path = path_of(digest)
    if not default_storage.exists(path):
        file.seek(0)
        default_storage.save(path, file)
    return StoredFile.objects.create(
        sha256=digest,
        name=name[-LONGEST_NAME:],
        size=file.size,
        content_type=kind,
        uploaded_by=user,
    )


def digest_of(file: "File[bytes]") -> str:
    """Return the sha256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return digest.hexdigest()


def path_of(digest: str) -> str:
    """Return where the storage keeps the content of this sha256."""
    return f"attachments/{digest[:2]}/{digest}"


def as_preview(stored: StoredFile) -> FileResponse:
    """Return the answer that shows a PDF or a picture inside a page of this site.

    Raises ValueError for other kinds: what a browser might run is only downloaded.
    """
    if stored.content_type not in SHOWN:
        raise ValueError(stored.content_type)
    return FileResponse(
        default_storage.open(path_of(stored.sha256)),
        filename=stored.name,
        content_type=stored.content_type,
    )


def as_download(stored: StoredFile) -> FileResponse:
    """Return the answer that saves a file under its own name, never showing it."""
    return FileResponse(
        default_storage.open(path_of(stored.sha256)),
        as_attachment=True,
        filename=stored.name,
        content_type=stored.content_type,
    )


def as_shown(stored: StoredFile) -> FileResponse:
    """Return the answer that lets a browser show a file of a kind it shows safely.

    For the views that have checked the kind: a picture or a PDF, nothing that runs.
    """
    return FileResponse(
        default_storage.open(path_of(stored.sha256)),
        filename=stored.name,
        content_type=stored.content_type,
    )
