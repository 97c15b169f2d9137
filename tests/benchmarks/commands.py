"""Subject commands: one report by a process of its own, against other programs.

Chromium prints the HTML; LibreOffice, where it is installed, converts our Word file.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from django.conf import settings

from indicators.schemes import load_scheme
from reports.rendering.formats import render
from tests.benchmarks.chromium import print_command, print_font_environment
from tests.benchmarks.documents import short_document, write_documents
from tests.benchmarks.renderers import SCHEME, SHORT
from tests.benchmarks.table import Row
from tests.benchmarks.timing import interleaved
from tests.benchmarks.workers import WorkerError

ROUNDS = 9


@dataclass(frozen=True)
class Figures:
    """Medians; megabytes: MiB of the largest process; libreoffice: None without it."""

    ours: float
    chromium: float
    megabytes: float
    chromium_megabytes: float
    libreoffice: float | None = None


def measure(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this subject; folder: for documents and prints."""
    write_documents(folder)
    root = Path(settings.BASE_DIR)
    source = folder / f"{SHORT}.json"
    commands = {
        "ours": [
            *(sys.executable, str(root / "manage.py"), "render_report", str(source)),
            *("-o", str(folder / "cold.pdf")),
        ],
        "chromium": print_command(
            folder / f"{SHORT}.html", folder / "cold-chromium.pdf", folder / "profile"
        ),
    }
    if office := shutil.which("soffice"):
        word = folder / f"{SHORT}.docx"
        document, scheme = short_document(), load_scheme(SCHEME)
        word.write_bytes(render(document, scheme, ".docx"))
        commands["libreoffice"] = [
            *(office, "--headless", "--convert-to", "pdf", "--outdir", str(folder)),
            *(f"-env:UserInstallation={(folder / 'office').as_uri()}", str(word)),
        ]
    peaks: dict[str, list[float]] = {name: [] for name in commands}
    measures = {
        name: partial(_run, command, peaks[name]) for name, command in commands.items()
    }
    seconds = interleaved(measures, rounds)
    return list(
        rows(
            Figures(
                seconds["ours"],
                seconds["chromium"],
                median(peaks["ours"]),
                median(peaks["chromium"]),
                seconds.get("libreoffice"),
            )
        )
    )


def _run(command: list[str], peaks: list[float]) -> float:
    """Run a command, note its peak memory (MiB), return its seconds."""
    launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("peak.py"))]
    done = subprocess.run(
        [*launcher, *command],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **print_font_environment()},
    )
    figures = json.loads(done.stdout)
    if figures["code"]:
        raise WorkerError(f"{command[:3]}: {done.stderr}")
    peaks.append(figures["megabytes"])
    return float(figures["seconds"])


def rows(figures: Figures) -> Iterator[Row]:
    """Yield the rows that follow from the figures."""
    yield Row(
        subject="commands",
        key="cold",
        name="render_report 整个进程与 Chromium 命令行相比",
        value=figures.ours / figures.chromium,
        goal=0.9,
        detail=f"{figures.ours:.2f} ÷ {figures.chromium:.2f} s",
    )
    if figures.libreoffice is None:
        yield Row(
            subject="commands",
            key="libreoffice",
            name="　与 LibreOffice 转换 Word 文件相比",
            value=0,
            detail="未测：本机没有安装 LibreOffice",
        )
    else:
        yield Row(
            subject="commands",
            key="libreoffice",
            name="　与 LibreOffice 转换 Word 文件相比",
            value=figures.ours / figures.libreoffice,
            goal=0.75,
            detail=f"{figures.ours:.2f} ÷ {figures.libreoffice:.2f} s",
        )
    yield Row(
        subject="commands",
        key="peak",
        name="render_report 的内存峰值",
        value=figures.megabytes,
        unit="MB",
        goal=160,
        detail=f"Chromium 最大的进程 {figures.chromium_megabytes:.0f} MB",
    )
