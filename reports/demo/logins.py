"""The demo's log-ins: passwords made once for an installation, kept in logins.json."""

import json
import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from perfeval.demo import logins_file
from projects.models import Role
from reports.demo.data import DemoData

ROUNDS = 20_000


@dataclass(frozen=True)
class Logins:
    """passwords: {username: password}; are_new: they were made just now."""

    passwords: dict[str, str]
    are_new: bool


def keep_logins(demo: DemoData, *, is_loaded: bool) -> Logins:
    """Return the passwords in logins.json; where it is missing, write it first.

    is_loaded: the people are there; the file of an earlier demo is then left as it is,
    else it must name everybody.
    """
    path = logins_file()
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        passwords = {each["username"]: each["password"] for each in kept}
        if is_loaded or passwords.keys() >= {each.username for each in demo.people}:
            return Logins(passwords, False)
    names = {each.code: each.name for each in demo.departments}
    rows = [
        {
            "username": person.username,
            "password": _new_password(),
            "role": person.role,
            "role_name": str(Role(person.role).label),
            "department": names[person.departments[0]],
        }
        for person in demo.people
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return Logins({each["username"]: each["password"] for each in rows}, True)


def hashed(passwords: dict[str, str]) -> dict[str, str]:
    """Return {username: hash}, of few rounds: the passwords lie in a file beside it.

    A log-in replaces it by one of as many rounds as anybody's.
    """
    hasher = PBKDF2PasswordHasher()
    return {
        username: hasher.encode(password, hasher.salt(), iterations=ROUNDS)
        for username, password in passwords.items()
    }


def _new_password() -> str:
    """Return a password that passes the validators and can be typed."""
    return f"Yunshui-{secrets.randbelow(10**8):08}"
