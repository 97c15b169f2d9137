"""Work on files of strangers in a process of its own, of limited memory and time."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from reports.reading.files import ReadingError

MEMORY = 1024 * 1024 * 1024
SECONDS = 15
TOO_MUCH = "文件过于复杂，不能读取"
ROOT = Path(__file__).resolve().parents[2]


def run_limited(module: str, data: bytes, *arguments: str) -> dict[str, Any]:
    """Return the JSON that a module answers to data on its standard input.

    The module calls limit_process() first. Raises ReadingError: it was stopped,
    or it answers with problems.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            input=data,
            capture_output=True,
            timeout=2 * SECONDS,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadingError(TOO_MUCH) from None
    if done.returncode:
        raise ReadingError(TOO_MUCH)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "problems" in answer:
        raise ReadingError(*answer["problems"])
    return answer


def limit_process() -> None:
    """Limit the process at hand; what goes beyond ends it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
