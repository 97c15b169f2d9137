"""A Word file as a package of XML parts, opened so that it can do no harm.

python-docx's own loader is not used: it inflates pictures too and fails on a relation
that leads nowhere (Target="NULL", as WPS writes it).
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Never
from xml.parsers import expat

from docx.oxml.parser import parse_xml

from reports.reading.files import ReadingError

UNPACKED_LIMIT = 100 * 1024 * 1024
MOST_PARTS = 10_000
CHUNK = 1 << 16

BROKEN = "文件已损坏，没有传完整或保存出错，请用 WPS 或 Word 打开后重新保存"
TOO_LARGE = "解压后超过 100 MB，不能读取；请删去图片和附件，只留文字"
MACROS = "文件带有宏，不能读取；请另存为不带宏的 Word 文档（*.docx）"
ENTITIES = "文件里有外部实体或 DTD 声明，不是正常保存的 Word 文档，不能读取"
NO_BODY = "文件里没有正文（word/document.xml），不是完整的 Word 文档"

OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    # The same in files saved as “Strict Open XML”.
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
)


class Package:
    """The parts of a .docx: main is the name of the part that holds the text."""

    def __init__(self, data: bytes) -> None:
        """Open and examine; raise ReadingError: broken, too large, macros, entities."""
        try:
            self._parts = dict(_inflate(data))
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            ValueError,
        ) as error:
            if isinstance(error, ReadingError):
                raise
            raise ReadingError(BROKEN) from None
        except RuntimeError:
            raise ReadingError("文件加了密码，请去掉密码后再试") from None
        targets = self.related("", "officeDocument")
        self.main = targets[0] if targets else "word/document.xml"
        if self.main not in self._parts:
            raise ReadingError(NO_BODY)

    def related(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts that a part (the package: "") leads to."""
        folder, name = posixpath.split(part)
        rels = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        names = []
        for relation in rels if rels is not None else ():
            if relation.get("Type") in {f"{start}{kind}" for start in OFFICE}:
                target = posixpath.join("/", folder, relation.get("Target") or "")
                names.append(posixpath.normpath(target).lstrip("/"))
        return [each for each in names if each in self._parts]

    def xml(self, part: str) -> Any:
        """Return the root element of a part, None where there is no such part."""
        data = self._parts.get(part)
        if data is None:
            return None
        try:
            return parse_xml(data)
        except SyntaxError:  # what lxml's errors are
            raise ReadingError(f"{BROKEN}（{part}）") from None


def _inflate(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the XML parts; measure all parts, trust no size."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = package.infolist()
        if any(each.filename.lower().endswith("vbaproject.bin") for each in entries):
            raise ReadingError(MACROS)
        declared = sum(each.file_size for each in entries)
        if declared > UNPACKED_LIMIT or len(entries) > MOST_PARTS:
            raise ReadingError(TOO_LARGE)
        left = UNPACKED_LIMIT
        for entry in entries:
            content = _read_entry(package, entry, left)
            left -= len(content)
            if entry.filename.endswith((".xml", ".rels")):
                _refuse_entities(content)
                yield entry.filename, content


def _read_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    chunks = []
    with package.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            limit -= len(chunk)
            if limit < 0:
                raise ReadingError(TOO_LARGE)
            chunks.append(chunk)
    return b"".join(chunks)


class _RootReached(Exception):  # noqa: N818 - ends the parsing, no error
    pass


def _refuse_entities(data: bytes) -> None:
    """Parse what stands before the root element: only there a DTD can be."""

    def refuse(*_: object) -> Never:
        raise ReadingError(ENTITIES)

    def stop(*_: object) -> Never:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(data, True)
    except (_RootReached, expat.ExpatError):
        # What expat can't read lxml is asked for next, and answers with BROKEN.
        return
