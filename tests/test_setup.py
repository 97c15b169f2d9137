"""perfeval.sh in a tree of its own, where Python only tells how it was called."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from perfeval.checks import DEFAULT_FACES

SCRIPT = Path(__file__).resolve().parent.parent / "perfeval.sh"

PYTHON = """#!/bin/sh
echo "key=$PERFEVAL_SECRET_KEY debug=$PERFEVAL_DEBUG folder=$PWD arguments=$*"
"""


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def tree(tmp_path):
    """A tree where all is set up but the secret key."""
    root = tmp_path / "site"
    write_program(root / ".venv/bin/python", PYTHON)
    shutil.copy(SCRIPT, root)
    (root / "requirements").mkdir()
    for lock in (root / "requirements/runtime.txt", root / ".venv/.locked-runtime"):
        lock.write_text("django==5.2.19\n")
    for face in DEFAULT_FACES:
        font = root / f"var/fonts/{face}.otf"
        font.parent.mkdir(parents=True, exist_ok=True)
        font.touch()
    installed = "\n".join(f"installed:{name}" for name in packages())
    write_program(root / "bin/dpkg-query", f"#!/bin/sh\necho '{installed}'\n")
    write_program(root / "bin/id", "#!/bin/sh\necho 1000\n")
    return root


def packages():
    """The packages that the script asks for at run time."""
    listed = re.search(r"RUNTIME_PACKAGES=\(([^)]*)\)", SCRIPT.read_text())
    assert listed is not None
    return listed.group(1).split()


def begin(tree, *arguments, **environment):
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PERFEVAL_")
    }
    path = f"{tree / 'bin'}:{os.environ['PATH']}"
    return subprocess.Popen(
        [tree / "perfeval.sh", *arguments],
        cwd=tree.parent,
        env=clean | {"PATH": path} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(tree, *arguments, **environment):
    process = begin(tree, *arguments, **environment)
    output, messages = process.communicate(timeout=60)
    return process.returncode, output, messages


def test_the_script_fetches_the_faces_that_printing_asks_for():
    listed = re.search(r"FONTS=\(([^)]*)\)", SCRIPT.read_text())

    assert listed is not None
    assert listed.group(1).split() == list(DEFAULT_FACES)


def test_a_command_runs_in_the_caller_s_folder_and_outside_debug(tree):
    code, output, messages = run(tree, "manage", "read_report", "a b.txt")

    assert (code, messages) == (0, "")
    assert f"debug= folder={tree.parent}" in output
    assert f"arguments={tree}/manage.py read_report a b.txt" in output


def test_the_secret_key_is_made_once_and_for_its_owner_only(tree):
    first = run(tree, "manage", "check")[1]
    second = run(tree, "manage", "check")[1]

    key = (tree / "var/secret-key").read_text()
    assert len(key) >= 50
    assert stat.S_IMODE((tree / "var/secret-key").stat().st_mode) == 0o600
    assert first == second
    assert f"key={key} " in first


def test_a_key_of_the_environment_wins(tree):
    output = run(tree, "manage", "check", PERFEVAL_SECRET_KEY="of-the-office")[1]

    assert "key=of-the-office " in output


def test_two_runs_at_once_make_one_key(tree):
    both = [begin(tree, "manage", "check") for _ in range(2)]

    outputs = {process.communicate(timeout=60)[0] for process in both}

    assert len(outputs) == 1
    assert len(outputs.pop().split("key=")[1].split(" ")[0]) >= 50
    assert [path.name for path in (tree / "var").glob(".secret-key.*")] == []


def test_a_user_without_rights_is_told_the_exact_command(tree):
    absent = {"libpango-1.0-0", "fonts-noto-cjk"}
    query = "\n".join(f"installed:{name}" for name in packages() if name not in absent)
    write_program(tree / "bin/dpkg-query", f"#!/bin/sh\necho '{query}'\nexit 1\n")

    code, output, messages = run(tree, "manage", "check")

    assert (code, output) == (1, "")
    assert (
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends "
        "libpango-1.0-0 fonts-noto-cjk'"
    ) in messages


def test_an_unknown_command_shows_what_there_is(tree):
    code, output, messages = run(tree, "mange")

    assert (code, output) == (2, "")
    assert "manage" in messages
