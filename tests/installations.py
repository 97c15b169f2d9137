"""Whole installations beside the one under test, driven through manage.py."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection


class Place:
    """An installation: a database address and a folder for files."""

    def __init__(self, folder, address):
        folder.mkdir()
        self.files = folder / "files"
        self.environment = os.environ | {
            "PERFEVAL_VAR": str(folder),
            "PERFEVAL_DEBUG": "1",
            "DATABASE_URL": address,
        }

    def run(self, *arguments):
        command = [sys.executable, settings.BASE_DIR / "manage.py", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    def done(self, *arguments):
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout


@contextmanager
def empty_installations(
    folder: Path, *, migrated: bool = False
) -> Iterator[Callable[[str], Place]]:
    """Make empty installations on the kind of database that the tests run on.

    migrated: with the tables of the database under test, which must be empty now.
    """
    if connection.vendor == "sqlite":
        yield lambda name: _on_sqlite(folder, name, migrated)
        return
    said = connection.get_connection_params()
    template = said["dbname"] if migrated else "template0"
    made = []

    def make(name):
        database = f"beside_{name}_{os.getpid()}"
        with _server() as session:
            if migrated:
                _let_go(session, template)
            session.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        made.append(database)
        address = (
            f"postgres://{said['user']}@/{database}?host={said['host']}"
            f"&port={said.get('port', 5432)}"
        )
        return Place(folder / name, address)

    yield make
    with _server() as session:
        for database in made:
            session.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


def close_for_good() -> None:
    """Close all connections to the PostgreSQL database under test, and open none."""
    said = connection.get_connection_params()
    with _server() as session:
        session.execute(f'ALTER DATABASE "{said["dbname"]}" ALLOW_CONNECTIONS false')
        _let_go(session, said["dbname"])


def _server() -> psycopg.Connection:
    """Return a session beside the database under test."""
    said = connection.get_connection_params()
    address = f"host={said['host']} port={said.get('port', 5432)} user={said['user']}"
    return psycopg.connect(f"{address} dbname=postgres", autocommit=True)


def _on_sqlite(folder: Path, name: str, migrated: bool) -> Place:
    file = folder / f"{name}.sqlite3"
    if migrated:
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
    return Place(folder / name, f"sqlite:///{file}")


def _let_go(session: psycopg.Connection, database: str) -> None:
    """Close all connections to a database: a template may have none."""
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    session.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = %s",
        [database],
    )
