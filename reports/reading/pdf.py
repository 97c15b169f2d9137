"""A PDF of ours: the document that it carries, and the words that stand on its pages.

A PDF handed in may be made to do harm: what comes out of its streams is limited.
"""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from reports.reading.files import ReadingError

# The name under which a PDF holds its document.
SOURCE_NAME = "report.json"
# The entry of its catalog that says where the seal goes: page, x, y.
SEAL_KEY = "/PerfEval_Seal"
LARGEST_STREAM = 50 * 1024 * 1024
MOST_PAGES = 1000
BROKEN = "PDF 文件已损坏或加了密码，不能读取"
FOREIGN = (
    "这是 PDF 文件，其中没有本系统写入的自评报告数据，请用原来的 Word 文件（.docx）"
)
ENTRY = re.compile(rb"<([0-9a-fA-F]+)>")
BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf(?:char|range)", re.DOTALL)
SHOWING = frozenset(("Tj", "TJ", "'", '"'))
# Of the heights of two pieces of one line.
SAME_LINE = 2.0


@cache
def _pikepdf() -> Any:
    """Return the library, loaded when a PDF comes and set to refuse what swells."""
    import pikepdf
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(
        flate_max_memory=LARGEST_STREAM,
        run_length_max_memory=LARGEST_STREAM,
        png_max_memory=LARGEST_STREAM,
        tiff_max_memory=LARGEST_STREAM,
        dct_max_memory=LARGEST_STREAM,
        doc_max_warnings=100,
    )
    return pikepdf


def opened(file: io.BytesIO) -> Any:
    """Return a PDF of our own making, open; close it."""
    return _pikepdf().open(file)


def embedded_source(data: bytes) -> bytes:
    """Return the JSON of the document of which a PDF was made; raise ReadingError."""
    pikepdf = _pikepdf()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            found = pdf.attachments.get(SOURCE_NAME)
            source = found.get_file().read_bytes() if found else None
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError):
        raise ReadingError(BROKEN) from None
    if source is None:
        raise ReadingError(FOREIGN)
    return bytes(source)


def page_lines(data: bytes) -> list[list[str]]:
    """Return the lines of words of each page, as they are drawn; raise ReadingError."""
    pikepdf = _pikepdf()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if len(pdf.pages) > MOST_PAGES:
                raise ReadingError(f"PDF 超过 {MOST_PAGES} 页，不能读取")
            fonts: dict[Any, dict[bytes, str]] = {}
            return [list(_lines(pikepdf, page, fonts)) for page in pdf.pages]
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, ReadingError):
            raise
        raise ReadingError(BROKEN) from None


def _lines(pikepdf: Any, page: Any, known: dict[Any, Any]) -> Iterator[str]:
    """Yield what is drawn; a piece at another height begins a line."""
    fonts = page.obj.get("/Resources", {}).get("/Font", {})
    characters: dict[bytes, str] = {}
    line, height = "", None
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf" and str(operands[0]) in fonts:
            font = fonts[str(operands[0])]
            key = font.objgen if font.is_indirect else str(operands[0])
            if key not in known:
                known[key] = _characters(font)
            characters = known[key]
        elif name in ("Tm", "Td", "TD", "T*"):
            now = float(operands[-1]) if operands else 0.0
            moved = abs(now - (height or 0.0)) if name == "Tm" else abs(now)
            if line and (height is None or moved > SAME_LINE or name == "T*"):
                yield line
                line = ""
            height = now if name == "Tm" else height
        elif name in SHOWING:
            line += "".join(_shown(pikepdf, operands, characters))
    if line:
        yield line


def _shown(pikepdf: Any, operands: Any, characters: dict[bytes, str]) -> Iterator[str]:
    size = max(map(len, characters), default=1)
    pieces = operands[0] if isinstance(operands[0], pikepdf.Array) else operands[-1:]
    for piece in pieces:
        if isinstance(piece, pikepdf.String):
            code = bytes(piece)
            for place in range(0, len(code), size):
                drawn = code[place : place + size]
                yield characters.get(
                    drawn, drawn.decode("latin-1") if size == 1 else ""
                )


def _characters(font: Any) -> dict[bytes, str]:
    """Return what each code of a font stands for, as its /ToUnicode says."""
    found: dict[bytes, str] = {}
    table = font.get("/ToUnicode")
    if table is None:
        return found
    for kind, body in BLOCK.findall(table.read_bytes()):
        entries = [bytes.fromhex(each.decode()) for each in ENTRY.findall(body)]
        if kind == b"bfchar":
            for code, text in zip(entries[::2], entries[1::2], strict=False):
                found[code] = text.decode("utf-16-be", "replace")
            continue
        for first, last, text in zip(
            entries[::3], entries[1::3], entries[2::3], strict=False
        ):
            start = int.from_bytes(first)
            span = min(int.from_bytes(last) - start, 0xFFFF)
            begin = ord(text.decode("utf-16-be", "replace")[:1] or " ")
            for step in range(span + 1):
                code = (start + step).to_bytes(len(first))
                found[code] = chr(min(begin + step, 0x10FFFF))
    return found
