"""The demo's log-ins, offered on the log-in page; outside debug there are none."""

import json
from pathlib import Path
from typing import TypedDict

from django.conf import settings

# What every page, print and file of the demo says.
DEMO_MARK = "演示数据"
# The role that approves what another of the same role made.
TWICE = "performance_section"


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
    """Return the log-ins on offer in the file's order, [] outside the demo.

    The first of each role; of the 绩效科 a second one, for what takes two people.
    """
    people: dict[str, DemoPerson] = {}
    for person in _logins():
        role = person["role"]
        if role in people and role == TWICE:
            second = f"{person['role_name']}（第二人）"
            people.setdefault(f"{role}-2", {**person, "role_name": second})
        people.setdefault(role, person)
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
