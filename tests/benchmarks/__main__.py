"""./perfeval.sh bench [--json] [NAME…]: measures, and prints the table or the data.

A goal that is missed is marked in its row and changes nothing else: the exit code is 0
whatever was measured, and not 0 only where something could not be measured.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.table import Row, as_data, as_text

FULL = "PERFEVAL_BENCH_FULL"


def _rendering(folder: Path) -> list[Row]:
    from tests.benchmarks.rendering import measure

    return measure(folder)


def _formats(folder: Path) -> list[Row]:
    from tests.benchmarks.formats import measure

    return measure(folder)


def _commands(folder: Path) -> list[Row]:
    from tests.benchmarks.commands import measure

    return measure(folder)


def _pages(folder: Path) -> list[Row]:
    from tests.benchmarks.pages import measure

    return measure()


def _lists(folder: Path) -> list[Row]:
    from tests.benchmarks.lists import measure

    return measure()


def _checks(folder: Path) -> list[Row]:
    from tests.benchmarks.checks import measure

    return measure()


def _imports(folder: Path) -> list[Row]:
    from tests.benchmarks.imports import measure

    return measure(folder)


def _batches(folder: Path) -> list[Row]:
    from tests.benchmarks.batches import measure

    return measure(folder, full=bool(os.environ.get(FULL)))


SUBJECTS: dict[str, Callable[[Path], list[Row]]] = {
    "rendering": _rendering,
    "formats": _formats,
    "commands": _commands,
    "pages": _pages,
    "lists": _lists,
    "checks": _checks,
    "imports": _imports,
    "batches": _batches,
}


def main(arguments: list[str]) -> None:
    options = _parser().parse_args(arguments)
    if options.full:
        os.environ[FULL] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")
    django.setup()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="perfeval-bench.") as folder:
        for name in options.names or SUBJECTS:
            print(f"测量 {name} …", file=sys.stderr)  # noqa: T201
            rows += SUBJECTS[name](Path(folder))
    print(report(rows, as_json=options.json))  # noqa: T201


def report(rows: list[Row], *, as_json: bool) -> str:
    """Return what goes to standard output."""
    if as_json:
        data: dict[str, Any] = {"machine": machine(), "rows": list(map(as_data, rows))}
        return json.dumps(data, ensure_ascii=False, indent=2)
    missed = sum(row.reached is False for row in rows)
    goals = sum(row.goal is not None for row in rows)
    return f"{as_text(rows)}\n\n{goals} 项目标，{goals - missed} 项达到。"


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./perfeval.sh bench",
        description="测量性能并打印结果表。没有达到目标时只作标记，退出码仍为 0。",
    )
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        choices=[[], *SUBJECTS],
        help=f"只测量这些部分：{'、'.join(SUBJECTS)}",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="batches 用 500 份报告、连续生成 1000 份来测量，约 12 分钟",
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出同样的数据")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
