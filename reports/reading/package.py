"""A Word file as a package of XML parts, opened so that it can do no harm.

python-docx's own loader is not used: it inflates pictures too and fails on a relation
that leads nowhere (Target="NULL", as WPS writes it).
"""

import posixpath
from typing import Any

from docx.oxml.parser import parse_xml

from perfeval.workbooks.archive import Answers, unpack
from reports.reading.files import ReadingError

ANSWERS = Answers(
    broken="文件已损坏，没有传完整或保存出错，请用 WPS 或 Word 打开后重新保存",
    too_large="解压后超过 100 MB，不能读取；请删去图片和附件，只留文字",
    macros="文件带有宏，不能读取；请另存为不带宏的 Word 文档（*.docx）",
    entities="文件里有外部实体或 DTD 声明，不是正常保存的 Word 文档，不能读取",
)
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
        self._parts = unpack(data, ANSWERS)
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
            raise ReadingError(f"{ANSWERS.broken}（{part}）") from None
