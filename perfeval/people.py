"""Writes of people: created, changed, given a password, deactivated; never deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from perfeval.audit import Change, record, record_many, subject_of
from perfeval.models import User
from perfeval.passwords import hash_of_random, random_password
from perfeval.versions import save_versioned

OWN_FIELDS = ("name", "phone", "email")


@dataclass(frozen=True)
class Issued:
    """An initial password, to be told to its person once; only its hash is kept."""

    person: User
    password: str


@transaction.atomic
def create_people(
    user: User | None, people: Iterable[Mapping[str, Any]]
) -> list[Issued]:
    """Create people (username, name, phone), each with an initial password.

    Raises ValidationError: values of one are wrong, or a user name is taken.
    """
    issued = []
    for values in people:
        password = random_password()
        person = User(**values, must_change_password=True)
        person.password = hash_of_random(password)
        person.clean_fields()
        issued.append(Issued(person, password))
    created = [each.person for each in issued]
    _check_names_are_free(created)
    User.objects.bulk_create(created)
    record_many(user, [_created(each) for each in created])
    return issued


def _check_names_are_free(people: list[User]) -> None:
    names = [person.username for person in people]
    taken = User.objects.filter(username__in=names).values_list("username", flat=True)
    if taken:
        raise ValidationError({"username": f"已有用户名“{'”“'.join(taken)}”，请换一个"})


def _created(person: User) -> Change:
    return Change(
        action="user.created",
        subject=subject_of(person),
        summary=f"新建用户“{person}”",
        after={name: getattr(person, name) for name in ("username", *OWN_FIELDS)},
    )


@transaction.atomic
def update_person(
    user: User | None, person: User, changes: Mapping[str, Any], *, version: int
) -> bool:
    """Change a person's data; return whether any differed.

    Raises ValidationError, or StaleError where somebody saved meanwhile.
    """
    before = {name: getattr(person, name) for name in changes}
    if not save_versioned(person, changes, version=version):
        return False
    change = Change(
        action="user.changed",
        subject=subject_of(person),
        summary=f"修改用户“{person}”",
        before=before,
        after=changes,
    )
    record(user, change)
    return True


@transaction.atomic
def issue_passwords(user: User | None, people: Iterable[User]) -> list[Issued]:
    """Give people new initial passwords; their old ones end, and their sessions."""
    issued = []
    for person in people:
        password = random_password()
        person.password = hash_of_random(password)
        person.must_change_password = True
        person.save(update_fields=["password", "must_change_password"])
        issued.append(Issued(person, password))
    changes = [
        Change(
            action="user.password_set",
            subject=subject_of(each.person),
            summary=f"为用户“{each.person}”生成新的初始密码",
        )
        for each in issued
    ]
    record_many(user, changes)
    return issued


@transaction.atomic
def deactivate(user: User | None, person: User, reason: str) -> None:
    """End a person's access, sessions included; raise ValidationError where refused.

    What the person did stays, with the name.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "请填写停用原因"})
    if person == user:
        raise ValidationError("不能停用本人，请由另一位系统管理员办理")
    if not person.is_active:
        return
    person.is_active = False
    person.inactive_since = timezone.now()
    person.inactive_reason = reason
    _save_state(person)
    end_sessions(person)
    summary = f"停用用户“{person}”：{reason}"
    record(user, _state_change("user.deactivated", person, summary))


@transaction.atomic
def reactivate(user: User | None, person: User) -> None:
    """Let a deactivated person log in again, with the roles still valid."""
    if person.is_active:
        return
    person.is_active = True
    person.inactive_since = None
    person.inactive_reason = ""
    _save_state(person)
    record(user, _state_change("user.reactivated", person, f"恢复用户“{person}”"))


def _save_state(person: User) -> None:
    person.save(update_fields=["is_active", "inactive_since", "inactive_reason"])


def _state_change(action: str, person: User, summary: str) -> Change:
    return Change(
        action=action,
        subject=subject_of(person),
        summary=summary,
        before={"is_active": not person.is_active},
        after={"is_active": person.is_active, "reason": person.inactive_reason},
    )


def end_sessions(person: User) -> None:
    """Delete the sessions of a person, so that none comes back when reactivated."""
    # A session does not tell whose it is before it is decoded; those of half an hour
    # are a few hundred.
    running = Session.objects.filter(expire_date__gte=timezone.now())
    own = [
        each.pk
        for each in running
        if each.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(pk__in=own).delete()
