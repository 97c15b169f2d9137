"""Backup and restore of database and files, consistent with each other.

A backup is one tar file: manifest.json (kind of database, migrations, sha256 of every
member), database.sqlite3 or database.pgdump, and files/…. The database is copied first:
stored files are only ever added, so every file its rows name is there afterwards.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

MANIFEST = "manifest.json"
FORMAT = "perfeval-backup/1"
MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
CHUNK = 1 << 20


class BackupError(Exception):
    """The backup or restore is refused; the message says why, in Chinese."""


def write_backup(target: Path) -> dict[str, Any]:
    """Write a backup to a file that does not exist yet; return its manifest."""
    if target.exists():
        raise BackupError(f"{target} 已存在，请换一个文件名")
    if not target.parent.is_dir():
        raise BackupError(f"文件夹 {target.parent} 不存在")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        member = MEMBERS[connection.vendor]
        dump = Path(folder) / member
        _dump_database(dump)
        unfinished = Path(folder) / "backup.tar"
        manifest = _write_archive(unfinished, {member: dump, **_stored_files()})
        # link, unlike replace, refuses a file that appeared meanwhile.
        os.link(unfinished, target)
    return manifest


def restore_backup(source: Path) -> dict[str, Any]:
    """Bring a backup into an empty database and an empty folder; return its manifest.

    Everything is checked before anything is written.
    """
    if not source.is_file():
        raise BackupError(f"没有文件 {source}")
    _refuse_occupied()
    files = Path(settings.MEDIA_ROOT)
    files.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as folder:
        unpacked = Path(folder)
        manifest = unpack_backup(source, unpacked)
        member = MEMBERS[connection.vendor]
        if member not in manifest["sha256"]:
            raise BackupError(
                f"该备份来自 {manifest['database']}，当前数据库是 {connection.vendor}，"
                "请在同类数据库上恢复"
            )
        _load_database(unpacked / member)
        if (unpacked / "files").is_dir():
            shutil.copytree(unpacked / "files", files, dirs_exist_ok=True)
    return manifest


def _dump_database(target: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(target) as copy:
            connection.connection.backup(copy)
        copy.close()
        return
    _run_client("pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def _load_database(dump: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(dump) as copy:
            copy.backup(connection.connection)
        copy.close()
        return
    _run_client(
        "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(dump)
    )


def _run_client(program: str, *arguments: str) -> None:
    """Run a PostgreSQL client program against the configured database."""
    if shutil.which(program) is None:
        raise BackupError(
            f"缺少 {program}，请先运行：apt-get install -y postgresql-client"
        )
    said = connection.get_connection_params()
    options = {"host": "host", "port": "port", "username": "user", "dbname": "dbname"}
    named = [f"--{name}={said[key]}" for name, key in options.items() if said.get(key)]
    command = [program, *named, "--no-password", *arguments]
    password = said.get("password")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program} 失败：{done.stderr.strip()}")


def _stored_files() -> dict[str, Path]:
    root = Path(settings.MEDIA_ROOT)
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {f"files/{path.relative_to(root).as_posix()}": path for path in found}


def _write_archive(target: Path, members: dict[str, Path]) -> dict[str, Any]:
    manifest = {
        "format": FORMAT,
        "database": connection.vendor,
        "migrations": sorted(
            ".".join(key) for key in MigrationRecorder(connection).applied_migrations()
        ),
        "sha256": {name: _sha256(path) for name, path in members.items()},
    }
    with tarfile.open(target, "w") as archive:
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        archive.addfile(head, io.BytesIO(text))
        for name, path in members.items():
            archive.add(path, name)
    return manifest


def unpack_backup(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder; return its manifest, every sum checked."""
    try:
        with tarfile.open(source) as archive:
            _extract(archive, folder.resolve())
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{source} 不是完整的备份文件：{error}") from None
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{source} 不是本系统的备份文件")
    wrong = [
        name
        for name, digest in manifest["sha256"].items()
        if not (folder / name).is_file() or _sha256(folder / name) != digest
    ]
    if wrong:
        raise BackupError(f"备份文件已损坏：{'、'.join(wrong[:5])} 与清单不符")
    return manifest


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the archive's files, refusing all else and every place outside the folder.

    Debian 12's Python (3.11.2) does not know extractall's own filter="data" yet.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        content = archive.extractfile(member) if member.isfile() else None
        if content is None or not target.is_relative_to(folder):
            raise tarfile.TarError(f"不应有 {member.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _refuse_occupied() -> None:
    if connection.introspection.table_names():
        name = connection.settings_dict["NAME"]
        raise BackupError(f"数据库 {name} 不是空的，恢复只能在空数据库中进行")
    if next(iter(_existing_files()), None):
        raise BackupError(f"文件夹 {settings.MEDIA_ROOT} 不是空的，请先移走其中的文件")


def _existing_files() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    return (path for path in root.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
