"""Attachments: taken by content, stored once, sent back under their own name."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from perfeval import files

PDF = b"%PDF-1.7\n1 0 obj"


def upload(content=PDF, name="批复.pdf"):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def packed(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name in names:
            package.writestr(name, "<a/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (packed("word/document.xml"), f"{files.OPEN_XML}.wordprocessingml.document"),
        (packed("xl/workbook.xml"), f"{files.OPEN_XML}.spreadsheetml.sheet"),
        (packed("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
    ],
    ids=["pdf", "png", "docx", "xlsx", "ofd"],
)
def test_the_kind_of_a_file_follows_from_its_content(content, kind):
    assert files.kind_of(content) == kind


@pytest.mark.parametrize(
    "content", [b"MZ\x90", b"<html>", packed("a.exe"), b"PK\x03\x04broken"]
)
def test_other_files_are_refused_whatever_their_name(content):
    with pytest.raises(ValidationError, match="附件应是 PDF"):
        files.AttachmentField().clean(upload(content))


def test_an_empty_or_too_large_file_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(files, "LARGEST", files.MEGABYTE)
    large = upload(PDF + bytes(files.MEGABYTE))

    # One byte too many is not said to be 1.0 MB of 1 MB.
    with pytest.raises(ValidationError, match=r"“批复\.pdf”有 1\.1 MB，超过 1 MB"):
        files.read_upload(large)
    with pytest.raises(ValidationError, match="空文件"):
        files.read_upload(upload(b""))


@pytest.mark.django_db
def test_the_same_content_is_stored_once_under_both_names():
    first = files.store_file(None, upload(name="甲.pdf"))
    second = files.store_file(None, upload(name="乙.pdf"))

    kept = default_storage.listdir(f"attachments/{first.sha256[:2]}")[1]
    assert first.sha256 == second.sha256
    # Other files of these tests may lie in the same folder.
    assert [name for name in kept if name.startswith(first.sha256)] == [first.sha256]
    assert (first.name, second.name, first.size) == ("甲.pdf", "乙.pdf", len(PDF))


@pytest.mark.django_db
def test_a_download_is_saved_and_never_shown():
    stored = files.store_file(None, upload(name="批复.html"))

    answer = files.as_download(stored)
    stream = answer.file_to_stream
    assert stream is not None
    sent = answer.getvalue()
    # Not answer.close(): that ends a request, and with it the test's connection.
    stream.close()

    assert answer["Content-Disposition"].startswith("attachment;")
    assert "%E6%89%B9%E5%A4%8D.html" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/pdf"
    assert sent == PDF
