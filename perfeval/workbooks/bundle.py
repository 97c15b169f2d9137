"""A ZIP of files that somebody handed in, taken apart in memory with caps.

Nothing is written to a disk: a name is only shown, so no path in it leads anywhere.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfeval.workbooks.archive import CHUNK, ENCRYPTED, UNPACKED_LIMIT, ReadingError

MOST_FILES = 300
LARGEST_FILE = 20 * 1024 * 1024
BROKEN = "压缩包已损坏或没有传完整，请重新压缩后再试"
TOO_LARGE = "压缩包解压后超过 100 MB，请分成几个压缩包"
TOO_MANY = f"压缩包里的文件超过 {MOST_FILES} 个，请分成几个压缩包"
NESTED = "压缩包里还有压缩包，不能读取"
# What systems and open programs leave beside the files.
JUNK_NAMES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
UTF8_NAME = 0x800


@dataclass(frozen=True)
class BundledFile:
    """One file of a ZIP; refusal: why it may not be read, data is empty then."""

    name: str
    data: bytes = b""
    refusal: str = ""


def unbundle(data: bytes) -> list[BundledFile]:
    """Return the files of a ZIP in their order; raise ReadingError: not to be opened.

    All are measured as they come out; no size written in the ZIP is believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = [each for each in package.infolist() if not _is_junk(each)]
            if len(entries) > MOST_FILES:
                raise ReadingError(TOO_MANY)
            if sum(each.file_size for each in entries) > UNPACKED_LIMIT:
                raise ReadingError(TOO_LARGE)
            return list(_read(package, entries))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, ReadingError):
            raise
        raise ReadingError(BROKEN) from None
    except NotImplementedError:
        raise ReadingError("压缩方式不能识别，请用系统自带的 ZIP 压缩") from None
    except RuntimeError:
        raise ReadingError(ENCRYPTED) from None


def _is_junk(entry: zipfile.ZipInfo) -> bool:
    parts = _name(entry).split("/")
    return (
        entry.is_dir()
        or parts[-1] in JUNK_NAMES
        or parts[-1].startswith(("~$", "._"))
        or "__MACOSX" in parts
    )


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name as its maker wrote it: Chinese Windows writes GBK unmarked."""
    name = entry.filename
    if not entry.flag_bits & UTF8_NAME:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            return name.replace("\\", "/")
    return name.replace("\\", "/")


def _read(
    package: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]
) -> Iterator[BundledFile]:
    left = UNPACKED_LIMIT
    seen: set[str] = set()
    for entry in entries:
        name = _name(entry)
        refusal = _refusal(name, seen)
        seen.add(name)
        content = b"" if refusal else _content(package, entry, left)
        left -= len(content)
        if len(content) > LARGEST_FILE:
            refusal = "文件超过 20 MB"
        elif _is_nested(name, content):
            refusal = NESTED
        yield BundledFile(name, b"" if refusal else content, refusal)


def _refusal(name: str, seen: set[str]) -> str:
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in name or "\0" in name:
        return "文件名里有指向别处的路径，不能读取"
    if name in seen:
        return "压缩包里有两个同名文件"
    return ""


def _content(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    chunks = []
    with package.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            limit -= len(chunk)
            if limit < 0:
                raise ReadingError(TOO_LARGE)
            chunks.append(chunk)
    return b"".join(chunks)


def _is_nested(name: str, content: bytes) -> bool:
    """Whether a file is an archive; workbooks and documents are packed, but no such."""
    if name.lower().endswith((".zip", ".rar", ".7z", ".gz", ".tar")):
        return True
    if content.startswith((b"Rar!", b"7z\xbc\xaf")):
        return True
    return content.startswith(b"PK\x03\x04") and not _is_office(content)


def _is_office(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # Broken: its reader says so in its own words.
        return True
    return any(name.startswith(("xl/", "word/", "ppt/")) for name in names)
