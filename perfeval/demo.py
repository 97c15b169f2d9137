"""The demo's log-ins, offered on the log-in page; outside debug there are none."""

import json
from pathlib import Path
from typing import TypedDict

from django.conf import settings

# What every page, print and file of the demo says.
DEMO_MARK = "演示数据"


class DemoPerson(TypedDict):
    """One log-in as the loaded demo lists it; role: its code, role_name: its label."""

    username: str
    password: str
    role: str
    role_name: str
    department: str


def logins_file() -> Path:
    """Return where the demo writes its log-ins: a JSON list of DemoPerson."""
    return Path(settings.VAR_DIR) / "demo" / "logins.json"


def is_demo() -> bool:
    return bool(settings.DEBUG) and logins_file().is_file()


def demo_people() -> list[DemoPerson]:
    """Return the first log-in of each role in the file's order, [] outside the demo."""
    people: dict[str, DemoPerson] = {}
    for person in _logins():
        people.setdefault(person["role"], person)
    return list(people.values())


def password_of(username: str) -> str | None:
    """Return a demo person's password, None for anybody else."""
    found = (each for each in _logins() if each["username"] == username)
    person = next(found, None)
    return person["password"] if person else None


def _logins() -> list[DemoPerson]:
    if not is_demo():
        return []
    logins: list[DemoPerson] = json.loads(logins_file().read_text(encoding="utf-8"))
    return logins
