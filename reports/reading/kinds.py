"""What kind of file somebody handed in: told by its content, then by its name."""

import io
import zipfile
from pathlib import PurePath
from typing import Literal

from reports.reading.files import ReadingError

Kind = Literal["text", "docx", "json", "pdf"]
WorkbookKind = Literal["xlsx", "xls", "json"]
Content = Literal[
    Kind,
    WorkbookKind,
    "rtf",
    "picture",
    "archive",
    "html",
    "mhtml",
    "xml",
    "xlsb",
    "et",
    "pptx",
    "ppt",
    "odf",
    "zip",
    "encrypted",
    "wps",
    "doc",
]

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# (how the file begins, what it is)
SIGNATURES: tuple[tuple[bytes, Content], ...] = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
)
# The same for files that begin with a mark-up of text, blanks before it aside.
MARKUP: tuple[tuple[bytes, Content], ...] = (
    (b"<!doctype html", "html"),
    (b"<html", "html"),
    (b"<table", "html"),
    (b"mime-version:", "mhtml"),
    (b"<?xml", "xml"),
)

# What a suffix promises of the content.
SAID_BY_SUFFIX: dict[str, Content] = {".pdf": "pdf", ".docx": "docx"}
SUFFIX_NAMES = {".pdf": "PDF", ".docx": "Word"}
# Standard input and files without a suffix are text as well.
TEXT_SUFFIXES = ("", ".txt")

SAVE_AS_DOCX = (
    "请打开后另存：WPS 中点“文件—另存为”，文件类型选“Microsoft Word 文件（*.docx）”；"
    "Word 中点“文件—另存为”，保存类型选“Word 文档（*.docx）”"
)
SAVE_AS_XLSX = (
    "请打开后另存：WPS 中点“文件—另存为”，文件类型选“Microsoft Excel 文件（*.xlsx）”；"
    "Excel 中点“文件—另存为”，保存类型选“Excel 工作簿（*.xlsx）”"
)
BROKEN = "文件已损坏，没有传完整或保存出错，请重新保存后再试"
UNPACK = "这是压缩包，请先解压"
NO_PASSWORD = (
    "这个文件加了密码，不能读取。请打开后取消密码："
    "WPS 中点“文件—文档加密—密码加密”，清空各个密码后点“应用”；"
    "Word、Excel 中点“文件—信息—保护—用密码进行加密”，清空密码后点“确定”；再另存为"
)
FORM_FIRST = "报告文字应为 .docx 或 .txt；若是自评表（.xlsx），请用 read_form 读取"
TEXT_FIRST = "自评表应为 .xlsx；若是自评报告的文字，请用 read_report 读取"

# What a reader of reports, and a reader of forms, says of what it doesn't read.
REPORT_ANSWERS: dict[Content, str] = {
    "rtf": "这是 RTF 文件，请用 WPS 或 Word 打开后另存为 .docx",
    "picture": "这是图片，请给出 .docx 或 .txt 文件",
    "archive": UNPACK,
    "html": "这是网页文件，请用 WPS 或 Word 打开后另存为 .docx",
    "mhtml": "这是单个网页文件，请用 WPS 或 Word 打开后另存为 .docx",
    "xml": "这是 XML 文件，请用 WPS 或 Word 打开后另存为 .docx",
    "xlsx": f"这是 Excel 工作簿，{FORM_FIRST}",
    "xlsb": f"这是 Excel 二进制工作簿（.xlsb）；{FORM_FIRST}。{SAVE_AS_XLSX}",
    "xls": f"这是旧版 Excel 工作簿（.xls）；{FORM_FIRST}",
    "et": f"这是 WPS 表格文件（.et）；{FORM_FIRST}。{SAVE_AS_XLSX}",
    "pptx": "这是演示文稿（PowerPoint），报告文字应为 .docx 或 .txt",
    "ppt": "这是旧版演示文稿（.ppt），报告文字应为 .docx 或 .txt",
    "odf": f"这是 OpenDocument 文件（.odt 等）。{SAVE_AS_DOCX}",
    "zip": "这是压缩包，不是 Word 文件；请先解压，给出其中的 .docx",
    "encrypted": f"{NO_PASSWORD} .docx",
    "wps": f"这是 WPS 文字文件（.wps）。{SAVE_AS_DOCX}",
    "doc": f"这是旧版 Word 文件（.doc）。{SAVE_AS_DOCX}",
}
FORM_ANSWERS: dict[Content, str] = {
    "pdf": "这是 PDF 文件，请用原来的 Excel 文件（.xlsx）",
    "rtf": f"这是 RTF 文件，{TEXT_FIRST}",
    "picture": "这是图片，请给出原来的 Excel 文件（.xlsx）",
    "archive": UNPACK,
    "html": f"这是网页文件，扩展名不论是什么。{SAVE_AS_XLSX}",
    "mhtml": f"这是单个网页文件，扩展名不论是什么。{SAVE_AS_XLSX}",
    "xml": f"这是 XML 文件，扩展名不论是什么。{SAVE_AS_XLSX}",
    "text": f"这是文本文件（.csv、.txt 等），不是工作簿。若是表格，{SAVE_AS_XLSX}",
    "xlsb": f"这是 Excel 二进制工作簿（.xlsb）。{SAVE_AS_XLSX}",
    "et": f"这是 WPS 表格文件（.et）。{SAVE_AS_XLSX}",
    "docx": f"这是 Word 文件（.docx），{TEXT_FIRST}",
    "pptx": "这是演示文稿（PowerPoint），自评表应为 .xlsx",
    "ppt": "这是旧版演示文稿（.ppt），自评表应为 .xlsx",
    "odf": f"这是 OpenDocument 文件（.ods 等）。{SAVE_AS_XLSX}",
    "zip": "这是压缩包，不是 Excel 工作簿；请先解压，给出其中的 .xlsx",
    "encrypted": f"{NO_PASSWORD} .xlsx",
    "wps": f"这是 WPS 文字文件（.wps），{TEXT_FIRST}。{SAVE_AS_DOCX}",
    "doc": f"这是旧版 Word 文件（.doc），{TEXT_FIRST}。{SAVE_AS_DOCX}",
}


