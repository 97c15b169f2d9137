"""--parts and --blank, as the commands that write reports take them."""

from argparse import ArgumentTypeError

from django.core.management.base import CommandParser

from reports.rendering.annexes import PARTS


def add_parts(parser: CommandParser) -> None:
    """Add --parts, a tuple of keys of PARTS, () for all, and --blank."""
    parser.add_argument(
        "--parts",
        metavar="PARTS",
        type=_parts,
        default=(),
        help="只输出这些部分，用逗号分开："
        + "、".join(f"{name} {words}" for name, words in PARTS.items()),
    )
    parser.add_argument(
        "--blank",
        action="store_true",
        help="空表：不带完成值、得分和文字，供传阅填写",
    )


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise ArgumentTypeError(
            f"没有“{'、'.join(unknown)}”这一部分，可用的有：{'、'.join(PARTS)}"
        )
    return names
