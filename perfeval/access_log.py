"""Log-ins, log-outs and refused tries: written as they happen, archived by command."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.db import transaction
from django.http import HttpRequest

from perfeval.audit import Change, record
from perfeval.middleware import client_address
from perfeval.models import AccessEvent, AccessKind, User

CHUNK = 2000


def listen() -> None:
    """Write an AccessEvent at every log-in, log-out and refused try."""
    user_logged_in.connect(_logged_in)
    user_logged_out.connect(_logged_out)
    user_login_failed.connect(_refused)
    user_locked_out.connect(_locked_out)


def _logged_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    _write(AccessKind.LOGIN, request, user)


def _logged_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        _write(AccessKind.LOGOUT, request, user)


def _refused(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    _write(AccessKind.REFUSED, request, _named(credentials.get("username")))


def _locked_out(request: HttpRequest | None, username: str, **_: Any) -> None:
    _write(AccessKind.LOCKED, request, _named(username))


def _named(username: object) -> User | None:
    """Return whose name was typed; of an unknown one nothing is kept.

    Now and then it is a password, typed into the wrong field.
    """
    return User.objects.filter(username=str(username or "")).first()


def _write(kind: AccessKind, request: HttpRequest | None, user: User | None) -> None:
    browser = request.headers.get("User-Agent", "") if request else ""
    AccessEvent.objects.create(
        kind=kind,
        user=user,
        origin=(client_address(request) if request else "") or "",
        browser=browser[:200],
    )


@transaction.atomic
def archive(target: Path, before: datetime) -> int:
    """Move what happened before a moment into a new file; return how many events.

    One JSON object a line. Raises FileExistsError: the file is there already.
    """
    rows = AccessEvent.objects.filter(at__lt=before).order_by("pk")
    last = rows.values_list("pk", flat=True).last()
    if last is None:
        return 0
    chosen = rows.filter(pk__lte=last).select_related("user")
    count = 0
    with target.open("x", encoding="utf-8") as file:
        for row in chosen.iterator(chunk_size=CHUNK):
            file.write(json.dumps(_told(row), ensure_ascii=False) + "\n")
            count += 1
    rows.filter(pk__lte=last).delete()
    change = Change(
        action="access.archived",
        subject="perfeval.accessevent",
        summary=f"归档 {before:%Y-%m-%d} 以前的 {count} 条登录记录",
        after={"file": target.name, "before": before, "count": count},
    )
    record(None, change)
    return count


def _told(row: AccessEvent) -> dict[str, str]:
    return {
        "at": row.at.isoformat(),
        "kind": row.kind,
        "user": row.user.username if row.user else "",
        "origin": row.origin,
        "browser": row.browser,
    }