# Where either may be handed in: forms as .xlsx or .xls, reports as .docx.
EITHER_ANSWERS: dict[Content, str] = {
    "pdf": "这是 PDF 文件，请用原来的 Excel 文件（.xlsx）或 Word 文件（.docx）",
    "picture": "这是图片，请用原来的 Excel 文件（.xlsx）或 Word 文件（.docx）",
    "archive": UNPACK,
    "zip": "这是压缩包，请先解压，再选择其中的 .xlsx 或 .docx",
    "encrypted": f"{NO_PASSWORD} .xlsx 或 .docx",
    "rtf": f"这是 RTF 文件。{SAVE_AS_DOCX}",
    "odf": (
        f"这是 OpenDocument 文件。若是表格，{SAVE_AS_XLSX}。若是报告，{SAVE_AS_DOCX}"
    ),
    "text": (
        f"这是文本文件（.csv、.txt 等）。若是表格，{SAVE_AS_XLSX}。"
        f"若是报告，{SAVE_AS_DOCX}"
    ),
    "xlsb": FORM_ANSWERS["xlsb"],
    "et": FORM_ANSWERS["et"],
    "html": FORM_ANSWERS["html"],
    "mhtml": FORM_ANSWERS["mhtml"],
    "xml": FORM_ANSWERS["xml"],
    "wps": REPORT_ANSWERS["wps"],
    "doc": REPORT_ANSWERS["doc"],
    "pptx": "这是演示文稿（PowerPoint），请选择自评表（.xlsx）或自评报告（.docx）",
    "ppt": "这是旧版演示文稿（.ppt），请选择自评表（.xlsx）或自评报告（.docx）",
}


def either_answer(content: Content) -> str:
    """Return what is said of a file that is neither a form nor a report to be read."""
    return EITHER_ANSWERS[content]


def kind_of(data: bytes, name: str = "") -> Kind:
    """Return the kind of a file with a report's text; name: for its suffix only.

    Raises ReadingError with what the file is and how to get one that can be read.
    """
    content = content_of(data, name)
    if content == "text" and PurePath(name).suffix.lower() == ".csv":
        raise ReadingError(FORM_ANSWERS["text"])
    if content in ("text", "docx", "json", "pdf"):
        refuse_other_suffix(content, name)
        return content
    raise ReadingError(REPORT_ANSWERS[content])


def refuse_other_suffix(content: Content, name: str) -> None:
    """Raise ReadingError where a name says PDF or Word and the content does not.

    So too for text under the name of an office file: text is read as .txt only.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in SAID_BY_SUFFIX and content != SAID_BY_SUFFIX[suffix]:
        raise ReadingError(
            f"扩展名是 {suffix}，内容却不是 {SUFFIX_NAMES[suffix]} 文件，"
            "请核对是否选错了文件，或用原来的程序打开后重新保存"
        )
    if content == "text" and suffix not in TEXT_SUFFIXES:
        raise ReadingError(
            f"扩展名是 {suffix}，内容却是纯文本；文本文件的扩展名应为 .txt"
        )


def workbook_kind_of(data: bytes, name: str = "") -> WorkbookKind:
    """Return the kind of a file with a form, as kind_of does for a report."""
    content = content_of(data, name)
    if content == "xlsx" or content == "xls" or content == "json":
        return content
    raise ReadingError(FORM_ANSWERS[content])


def content_of(data: bytes, name: str = "") -> Content:
    """Return what a file holds; raise ReadingError: nothing, or it is broken."""
    if not data:
        raise ReadingError("文件是空的")
    suffix = PurePath(name).suffix.lower()
    if data.startswith((ZIP, EMPTY_ZIP)):
        return _content_of_zip(data)
    if data.startswith(OLE):
        return _content_of_ole(data, suffix)
    for start, content in SIGNATURES:
        if data.startswith(start):
            return content
    head = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, content in MARKUP:
        if head.startswith(start):
            return content
    if head.startswith(b"{") and b'"perfeval-report/' in data[:4096]:
        return "json"
    return "text"


def _content_of_zip(data: bytes) -> Content:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise ReadingError(BROKEN) from None
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith("ppt/") for name in names):
        return "pptx"
    if "content.xml" in names and "mimetype" in names:
        return "odf"
    if "[Content_Types].xml" in names or any(n.startswith("word/") for n in names):
        return "docx"
    return "zip"


def _content_of_ole(data: bytes, suffix: str) -> Content:
    """Old office files are one container; its directory names what is inside."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return "encrypted"
    if holds("Workbook") or holds("Book\0"):
        return "et" if suffix == ".et" else "xls"
    if holds("PowerPoint Document"):
        return "ppt"
    return "wps" if suffix == ".wps" else "doc"
