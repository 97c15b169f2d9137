"""An Office file as a zip of XML parts, unpacked so that it can do no harm."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Never
from xml.parsers import expat

UNPACKED_LIMIT = 100 * 1024 * 1024
MOST_PARTS = 10_000
CHUNK = 1 << 16

ENCRYPTED = "文件加了密码，请去掉密码后再试"


class ReadingError(ValueError):
    """A file can't be read; problems holds one line for each reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What is said of a file that can't be unpacked, in the words of its program."""

    broken: str
    too_large: str
    macros: str
    entities: str


def unpack(data: bytes, answers: Answers) -> dict[str, bytes]:
    """Return the XML parts by name; raise ReadingError: not to be trusted, or broken.

    All parts are measured as they come out, pictures too; no size written in the file
    is believed.
    """
    try:
        # Of two parts of one name the later counts.
        return dict(_inflate(data, answers))
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
        raise ReadingError(answers.broken) from None
    except RuntimeError:
        raise ReadingError(ENCRYPTED) from None


def _inflate(data: bytes, answers: Answers) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = package.infolist()
        if any(each.filename.lower().endswith("vbaproject.bin") for each in entries):
            raise ReadingError(answers.macros)
        declared = sum(each.file_size for each in entries)
        if declared > UNPACKED_LIMIT or len(entries) > MOST_PARTS:
            raise ReadingError(answers.too_large)
        left = UNPACKED_LIMIT
        for entry in entries:
            content = _read_entry(package, entry, left, answers)
            left -= len(content)
            if entry.filename.lower().endswith((".xml", ".rels")):
                _refuse_entities(content, answers)
                yield entry.filename, content


def _read_entry(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, answers: Answers
) -> bytes:
    chunks = []
    with package.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            limit -= len(chunk)
            if limit < 0:
                raise ReadingError(answers.too_large)
            chunks.append(chunk)
    return b"".join(chunks)


class _RootReached(Exception):  # noqa: N818 - ends the parsing, no error
    pass


def _refuse_entities(data: bytes, answers: Answers) -> None:
    """Parse what stands before the root element: only there a DTD can be."""

    def refuse(*_: object) -> Never:
        raise ReadingError(answers.entities)

    def stop(*_: object) -> Never:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(data, True)
    except (_RootReached, expat.ExpatError):
        # What expat can't read the reader of the part meets next, and refuses.
        return
    except LookupError:
        # An encoding that nobody knows.
        raise ReadingError(answers.broken) from None
