"""backup and restore as an administrator runs them, on both kinds of database."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from perfeval.backup import BackupError, unpack_backup
from tests.installations import empty_installations

# Each kind of database is backed up in its own way.
pytestmark = pytest.mark.django_db

ROWS = """
from projects.models import Department
from projects.services import place_department
place_department(Department(code="001", name="云水市财政局"))
"""
READ = """
import json
from perfeval.models import AuditEvent
from projects.models import Department
print(json.dumps([
    list(Department.objects.values_list("code", "name", "path")),
    list(AuditEvent.objects.values_list("digest", flat=True)),
]))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An installation with rows and a file; no test here changes it."""
    with empty_installations(tmp_path_factory.mktemp("filled")) as make:
        place = make("filled")
        place.done("migrate", "-v0")
        place.done("shell", "-v0", "-c", ROWS)
        place.files.mkdir()
        (place.files / "证明材料.pdf").write_bytes(b"%PDF-1.7 evidence")
        yield place


def test_what_is_restored_into_an_empty_place_is_what_was_backed_up(
    make_place, filled, tmp_path
):
    target = make_place("target")

    filled.done("backup", str(tmp_path / "backup.tar"))
    target.done("restore", str(tmp_path / "backup.tar"))

    assert target.done("shell", "-v0", "-c", READ) == filled.done(
        "shell", "-v0", "-c", READ
    )
    assert (target.files / "证明材料.pdf").read_bytes() == b"%PDF-1.7 evidence"
    assert "No planned" in target.done("migrate", "--plan")


def test_nothing_is_overwritten(filled, tmp_path):
    filled.done("backup", str(tmp_path / "backup.tar"))

    again = filled.run("backup", str(tmp_path / "backup.tar"))
    back = filled.run("restore", str(tmp_path / "backup.tar"))

    assert "已存在，请换一个文件名" in again.stderr
    assert "不是空的，恢复只能在空数据库中进行" in back.stderr
    assert again.returncode == back.returncode == 1


def test_a_damaged_backup_is_refused_before_anything_is_written(
    make_place, filled, tmp_path
):
    filled.done("backup", str(tmp_path / "backup.tar"))
    _change_a_member(tmp_path / "backup.tar", "files/证明材料.pdf")
    target = make_place("target")

    result = target.run("restore", str(tmp_path / "backup.tar"))

    assert "files/证明材料.pdf 与清单不符" in result.stderr
    assert result.returncode == 1
    assert not target.files.exists()
    assert "perfeval.0001_initial" in target.done("migrate", "--plan")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"format": "other"}, "不是本系统的备份文件"),
        (None, "不是完整的备份文件"),
    ],
    ids=["a tar of something else", "no tar at all"],
)
def test_another_file_is_refused(make_place, tmp_path, manifest, message):
    path = tmp_path / "other.tar"
    if manifest is None:
        path.write_bytes(b"text")
    else:
        text = json.dumps(manifest).encode()
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("manifest.json")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))

    result = make_place("target").run("restore", str(path))

    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("files/link", tarfile.SYMTYPE),
        ("files/hard", tarfile.LNKTYPE),
    ],
)
def test_nothing_is_unpacked_but_files_below_the_folder(tmp_path, name, kind):
    path = tmp_path / "evil.tar"
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = "/etc/passwd"
    with tarfile.open(path, "w") as archive:
        archive.addfile(member)
    folder = tmp_path / "unpacked"
    folder.mkdir()

    with pytest.raises(BackupError, match="不是完整的备份文件"):
        unpack_backup(path, folder)

    assert [each.name for each in tmp_path.iterdir() if each != folder] == ["evil.tar"]
    assert list(folder.rglob("*")) == []


def _change_a_member(path, name):
    """Turn one byte of a member round, the tar itself staying whole."""
    with tarfile.open(path) as archive:
        start = archive.getmember(name).offset_data
    content = bytearray(Path(path).read_bytes())
    before = hashlib.sha256(content).digest()
    content[start] ^= 1
    assert hashlib.sha256(content).digest() != before
    Path(path).write_bytes(content)
