"""System checks: what printing needs from the machine, and how to get it.

Without it pages are printed without an error, but in boxes instead of Chinese, or at
many times the cost; so ./perfeval.sh manage check says it beforehand.
"""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

PANGO_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
)
SUBSETTER = "libharfbuzz-subset.so.0"

# Faces of the printed report (仿宋, 楷体, 黑体, 宋体, 标宋): perfeval.sh fetches them.
DEFAULT_FACES = (
    "FandolFang-Regular",
    "FandolKai-Regular",
    "FandolHei-Regular",
    "FandolSong-Regular",
    "FandolSong-Bold",
)
FONT_SUFFIXES = {".otf", ".ttf", ".ttc", ".otc"}

_INSTALL = "以管理员身份运行：apt-get install -y --no-install-recommends"


@register
def check_libraries(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Whether Pango and the harfbuzz subsetter can be loaded."""
    # Other systems name and find libraries in their own ways.
    if sys.platform != "linux":
        return []
    messages: list[CheckMessage] = []
    missing = [name for name in PANGO_LIBRARIES if not _loads(name)]
    if missing:
        messages.append(
            Error(
                f"缺少排版库 {'、'.join(missing)}，不能生成 PDF",
                hint=f"{_INSTALL} libpango-1.0-0 libpangoft2-1.0-0",
                id="perfeval.E001",
            )
        )
    if not _loads(SUBSETTER):
        messages.append(
            Warning(
                f"缺少字体裁剪库 {SUBSETTER}，生成一份 PDF 要多花 6 到 25 倍的时间",
                hint=f"{_INSTALL} libharfbuzz-subset0",
                id="perfeval.W002",
            )
        )
    return messages


@register
def check_fonts(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Whether there are Chinese fonts: any, the official faces, rare characters."""
    missing = [
        f"{face}.otf"
        for face in DEFAULT_FACES
        if not (Path(settings.FONT_DIR) / f"{face}.otf").is_file()
    ]
    own = _office_fonts()
    installed = _has_chinese_system_font()
    messages: list[CheckMessage] = []
    if len(missing) == len(DEFAULT_FACES) and not own and not installed:
        messages.append(
            Error(
                "没有任何中文字体，打印的报告中汉字会变成方框",
                hint=f"{_INSTALL} fontconfig fonts-noto-cjk",
                id="perfeval.E003",
            )
        )
    elif not installed:
        messages.append(
            Warning(
                "系统中没有中文字体，人名、地名中的生僻字会缺字",
                hint=f"{_INSTALL} fontconfig fonts-noto-cjk",
                id="perfeval.W005",
            )
        )
    if missing and not own:
        messages.append(
            Warning(
                f"{settings.FONT_DIR} 中缺少公文字体 {'、'.join(missing)}",
                hint="联网运行一次 ./perfeval.sh manage check，会自动取得；"
                "或把单位自有字体所在文件夹写入环境变量 PERFEVAL_FONT_DIR",
                id="perfeval.W004",
            )
        )
    return messages


@register
def check_office_font_dir(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Whether the folder that PERFEVAL_FONT_DIR names holds fonts."""
    if not settings.OFFICE_FONT_DIR or _office_fonts():
        return []
    return [
        Warning(
            f"PERFEVAL_FONT_DIR 所指的 {settings.OFFICE_FONT_DIR} 中没有字体文件",
            hint="把 .ttf 或 .otf 文件放进该文件夹，或去掉这个环境变量",
            id="perfeval.W006",
        )
    ]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _office_fonts() -> list[Path]:
    folder = Path(settings.OFFICE_FONT_DIR)
    if not settings.OFFICE_FONT_DIR or not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.suffix.lower() in FONT_SUFFIXES]


def _has_chinese_system_font() -> bool:
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return False
    found = subprocess.run(
        [fc_list, ":lang=zh-cn", "family"], capture_output=True, check=False
    )
    return bool(found.stdout.strip())
