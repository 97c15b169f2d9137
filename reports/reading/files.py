"""Opening a file somebody handed in: its size, its kind, its characters."""

import sys
from pathlib import Path

from perfeval.workbooks.archive import ReadingError

__all__ = ["PACKED_LIMIT", "ReadingError", "load_bytes"]

PACKED_LIMIT = 20 * 1024 * 1024


def load_bytes(name: str) -> bytes:
    """Return what the file of this name holds, of standard input for -.

    Raises ReadingError: not there, not readable, a folder, above PACKED_LIMIT.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(PACKED_LIMIT + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(PACKED_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise ReadingError(f"{name}：{_reason(error)}") from None
    if len(data) > PACKED_LIMIT:
        raise ReadingError(f"{name}：文件超过 20 MB，请删去图片或拆分后再试")
    return data


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "没有这个文件，请核对文件名和所在文件夹"
    if isinstance(error, IsADirectoryError):
        return "这是文件夹，请给出其中的一个文件"
    if isinstance(error, PermissionError):
        return "没有读取这个文件的权限"
    if isinstance(error, ValueError):
        return "文件名中有不能使用的字符"
    return f"读不出这个文件（{error.strerror}）"
