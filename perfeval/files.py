"""Files that people attach: checked by content, stored once by sha256, sent back.

Who may have a file follows from the row that holds it: each app's own view fetches
that row and answers with as_download().
"""

import hashlib
import io
import zipfile
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from perfeval.models import StoredFile, User

LARGEST = 20 * 1024 * 1024
LONGEST_NAME = 200
KINDS = "PDF、OFD、Word、Excel、WPS、PNG 或 JPG"

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    # .doc, .xls, .wps and .et are all of this kind.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
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
    size = upload.size or 0
    if size > LARGEST:
        raise ValidationError(
            f"“{upload.name}”有 {size / 1024 / 1024:.1f} MB，超过 20 MB，请压缩后再上传"
        )
    upload.seek(0)
    content: bytes = upload.read()
    if not content:
        raise ValidationError(f"“{upload.name}”是空文件，请重新选择")
    return content


def kind_of(content: bytes) -> str:
    """Return the media type that a content says it has; raise ValidationError.

    The name counts for nothing: a program named notice.pdf is refused.
    """
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    parts = _parts_of(content)
    for part, kind in PACKED:
        if part in parts:
            return kind
    raise ValidationError(f"附件应是 {KINDS} 文件，请转换后再上传")


def _parts_of(content: bytes) -> frozenset[str]:
    if not content.startswith(b"PK"):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return frozenset(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def store_file(user: User | None, upload: "UploadedFile[Any]") -> StoredFile:
    """Keep an upload and return its row; raise ValidationError where it is refused.

    The same content is stored once, whoever brings it under whatever name.
    """
    content = read_upload(upload)
    return store_content(user, upload.name or "附件", content, kind_of(content))


def store_content(
    user: User | None, name: str, content: bytes, kind: str
) -> StoredFile:
    """Keep a content under a name and return its row; kind: its media type.

    For what the program has made: nothing is checked.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return StoredFile.objects.create(
        sha256=digest,
        name=name[-LONGEST_NAME:],
        size=len(content),
        content_type=kind,
        uploaded_by=user,
    )


def path_of(digest: str) -> str:
    """Return where the storage keeps the content of this sha256."""
    return f"attachments/{digest[:2]}/{digest}"


def as_download(stored: StoredFile) -> FileResponse:
    """Return the answer that saves a file under its own name, never showing it."""
    return FileResponse(
        default_storage.open(path_of(stored.sha256)),
        as_attachment=True,
        filename=stored.name,
        content_type=stored.content_type,
    )
