"""render_report FILE -o OUT.{pdf,html,json}: a document becomes a file."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from indicators.schemes import SchemeError
from reports.management.files import FileCommand, load_document
from reports.management.parts import add_parts
from reports.rendering.blank import blank_document
from reports.rendering.errors import RenderError
from reports.rendering.formats import FORMATS, RenderOptions, render
from reports.scorecard import document_scheme

WRITE_PROBLEMS = {
    errno.ENOENT: "没有这个文件夹，请先建立",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，请写出文件名",
    errno.EACCES: "没有写入的权限",
    errno.EPERM: "没有写入的权限",
    errno.EROFS: "所在的盘只能读",
    errno.ENOSPC: "盘已满",
    errno.ENAMETOOLONG: "文件名过长",
}


class Command(FileCommand):
    help = "把 JSON 文档排成可打印的 PDF、可在屏幕上阅读的 HTML，或原样写出 JSON"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="JSON 文件，- 表示标准输入")
        parser.add_argument(
            "-o",
            dest="out",
            metavar="OUT",
            required=True,
            help=f"输出文件，按后缀决定种类：{'、'.join(FORMATS)}",
        )
        parser.add_argument(
            "--scheme",
            metavar="ID",
            default="",
            help="评分方案，如 mof-2020 或 mof-2020@1；不写则按文件中的方案",
        )
        add_parts(parser)
        parser.add_argument("--draft", action="store_true", help="加“草稿”水印")
        parser.add_argument(
            "--renumber", action="store_true", help="按公文格式重新编排标题序号"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        kind = out.suffix.lower()
        if kind not in FORMATS:
            raise CommandError(
                f"{out}：不能输出这种文件，后缀应为 {'、'.join(FORMATS)} 之一"
            )
        document = load_document(options["file"])
        if options["blank"]:
            document = blank_document(document)
        try:
            scheme = document_scheme(document, options["scheme"])
            chosen = RenderOptions(
                options["draft"], options["renumber"], options["parts"]
            )
            data = render(document, scheme, kind, chosen)
        except (SchemeError, RenderError) as error:
            raise CommandError(str(error)) from None
        _write(out, data)


def _write(out: Path, data: bytes) -> None:
    """Write the file whole or not at all: a reader never sees half of it."""
    draft = None
    try:
        handle, draft = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o666 & ~_umask())
        Path(draft).replace(out)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        because = WRITE_PROBLEMS.get(error.errno or 0, error.strerror)
        raise CommandError(f"{out}：不能写入，{because}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
