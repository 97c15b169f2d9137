"""Which fonts a print may use, as a fontconfig file of its own.

Only the default faces in the font folder, an office's own in its folder, and a few
named files of the system take part, so that every machine draws the same page. Digits
and Latin letters come from one face everywhere: that face is cut down to them, so that
“ ” … — · stay full-width Chinese glyphs although it is first in every list.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

from reports.rendering.errors import RenderError

LATIN_FAMILIES = ("Times New Roman", "Liberation Serif")
# ASCII, the no-break space, and Latin letters with accents; not × ÷, which Chinese
# text writes full-width.
LATIN_RANGES = ((0x20, 0x7E), (0xA0, 0xA0), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F))

# What one or more of the default faces draw as another character: ￥ as ＄, 誠 as 騁,
# 稱 as 懲, 準 as 准; ～ too high for a range. Found by comparing their drawings with
# those of Noto, which gives these characters instead.
MISDRAWN = "￥～壘幹懲捨準滷癥稱臟衹誠醜餘騁鬆鬱鹼"
DEFAULT_FAMILIES = (
    "FandolFang",
    "FandolKai",
    "FandolHei",
    "FandolSong",
    "FandolSong Bold",
)

# Digits and Latin; rare characters of names; signs such as ☑ that no Chinese face has.
SYSTEM_FONTS = (
    "*/LiberationSerif-Regular.*",
    "*/NotoSerifCJK-Regular.*",
    "*/NotoSansCJK-Regular.*",
    "*/DejaVuSans.ttf",
)
FOREIGN_FAMILIES = tuple(
    f"Noto {kind} CJK {region}"
    for kind in ("Serif", "Sans", "Sans Mono")
    for region in ("JP", "KR", "TC", "HK")
)


@dataclass(frozen=True)
class FontFolders:
    """fonts: the default faces; office: an office's own, or None; cache: for files."""

    fonts: Path
    cache: Path
    office: Path | None = None


_folders: FontFolders | None = None


def use_folders(folders: FontFolders) -> None:
    """Set where fonts are found; the project's settings say so at start."""
    global _folders
    _folders = folders


@contextmanager
def print_fonts() -> Iterator[None]:
    """Let fontconfig read our configuration inside the block, and nobody after it."""
    if _folders is None:
        raise RuntimeError("use_folders() must come before the first print")
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(write_configuration(_folders))
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def write_configuration(folders: FontFolders) -> Path:
    """Write the fontconfig file if it is not there, and return its path.

    Its name follows from its content, and its cache lies beside it: fontconfig keeps
    what a scan found even when the rules of the scan change.
    """
    rules = _rules(folders)
    folder = folders.cache / sha256(rules.encode()).hexdigest()[:16]
    path = folder / "fonts.conf"
    if not path.is_file():
        try:
            _write(path, rules.replace("@CACHE@", escape(str(folder))))
        except OSError as error:
            raise RenderError(
                [f"{folder}：不能写入字体配置（{error.strerror}），请检查文件夹权限"]
            ) from None
    return path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _rules(folders: FontFolders) -> str:
    own = [folders.fonts.resolve()]
    if folders.office:
        own.insert(0, folders.office.resolve())
    bold = escape(str(folders.fonts.resolve() / "FandolSong-Bold.otf"))
    return "\n".join(
        (
            '<?xml version="1.0"?>',
            '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
            "<fontconfig>",
            *(f"<dir>{escape(str(path))}</dir>" for path in own),
            "<dir>/usr/share/fonts</dir>",
            "<dir>/usr/local/share/fonts</dir>",
            "<cachedir>@CACHE@</cachedir>",
            "<cachedir>/var/cache/fontconfig</cachedir>",
            "<selectfont>",
            # Files only: a rejected folder would not be entered at all.
            "<rejectfont><glob>/usr/*.*</glob></rejectfont>",
            *(f"<acceptfont><glob>{glob}</glob></acceptfont>" for glob in SYSTEM_FONTS),
            *(_reject_family(family) for family in FOREIGN_FAMILIES),
            "</selectfont>",
            # Its own weight says regular, so that only a name can tell it apart.
            '<match target="scan"><test name="file" compare="eq">'
            f"<string>{bold}</string></test>"
            '<edit name="family" mode="assign"><string>FandolSong Bold</string></edit>'
            "</match>",
            *(_latin_only(family) for family in LATIN_FAMILIES),
            *(_without(MISDRAWN, family) for family in DEFAULT_FAMILIES),
            "</fontconfig>",
            "",
        )
    )


def _reject_family(family: str) -> str:
    return (
        '<rejectfont><pattern><patelt name="family">'
        f"<string>{family}</string></patelt></pattern></rejectfont>"
    )


def _latin_only(family: str) -> str:
    ranges = "".join(
        f"<charset><range><int>{first:#x}</int><int>{last:#x}</int></range></charset>"
        for first, last in LATIN_RANGES
    )
    return (
        '<match target="font"><test name="family" compare="eq">'
        f"<string>{family}</string></test>"
        f'<edit name="charset" mode="assign_replace"><plus>{ranges}</plus></edit>'
        "</match>"
    )


def _without(characters: str, family: str) -> str:
    numbers = "".join(f"<int>{ord(character):#x}</int>" for character in characters)
    return (
        '<match target="font"><test name="family" compare="eq">'
        f"<string>{family}</string></test>"
        '<edit name="charset" mode="assign_replace"><minus><name>charset</name>'
        f"<charset>{numbers}</charset></minus></edit></match>"
    )
