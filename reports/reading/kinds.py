"""What kind of file somebody handed in: told by its content, then by its name."""

import io
import zipfile
from pathlib import PurePath
from typing import Literal

from reports.reading.files import ReadingError

Kind = Literal["text", "docx", "json"]

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# (how the file begins, what it is and what to do)
SIGNATURES = (
    (b"%PDF-", "这是 PDF 文件，请用原来的 Word 文件（.docx）"),
    (b"{\\rtf", "这是 RTF 文件，请用 WPS 或 Word 打开后另存为 .docx"),
    (b"\x89PNG", "这是图片，请给出 .docx 或 .txt 文件"),
    (b"\xff\xd8\xff", "这是图片，请给出 .docx 或 .txt 文件"),
    (b"GIF8", "这是图片，请给出 .docx 或 .txt 文件"),
    (b"Rar!", "这是压缩包，请先解压"),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包，请先解压"),
    (b"\x1f\x8b", "这是压缩包，请先解压"),
)
# The same for files that begin with a mark-up of text, blanks before it aside.
MARKUP = (
    (b"<!doctype html", "这是网页文件，请用 WPS 或 Word 打开后另存为 .docx"),
    (b"<html", "这是网页文件，请用 WPS 或 Word 打开后另存为 .docx"),
    (b"mime-version:", "这是单个网页文件，请用 WPS 或 Word 打开后另存为 .docx"),
    (b"<?xml", "这是 XML 文件，请用 WPS 或 Word 打开后另存为 .docx"),
)

SAVE_AS_DOCX = (
    "请打开后另存：WPS 中点“文件—另存为”，文件类型选“Microsoft Word 文件（*.docx）”；"
    "Word 中点“文件—另存为”，保存类型选“Word 文档（*.docx）”"
)
SHEET = (
    "这是 Excel 工作簿，报告文字应为 .docx 或 .txt；"
    "若是自评表（.xlsx），请用 read_form 读取"
)


def kind_of(data: bytes, name: str = "") -> Kind:
    """Return the kind of a file that can be read; name: for its suffix only.

    Raises ReadingError with what the file is and how to get one that can be read.
    """
    if not data:
        raise ReadingError("文件是空的")
    if data.startswith((ZIP, EMPTY_ZIP)):
        return _kind_of_zip(data)
    if data.startswith(OLE):
        raise ReadingError(_ole_answer(data, PurePath(name).suffix.lower()))
    for start, answer in SIGNATURES:
        if data.startswith(start):
            raise ReadingError(answer)
    head = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, answer in MARKUP:
        if head.startswith(start):
            raise ReadingError(answer)
    if head.startswith(b"{") and b'"perfeval-report/' in data[:4096]:
        return "json"
    return "text"


def _kind_of_zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise ReadingError(
            "文件已损坏，没有传完整或保存出错，请重新保存后再试"
        ) from None
    if any(name.startswith("xl/") for name in names):
        raise ReadingError(SHEET)
    if any(name.startswith("ppt/") for name in names):
        raise ReadingError("这是演示文稿（PowerPoint），报告文字应为 .docx 或 .txt")
    if "content.xml" in names and "mimetype" in names:
        raise ReadingError(f"这是 OpenDocument 文件（.odt 等）。{SAVE_AS_DOCX}")
    if "[Content_Types].xml" in names or any(n.startswith("word/") for n in names):
        return "docx"
    raise ReadingError("这是压缩包，不是 Word 文件；请先解压，给出其中的 .docx")


def _ole_answer(data: bytes, suffix: str) -> str:
    """Old office files are one container; its directory names what is inside."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return "这个文件加了密码，请打开后去掉密码，再另存为 .docx"
    if holds("Workbook") or holds("Book\0"):
        return f"这是旧版 Excel 工作簿（.xls）；{SHEET.partition('，')[2]}"
    if holds("PowerPoint Document"):
        return "这是旧版演示文稿（.ppt），报告文字应为 .docx 或 .txt"
    if suffix == ".wps":
        return f"这是 WPS 文字文件（.wps）。{SAVE_AS_DOCX}"
    return f"这是旧版 Word 文件（.doc）。{SAVE_AS_DOCX}"
